//! Names of what is stored, as relative paths with `/`.

use std::fmt;

use chart_format::digest::Sha256;

use crate::commit::Head;
use crate::digest::{Digest, Sha512};
use crate::segment::{SEGMENTS, Segment};

/// The directory of checkpoints.
pub(crate) const CHECKPOINTS: &str = "state";

/// The directory of blobs that no manifest names yet.
pub(crate) const STAGED: &str = "staged";

/// The directory of objects with a SHA-512.
pub(crate) const WIDE_OBJECTS: &str = "objects/sha512";

/// The file that says what an upload is for.
const SESSION: &str = "session";

/// The directory of uploads that are not complete.
pub(crate) const UPLOADS: &str = "uploads";

/// A blob that a client pushed to a repository before the manifest that names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Staged {
    /// SHA-256 of the OCI name.
    pub repository: Sha256,
    /// Digest of the blob.
    pub digest: Digest,
}

/// The name of an upload in progress.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UploadId(pub u128);

impl UploadId {
    /// Reads 32 lower-case hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        let digits =
            text.len() == 32 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        u128::from_str_radix(text, 16).ok().filter(|_| digits).map(Self)
    }
}

impl fmt::Display for UploadId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:032x}", self.0)
    }
}

/// The directory of leases.
pub(crate) const LEASES: &str = "lease";

/// Work that one process does for all that share a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// Telling other servers what happened.
    Webhooks,
}

impl Task {
    fn name(self) -> &'static str {
        match self {
            Self::Webhooks => "webhooks",
        }
    }
}

/// Whose turn it is to do a task. The one with the highest epoch counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    /// The task.
    pub task: Task,
    /// Counted from 1; whoever makes the next one has the turn.
    pub epoch: u64,
}

impl Lease {
    /// The epoch in a lease's file name, if it is one of this task.
    pub(crate) fn parse(task: Task, name: &str) -> Option<Self> {
        let epoch = name.strip_prefix(task.name())?.strip_prefix('-')?;
        Key::parse_commit(epoch).map(|epoch| Self { task, epoch })
    }
}

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
    /// Bytes with this SHA-512.
    WideObject(Sha512),
    /// That a repository has a blob which no manifest names yet.
    Staged(Staged),
    /// What an upload is for.
    Upload(UploadId),
    /// The part of an upload that begins at this offset.
    UploadPart(UploadId, u64),
    /// Whose turn it is to do a task.
    Lease(Lease),
}

impl From<Digest> for Key {
    fn from(digest: Digest) -> Self {
        match digest {
            Digest::Sha256(digest) => Self::Object(digest),
            Digest::Sha512(digest) => Self::WideObject(digest),
        }
    }
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
            Self::WideObject(digest) => {
                format!("{WIDE_OBJECTS}/{}", &Digest::Sha512(*digest).hex()[..2])
            }
            Self::Staged(_) => STAGED.to_owned(),
            Self::Upload(id) | Self::UploadPart(id, _) => format!("{UPLOADS}/{id}"),
            Self::Lease(_) => LEASES.to_owned(),
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

    /// The offset in the file name of an upload's part; `None` for other names.
    pub(crate) fn parse_part(name: &str) -> Option<u64> {
        let digits = name.len() == 20 && name.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| name.parse().ok()).flatten()
    }

    /// The key with this path; `None` for paths that no key has.
    pub fn parse(path: &str) -> Option<Self> {
        let (directory, name) = path.rsplit_once('/').unwrap_or(("", path));
        let key = match directory {
            "" => Self::Format,
            "journal" => Self::Commit(Self::parse_commit(name)?),
            SEGMENTS => Self::Segment(Segment::parse(name)?),
            CHECKPOINTS => Self::Checkpoint(Self::parse_checkpoint(name)?),
            STAGED => {
                let (repository, digest) = name.split_once('-')?;
                let repository = Sha256::parse(repository).ok()?;
                let digest = Digest::parse(&digest.replacen('-', ":", 1)).ok()?;
                Self::Staged(Staged { repository, digest })
            }
            directory => match directory.rsplit_once('/')? {
                ("objects/sha256", first) => Self::object("sha256", first, name)?,
                (WIDE_OBJECTS, first) => Self::object("sha512", first, name)?,
                (UPLOADS, id) => {
                    let id = UploadId::parse(id)?;
                    Self::parse_part(name).map_or(Self::Upload(id), |at| Self::UploadPart(id, at))
                }
                _ => return None,
            },
        };
        // One key has one path.
        (key.to_string() == path).then_some(key)
    }

    fn object(algorithm: &str, first: &str, rest: &str) -> Option<Self> {
        Digest::parse(&format!("{algorithm}:{first}{rest}")).ok().map(Self::from)
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
            Self::WideObject(digest) => {
                let hex = Digest::Sha512(*digest).hex();
                write!(formatter, "{WIDE_OBJECTS}/{}/{}", &hex[..2], &hex[2..])
            }
            Self::Staged(Staged { repository, digest }) => {
                let algorithm = digest.algorithm().name();
                write!(formatter, "{STAGED}/{repository}-{algorithm}-{}", digest.hex())
            }
            Self::Upload(id) => write!(formatter, "{UPLOADS}/{id}/{SESSION}"),
            Self::UploadPart(id, offset) => write!(formatter, "{UPLOADS}/{id}/{offset:020}"),
            Self::Lease(Lease { task, epoch }) => {
                write!(formatter, "{LEASES}/{}-{epoch:016}", task.name())
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
    fn names_of_blobs_and_uploads_hold_no_text_of_a_client() {
        let digest = Digest::of(crate::digest::Algorithm::Sha512, b"");
        let object = Key::from(digest).to_string();
        assert!(object.starts_with("objects/sha512/cf/83e1357e"), "{object}");
        let staged = Key::Staged(Staged { repository: Sha256::of(b"a"), digest }).to_string();
        assert!(staged.starts_with("staged/ca978112"), "{staged}");
        assert!(staged.ends_with(&format!("-sha512-{}", digest.hex())), "{staged}");
        let id = UploadId::parse("000000000000000000000000000000ff").unwrap();
        assert_eq!(Key::UploadPart(id, 10).to_string(), format!("uploads/{id}/{:020}", 10));
        assert_eq!(Key::Upload(id).to_string(), format!("uploads/{id}/session"));
        for text in
            ["", "ff", "+00000000000000000000000000000ff", "000000000000000000000000000000FF"]
        {
            assert_eq!(UploadId::parse(text), None, "{text}");
        }
    }

    #[test]
    fn leases_of_a_task_are_told_by_their_names() {
        let lease = Lease { task: Task::Webhooks, epoch: 12 };
        let name = Key::Lease(lease).to_string();
        assert_eq!(name, "lease/webhooks-0000000000000012");
        assert_eq!(Lease::parse(Task::Webhooks, &name["lease/".len()..]), Some(lease));
        for other in ["webhooks-12", "webhooks", "other-0000000000000012"] {
            assert_eq!(Lease::parse(Task::Webhooks, other), None, "{other}");
        }
    }

    #[test]
    fn a_path_leads_to_its_key_and_no_other_path_does() {
        let hash = Sha256::of(b"");
        let digest = Digest::of(crate::digest::Algorithm::Sha512, b"");
        let id = UploadId(7);
        for key in [
            Key::Format,
            Key::Commit(12),
            Key::Segment(Segment::of(1)),
            Key::Checkpoint(Head { seq: 9, hash }),
            Key::Object(hash),
            Key::from(digest),
            Key::Staged(Staged { repository: hash, digest }),
            Key::Upload(id),
            Key::UploadPart(id, 3),
        ] {
            let path = key.to_string();
            assert_eq!(Key::parse(&path), Some(key), "{path}");
            for other in [format!("{path}x"), format!("x{path}"), path[1..].to_owned()] {
                assert_eq!(Key::parse(&other), None, "{other}");
            }
        }
        for path in ["", "objects/lock", "tmp/1-0", "uploads/x/session"] {
            assert_eq!(Key::parse(path), None, "{path}");
        }
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
