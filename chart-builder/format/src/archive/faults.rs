//! Why a chart cannot be packed.

use std::fmt;

use super::path::PathFault;
use crate::keys::Finding;
use crate::lock::LockError;
use crate::metadata::MetadataError;

/// All faults of a package.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct PackageError {
    /// At least one.
    pub faults: Vec<PackageFault>,
}

impl fmt::Display for PackageError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.faults.iter().enumerate() {
            if index > 0 {
                formatter.write_str("; ")?;
            }
            write!(formatter, "{fault}")?;
        }
        Ok(())
    }
}

impl PackageError {
    pub(super) fn of_write(error: &std::io::Error) -> Self {
        Self { faults: vec![PackageFault::Write(error.to_string())] }
    }
}

/// Why a chart cannot be packed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PackageFault {
    /// A tree without Chart.yaml.
    #[error("chart `{chart}` has no Chart.yaml")]
    NoChartYaml {
        /// Path of the chart's directory.
        chart: String,
    },
    /// Chart.yaml has faults.
    #[error("`{path}` is invalid: {error}")]
    Metadata {
        /// Path of the file.
        path: String,
        /// All its faults.
        error: MetadataError,
    },
    /// Chart.lock has faults.
    #[error("`{path}` is invalid: {error}")]
    Lock {
        /// Path of the file.
        path: String,
        /// What is wrong.
        error: LockError,
    },
    /// A file that must be text is not.
    #[error("`{path}` is not UTF-8")]
    NotText {
        /// Path of the file.
        path: String,
    },
    /// A file in `charts/` that is no unpacked chart.
    #[error("`{path}` is no chart: keep charts unpacked, in a directory below `charts/`")]
    StrayInCharts {
        /// Path of the file.
        path: String,
    },
    /// A path that may not stand in a package.
    #[error("path `{path}` {fault}")]
    Path {
        /// The path.
        path: String,
        /// The broken rule.
        fault: PathFault,
    },
    /// Two files with one path.
    #[error("`{path}` stands twice: a chart's own file may not be given again as another file")]
    Duplicate {
        /// The path.
        path: String,
    },
    /// A declared dependency that is not below `charts/`; Helm refuses such a chart.
    #[error(
        "chart `{chart}` declares `{dependency}`, and no chart below `charts/` has that name and a version for it"
    )]
    MissingDependency {
        /// The chart.
        chart: String,
        /// The declared name with its constraint.
        dependency: String,
    },
    /// A chart below `charts/` that is not declared; Helm would always install it.
    #[error("chart `{chart}` holds `charts/{subchart}` and does not declare it in Chart.yaml")]
    UndeclaredSubchart {
        /// The chart.
        chart: String,
        /// The chart below it.
        subchart: String,
    },
    /// A schema that is no JSON; `helm package` refuses it.
    #[error("`{path}` is not JSON: {reason}")]
    SchemaNotJson {
        /// Path of the file.
        path: String,
        /// The parser's words.
        reason: String,
    },
    /// Values without a final newline, which Helm 4 up to 4.2.4 may read as empty.
    #[error("`{path}` does not end with a newline")]
    NoFinalNewline {
        /// Path of the file.
        path: String,
    },
    /// A file is too large for Helm.
    #[error("`{path}` has {size} bytes: Helm reads at most {limit}")]
    FileTooLarge {
        /// Path of the file.
        path: String,
        /// Its bytes.
        size: u64,
        /// The limit.
        limit: u64,
    },
    /// All files together are too large for Helm.
    #[error("the chart has {size} bytes: Helm reads less than {limit}")]
    TotalTooLarge {
        /// Bytes of the archive.
        size: u64,
        /// The limit.
        limit: u64,
    },
    /// Too many files.
    #[error("the chart has {count} files: at most {limit} are packed")]
    TooManyFiles {
        /// Files in the chart.
        count: usize,
        /// The limit.
        limit: usize,
    },
    /// A private key.
    #[error("`{path}` holds a private key ({finding}): keys belong in Secrets of the cluster")]
    KeyMaterial {
        /// Path of the file.
        path: String,
        /// What was found.
        finding: Finding,
    },
    /// A file in which a private key can neither be found nor excluded.
    #[error("`{path}` cannot be searched for private keys ({finding}): put plain files there")]
    Unsearchable {
        /// Path of the file.
        path: String,
        /// What keeps it from being searched.
        finding: Finding,
    },
    /// The archive could not be written.
    #[error("cannot write the archive: {0}")]
    Write(String),
}
