//! A clear-signed text: what a person reads, and the signature behind it.
//!
//! The text that is verified and the text that is read are the same by construction: nothing of the
//! frame is part of it, and only the header `Hash` may stand before it.

use super::SignatureError;

const BEGIN: &str = "-----BEGIN PGP SIGNED MESSAGE-----";
const BEGIN_SIGNATURE: &str = "-----BEGIN PGP SIGNATURE-----";
const END_SIGNATURE: &str = "-----END PGP SIGNATURE-----";

/// A clear-signed text, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ClearText {
    /// The lines without what escapes them and without blanks at their ends.
    lines: Vec<String>,
    /// The armoured signature, not looked into.
    pub(super) signature: String,
}

impl ClearText {
    /// Takes a file apart; nothing may stand before or behind it.
    pub(crate) fn parse(text: &str) -> Result<Self, SignatureError> {
        let damaged = SignatureError::Damaged;
        let mut rest = text.lines().map(|line| line.trim_end_matches([' ', '\t', '\r']));
        if rest.next() != Some(BEGIN) {
            return Err(damaged("it does not begin as a clear-signed message"));
        }
        let mut headers = rest.by_ref().take_while(|line| !line.is_empty());
        if !headers.all(|line| line.starts_with("Hash: ")) {
            return Err(damaged("it has a header other than `Hash`"));
        }
        let mut lines = Vec::new();
        let mut signature = Vec::new();
        for line in rest.by_ref() {
            if line == BEGIN_SIGNATURE {
                signature.push(line);
                break;
            }
            let line = match line.strip_prefix("- ") {
                Some(escaped) => escaped,
                None if line.starts_with('-') => {
                    return Err(damaged("a line begins with `-` and is not escaped"));
                }
                None => line,
            };
            lines.push(line.trim_end_matches([' ', '\t']).to_owned());
        }
        signature.extend(rest);
        while signature.last().is_some_and(|line| line.is_empty()) {
            signature.pop();
        }
        if signature.last() != Some(&END_SIGNATURE) {
            return Err(damaged("it does not end as a signature"));
        }
        Ok(Self { lines, signature: signature.join("\n") })
    }

    /// The text as it is read.
    pub(crate) fn text(&self) -> String {
        self.lines.join("\n")
    }

    /// The text as it is signed.
    pub(crate) fn canonical(&self) -> Vec<u8> {
        self.lines.join("\r\n").into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_signature_come_apart() {
        let file = format!(
            "{BEGIN}\r\nHash: SHA512\r\n\r\n- -a: 1 \t\r\nb\r\n{BEGIN_SIGNATURE}\n\nx\n{END_SIGNATURE}\n\n"
        );
        let text = ClearText::parse(&file).unwrap();
        assert_eq!(text.text(), "-a: 1\nb");
        assert_eq!(text.canonical(), b"-a: 1\r\nb");
        assert_eq!(text.signature, format!("{BEGIN_SIGNATURE}\n\nx\n{END_SIGNATURE}"));
    }

    #[test]
    fn what_is_read_is_nothing_but_what_is_signed() {
        let signature = format!("{BEGIN_SIGNATURE}\n\nx\n{END_SIGNATURE}\n");
        for (name, file) in [
            ("text before", format!("x\n{BEGIN}\n\na\n{signature}")),
            ("text as a header", format!("{BEGIN}\nfiles: x\n\na\n{signature}")),
            ("a line like a frame", format!("{BEGIN}\n\n-----BEGIN\n{signature}")),
            ("text behind", format!("{BEGIN}\n\na\n{signature}files: x\n")),
            ("no end", format!("{BEGIN}\n\na\n{BEGIN_SIGNATURE}\n")),
            ("no signature", format!("{BEGIN}\n\na\n")),
        ] {
            assert!(ClearText::parse(&file).is_err(), "{name}");
        }
    }
}
