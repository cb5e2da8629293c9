//! Names of what is stored, as relative paths with `/`.

use std::fmt;

use chart_format::digest::Sha256;

use crate::commit::Head;
use crate::segment::{SEGMENTS, Segment};

/// The directory of checkpoints.
pub(crate) const CHECKPOINTS: &str = "state";

/// The name of one stored thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// `FORMAT`, which says how to read the rest.
    Format,
    /// Journal entry with this number, counted from 1.
    Commit(u64),
    /// A run of journal entries in one file.
    Segment(Segment),
    /// What the registry held in memory at this head; a cache.
    Checkpoint(Head),
    /// Bytes with this SHA-256.
    Object(Sha256),
}

impl Key {
    /// The directory that holds the thing; empty for the root of the store.
    pub fn directory(&self) -> String {
        match self {
            Self::Format => String::new(),
            Self::Commit(_) => "journal".to_owned(),
            Self::Segment(_) => SEGMENTS.to_owned(),
            Self::Checkpoint(_) => CHECKPOINTS.to_owned(),
            Self::Object(digest) => {
                let hex = digest.to_string();
                format!("objects/sha256/{}", &hex[..2])
            }
        }
    }

    /// The head in a checkpoint's file name; `None` for other names.
    ///
    /// The names count down, so that a listing in order begins with the newest.
    pub(crate) fn parse_checkpoint(name: &str) -> Option<Head> {
        let (countdown, hash) = name.split_once('-')?;
        let digits = countdown.len() == 20 && countdown.bytes().all(|byte| byte.is_ascii_digit());
        let seq = u64::MAX - countdown.parse::<u64>().ok().filter(|_| digits)?;
        Some(Head { seq, hash: Sha256::parse(hash).ok()? })
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
            Self::Segment(segment) => write!(formatter, "{SEGMENTS}/{}", segment.file_name()),
            Self::Checkpoint(Head { seq, hash }) => {
                write!(formatter, "{CHECKPOINTS}/{:020}-{hash}", u64::MAX - seq)
            }
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
    fn the_newest_checkpoint_has_the_first_name() {
        let heads = [9, 10, 300].map(|seq| Head { seq, hash: Sha256::of(b"") });
        let names = heads.map(|head| Key::Checkpoint(head).to_string());
        assert!(names[2] < names[1] && names[1] < names[0], "{names:?}");
        for (head, name) in heads.iter().zip(&names) {
            let name = name.strip_prefix("state/").unwrap();
            assert_eq!(Key::parse_checkpoint(name), Some(*head));
            assert_eq!(Key::parse_checkpoint(&name[1..]), None);
        }
    }

    #[test]
    fn reads_only_sixteen_digits_as_a_number() {
        assert_eq!(Key::parse_commit("0000000000001234"), Some(1234));
        for name in ["1234", "seg", "000000000000123x", "00000000000012345"] {
            assert_eq!(Key::parse_commit(name), None, "{name}");
        }
    }
}
