//! The curated charts: the ones inside this program, or those of a directory (`--charts`).
//!
//! Both are read into the same map of files; what is meant for a chart's developers (`ci/`, names with a leading dot) is
//! no part of it. A chart's digest covers everything that a package of it carries, its libraries included.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chart_format::digest::Hasher;
use serde::Deserialize;
use walkdir::WalkDir;

use crate::directory::{self, DirectoryError};
use crate::lock::LockedChart;

/// The values that this compiler writes; charts say in their annotation which ones they read.
pub const CONTRACT: &str = "1";
/// The annotation in a chart's `Chart.yaml`.
pub const CONTRACT_ANNOTATION: &str = "fabric-topology/contract";

/// Largest file of a chart, in bytes: Helm refuses more.
const MAX_FILE_BYTES: u64 = 5 << 20;
/// Directories of a chart that are for its developers only; the build script knows the same list.
const LEFT_OUT: &[&str] = &["ci"];

static EMBEDDED: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/embedded_charts.rs"));

/// Curated charts by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CuratedCharts {
    charts: BTreeMap<String, CuratedChart>,
    origin: Origin,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Origin {
    Embedded,
    Directory(PathBuf),
}

/// One curated chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CuratedChart {
    /// Its version.
    pub version: semver::Version,
    /// Its files by path below the chart, with `/`; libraries below `charts/`.
    pub files: BTreeMap<String, Vec<u8>>,
    /// Version and digest, as the lock pins them.
    pub pin: LockedChart,
}

/// A curated chart that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CuratedError {
    /// It is not among the charts at hand.
    #[error(
        "curated chart `{name}` is not in {origin}; name a directory that has it with `--charts`"
    )]
    Missing {
        /// Its name.
        name: String,
        /// Where it was looked for.
        origin: String,
    },
    /// Its `Chart.yaml` cannot be read.
    #[error("`{file}`: {reason}")]
    Metadata {
        /// The file.
        file: String,
        /// What is wrong.
        reason: String,
    },
    /// It was made for another compiler.
    #[error(
        "curated chart `{name}` reads values of contract `{own}`, and this chart-builder writes contract `{CONTRACT}`; \
         use another version of one of them"
    )]
    Contract {
        /// Its name.
        name: String,
        /// The contract that it says.
        own: String,
    },
    /// A file cannot be read.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
}

/// What is needed of a `Chart.yaml`; the rest is Helm's.
#[derive(Deserialize)]
struct ChartYaml {
    name: String,
    version: semver::Version,
    #[serde(default)]
    annotations: BTreeMap<String, String>,
}

impl CuratedCharts {
    /// The charts inside this program.
    pub fn embedded() -> Result<Self, CuratedError> {
        let files = EMBEDDED.iter().map(|(path, bytes)| ((*path).to_owned(), bytes.to_vec()));
        Self::from_files(files.collect(), Origin::Embedded)
    }

    /// The charts of a directory: each child with a `Chart.yaml` is one. Symbolic links are followed.
    pub fn read(root: &Path) -> Result<Self, CuratedError> {
        let mut files = BTreeMap::new();
        let wanted = |entry: &walkdir::DirEntry| {
            let name = entry.file_name().to_string_lossy();
            entry.depth() == 0 || !(name.starts_with('.') || LEFT_OUT.contains(&name.as_ref()))
        };
        for entry in WalkDir::new(root).follow_links(true).into_iter().filter_entry(wanted) {
            let entry = entry.map_err(|error| {
                let path = error.path().unwrap_or(root).to_owned();
                DirectoryError::io("read", path)(error.into())
            })?;
            if !entry.file_type().is_file() {
                continue;
            }
            let below = entry.path().strip_prefix(root).unwrap_or(entry.path());
            let parts: Vec<_> =
                below.components().map(|part| part.as_os_str().to_string_lossy()).collect();
            files.insert(parts.join("/"), directory::file(entry.path(), MAX_FILE_BYTES)?);
        }
        Self::from_files(files, Origin::Directory(root.to_owned()))
    }

    /// The chart of this name.
    pub fn chart(&self, name: &str) -> Result<&CuratedChart, CuratedError> {
        self.charts.get(name).ok_or_else(|| CuratedError::Missing {
            name: name.to_owned(),
            origin: match &self.origin {
                Origin::Embedded => "this program".to_owned(),
                Origin::Directory(path) => format!("`{}`", path.display()),
            },
        })
    }

    /// Names of all charts.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.charts.keys().map(String::as_str)
    }

    /// Versions and digests of these charts, as the lock pins them.
    pub fn pins<'a>(
        &self,
        names: impl IntoIterator<Item = &'a str>,
    ) -> Result<BTreeMap<String, LockedChart>, CuratedError> {
        let pin = |name: &str| Ok((name.to_owned(), self.chart(name)?.pin.clone()));
        names.into_iter().map(pin).collect()
    }

    fn from_files(files: BTreeMap<String, Vec<u8>>, origin: Origin) -> Result<Self, CuratedError> {
        let mut trees: BTreeMap<String, BTreeMap<String, Vec<u8>>> = BTreeMap::new();
        for (path, bytes) in files {
            if let Some((chart, below)) = path.split_once('/') {
                trees.entry(chart.to_owned()).or_default().insert(below.to_owned(), bytes);
            }
        }
        let mut charts = BTreeMap::new();
        for (name, files) in trees {
            if let Some(text) = files.get("Chart.yaml") {
                let metadata = metadata(&name, text)?;
                charts.insert(name, CuratedChart::new(metadata, files));
            }
        }
        Ok(Self { charts, origin })
    }
}

impl CuratedChart {
    fn new(metadata: ChartYaml, files: BTreeMap<String, Vec<u8>>) -> Self {
        let pin = LockedChart { version: metadata.version.clone(), sha256: digest(&files) };
        Self { version: metadata.version, files, pin }
    }
}

/// SHA-256 over every path and content, each with its length before it.
fn digest(files: &BTreeMap<String, Vec<u8>>) -> String {
    let mut hasher = Hasher::new();
    for (path, bytes) in files {
        for part in [path.as_bytes(), bytes] {
            hasher.update(part.len().to_string().as_bytes());
            hasher.update(b":");
            hasher.update(part);
        }
    }
    hasher.finish().to_string()
}

fn metadata(name: &str, text: &[u8]) -> Result<ChartYaml, CuratedError> {
    let fault =
        |reason: String| CuratedError::Metadata { file: format!("{name}/Chart.yaml"), reason };
    let text = std::str::from_utf8(text).map_err(|_| fault("it is not UTF-8 text".to_owned()))?;
    let metadata: ChartYaml =
        serde_yaml::from_str(text).map_err(|error| fault(error.without_snippet().to_string()))?;
    if metadata.name != name {
        return Err(fault(format!("its name is `{}`, and its directory `{name}`", metadata.name)));
    }
    match metadata.annotations.get(CONTRACT_ANNOTATION) {
        Some(own) if own == CONTRACT => Ok(metadata),
        own => Err(CuratedError::Contract {
            name: name.to_owned(),
            own: own.cloned().unwrap_or_default(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const CHART: &str = "apiVersion: v2\nname: demo\nversion: 0.1.0\nannotations:\n  fabric-topology/contract: \"1\"\n";

    fn write(root: &Path, file: &str, text: &str) {
        let path = root.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    #[test]
    fn the_program_carries_its_charts_with_their_library() {
        let charts = CuratedCharts::embedded().unwrap();
        for name in ["fabric-org", "fabric-orderer", "fabric-chaincode", "fabric-network"] {
            let chart = charts.chart(name).unwrap();
            assert!(chart.files.contains_key("charts/fabric-common/Chart.yaml"), "{name}");
            assert!(!chart.files.keys().any(|file| file.starts_with("ci/")), "{name}");
        }
    }

    #[test]
    fn the_source_tree_and_the_program_hold_the_same_charts() {
        let tree = Path::new(env!("CARGO_MANIFEST_DIR")).join("../charts");
        let pins = |charts: &CuratedCharts| charts.pins(charts.names()).unwrap();
        let embedded = CuratedCharts::embedded().unwrap();
        assert_eq!(pins(&CuratedCharts::read(&tree).unwrap()), pins(&embedded));
    }

    #[test]
    fn a_digest_follows_content_and_name() {
        let root = tempfile::tempdir().unwrap();
        write(root.path(), "demo/Chart.yaml", CHART);
        write(root.path(), "demo/templates/a.yaml", "a");
        write(root.path(), "demo/ci/values.yaml", "x");
        let pin = || CuratedCharts::read(root.path()).unwrap().chart("demo").unwrap().pin.clone();
        let first = pin();
        write(root.path(), "demo/ci/values.yaml", "y");
        assert_eq!(pin(), first, "for developers only");
        write(root.path(), "demo/templates/a.yaml", "b");
        let second = pin();
        assert_ne!(second, first);
        fs::rename(
            root.path().join("demo/templates/a.yaml"),
            root.path().join("demo/templates/b.yaml"),
        )
        .unwrap();
        assert_ne!(pin(), second);
    }

    #[test]
    fn a_chart_of_another_contract_is_refused() {
        let root = tempfile::tempdir().unwrap();
        write(root.path(), "demo/Chart.yaml", &CHART.replace("\"1\"", "\"2\""));
        let error = CuratedCharts::read(root.path()).unwrap_err().to_string();
        assert!(error.contains("contract `2`"), "{error}");
    }

    #[test]
    fn a_chart_that_is_not_at_hand_names_the_option() {
        let root = tempfile::tempdir().unwrap();
        let error = CuratedCharts::read(root.path()).unwrap().chart("demo").unwrap_err();
        assert!(error.to_string().contains("`--charts`"), "{error}");
    }
}
