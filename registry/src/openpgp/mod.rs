//! `OpenPGP` signatures over clear-signed texts, checked against a ring of public keys.
//!
//! Version 4 keys and signatures with RSA from 2,048 bits on, Ed25519 (the form that `GnuPG` 2.2
//! writes), ECDSA over P-256 and P-384, and SHA-256, SHA-384 or SHA-512. A key counts as long as it
//! is neither expired nor revoked, by its own signatures; those with weaker digests do not count.
//!
//! Left out: private keys, trust between keys, designated revokers, other versions and algorithms,
//! partial packet lengths. What is left out is refused, never passed over.

mod algorithm;
mod armor;
mod certificate;
pub(crate) mod clear_text;
mod packet;
mod signature;

use certificate::Certificate;
use clear_text::ClearText;
use packet::Packets;
use signature::Signature;

/// Most certificates in a ring.
const MAX_CERTIFICATES: usize = 256;

/// Most signatures in a file that are looked at: each one costs a verification.
const MAX_SIGNATURES: usize = 8;

/// How far a signature may be ahead of our clock, in seconds.
const CLOCK_SKEW: u64 = 600;

/// Why a signature is not accepted, or a ring of keys not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SignatureError {
    /// The bytes are not what they should be.
    #[error("it is damaged: {0}")]
    Damaged(&'static str),
    /// There are private keys among the public ones.
    #[error("it holds a private key: take it out, and treat it as disclosed")]
    PrivateKey,
    /// An algorithm or a size that is too weak or unknown.
    #[error("`{0}` is not accepted: use RSA from 2048 bits, Ed25519, P-256 or P-384, with SHA-2")]
    Algorithm(&'static str),
    /// Nobody in the ring has that key.
    #[error("the key {id} is not in the keyring")]
    UnknownKey {
        /// Number of the key, in hexadecimal digits.
        id: String,
    },
    /// The signature is over another text, or by another key.
    #[error("the signature does not fit the text: one of them was changed")]
    Wrong,
    /// The key was no longer valid.
    #[error("the key {fingerprint} has expired")]
    KeyExpired {
        /// Of the certificate.
        fingerprint: String,
    },
    /// Its owner has revoked the key.
    #[error("the key {fingerprint} is revoked")]
    KeyRevoked {
        /// Of the certificate.
        fingerprint: String,
    },
    /// The key is not one that signs.
    #[error("the key {fingerprint} is not made for signing")]
    NotForSigning {
        /// Of the certificate.
        fingerprint: String,
    },
    /// The signature itself has a date of expiry, which has passed.
    #[error("the signature has expired")]
    SignatureExpired,
    /// The signature was made before its key, or after now.
    #[error("the signature says that it was made at a time when it cannot have been made")]
    Time,
}

/// Public keys, each with what its owner says about it.
#[derive(Debug, Clone)]
pub(crate) struct Keyring {
    certificates: Vec<Certificate>,
}

impl Keyring {
    /// Reads one or several armoured blocks of public keys.
    pub(crate) fn parse(text: &str) -> Result<Self, SignatureError> {
        let mut certificates = Vec::new();
        for block in armor::blocks(text, armor::PUBLIC_KEY)? {
            Certificate::read_all(&mut Packets::new(&block), &mut certificates)?;
            if certificates.len() > MAX_CERTIFICATES {
                return Err(SignatureError::Damaged("there are too many keys"));
            }
        }
        if certificates.is_empty() {
            return Err(SignatureError::Damaged("there is no public key"));
        }
        Ok(Self { certificates })
    }

    /// The fingerprint of the certificate that has signed `text`, seen at `now` (seconds since 1970).
    ///
    /// Of several signatures one good one is enough.
    pub(crate) fn verify(&self, text: &ClearText, now: u64) -> Result<String, SignatureError> {
        let mut first = None;
        for signature in signatures(text)? {
            match self.verify_one(&signature, &text.canonical(), now) {
                Ok(fingerprint) => return Ok(fingerprint),
                Err(error) => first = first.or(Some(error)),
            }
        }
        Err(first.unwrap_or(SignatureError::Damaged("there is no signature")))
    }

    fn verify_one(
        &self,
        signature: &Signature,
        text: &[u8],
        now: u64,
    ) -> Result<String, SignatureError> {
        if !signature.is_over_text() {
            return Err(SignatureError::Damaged("the signature is none over a text"));
        }
        let issuer = signature.issuer().ok_or(SignatureError::Damaged("nobody is its issuer"))?;
        let signer = self.certificates.iter().find_map(|it| Some((it, it.key(issuer)?)));
        let Some((certificate, key)) = signer else {
            return Err(SignatureError::UnknownKey { id: format!("{issuer:016X}") });
        };
        signature.verify(&key.key, text)?;
        if signature.created > now + CLOCK_SKEW || signature.created < key.key.created {
            return Err(SignatureError::Time);
        }
        if signature.expired(now) {
            return Err(SignatureError::SignatureExpired);
        }
        certificate.admits(key, now)?;
        Ok(certificate.fingerprint())
    }
}

fn signatures(text: &ClearText) -> Result<Vec<Signature>, SignatureError> {
    let mut signatures = Vec::new();
    for block in armor::blocks(&text.signature, armor::SIGNATURE)? {
        let mut packets = Packets::new(&block);
        while let Some(packet) = packets.next()? {
            if packet.tag != packet::SIGNATURE {
                return Err(SignatureError::Damaged("something else lies beside the signature"));
            }
            signatures.push(Signature::parse(packet.body)?);
            if signatures.len() > MAX_SIGNATURES {
                return Err(SignatureError::Damaged("there are too many signatures"));
            }
        }
    }
    Ok(signatures)
}

#[cfg(test)]
mod tests;
