//! The public keys of an issuer, as its key set has them.
//!
//! What a key can check follows from the key and never from a token: a key of RSA is never taken for
//! the secret of a keyed digest, because there is none here.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256,
    RSA_PSS_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey, VerificationAlgorithm,
};
use serde::Deserialize;

/// Most keys of a set that are looked at.
const MAX_KEYS: usize = 64;

/// How tokens are signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Algorithm {
    /// RSA with SHA-256, as PKCS #1 1.5 has it.
    Rs256,
    /// RSA with SHA-256, with a salt.
    Ps256,
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// ECDSA on P-384 with SHA-384.
    Es384,
    /// Ed25519.
    EdDsa,
}

impl Algorithm {
    const ALL: [Self; 5] = [Self::Rs256, Self::Ps256, Self::Es256, Self::Es384, Self::EdDsa];

    /// The algorithm of a name; without those that need no key, or a secret one.
    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name() == name)
    }

    fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Ps256 => "PS256",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::EdDsa => "EdDSA",
        }
    }
}

/// The keys of an issuer that can sign tokens.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Keys(Vec<Key>);

/// A key with what its set says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    name: Option<String>,
    /// The one algorithm that the set allows the key, if it says one.
    only: Option<String>,
    numbers: Numbers,
}

/// What a key is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Numbers {
    Rsa {
        n: Vec<u8>,
        e: Vec<u8>,
    },
    /// An uncompressed point.
    P256(Vec<u8>),
    /// An uncompressed point.
    P384(Vec<u8>),
    Ed25519(Vec<u8>),
}

#[derive(Deserialize)]
struct Set {
    keys: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
struct Written {
    kty: String,
    kid: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    key_ops: Option<Vec<String>>,
    alg: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl Keys {
    /// Reads a key set; keys for other purposes and of other kinds are left out.
    pub(super) fn read(text: &[u8]) -> Result<Self, serde_json::Error> {
        let set: Set = serde_json::from_slice(text)?;
        let keys = set.keys.into_iter().take(MAX_KEYS);
        let written = keys.filter_map(|key| serde_json::from_value(key).ok());
        Ok(Self(written.filter_map(Written::key).collect()))
    }

    /// One key.
    pub(super) fn one(key: Key) -> Self {
        Self(vec![key])
    }

    /// Whether there is a key of this name; without a name, whether there is any.
    pub(super) fn know(&self, name: Option<&str>) -> bool {
        self.0.iter().any(|key| name.is_none() || key.name.as_deref() == name)
    }

    /// Whether one of the keys has signed this. A token that names its key is checked by that one.
    pub(super) fn have_signed(
        &self,
        message: &[u8],
        signature: &[u8],
        (algorithm, name): (Algorithm, Option<&str>),
    ) -> bool {
        let named = self.0.iter().filter(|key| name.is_none() || key.name.as_deref() == name);
        let mut allowed =
            named.filter(|key| key.only.as_deref().is_none_or(|only| only == algorithm.name()));
        allowed.any(|key| key.numbers.have_signed(message, signature, algorithm))
    }
}

impl Key {
    /// A key of which nothing else is said.
    pub(super) fn nameless(numbers: Numbers) -> Self {
        Self { name: None, only: None, numbers }
    }
}

impl Numbers {
    fn have_signed(&self, message: &[u8], signature: &[u8], algorithm: Algorithm) -> bool {
        let rsa = match algorithm {
            Algorithm::Ps256 => &RSA_PSS_2048_8192_SHA256,
            _ => &RSA_PKCS1_2048_8192_SHA256,
        };
        let point = |by: &'static dyn VerificationAlgorithm, key: &[u8]| {
            UnparsedPublicKey::new(by, key).verify(message, signature).is_ok()
        };
        match (algorithm, self) {
            (Algorithm::Rs256 | Algorithm::Ps256, Self::Rsa { n, e }) => {
                RsaPublicKeyComponents { n, e }.verify(rsa, message, signature).is_ok()
            }
            (Algorithm::Es256, Self::P256(key)) => point(&ECDSA_P256_SHA256_FIXED, key),
            (Algorithm::Es384, Self::P384(key)) => point(&ECDSA_P384_SHA384_FIXED, key),
            (Algorithm::EdDsa, Self::Ed25519(key)) => point(&ED25519, key),
            (
                Algorithm::Rs256
                | Algorithm::Ps256
                | Algorithm::Es256
                | Algorithm::Es384
                | Algorithm::EdDsa,
                _,
            ) => false,
        }
    }
}

impl Written {
    fn key(self) -> Option<Key> {
        let signs = self.purpose.as_deref().is_none_or(|purpose| purpose == "sig");
        let verifies = self.key_ops.as_ref().is_none_or(|all| all.iter().any(|it| it == "verify"));
        let numbers = self.numbers().filter(|_| signs && verifies)?;
        Some(Key { name: self.kid, only: self.alg, numbers })
    }

    fn numbers(&self) -> Option<Numbers> {
        match (self.kty.as_str(), self.crv.as_deref()) {
            ("RSA", _) => {
                Some(Numbers::Rsa { n: number(self.n.as_deref())?, e: number(self.e.as_deref())? })
            }
            ("EC", Some("P-256")) => self.point(32).map(Numbers::P256),
            ("EC", Some("P-384")) => self.point(48).map(Numbers::P384),
            ("OKP", Some("Ed25519")) => {
                decoded(self.x.as_deref()).filter(|key| key.len() == 32).map(Numbers::Ed25519)
            }
            _ => None,
        }
    }

    /// An uncompressed point of two coordinates with so many bytes each.
    fn point(&self, bytes: usize) -> Option<Vec<u8>> {
        let (x, y) = (decoded(self.x.as_deref())?, decoded(self.y.as_deref())?);
        let fits = x.len() == bytes && y.len() == bytes;
        fits.then(|| [&[4], x.as_slice(), y.as_slice()].concat())
    }
}

fn decoded(text: Option<&str>) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text?).ok()
}

/// A number without the zeros before it, which some issuers write.
fn number(text: Option<&str>) -> Option<Vec<u8>> {
    Some(without_zeros(&decoded(text)?))
}

/// A number as it is checked: without the zeros before it.
pub(super) fn without_zeros(number: &[u8]) -> Vec<u8> {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number[zeros..].to_vec()
}
