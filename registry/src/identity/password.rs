//! Hashes of passwords as they are declared: Argon2id in the usual text form.
//!
//! Left out: other algorithms. What this program cannot check it refuses at its start.

use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use super::secret::same;

/// Bytes of salt and of the hash that this program writes.
const SALT_BYTES: usize = 16;
const HASH_BYTES: usize = 32;

/// Memory in KiB and rounds that this program writes.
const MEMORY: u32 = 19 * 1_024;
const ROUNDS: u32 = 2;

/// Most memory in KiB, rounds and lanes that a declared hash may ask for: checking one must not stop a
/// server.
const MOST: (u32, u32, u32) = (256 * 1_024, 16, 16);

/// Longest password in bytes; nobody types more.
pub(crate) const MAX_PASSWORD_BYTES: usize = 1_024;

/// A hash that a password is compared with.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct PasswordHash {
    params: Params,
    salt: Vec<u8>,
    hash: Vec<u8>,
}

impl std::fmt::Debug for PasswordHash {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("$argon2id$...")
    }
}

/// Why a text is no hash of a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum HashError {
    #[error("it is no Argon2id hash; `chart-registry password` makes one from what it reads")]
    Shape,
    #[error(
        "checking it would take more than {} MiB, {} rounds or {} lanes; \
         `chart-registry password` makes one that is cheaper",
        MOST.0 / 1_024, MOST.1, MOST.2
    )]
    Cost,
}

impl PasswordHash {
    /// Reads `$argon2id$v=19$m=...,t=...,p=...$salt$hash`.
    pub(crate) fn parse(text: &str) -> Result<Self, HashError> {
        let parts: Vec<&str> = text.split('$').collect();
        let ["", "argon2id", "v=19", numbers, salt, hash] = parts.as_slice() else {
            return Err(HashError::Shape);
        };
        let numbers: Vec<&str> = numbers.split(',').collect();
        let [memory, rounds, lanes] = numbers.as_slice() else { return Err(HashError::Shape) };
        let number = |text: &str, name: &str| {
            let digits = text.strip_prefix(name).and_then(|rest| rest.strip_prefix('='));
            digits.and_then(|digits| digits.parse::<u32>().ok()).ok_or(HashError::Shape)
        };
        let (memory, rounds, lanes) =
            (number(memory, "m")?, number(rounds, "t")?, number(lanes, "p")?);
        if memory > MOST.0 || rounds > MOST.1 || lanes > MOST.2 {
            return Err(HashError::Cost);
        }
        let decode = |text: &str| STANDARD_NO_PAD.decode(text).map_err(|_| HashError::Shape);
        let (salt, hash) = (decode(salt)?, decode(hash)?);
        if salt.len() < 8 || hash.len() < 16 || hash.len() > 64 {
            return Err(HashError::Shape);
        }
        let params = Params::new(memory, rounds, lanes, Some(hash.len()));
        Ok(Self { params: params.map_err(|_| HashError::Shape)?, salt, hash })
    }

    /// Hashes a password with this salt.
    fn hashed(password: &[u8], salt: [u8; SALT_BYTES]) -> Option<Self> {
        let params = Params::new(MEMORY, ROUNDS, 1, Some(HASH_BYTES)).ok()?;
        let hash = digest(&params, password, &salt)?;
        Some(Self { params, salt: salt.to_vec(), hash })
    }

    /// The text of a new hash; `None` for a password that nobody should have.
    pub(crate) fn of(password: &[u8]) -> Option<String> {
        let length = 1..=MAX_PASSWORD_BYTES;
        let made = length.contains(&password.len()).then(|| Self::hashed(password, rand::random()));
        made.flatten().map(|hash| hash.text())
    }

    fn text(&self) -> String {
        let (salt, hash) = (STANDARD_NO_PAD.encode(&self.salt), STANDARD_NO_PAD.encode(&self.hash));
        let (memory, rounds, lanes) =
            (self.params.m_cost(), self.params.t_cost(), self.params.p_cost());
        format!("$argon2id$v=19$m={memory},t={rounds},p={lanes}${salt}${hash}")
    }

    /// Whether a password is the one; takes tens of milliseconds.
    pub(crate) fn fits(&self, password: &[u8]) -> bool {
        if password.len() > MAX_PASSWORD_BYTES {
            return false;
        }
        digest(&self.params, password, &self.salt).is_some_and(|found| same(&found, &self.hash))
    }
}

fn digest(params: &Params, password: &[u8], salt: &[u8]) -> Option<Vec<u8>> {
    let mut out = vec![0; params.output_len().unwrap_or(HASH_BYTES)];
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
    argon2.hash_password_into(password, salt, &mut out).ok()?;
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made by the reference implementation's `argon2 somesalt -id -t 2 -m 16 -p 1` for `password`.
    const REFERENCE: &str = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ\
                             $CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";

    #[test]
    fn a_hash_of_the_reference_implementation_is_understood() {
        let hash = PasswordHash::parse(REFERENCE).unwrap();
        assert!(hash.fits(b"password"));
        assert!(!hash.fits(b"passwore"));
        assert_eq!(hash.text(), REFERENCE);
        assert!(!format!("{hash:?}").contains("CTFh"));
    }

    #[test]
    fn a_hash_that_was_made_here_is_read_again() {
        let text = PasswordHash::of(b"correct horse").unwrap();
        let hash = PasswordHash::parse(&text).unwrap();
        assert!(hash.fits(b"correct horse") && !hash.fits(b"correct"));
        assert_ne!(PasswordHash::of(b"correct horse").unwrap(), text);
        assert_eq!(PasswordHash::of(b""), None);
        assert!(!hash.fits(&[b'a'; MAX_PASSWORD_BYTES + 1]));
    }

    #[test]
    fn what_is_no_hash_or_too_dear_is_refused() {
        let shape = [
            "",
            "secret",
            "$2y$05$abcdefghijklmnopqrstuv",
            &REFERENCE.replace("argon2id", "argon2i"),
            &REFERENCE.replace("v=19", "v=16"),
            &REFERENCE.replace("m=65536,", ""),
            &REFERENCE.replace("t=2", "t=0"),
            &REFERENCE.replace("c29tZXNhbHQ", "c29t"),
            &REFERENCE.replace("CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc", "!"),
        ];
        for text in shape {
            assert_eq!(PasswordHash::parse(text), Err(HashError::Shape), "{text}");
        }
        for (from, to) in [("m=65536", "m=4000000"), ("t=2", "t=17"), ("p=1", "p=17")] {
            let text = REFERENCE.replace(from, to);
            assert_eq!(PasswordHash::parse(&text), Err(HashError::Cost), "{text}");
        }
    }
}
