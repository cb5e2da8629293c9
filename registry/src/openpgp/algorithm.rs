//! Keys, digests, and the check of one signature with one key.

use p256::ecdsa::signature::hazmat::PrehashVerifier;
use ring::digest;
use ring::signature::{
    ED25519, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512,
    RsaParameters, RsaPublicKeyComponents, UnparsedPublicKey,
};

use super::SignatureError;
use super::packet::Reader;

const RSA: u8 = 1;
const RSA_FOR_SIGNING: u8 = 3;
const ECDSA: u8 = 19;
const EDDSA: u8 = 22;

const P256: &[u8] = b"\x2a\x86\x48\xce\x3d\x03\x01\x07";
const P384: &[u8] = b"\x2b\x81\x04\x00\x22";
const CURVE25519: &[u8] = b"\x2b\x06\x01\x04\x01\xda\x47\x0f\x01";

/// Bits of the smallest accepted RSA key.
const MIN_RSA_BITS: usize = 2_048;

type Outcome<T> = Result<T, SignatureError>;

/// The numbers of a public key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Material {
    Rsa {
        modulus: Vec<u8>,
        exponent: Vec<u8>,
    },
    Ed25519 {
        point: Vec<u8>,
    },
    P256 {
        point: Vec<u8>,
    },
    P384 {
        point: Vec<u8>,
    },
    /// Of a key that we never verify with, as those for encryption.
    Other,
}

/// A digest that is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    pub(super) fn parse(number: u8) -> Outcome<Self> {
        match number {
            8 => Ok(Self::Sha256),
            9 => Ok(Self::Sha384),
            10 => Ok(Self::Sha512),
            1 => Err(SignatureError::Algorithm("MD5")),
            2 => Err(SignatureError::Algorithm("SHA-1")),
            _ => Err(SignatureError::Algorithm("another digest")),
        }
    }

    fn of(self, message: &[u8]) -> digest::Digest {
        let algorithm = match self {
            Self::Sha256 => &digest::SHA256,
            Self::Sha384 => &digest::SHA384,
            Self::Sha512 => &digest::SHA512,
        };
        digest::digest(algorithm, message)
    }

    fn rsa(self) -> &'static RsaParameters {
        match self {
            Self::Sha256 => &RSA_PKCS1_2048_8192_SHA256,
            Self::Sha384 => &RSA_PKCS1_2048_8192_SHA384,
            Self::Sha512 => &RSA_PKCS1_2048_8192_SHA512,
        }
    }
}

impl Material {
    /// Reads the numbers behind the algorithm of a key.
    pub(super) fn parse(algorithm: u8, reader: &mut Reader<'_>) -> Outcome<Self> {
        match algorithm {
            RSA | RSA_FOR_SIGNING => {
                let (modulus, exponent) = (reader.integer()?.to_vec(), reader.integer()?.to_vec());
                Ok(Self::Rsa { modulus, exponent })
            }
            ECDSA | EDDSA => {
                let count = reader.number(1)?;
                let curve = reader.take(count)?;
                let point = reader.integer()?.to_vec();
                match (algorithm, curve) {
                    (ECDSA, P256) => Ok(Self::P256 { point }),
                    (ECDSA, P384) => Ok(Self::P384 { point }),
                    // The first byte says that the point is in the curve's own form.
                    (EDDSA, CURVE25519) => match point.strip_prefix(&[0x40]) {
                        Some(point) => Ok(Self::Ed25519 { point: point.to_vec() }),
                        None => Err(SignatureError::Damaged("a point has another form")),
                    },
                    _ => Ok(Self::Other),
                }
            }
            _ => Ok(Self::Other),
        }
    }

    /// Checks a signature over a message; `numbers` stand at the end of the signature packet.
    pub(super) fn verify(
        &self,
        hash: Hash,
        message: &[u8],
        mut numbers: Reader<'_>,
    ) -> Outcome<()> {
        let wrong = SignatureError::Wrong;
        match self {
            Self::Rsa { modulus, exponent } => {
                if modulus.len() * 8 < MIN_RSA_BITS {
                    return Err(SignatureError::Algorithm("RSA below 2048 bits"));
                }
                let signature = padded(numbers.integer()?, modulus.len()).ok_or(wrong.clone())?;
                let key = RsaPublicKeyComponents { n: modulus, e: exponent };
                key.verify(hash.rsa(), message, &signature).map_err(|_| wrong)
            }
            Self::Ed25519 { point } => {
                let signature = pair(&mut numbers, 32)?;
                let digest = hash.of(message);
                let key = UnparsedPublicKey::new(&ED25519, point);
                key.verify(digest.as_ref(), &signature).map_err(|_| wrong)
            }
            Self::P256 { point } => {
                let digest = hash.of(message);
                let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(point);
                let signature = p256::ecdsa::Signature::from_slice(&pair(&mut numbers, 32)?);
                let (Ok(key), Ok(signature)) = (key, signature) else { return Err(wrong) };
                key.verify_prehash(digest.as_ref(), &signature).map_err(|_| wrong)
            }
            Self::P384 { point } => {
                let digest = hash.of(message);
                let key = p384::ecdsa::VerifyingKey::from_sec1_bytes(point);
                let signature = p384::ecdsa::Signature::from_slice(&pair(&mut numbers, 48)?);
                let (Ok(key), Ok(signature)) = (key, signature) else { return Err(wrong) };
                key.verify_prehash(digest.as_ref(), &signature).map_err(|_| wrong)
            }
            Self::Other => Err(SignatureError::Algorithm("this kind of key")),
        }
    }
}

/// Two numbers of `size` bytes each.
fn pair(numbers: &mut Reader<'_>, size: usize) -> Outcome<Vec<u8>> {
    let mut signature = Vec::with_capacity(2 * size);
    for _ in 0..2 {
        let number = padded(numbers.integer()?, size).ok_or(SignatureError::Wrong)?;
        signature.extend_from_slice(&number);
    }
    Ok(signature)
}

/// A number with zeros before it; `None` when it is too large.
fn padded(number: &[u8], size: usize) -> Option<Vec<u8>> {
    let mut bytes = vec![0; size.checked_sub(number.len())?];
    bytes.extend_from_slice(number);
    Some(bytes)
}

/// The digest by which keys are named; it protects nothing.
pub(super) fn fingerprint(content: &[u8]) -> Vec<u8> {
    digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, content).as_ref().to_vec()
}
