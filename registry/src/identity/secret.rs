//! The text of a token: `cr_<id>_<secret>`. Only its digest is ever written.

use std::fmt;
use std::hint::black_box;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chart_format::digest::Sha256;

/// Beginning of every token, by which scanners of leaked secrets find it.
const PREFIX: &str = "cr_";

/// Characters of the public name: 60 random bits in hexadecimal digits.
const ID_CHARACTERS: usize = 15;

/// Characters of the secret part: 256 random bits.
const SECRET_CHARACTERS: usize = 43;

/// A token as its holder has it; it does not show itself in logs.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret {
    id: String,
    secret: String,
}

impl Secret {
    /// A new one.
    pub(crate) fn random() -> Self {
        let id = format!("{:016x}", rand::random::<u64>())[..ID_CHARACTERS].to_owned();
        let secret = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>());
        Self { id, secret }
    }

    /// Reads what a caller sent; `None` when it is no token.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (id, secret) = text.strip_prefix(PREFIX)?.split_at_checked(ID_CHARACTERS)?;
        let secret = secret.strip_prefix('_')?;
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        let fits = id.bytes().all(|byte| byte.is_ascii_hexdigit())
            && secret.len() == SECRET_CHARACTERS
            && secret.bytes().all(plain);
        fits.then(|| Self { id: id.to_owned(), secret: secret.to_owned() })
    }

    /// Its public name.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// What the journal knows of the secret part.
    pub(crate) fn digest(&self) -> Sha256 {
        Sha256::of(self.secret.as_bytes())
    }

    /// The text for its holder, the only time that it is told.
    pub(crate) fn reveal(&self) -> String {
        format!("{PREFIX}{}_{}", self.id, self.secret)
    }
}

/// Whether two texts of bytes are the same; takes as long whatever the first difference is.
pub(super) fn same(one: &[u8], other: &[u8]) -> bool {
    let difference = one.iter().zip(other).fold(0, |all, (a, b)| black_box(all | (a ^ b)));
    one.len() == other.len() && difference == 0
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{PREFIX}{}_...", self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_bytes_are_the_same() {
        assert!(same(b"", b"") && same(b"secret", b"secret"));
        assert!(!same(b"secret", b"secrex") && !same(b"xecret", b"secret"));
        assert!(!same(b"secret", b"secrets") && !same(b"secret", b""));
    }

    #[test]
    fn what_was_made_is_read_again_and_nothing_else_is() {
        let secret = Secret::random();
        let text = secret.reveal();
        assert_eq!(Secret::parse(&text).unwrap(), secret);
        assert!(!format!("{secret:?}").contains(&secret.secret));
        assert_ne!(Secret::random().digest(), secret.digest());
        let upper = text.to_uppercase();
        for wrong in ["", "cr_", &text[..text.len() - 1], &text[1..], &format!("{text}x"), &upper] {
            assert!(Secret::parse(wrong).is_none(), "{wrong}");
        }
    }
}
