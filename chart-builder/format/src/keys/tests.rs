use std::io::Write;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder};

use super::*;

/// Bytes that look random and are the same each time.
fn noise(length: usize, mut seed: u64) -> Vec<u8> {
    std::iter::repeat_with(|| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed.to_be_bytes()[3]
    })
    .take(length)
    .collect()
}

fn element(tag: u8, content: &[&[u8]]) -> Vec<u8> {
    let content = content.concat();
    let length = match content.len() {
        short @ 0..=127 => vec![u8::try_from(short).unwrap()],
        long @ 128..=255 => vec![0x81, u8::try_from(long).unwrap()],
        longer => [&[0x82][..], &u16::try_from(longer).unwrap().to_be_bytes()].concat(),
    };
    [&[tag][..], &length, &content].concat()
}

const EC: &[u8] = b"\x06\x07\x2a\x86\x48\xce\x3d\x02\x01";
const P256: &[u8] = b"\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07";
const ED25519: &[u8] = b"\x06\x03\x2b\x65\x70";
const RSA: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00";

fn sec1() -> Vec<u8> {
    let public = element(0xa1, &[&element(3, &[&[0, 4], &noise(64, 2)])]);
    element(
        0x30,
        &[b"\x02\x01\x01", &element(4, &[&noise(32, 1)]), &element(0xa0, &[P256]), &public],
    )
}

fn bare_sec1() -> Vec<u8> {
    element(0x30, &[b"\x02\x01\x01", &element(4, &[&noise(32, 1)])])
}

fn pkcs1() -> Vec<u8> {
    let integer = |length: usize, seed| element(2, &[&[1], &noise(length - 1, seed)]);
    let parts: Vec<Vec<u8>> = vec![
        integer(257, 3),
        b"\x02\x03\x01\x00\x01".to_vec(),
        integer(256, 4),
        integer(129, 5),
        integer(129, 6),
        integer(128, 7),
        integer(128, 8),
        integer(128, 9),
    ];
    element(0x30, &[b"\x02\x01\x00", &parts.concat()])
}

fn pkcs8(algorithm: &[u8], key: &[u8]) -> Vec<u8> {
    element(0x30, &[b"\x02\x01\x00", &element(0x30, &[algorithm]), &element(4, &[key])])
}

fn pkcs8_ec() -> Vec<u8> {
    pkcs8(&[EC, P256].concat(), &bare_sec1())
}

fn encrypted() -> Vec<u8> {
    let algorithm = element(
        0x30,
        &[b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0d", &element(0x30, &[&noise(40, 1)])],
    );
    element(0x30, &[&algorithm, &element(4, &[&noise(144, 2)])])
}

fn pkcs12() -> Vec<u8> {
    element(
        0x30,
        &[
            b"\x02\x01\x03",
            &element(0x30, &[b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01", &noise(200, 1)]),
        ],
    )
}

fn wrapped(der: &[u8], width: usize) -> String {
    let text = STANDARD.encode(der);
    let lines: Vec<String> = text
        .as_bytes()
        .chunks(width)
        .map(|line| format!("{}\n", String::from_utf8_lossy(line)))
        .collect();
    lines.concat()
}

/// Assembled, so that no file of this crate looks like a key.
fn armour(label: &str, body: &str) -> String {
    format!("{0}BEGIN {label}{0}\n{body}{0}END {label}{0}\n", "-".repeat(5))
}

fn pem(label: &str, der: &[u8]) -> String {
    armour(label, &wrapped(der, 64))
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn tar(name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, bytes) in [("first", &b"x"[..]), (name, bytes)] {
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        builder.append_data(&mut header, name, bytes).unwrap();
    }
    builder.into_inner().unwrap()
}

fn zip(bytes: &[u8], deflate: bool) -> Vec<u8> {
    let (method, content) = if deflate {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        (8, encoder.finish().unwrap())
    } else {
        (0, bytes.to_vec())
    };
    let mut header = vec![0; 30];
    header[..4].copy_from_slice(b"PK\x03\x04");
    header[8] = method;
    header[26] = 5;
    [header, b"k.pem".to_vec(), content].concat()
}

fn kind(bytes: impl AsRef<[u8]>) -> Option<KeyKind> {
    find(bytes.as_ref()).map(|finding| finding.kind)
}

#[expect(clippy::unnecessary_wraps, reason = "compared with what a search gives")]
fn pem_kind(label: &str) -> Option<KeyKind> {
    Some(KeyKind::Pem(label.to_owned()))
}

#[test]
fn finds_pem_of_every_kind() {
    for (label, der) in [
        ("EC PRIVATE KEY", sec1()),
        ("RSA PRIVATE KEY", pkcs1()),
        ("PRIVATE KEY", pkcs8_ec()),
        ("ENCRYPTED PRIVATE KEY", encrypted()),
        ("OPENSSH PRIVATE KEY", [b"openssh-key-v1\0".to_vec(), noise(300, 1)].concat()),
        ("DSA PRIVATE KEY", noise(300, 2)),
    ] {
        assert_eq!(kind(pem(label, &der)), pem_kind(label));
        assert_eq!(kind(format!("some text {}", pem(label, &der))), pem_kind(label));
    }
    let pgp = armour(
        "PGP PRIVATE KEY BLOCK",
        &format!("Version: GnuPG v2\n\n{}=abcd\n", wrapped(&noise(300, 3), 64)),
    );
    assert_eq!(kind(pgp), pem_kind("PGP PRIVATE KEY"));
    let old = armour(
        "RSA PRIVATE KEY",
        &format!(
            "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00AA\n\n{}",
            wrapped(&noise(300, 4), 64)
        ),
    );
    assert_eq!(kind(old), pem_kind("RSA PRIVATE KEY"));
}

#[test]
fn finds_pem_in_other_files() {
    let key = pem("PRIVATE KEY", &pkcs8_ec());
    let found = pem_kind("PRIVATE KEY");
    assert_eq!(kind(key.replace('\n', "\r\n")), found);
    assert_eq!(kind(serde_json::to_string(&key).unwrap()), found);
    assert_eq!(kind(key.replace('\n', "\n    ")), found);
    assert_eq!(kind(key.replace('\n', "\n# ")), found);
    assert_eq!(kind(key.replace('\n', " ")), found);
    assert_eq!(kind(armour("PRIVATE KEY", &wrapped(&pkcs8_ec(), 12))), found);
    let certificate = pem("CERTIFICATE", &noise(600, 1));
    assert_eq!(kind(format!("{certificate}{key}")), found);
}

#[test]
fn finds_base64_of_pem_at_every_alignment() {
    let key = pem("EC PRIVATE KEY", &sec1());
    for padding in ["", "#", "##", "###"] {
        let text = format!("{padding}{key}");
        for encoded in
            [STANDARD.encode(&text), URL_SAFE_NO_PAD.encode(&text), wrapped(text.as_bytes(), 76)]
        {
            let document = format!("data:\n  tls.key: {encoded}\n");
            let finding = find(document.as_bytes()).unwrap();
            assert_eq!(
                (Some(finding.kind), finding.inside),
                (pem_kind("EC PRIVATE KEY"), vec![Layer::Base64])
            );
            // Glued to a word, so that the groups of four begin elsewhere.
            assert_eq!(kind(format!("prefix{padding}/{encoded}")), pem_kind("EC PRIVATE KEY"));
        }
    }
    let indented = format!("      {}", wrapped(key.as_bytes(), 60).replace('\n', "\n      "));
    assert_eq!(kind(format!("key: |\n{indented}")), pem_kind("EC PRIVATE KEY"));
    let escaped = wrapped(key.as_bytes(), 64).replace('\n', "\\n");
    assert_eq!(kind(format!("{{\"key\": \"{escaped}\"}}")), pem_kind("EC PRIVATE KEY"));
    let twice = STANDARD.encode(STANDARD.encode(&key));
    assert_eq!(find(twice.as_bytes()).unwrap().inside, [Layer::Base64, Layer::Base64]);
}

#[test]
fn finds_der_and_its_base64() {
    for (der, expected) in [
        (sec1(), KeyKind::Sec1),
        (bare_sec1(), KeyKind::Sec1),
        (pkcs1(), KeyKind::Pkcs1),
        (pkcs8_ec(), KeyKind::Pkcs8),
        (pkcs8(ED25519, &element(4, &[&noise(32, 1)])), KeyKind::Pkcs8),
        (pkcs8(RSA, &pkcs1()), KeyKind::Pkcs8),
        (encrypted(), KeyKind::EncryptedPkcs8),
        (pkcs12(), KeyKind::Pkcs12),
    ] {
        let expected = Some(expected);
        assert_eq!(kind(&der), expected);
        assert_eq!(kind([b"junk".to_vec(), der.clone(), noise(50, 3)].concat()), expected);
        assert_eq!(kind(STANDARD.encode(&der)), expected);
        assert_eq!(kind(format!("key={}", URL_SAFE_NO_PAD.encode(&der))), expected);
        assert_eq!(kind(wrapped(&der, 64)), expected);
        assert_eq!(kind(STANDARD.encode(&der).replace('/', "\\/")), expected);
    }
}

#[test]
fn finds_keys_in_archives() {
    let key = pem("PRIVATE KEY", &pkcs8_ec());
    let bytes = key.as_bytes();
    for (archive, inside) in [
        (gzip(bytes), vec![Layer::Gzip]),
        (gzip(&tar("k.pem", bytes)), vec![Layer::Gzip]),
        (tar("code.tar.gz", &gzip(&tar("k", bytes))), vec![Layer::Tar, Layer::Gzip]),
        (zip(bytes, true), vec![Layer::Zip]),
        (zip(bytes, false), vec![]),
        (zip(&gzip(bytes), false), vec![Layer::Zip]),
        ([zip(b"harmless", true), zip(bytes, true)].concat(), vec![Layer::Zip]),
        (gzip(&zip(bytes, true)), vec![Layer::Gzip, Layer::Zip]),
        ([gzip(b"first member"), gzip(bytes)].concat(), vec![Layer::Gzip]),
        (STANDARD.encode(gzip(bytes)).into_bytes(), vec![Layer::Base64, Layer::Gzip]),
    ] {
        let finding = find(&archive).unwrap_or_else(|| panic!("{inside:?}"));
        assert_eq!((Some(finding.kind), finding.inside), (pem_kind("PRIVATE KEY"), inside));
    }
}

#[test]
fn what_cannot_be_searched_does_not_pass() {
    let mut deep = b"harmless".to_vec();
    for _ in 0..=MAX_DEPTH {
        deep = gzip(&deep);
    }
    assert_eq!(kind(&deep), Some(KeyKind::Unsearchable));
    assert_eq!(kind(gzip(&vec![0; MAX_NESTED_BYTES + 1])), Some(KeyKind::Unsearchable));
    assert_eq!(kind(gzip(&vec![0; 1 << 20])), None);
}

fn certificate() -> Vec<u8> {
    let signature = element(0x30, &[b"\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02"]);
    let version = element(0xa0, &[b"\x02\x01\x02"]);
    let name = element(0x30, &[&noise(100, 5)]);
    let body = element(0x30, &[&version, b"\x02\x01\x01", &signature, &name]);
    element(0x30, &[&body, &signature, &element(3, &[&noise(70, 6)])])
}

#[test]
fn other_der_passes() {
    let signature = element(0x30, &[b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b\x05\x00"]);
    let name = element(0x30, &[&element(0x31, &[&noise(20, 1)])]);
    let first_version = element(0x30, &[b"\x02\x01\x01", &signature, &name]);
    let request = element(0x30, &[b"\x02\x01\x00", &name, &element(0x30, &[EC])]);
    for bytes in [
        certificate(),
        first_version,
        request,
        noise(100_000, 9),
        gzip(&noise(1000, 1)),
        Vec::new(),
    ] {
        assert_eq!(find(&bytes), None);
    }
}

#[test]
fn near_misses_pass() {
    let public = pem(
        "PUBLIC KEY",
        &element(0x30, &[&element(0x30, &[EC, P256]), &element(3, &[&noise(66, 1)])]),
    );
    let dashes = "-".repeat(5);
    let texts = [
        public.clone(),
        STANDARD.encode(&public),
        pem("CERTIFICATE", &certificate()),
        STANDARD.encode(pem("CERTIFICATE", &certificate())),
        STANDARD.encode(noise(5000, 7)),
        wrapped(&noise(5000, 8), 76),
        "A PRIVATE KEY never leaves its owner.".to_owned(),
        format!(
            "The file begins with {dashes}BEGIN PRIVATE KEY{dashes} and ends with {dashes}END PRIVATE KEY{dashes}."
        ),
        format!(
            "grep -q '{dashes}BEGIN EC PRIVATE KEY{dashes}' docs/security/certificates/rotation/manual/of/operators"
        ),
        armour("PRIVATE KEY", "...\n"),
        armour("PRIVATE KEY", "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC...\n"),
        armour("PRIVATE KEY", "{{ .Values.key | indent 4 }}\n"),
        armour(
            "PRIVATE KEY",
            "put the key of your own organization into this place and nowhere else\n",
        ),
        armour("PRIVATE KEY", ""),
        format!("{dashes}BEGIN PRIVATE KEY{dashes}"),
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKHEMcRPh6oNrCqQ1234567890abcdefghijklmnop a@b"
            .to_owned(),
    ];
    for text in texts {
        assert_eq!(find(text.as_bytes()), None, "{text}");
    }
}

#[test]
fn names_what_was_found_and_where() {
    let finding =
        Finding { kind: KeyKind::Sec1, inside: vec![Layer::Tar, Layer::Gzip, Layer::Base64] };
    assert_eq!(finding.to_string(), "DER, SEC 1 in base64 in gzip in tar");
}

/// Long runs are decoded in windows, and archives in one piece.
#[test]
fn finds_keys_anywhere_in_long_runs() {
    let key = pem("PRIVATE KEY", &pkcs8(RSA, &pkcs1()));
    for before in [100_000, 130_001, 300_002] {
        let text = [noise(before, 1), key.clone().into_bytes(), noise(before, 2)].concat();
        assert_eq!(kind(STANDARD.encode(&text)), pem_kind("PRIVATE KEY"), "behind {before} bytes");
        assert_eq!(kind(wrapped(&text, 76)), pem_kind("PRIVATE KEY"), "behind {before} bytes");
        assert_eq!(
            kind(STANDARD.encode(gzip(&text))),
            pem_kind("PRIVATE KEY"),
            "behind {before} bytes"
        );
    }
    let backslashes = format!("{}{}", "\\".repeat(100), STANDARD.encode(&key));
    assert_eq!(kind(backslashes), pem_kind("PRIVATE KEY"));
}

/// The worst inputs that we know cost a bounded multiple of their size.
#[test]
fn work_is_bounded() {
    let many_streams: Vec<u8> = zip(b"", true).repeat(20_000);
    let nested_text = STANDARD.encode(STANDARD.encode(noise(100_000, 1)));
    let headers = format!("{}BEGIN PRIVATE KEY{0}\n", "-".repeat(5)).repeat(5000);
    for bytes in [
        many_streams,
        nested_text.into_bytes(),
        headers.into_bytes(),
        b"\x30\x80\x02\x01".repeat(50_000),
        b"\\".repeat(1 << 20),
        b"\\a".repeat(1 << 19),
        b"\\/".repeat(1 << 19),
        b"abcdefghijklmnop\n".repeat(1 << 16),
        b"abcdefghijklmno\n".repeat(1 << 16),
    ] {
        // Finishing is the claim; the budget may say that it gave up.
        let _ = find(&bytes);
    }
}
