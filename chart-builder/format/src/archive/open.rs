//! Opens a package of unknown origin.

use std::collections::BTreeMap;
use std::io::Read;

use super::inflate::Inflater;
use super::refusal::{OpenError, Refusal};
use super::tar_reader::{Entry, TarReader};
use super::{Limits, content_digest};
use crate::digest::Sha256;
use crate::keys;
use crate::metadata::{Fault, FaultKind, Metadata, MetadataError};
use crate::yaml::{ReadError, ReadFault};

/// Most bytes of a Chart.yaml.
const MAX_CHART_YAML_BYTES: u64 = 1 << 20;

/// A package that keeps all rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// What Chart.yaml says.
    pub metadata: Metadata,
    /// Chart.yaml as it stands in the package.
    pub chart_yaml: String,
    /// README.md, in any letter case.
    pub readme: Document,
    /// values.yaml.
    pub values: Document,
    /// values.schema.json.
    pub schema: Document,
    /// files/network.json, the summary that chart-builder writes.
    pub network: Document,
    /// All files in the order of the archive.
    pub entries: Vec<FileEntry>,
    /// SHA-256 of the package's bytes.
    pub digest: Sha256,
    /// Bytes of the package.
    pub size: u64,
    /// Digest of the content alone: equal for two packages with the same files, however packed.
    pub content: Sha256,
}

/// A file that the caller may want to show.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Document {
    /// The package has none.
    #[default]
    Absent,
    /// Its text.
    Text(String),
    /// It is larger than [`Limits::text_bytes`].
    TooLarge,
    /// It is not UTF-8.
    NotText,
}

impl Document {
    /// The text, if there is one that was kept.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Absent | Self::TooLarge | Self::NotText => None,
        }
    }

    fn of(content: &[u8], limits: &Limits) -> Self {
        if content.len() as u64 > limits.text_bytes {
            return Self::TooLarge;
        }
        String::from_utf8(content.to_vec()).map_or(Self::NotText, Self::Text)
    }
}

/// One file of a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileEntry {
    /// Path with the chart's directory.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// SHA-256 of its content.
    pub digest: Sha256,
}

/// Reads a package once and checks every rule; the first broken one is returned.
///
/// Memory stays below one file of [`Limits::file_bytes`], what is kept, and the search for keys in
/// nested archives.
pub fn open(source: impl Read, limits: &Limits) -> Result<Opened, OpenError> {
    let inflater = Inflater::new(source, limits)?;
    let mut reader = TarReader::new(inflater, limits.path_bytes);
    let mut chart = Chart::default();
    let mut content = Vec::new();
    while let Some(entry) = reader.next()? {
        chart.admit(&entry, limits)?;
        if !entry.is_directory {
            reader.content(entry.size, &mut content)?;
            chart.take(&entry.path, &content, limits)?;
        }
    }
    let totals = reader.inflater.finish()?;
    Ok(chart.finish(totals.digest, totals.bytes)?)
}

/// What has been read so far.
#[derive(Default)]
struct Chart {
    top: Option<String>,
    /// All paths; true for files.
    paths: BTreeMap<String, bool>,
    entries: Vec<FileEntry>,
    /// Path and content of Chart.yaml.
    manifest: Option<(String, Vec<u8>)>,
    readme: Document,
    values: Document,
    schema: Document,
    network: Document,
}

impl Chart {
    /// Checks an entry before its content is read.
    fn admit(&mut self, entry: &Entry, limits: &Limits) -> Result<(), Refusal> {
        if self.paths.len() >= limits.entries {
            return Err(Refusal::TooManyEntries { limit: limits.entries });
        }
        if entry.size > limits.file_bytes {
            let limit = limits.file_bytes;
            return Err(Refusal::FileTooLarge {
                path: entry.path.clone(),
                size: entry.size,
                limit,
            });
        }
        self.admit_path(&entry.path, entry.is_directory)?;
        let is_file = !entry.is_directory;
        match self.paths.insert(entry.path.clone(), is_file) {
            // A directory may be named again, as GNU tar does when it appends.
            Some(was_file) if was_file || is_file => {
                Err(Refusal::Duplicate { path: entry.path.clone() })
            }
            Some(_) | None => Ok(()),
        }
    }

    fn admit_path(&mut self, path: &str, is_directory: bool) -> Result<(), Refusal> {
        let (top, inner) = match path.split_once('/') {
            Some((top, inner)) => (top, inner),
            None if is_directory => (path, ""),
            None => return Err(Refusal::NoTopDirectory { path: path.to_owned() }),
        };
        let first = self.top.get_or_insert_with(|| top.to_owned());
        if first != top {
            return Err(Refusal::ForeignTopDirectory { path: path.to_owned(), top: first.clone() });
        }
        match inner.strip_prefix("charts/") {
            Some(below) if !is_directory && is_stray(below) => {
                Err(Refusal::StrayInCharts { path: path.to_owned() })
            }
            Some(_) | None => Ok(()),
        }
    }

    fn take(&mut self, path: &str, content: &[u8], limits: &Limits) -> Result<(), Refusal> {
        if let Some(finding) = keys::find(content) {
            let path = path.to_owned();
            return Err(if finding.is_unsearchable() {
                Refusal::Unsearchable { path, finding }
            } else {
                Refusal::KeyMaterial { path, finding }
            });
        }
        let digest = Sha256::of(content);
        self.entries.push(FileEntry { path: path.to_owned(), size: content.len() as u64, digest });
        match path.split_once('/').map_or("", |(_, inner)| inner) {
            name if name.eq_ignore_ascii_case("chart.yaml") => {
                self.take_chart_yaml(path, content)?;
            }
            name if name.eq_ignore_ascii_case("readme.md") => {
                self.readme = Document::of(content, limits);
            }
            "values.yaml" => self.values = Document::of(content, limits),
            "values.schema.json" => self.schema = Document::of(content, limits),
            "files/network.json" => self.network = Document::of(content, limits),
            _ => {}
        }
        Ok(())
    }

    fn take_chart_yaml(&mut self, path: &str, content: &[u8]) -> Result<(), Refusal> {
        if let Some((first, _)) = &self.manifest {
            return Err(Refusal::TwoChartYaml { first: first.clone(), second: path.to_owned() });
        }
        if content.len() as u64 > MAX_CHART_YAML_BYTES {
            let size = content.len() as u64;
            return Err(Refusal::FileTooLarge {
                path: path.to_owned(),
                size,
                limit: MAX_CHART_YAML_BYTES,
            });
        }
        self.manifest = Some((path.to_owned(), content.to_vec()));
        Ok(())
    }

    /// The rules about the whole.
    fn finish(self, digest: Sha256, size: u64) -> Result<Opened, Refusal> {
        self.check_directories()?;
        let (path, bytes) = self.manifest.ok_or(Refusal::NoChartYaml)?;
        if !path.ends_with("/Chart.yaml") {
            return Err(Refusal::NoChartYaml);
        }
        let chart_yaml = String::from_utf8(bytes)
            .map_err(|_| Refusal::Metadata { path: path.clone(), error: not_text() })?;
        let metadata =
            Metadata::parse(&chart_yaml).map_err(|error| Refusal::Metadata { path, error })?;
        let top = self.top.unwrap_or_default();
        if top != metadata.name.as_str() {
            return Err(Refusal::TopDirectoryName { top, name: metadata.name.into() });
        }
        let mut sorted: Vec<&FileEntry> = self.entries.iter().collect();
        sorted.sort_by(|left, right| left.path.cmp(&right.path));
        let content =
            content_digest(sorted.into_iter().map(|entry| (entry.path.as_str(), &entry.digest)));
        Ok(Opened {
            metadata,
            chart_yaml,
            readme: self.readme,
            values: self.values,
            schema: self.schema,
            network: self.network,
            entries: self.entries,
            digest,
            size,
            content,
        })
    }

    /// No file may be the directory of another entry.
    fn check_directories(&self) -> Result<(), Refusal> {
        for path in self.paths.keys() {
            for (index, _) in path.match_indices('/') {
                if self.paths.get(&path[..index]) == Some(&true) {
                    return Err(Refusal::Duplicate { path: path[..index].to_owned() });
                }
            }
        }
        Ok(())
    }
}

/// Whether Helm would try to load this path below `charts/` as a chart and fail.
fn is_stray(below: &str) -> bool {
    let is_archive = |name: &str| {
        std::path::Path::new(name)
            .extension()
            .is_some_and(|extension| extension == "tgz" || extension == "prov")
    };
    !below.contains('/') && !below.starts_with(['_', '.']) && !is_archive(below)
}

fn not_text() -> MetadataError {
    let fault = ReadFault::Syntax("it is not UTF-8".to_owned());
    let kind = FaultKind::Unreadable(ReadError { line: 1, column: 1, fault });
    MetadataError { faults: vec![Fault { field: "Chart.yaml".to_owned(), kind }] }
}
