//! The public keys of an issuer, as its key set has them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde::Deserialize;

/// Most keys of a set that are looked at.
const MAX_KEYS: usize = 64;

/// Bytes of a coordinate of a point on P-256.
const COORDINATE_BYTES: usize = 32;

/// How tokens are signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Algorithm {
    /// RSA with SHA-256, as PKCS #1 1.5 has it.
    Rs256,
    /// ECDSA on P-256 with SHA-256.
    Es256,
}

impl Algorithm {
    fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Es256 => "ES256",
        }
    }
}

/// The keys of an issuer that can sign tokens.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Keys(Vec<Key>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Key {
    name: Option<String>,
    numbers: Numbers,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Numbers {
    Rsa { n: Vec<u8>, e: Vec<u8> },
    /// An uncompressed point.
    P256(Vec<u8>),
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
        let written = set.keys.into_iter().take(MAX_KEYS);
        Ok(Self(written.filter_map(|key| serde_json::from_value(key).ok().and_then(key_of)).collect()))
    }

    /// Whether there is a key of this name.
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
        named.into_iter().any(|key| match (algorithm, &key.numbers) {
            (Algorithm::Rs256, Numbers::Rsa { n, e }) => RsaPublicKeyComponents { n, e }
                .verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
                .is_ok(),
            (Algorithm::Es256, Numbers::P256(point)) => {
                let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point);
                key.verify(message, signature).is_ok()
            }
            (Algorithm::Rs256 | Algorithm::Es256, _) => false,
        })
    }
}

fn key_of(written: Written) -> Option<Key> {
    let decode = |text: Option<String>| URL_SAFE_NO_PAD.decode(text?).ok();
    if written.purpose.as_deref().is_some_and(|purpose| purpose != "sig") {
        return None;
    }
    let (algorithm, numbers) = match written.kty.as_str() {
        "RSA" => {
            let (n, e) = (decode(written.n)?, decode(written.e)?);
            (Algorithm::Rs256, Numbers::Rsa { n, e })
        }
        "EC" if written.crv.as_deref() == Some("P-256") => {
            let (x, y) = (decode(written.x)?, decode(written.y)?);
            let fits = x.len() == COORDINATE_BYTES && y.len() == COORDINATE_BYTES;
            let point = fits.then(|| [&[4], x.as_slice(), y.as_slice()].concat())?;
            (Algorithm::Es256, Numbers::P256(point))
        }
        _ => return None,
    };
    let fits = written.alg.is_none_or(|written| written == algorithm.name());
    fits.then_some(Key { name: written.kid, numbers })
}
