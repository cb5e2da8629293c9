//! Armour: base64 between two lines, with headers before and a checksum behind.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::SignatureError;

/// What a block of public keys is called.
pub(super) const PUBLIC_KEY: &str = "PGP PUBLIC KEY BLOCK";

/// What a signature is called.
pub(super) const SIGNATURE: &str = "PGP SIGNATURE";

/// The content of every block in a text; a block of another kind is refused.
pub(super) fn blocks(text: &str, kind: &str) -> Result<Vec<Vec<u8>>, SignatureError> {
    let (begin, end) = (format!("-----BEGIN {kind}-----"), format!("-----END {kind}-----"));
    let mut blocks = Vec::new();
    let mut lines = text.lines().map(str::trim_end);
    while let Some(line) = lines.next() {
        if line == begin {
            let block: Vec<&str> = lines.by_ref().take_while(|line| *line != end).collect();
            blocks.push(decode(&block)?);
        } else if line.starts_with("-----BEGIN PGP PRIVATE KEY") {
            return Err(SignatureError::PrivateKey);
        } else if line.starts_with("-----") {
            return Err(SignatureError::Damaged("a block is of another kind"));
        }
    }
    Ok(blocks)
}

fn decode(lines: &[&str]) -> Result<Vec<u8>, SignatureError> {
    let damaged = SignatureError::Damaged;
    let blank = lines.iter().position(|line| line.is_empty());
    let headers = blank.unwrap_or(0);
    if !lines[..headers].iter().all(|line| line.contains(": ")) {
        return Err(damaged("the armour has a header that is none"));
    }
    let content = &lines[blank.map_or(0, |at| at + 1)..];
    let sum = content.iter().position(|line| line.starts_with('=') && line.len() == 5);
    let (content, sum) = content.split_at(sum.unwrap_or(content.len()));
    let bytes = STANDARD.decode(content.concat());
    let bytes = bytes.map_err(|_| damaged("the armour is no base64"))?;
    if let Some(sum) = sum.first() {
        let sum = STANDARD.decode(&sum[1..]).map_err(|_| damaged("its checksum is none"))?;
        if sum != crc24(&bytes).to_be_bytes()[1..] {
            return Err(damaged("its checksum is another one"));
        }
    }
    Ok(bytes)
}

/// The checksum of RFC 4880, section 6.1.
fn crc24(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x00B7_04CE, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte) << 16, |crc, _| {
            let shifted = crc << 1;
            if shifted & 0x0100_0000 == 0 { shifted } else { shifted ^ 0x0186_4CFB }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_blocks_and_their_checksum() {
        let block = "-----BEGIN PGP SIGNATURE-----\nVersion: 1\n\nYWJj\n=uhx7\n-----END PGP SIGNATURE-----\n";
        let sum = STANDARD.encode(&crc24(b"abc").to_be_bytes()[1..]);
        let good = block.replace("uhx7", &sum);
        assert_eq!(blocks(&good, SIGNATURE).unwrap(), [b"abc"]);
        assert_eq!(blocks(&good.repeat(2), SIGNATURE).unwrap().len(), 2);
        assert!(blocks(&block.replace("uhx7", "AAAA"), SIGNATURE).is_err());
        assert!(blocks(&good.replace("YWJj", "YWJ!"), SIGNATURE).is_err());
        assert!(blocks(&good, PUBLIC_KEY).is_err());
        let private = "-----BEGIN PGP PRIVATE KEY BLOCK-----";
        assert_eq!(blocks(private, PUBLIC_KEY), Err(SignatureError::PrivateKey));
    }
}
