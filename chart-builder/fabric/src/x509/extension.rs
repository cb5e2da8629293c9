//! X.509 extensions in the bytes and in the order that Go's library gives them.
//!
//! The certificate library would write them in another order and truncate key identifiers to 20 bytes; both are harmless to
//! Fabric, but equal structure is what the comparison with `cryptogen` proves.

use std::net::IpAddr;

use rcgen::CustomExtension;

use crate::Error;

const KEY_USAGE: &[u64] = &[2, 5, 29, 15];
const EXTENDED_KEY_USAGE: &[u64] = &[2, 5, 29, 37];
const BASIC_CONSTRAINTS: &[u64] = &[2, 5, 29, 19];
const SUBJECT_KEY_IDENTIFIER: &[u64] = &[2, 5, 29, 14];
const AUTHORITY_KEY_IDENTIFIER: &[u64] = &[2, 5, 29, 35];
const SUBJECT_ALTERNATIVE_NAME: &[u64] = &[2, 5, 29, 17];

const SERVER_AUTHENTICATION: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 1];
const CLIENT_AUTHENTICATION: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 2];

const TAG_BIT_STRING: u8 = 0x03;
const TAG_OCTET_STRING: u8 = 0x04;
const TAG_OBJECT_IDENTIFIER: u8 = 0x06;
const TAG_SEQUENCE: u8 = 0x30;
const TAG_KEY_IDENTIFIER: u8 = 0x80;
const TAG_DNS_NAME: u8 = 0x82;
const TAG_IP_ADDRESS: u8 = 0x87;

/// Longest DNS name, in bytes.
const MAX_DNS_NAME: usize = 253;

/// What a key may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyUsage {
    /// Digital signature, key encipherment, certificate and revocation list signing.
    Authority,
    /// Digital signature.
    Signature,
    /// Digital signature and key encipherment.
    Tls,
}

/// `critical` key usage.
pub(super) fn key_usage(usage: KeyUsage) -> CustomExtension {
    // A bit string of one byte: the number of unused bits, then the bits from the left.
    let bits: [u8; 2] = match usage {
        KeyUsage::Authority => [1, 0b1010_0110],
        KeyUsage::Signature => [7, 0b1000_0000],
        KeyUsage::Tls => [5, 0b1010_0000],
    };
    critical(KEY_USAGE, element(TAG_BIT_STRING, &bits))
}

/// Purposes of an authority, in `cryptogen`'s order.
pub(super) fn authority_purposes() -> CustomExtension {
    purposes(&[CLIENT_AUTHENTICATION, SERVER_AUTHENTICATION])
}

/// Purposes of a node's TLS certificate: orderers dial each other, so both.
pub(super) fn node_purposes() -> CustomExtension {
    purposes(&[SERVER_AUTHENTICATION, CLIENT_AUTHENTICATION])
}

/// Purpose of a certificate that never serves.
pub(super) fn client_purposes() -> CustomExtension {
    purposes(&[CLIENT_AUTHENTICATION])
}

/// `critical` basic constraints without a path length.
pub(super) fn basic_constraints(is_authority: bool) -> CustomExtension {
    let content: &[u8] = if is_authority { &[0x01, 0x01, 0xff] } else { &[] };
    critical(BASIC_CONSTRAINTS, element(TAG_SEQUENCE, content))
}

/// Identifier of the certificate's own key.
pub(super) fn subject_key_identifier(identifier: &[u8]) -> CustomExtension {
    plain(SUBJECT_KEY_IDENTIFIER, element(TAG_OCTET_STRING, identifier))
}

/// Identifier of the authority's key.
pub(super) fn authority_key_identifier(identifier: &[u8]) -> CustomExtension {
    let content = element(TAG_SEQUENCE, &element(TAG_KEY_IDENTIFIER, identifier));
    plain(AUTHORITY_KEY_IDENTIFIER, content)
}

/// Names and addresses that a server answers for: DNS names first, then addresses, each in the given order.
pub(super) fn subject_alternative_names(names: &[String]) -> Result<CustomExtension, Error> {
    let mut domains = Vec::new();
    let mut addresses = Vec::new();
    for name in names {
        match name.parse::<IpAddr>() {
            Ok(IpAddr::V4(address)) => {
                addresses.extend(element(TAG_IP_ADDRESS, &address.octets()));
            }
            Ok(IpAddr::V6(address)) => {
                addresses.extend(element(TAG_IP_ADDRESS, &address.octets()));
            }
            Err(_) => domains.extend(element(TAG_DNS_NAME, dns_name(name)?.as_bytes())),
        }
    }
    domains.extend(addresses);
    Ok(plain(SUBJECT_ALTERNATIVE_NAME, element(TAG_SEQUENCE, &domains)))
}

fn dns_name(name: &str) -> Result<&str, Error> {
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    let labels = name.strip_prefix("*.").unwrap_or(name);
    if name.len() <= MAX_DNS_NAME && labels.split('.').all(label) {
        Ok(name)
    } else {
        Err(Error::Name {
            name: name.to_owned(),
            reason: "a DNS name has labels of 1 to 63 letters, digits and dashes, 253 characters at most",
        })
    }
}

fn purposes(identifiers: &[&[u8]]) -> CustomExtension {
    let content: Vec<u8> = identifiers
        .iter()
        .flat_map(|identifier| element(TAG_OBJECT_IDENTIFIER, identifier))
        .collect();
    plain(EXTENDED_KEY_USAGE, element(TAG_SEQUENCE, &content))
}

fn plain(identifier: &[u64], content: Vec<u8>) -> CustomExtension {
    CustomExtension::from_oid_content(identifier, content)
}

fn critical(identifier: &[u64], content: Vec<u8>) -> CustomExtension {
    let mut extension = plain(identifier, content);
    extension.set_criticality(true);
    extension
}

/// One DER element: tag, definite length, content.
fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut bytes = vec![tag];
    let length = content.len().to_be_bytes();
    let significant: Vec<u8> = length.iter().copied().skip_while(|byte| *byte == 0).collect();
    match significant.as_slice() {
        [] => bytes.push(0),
        [short] if *short < 0x80 => bytes.push(*short),
        long => {
            // At most eight bytes, because a length is a machine word.
            bytes.push(0x80 | u8::try_from(long.len()).unwrap_or(8));
            bytes.extend_from_slice(long);
        }
    }
    bytes.extend_from_slice(content);
    bytes
}
