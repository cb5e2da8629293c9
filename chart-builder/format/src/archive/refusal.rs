//! Why a package is refused: one variant for each rule, with the entry.

use std::io;

use super::path::PathFault;
use crate::keys::Finding;
use crate::metadata::MetadataError;

/// Why a package could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The package breaks a rule; reading it again changes nothing.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Its bytes could not be read.
    #[error("cannot read the package")]
    Source(#[source] io::Error),
}

/// The rule that a package breaks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Does not begin like a gzip stream.
    #[error("the package is not gzip: upload the `.tgz` that `helm package` writes")]
    NotGzip,
    /// The gzip stream is broken or ends too early.
    #[error("the package's gzip stream is damaged ({reason}): pack and upload it again")]
    DamagedGzip {
        /// The inflater's words.
        reason: String,
    },
    /// Bytes after the gzip stream, a second member among them.
    #[error("bytes follow the package's gzip stream: a package is exactly one gzip member")]
    TrailingBytes,
    /// The package is larger than its limit.
    #[error("the package is larger than {limit} bytes")]
    PackageTooLarge {
        /// The limit.
        limit: u64,
    },
    /// The archive inflates to too many bytes.
    #[error("the package inflates to {limit} bytes or more: Helm refuses it too")]
    TotalTooLarge {
        /// The limit.
        limit: u64,
    },
    /// The archive inflates to too many bytes for its size.
    #[error("the package inflates to more than {limit} times its size, as an archive bomb does")]
    RatioTooLarge {
        /// The limit.
        limit: u64,
    },
    /// Too many entries.
    #[error("the package has more than {limit} entries")]
    TooManyEntries {
        /// The limit.
        limit: usize,
    },
    /// A file is larger than its limit.
    #[error("entry `{path}` has {size} bytes: Helm reads at most {limit}")]
    FileTooLarge {
        /// The entry.
        path: String,
        /// Its size.
        size: u64,
        /// The limit.
        limit: u64,
    },
    /// The tar archive is damaged.
    #[error("the archive is damaged after `{after}`: {reason}")]
    DamagedTar {
        /// The entry before the damage; empty at the beginning.
        after: String,
        /// What is wrong.
        reason: &'static str,
    },
    /// Something else than zeros after the archive's end.
    #[error("data follow the archive's end mark")]
    TrailingData,
    /// A path that may not stand in a package.
    #[error("entry `{path}` {fault}")]
    Path {
        /// The entry.
        path: String,
        /// The broken rule.
        fault: PathFault,
    },
    /// A symbolic or hard link.
    #[error("entry `{path}` is a link: a package holds plain files only")]
    Link {
        /// The entry.
        path: String,
    },
    /// A device, pipe, sparse or unknown kind of entry.
    #[error("entry `{path}` is neither file nor directory (tar type `{}`)", kind.escape_ascii())]
    SpecialFile {
        /// The entry.
        path: String,
        /// Type byte of the tar header.
        kind: u8,
    },
    /// The extended header gives another size than the header.
    #[error(
        "entry `{path}` has two sizes, {header} in its header and {extended} in its extended header"
    )]
    TwoSizes {
        /// The entry.
        path: String,
        /// Bytes by the header.
        header: u64,
        /// Bytes by the extended header.
        extended: u64,
    },
    /// Two entries with one path, or a file that is another one's directory.
    #[error("entry `{path}` stands twice")]
    Duplicate {
        /// The entry.
        path: String,
    },
    /// Two files that are Chart.yaml on some file system.
    #[error("the package has two Chart.yaml: `{first}` and `{second}`")]
    TwoChartYaml {
        /// The first.
        first: String,
        /// The second.
        second: String,
    },
    /// A file outside of any directory.
    #[error("entry `{path}` stands outside of the chart's directory")]
    NoTopDirectory {
        /// The entry.
        path: String,
    },
    /// Two top directories.
    #[error("entry `{path}` stands outside of `{top}/`, the directory of the first entry")]
    ForeignTopDirectory {
        /// The entry.
        path: String,
        /// The first entry's top directory.
        top: String,
    },
    /// The top directory has another name than the chart.
    #[error("the package's directory is `{top}` but its chart is named `{name}`")]
    TopDirectoryName {
        /// The directory.
        top: String,
        /// The name in Chart.yaml.
        name: String,
    },
    /// A file in `charts/` that is no chart; Helm cannot load the package then.
    #[error("entry `{path}` is no chart: `charts/` may hold only directories and `.tgz` files")]
    StrayInCharts {
        /// The entry.
        path: String,
    },
    /// No Chart.yaml.
    #[error("the package has no Chart.yaml in its directory")]
    NoChartYaml,
    /// Chart.yaml has faults.
    #[error("`{path}` is invalid: {error}")]
    Metadata {
        /// The entry.
        path: String,
        /// All its faults.
        error: MetadataError,
    },
    /// A private key.
    #[error(
        "entry `{path}` holds a private key ({finding}): keys belong in Secrets of the cluster"
    )]
    KeyMaterial {
        /// The entry.
        path: String,
        /// What was found.
        finding: Finding,
    },
    /// A file in which a private key can neither be found nor excluded.
    #[error("entry `{path}` cannot be searched for private keys ({finding})")]
    Unsearchable {
        /// The entry.
        path: String,
        /// What keeps it from being searched.
        finding: Finding,
    },
}
