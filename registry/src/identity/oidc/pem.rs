//! A public key out of a PEM file: as it is, or in a certificate.

use x509_parser::certificate::X509Certificate;
use x509_parser::pem::Pem;
use x509_parser::prelude::FromDer;
use x509_parser::public_key::PublicKey;
use x509_parser::x509::SubjectPublicKeyInfo;

use super::keys::{Key, Keys, Numbers, without_zeros};

/// Longest file that is read.
const MAX_FILE_BYTES: usize = 1 << 16;

/// Fewest bytes of an RSA key's number: 2,048 bits.
const MIN_RSA_BYTES: usize = 256;

/// Names of curves, whose uncompressed points have 65 and 97 bytes.
const P256: &str = "1.2.840.10045.3.1.7";
const P384: &str = "1.3.132.0.34";

impl Keys {
    /// The one key of a file.
    pub(super) fn from_pem(text: &[u8]) -> Result<Self, String> {
        if text.len() > MAX_FILE_BYTES {
            return Err(format!("it is longer than {MAX_FILE_BYTES} bytes"));
        }
        let mut blocks = Pem::iter_from_buffer(text);
        let block = blocks.next().ok_or("it holds nothing in PEM")?;
        let Pem { label, contents } = block.map_err(|error| format!("it is no PEM: {error}"))?;
        let unreadable = |_| format!("what stands in it as `{label}` cannot be read");
        let numbers = match label.as_str() {
            "PUBLIC KEY" => {
                let (_, key) = SubjectPublicKeyInfo::from_der(&contents).map_err(unreadable)?;
                numbers(&key)
            }
            "CERTIFICATE" => {
                let (_, it) = X509Certificate::from_der(&contents).map_err(unreadable)?;
                numbers(it.public_key())
            }
            _ => return Err(format!("it holds a `{label}` and no public key")),
        };
        let numbers = numbers
            .ok_or("its key is none of RSA from 2,048 bits on and of ECDSA on P-256 and P-384")?;
        if blocks.next().is_some() {
            return Err("it holds more than one key".to_owned());
        }
        Ok(Self::one(Key::nameless(numbers)))
    }
}

fn numbers(key: &SubjectPublicKeyInfo<'_>) -> Option<Numbers> {
    match key.parsed().ok()? {
        PublicKey::RSA(rsa) => {
            let (n, e) = (without_zeros(rsa.modulus), without_zeros(rsa.exponent));
            (n.len() >= MIN_RSA_BYTES).then_some(Numbers::Rsa { n, e })
        }
        PublicKey::EC(point) => {
            let curve = key.algorithm.parameters.as_ref()?.as_oid().ok()?.to_id_string();
            let data = point.data().to_vec();
            match (curve.as_str(), data.len()) {
                (P256, 65) => Some(Numbers::P256(data)),
                (P384, 97) => Some(Numbers::P384(data)),
                _ => None,
            }
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::token::Unproven;
    use super::*;

    const KEY: &str = include_str!("fixtures/rs256.pem");
    const TOKEN: &str = include_str!("fixtures/rs256.jwt");

    fn reads(text: &str) -> Result<Keys, String> {
        Keys::from_pem(text.as_bytes())
    }

    #[test]
    fn a_key_of_a_file_checks_what_it_has_signed() {
        let token = || Unproven::read(TOKEN.trim()).unwrap().nameless();
        let keys = reads(KEY).unwrap();
        assert!(token().proven(&keys, None, 1_800_000_000).is_ok());
        let other = rcgen::KeyPair::generate().unwrap().public_key_pem();
        assert!(token().proven(&reads(&other).unwrap(), None, 1_800_000_000).is_err());
    }

    #[test]
    fn a_certificate_has_its_key() {
        for kind in [&rcgen::PKCS_ECDSA_P256_SHA256, &rcgen::PKCS_ECDSA_P384_SHA384] {
            let key = rcgen::KeyPair::generate_for(kind).unwrap();
            let parameters = rcgen::CertificateParams::new(Vec::new()).unwrap();
            let certificate = parameters.self_signed(&key).unwrap().pem();
            assert_eq!(reads(&certificate), reads(&key.public_key_pem()));
            assert!(reads(&certificate).is_ok());
            // Text before a key is no key.
            assert!(reads(&format!("Certificate:\n{certificate}")).is_ok());
        }
    }

    #[test]
    fn what_is_no_public_key_of_a_kind_that_is_taken_is_refused_in_words() {
        let private = rcgen::KeyPair::generate().unwrap().serialize_pem();
        let ed25519 = rcgen::KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap();
        let ed25519 = ed25519.public_key_pem();
        let (two, long) = (format!("{KEY}{KEY}"), " ".repeat(MAX_FILE_BYTES + 1));
        let broken = "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n";
        for (text, part) in [
            ("", "PEM"),
            ("secret", "PEM"),
            (private.as_str(), "no public key"),
            (ed25519.as_str(), "none of RSA"),
            (broken, "cannot be read"),
            (two.as_str(), "more than one"),
            (long.as_str(), "longer"),
        ] {
            let told = reads(text).unwrap_err();
            assert!(told.contains(part), "{part}: {told}");
        }
    }
}
