//! Private keys in DER, wherever they begin.

use memchr::memmem;

use super::KeyKind;

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const OCTET_STRING: u8 = 0x04;
const OBJECT_IDENTIFIER: u8 = 0x06;

/// Algorithms of keys, as the content of an object identifier.
const KEY_ALGORITHMS: [&[u8]; 9] = [
    // rsaEncryption, id-RSASSA-PSS
    b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01",
    b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a",
    // dhKeyAgreement, DSA
    b"\x2a\x86\x48\x86\xf7\x0d\x01\x03\x01",
    b"\x2a\x86\x48\xce\x38\x04\x01",
    // id-ecPublicKey
    b"\x2a\x86\x48\xce\x3d\x02\x01",
    // X25519, X448, Ed25519, Ed448
    b"\x2b\x65\x6e",
    b"\x2b\x65\x6f",
    b"\x2b\x65\x70",
    b"\x2b\x65\x71",
];

/// Beginnings of the ways to encrypt a PKCS#8 key: PKCS#5 and PKCS#12.
const ENCRYPTIONS: [&[u8]; 2] =
    [b"\x2a\x86\x48\x86\xf7\x0d\x01\x05", b"\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01"];

/// What PKCS#12 wraps: data or signed data of PKCS#7.
const PKCS7: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07";

/// Finds a private key that begins anywhere in the bytes.
///
/// All plain forms begin with a sequence and a small version number, which is what is searched.
pub(super) fn find(bytes: &[u8]) -> Option<KeyKind> {
    let versions = memmem::find_iter(bytes, &[INTEGER, 1]);
    versions
        .filter_map(|at| sequence_before(bytes, at))
        .find_map(plain_key)
        .or_else(|| find_encrypted(bytes))
}

/// The content that begins at `at`, if the header of a sequence stands right before it.
fn sequence_before(bytes: &[u8], at: usize) -> Option<&[u8]> {
    (2..=5).find_map(|header| {
        let start = at.checked_sub(header)?;
        let (tag, content, _) = element(&bytes[start..])?;
        let is_here = tag == SEQUENCE
            && bytes.get(start + 1).is_some_and(|first| {
                header == if *first < 0x80 { 2 } else { 2 + usize::from(first & 0x7f) }
            });
        is_here.then_some(content)
    })
}

/// Decides by what follows the version.
fn plain_key(content: &[u8]) -> Option<KeyKind> {
    let (_, version, rest) = element(content)?;
    let (tag, value, rest) = element(rest)?;
    match (version, tag) {
        ([0 | 1], SEQUENCE) => {
            let (tag, algorithm, _) = element(value)?;
            let is_key = tag == OBJECT_IDENTIFIER && KEY_ALGORITHMS.contains(&algorithm);
            (is_key && rest.first() == Some(&OCTET_STRING)).then_some(KeyKind::Pkcs8)
        }
        ([1], OCTET_STRING) => {
            let fits = (16..=72).contains(&value.len());
            let is_tagged = |tag: &u8| matches!(tag, 0xa0 | 0xa1);
            (fits && rest.first().is_none_or(is_tagged)).then_some(KeyKind::Sec1)
        }
        ([0 | 1], INTEGER) if value.len() >= 32 => (integers(rest)? >= 4).then_some(KeyKind::Pkcs1),
        ([3], SEQUENCE) => {
            let (tag, kind, _) = element(value)?;
            (tag == OBJECT_IDENTIFIER && kind.starts_with(PKCS7)).then_some(KeyKind::Pkcs12)
        }
        _ => None,
    }
}

/// How many integers the bytes consist of; nothing if there is anything else, apart from the list
/// of further primes at the end of a multi-prime key.
fn integers(mut bytes: &[u8]) -> Option<usize> {
    let mut count = 0;
    while !bytes.is_empty() {
        let (tag, _, rest) = element(bytes)?;
        if tag != INTEGER && !(tag == SEQUENCE && rest.is_empty() && count >= 7) {
            return None;
        }
        count += 1;
        bytes = rest;
    }
    Some(count)
}

fn find_encrypted(bytes: &[u8]) -> Option<KeyKind> {
    ENCRYPTIONS
        .iter()
        .flat_map(|encryption| memmem::find_iter(bytes, encryption))
        .any(|at| is_encrypted_key(bytes, at))
        .then_some(KeyKind::EncryptedPkcs8)
}

/// Whether an object identifier's content at `at` names how a key is encrypted: two sequences begin
/// right before it, and an octet string follows the inner one.
fn is_encrypted_key(bytes: &[u8], at: usize) -> bool {
    let Some(identifier) = at.checked_sub(2).filter(|start| bytes[*start] == OBJECT_IDENTIFIER)
    else {
        return false;
    };
    (2..=5).filter_map(|header| identifier.checked_sub(header)).any(|inner| {
        let Some((SEQUENCE, content, rest)) = element(&bytes[inner..]) else { return false };
        let begins_here = bytes.len() - rest.len() - content.len() == identifier;
        begins_here
            && rest.first() == Some(&OCTET_STRING)
            && sequence_before(bytes, inner).is_some_and(|outer| element(outer).is_some())
    })
}

/// Tag, content and rest of the first element, if it is complete and of a definite length below
/// four gigabytes.
fn element(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, rest) = bytes.split_first()?;
    let (first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(*first), rest),
        0x81..=0x83 => {
            let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            (digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit)), rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((*tag, content, rest))
}
