//! Names of what is stored, as relative paths with `/`.

use std::fmt;

use chart_format::digest::Sha256;

/// The name of one stored thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// `FORMAT`, which says how to read the rest.
    Format,
    /// Journal entry with this number, counted from 1.
    Commit(u64),
    /// Bytes with this SHA-256.
    Object(Sha256),
}

impl Key {
    /// The directory that holds the thing; empty for the root of the store.
    pub fn directory(&self) -> String {
        match self {
            Self::Format => String::new(),
            Self::Commit(_) => "journal".to_owned(),
            Self::Object(digest) => {
                let hex = digest.to_string();
                format!("objects/sha256/{}", &hex[..2])
            }
        }
    }

    /// The number in a journal entry's file name; `None` for names that are not such numbers.
    pub fn parse_commit(name: &str) -> Option<u64> {
        let digits = name.len() == 16 && name.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| name.parse().ok()).flatten()
    }
}

impl fmt::Display for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Format => formatter.write_str("FORMAT"),
            Self::Commit(seq) => write!(formatter, "journal/{seq:016}"),
            Self::Object(digest) => {
                let hex = digest.to_string();
                write!(formatter, "objects/sha256/{}/{}", &hex[..2], &hex[2..])
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_documented_layout() {
        assert_eq!(Key::Commit(1234).to_string(), "journal/0000000000001234");
        let object = Key::Object(Sha256::of(b"")).to_string();
        assert!(object.starts_with("objects/sha256/e3/b0c44298"), "{object}");
        assert_eq!(object.len(), "objects/sha256/".len() + 2 + 1 + 62);
    }

    #[test]
    fn reads_only_sixteen_digits_as_a_number() {
        assert_eq!(Key::parse_commit("0000000000001234"), Some(1234));
        for name in ["1234", "seg", "000000000000123x", "00000000000012345"] {
            assert_eq!(Key::parse_commit(name), None, "{name}");
        }
    }
}
