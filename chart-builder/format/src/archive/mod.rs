//! The chart package: a `.tgz` as Helm reads it.
//!
//! [`pack`] makes the same bytes from the same content on every machine, in the order in which
//! `helm package` writes. [`open`] reads a package of unknown origin once, as a stream, and
//! refuses what Helm or a file system could read in two ways, each with the entry and the rule.
//!
//! Left out: directories on disk, `.helmignore`, signatures.

mod faults;
mod inflate;
mod open;
mod pack;
mod package;
mod path;
mod refusal;
mod tar_reader;

pub use faults::{PackageError, PackageFault};
pub use open::{Document, FileEntry, Opened, open};
pub use pack::{MODIFIED_UNIX_SECONDS, Packed, pack};
pub use package::Package;
pub use path::PathFault;
pub use refusal::{OpenError, Refusal};

use crate::digest::{Hasher, Sha256};

/// How much a package may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the package itself.
    pub package_bytes: u64,
    /// Bytes of the inflated archive; Helm wants less than this.
    pub total_bytes: u64,
    /// Bytes of one file.
    pub file_bytes: u64,
    /// Files and directories.
    pub entries: usize,
    /// Bytes of one path.
    pub path_bytes: usize,
    /// Inflated bytes per packed byte, applied beyond one mebibyte.
    pub ratio: u64,
    /// Bytes of a text that is kept: README, values, schema, network summary.
    pub text_bytes: u64,
}

impl Limits {
    /// Helm's own limits, and bounds where Helm has none.
    pub const HELM: Self = Self {
        package_bytes: 20 << 20,
        total_bytes: 100 << 20,
        file_bytes: 5 << 20,
        entries: 10_000,
        path_bytes: 512,
        ratio: 100,
        text_bytes: 1 << 20,
    };
}

impl Default for Limits {
    fn default() -> Self {
        Self::HELM
    }
}

/// The digest of a package's content, whatever compressor, order or tar dialect it came in.
///
/// It is the SHA-256 of what `sha256sum` prints for all files, sorted by path: 64 digits, two
/// spaces, the path with the chart's directory, a newline.
fn content_digest<'entry>(
    sorted: impl IntoIterator<Item = (&'entry str, &'entry Sha256)>,
) -> Sha256 {
    let mut hasher = Hasher::new();
    for (path, digest) in sorted {
        hasher.update(format!("{digest}  {path}\n").as_bytes());
    }
    hasher.finish()
}

#[cfg(test)]
mod tests;
