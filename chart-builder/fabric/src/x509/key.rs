//! P-256 private keys: made, read, written, and used to sign.

use std::fmt;

use p256::SecretKey;
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use p256::elliptic_curve::Generate as _;
use p256::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _, LineEnding};
use rand::CryptoRng;
use sha2::{Digest as _, Sha256};

use crate::Error;

/// A P-256 private key; its `Debug` form shows nothing secret.
#[derive(Clone)]
pub struct PrivateKey {
    signing: SigningKey,
    /// Uncompressed public point: 0x04, X, Y.
    point: Vec<u8>,
}

impl PrivateKey {
    /// A new key from this source of randomness.
    pub fn generate(random: &mut dyn CryptoRng) -> Self {
        Self::from_signing_key(SigningKey::generate_from_rng(random))
    }

    /// Reads one unencrypted PKCS#8 block, `-----BEGIN PRIVATE KEY-----`.
    pub fn from_pem(pem: &str) -> Result<Self, Error> {
        SigningKey::from_pkcs8_pem(pem)
            .map(Self::from_signing_key)
            .map_err(|error| Error::PrivateKey { reason: error.to_string() })
    }

    /// The key as PKCS#8 PEM with one newline at the end.
    pub fn to_pem(&self) -> Result<String, Error> {
        SecretKey::from(&self.signing)
            .to_pkcs8_pem(LineEnding::LF)
            .map(|pem| pem.as_str().to_owned())
            .map_err(|error| Error::PrivateKey { reason: error.to_string() })
    }

    /// SHA-256 of the uncompressed public point: the subject key identifier of its certificates.
    pub fn subject_key_id(&self) -> [u8; 32] {
        Sha256::digest(&self.point).into()
    }

    /// The public key as an uncompressed point of 65 bytes.
    pub fn public_point(&self) -> &[u8] {
        &self.point
    }

    /// ECDSA over the SHA-256 of this message, DER: RFC 6979 and low-S, as Fabric wants it.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        let signature: Signature = self.signing.sign(message);
        signature.normalize_s().to_der().as_bytes().to_vec()
    }

    fn from_signing_key(signing: SigningKey) -> Self {
        let point = signing.verifying_key().to_sec1_point(false).as_bytes().to_vec();
        Self { signing, point }
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("PrivateKey").finish_non_exhaustive()
    }
}

/// What the certificate library signs with: RFC 6979 and low-S.
///
/// The library's own backends take a random nonce and leave S as it falls, which Fabric refuses in identities.
pub(super) struct Signer<'a>(pub(super) &'a PrivateKey);

impl rcgen::PublicKeyData for Signer<'_> {
    fn der_bytes(&self) -> &[u8] {
        self.0.public_point()
    }

    fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        &rcgen::PKCS_ECDSA_P256_SHA256
    }
}

impl rcgen::SigningKey for Signer<'_> {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        Ok(self.0.sign(message))
    }
}
