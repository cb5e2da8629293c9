//! A snapshot as a file, so that a start need not replay the whole journal.
//!
//! A checkpoint is a cache and never the truth: whatever is wrong with it, it is dropped, and the
//! journal is replayed from an older one or from its beginning. It keeps the borders of leaves and
//! branches, because validators are computed over them: a state that came from a checkpoint and the
//! commits after it equals, byte for byte, the one that a full replay makes.
//!
//! ```text
//! magic, format, program    who can read it
//! head, time                which commit it stands for
//! repositories              path, time of the last change, branches, leaves:
//!                           deflated text, deflated Chart.yaml of those that it does not show in
//!                           full, then the versions in order
//! artifacts                 path, manifests, tags
//! policies                  prefix, document
//! tokens                    public name, what is known of it
//! quarantine                path, digest, what is known of the package
//! sha256                    of all before
//! ```
//!
//! Numbers are little-endian. Left out: files, and the question whether the journal has that head.

mod read;
mod write;

use chart_format::digest::Sha256;

use crate::state::State;

const MAGIC: &[u8; 8] = b"CHRTCKP1";

/// Raised whenever this layout or the text of an index entry changes.
const FORMAT: u32 = 8;

/// Programs of other versions may write other text for the same commits.
const PROGRAM: &str = env!("CARGO_PKG_VERSION");

/// Turns of a version that are no JSON of a change.
const DELETED: &str = "deleted";
const RETURNED: &str = "returned";
const REPLACED: &str = "replaced";

/// Length of the digest at the end.
const DIGEST_BYTES: usize = 32;

/// Why a checkpoint is not used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// Its bytes are not those that were written.
    #[error("it is damaged: {reason}")]
    Damaged {
        /// What does not fit.
        reason: &'static str,
    },
    /// Another program wrote it, which may still use it.
    #[error("another version of the program wrote it")]
    OtherProgram,
}

impl State {
    /// The snapshot as a file; `None` when it cannot be read any more, because memory was damaged.
    pub fn to_checkpoint(&self) -> Option<Vec<u8>> {
        let mut bytes = write::state(self)?;
        let digest = Sha256::of(&bytes);
        bytes.extend_from_slice(digest.as_bytes());
        Some(bytes)
    }

    /// The snapshot in a file.
    pub fn from_checkpoint(file: &[u8]) -> Result<Self, CheckpointError> {
        let damaged = |reason| CheckpointError::Damaged { reason };
        let Some((content, digest)) = file.split_last_chunk::<DIGEST_BYTES>() else {
            return Err(damaged("it is cut"));
        };
        if Sha256::of(content) != Sha256::from_bytes(*digest) {
            return Err(damaged("its digest is another one"));
        }
        read::state(content)
    }
}

#[cfg(test)]
mod tests;
