//! index.yaml: the list of a repository's charts.
//!
//! Helm rejects a whole repository for one unknown key, so only known ones are written. The JSON
//! form is what a server should answer with: it is YAML too, and Helm reads it several times
//! faster. The YAML form is for a file that people review.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::digest::Sha256;
use crate::metadata::{Metadata, MetadataError, metadata_fields};
use crate::name::ChartName;
use crate::version::ChartVersion;
use crate::yaml::{self, Map, Node, ReadError, go_text, go_yaml};

/// One version of a chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What Chart.yaml says.
    pub metadata: Metadata,
    /// Where the package is, relative to the index or absolute.
    pub urls: Vec<String>,
    /// When it was published, RFC 3339; absent where a file must not depend on a clock.
    pub created: Option<String>,
    /// SHA-256 of the package's bytes.
    pub digest: Sha256,
}

/// A repository's charts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Index {
    /// When the index was made, RFC 3339.
    pub generated: Option<String>,
    /// Versions of each chart, newest first.
    entries: BTreeMap<ChartName, Vec<Entry>>,
}

/// What adding a version did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Added {
    /// The version is new.
    New,
    /// The version was there with the same digest; nothing changed.
    Unchanged,
}

/// A package with the name and version of a published one, and other bytes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{name}` {version} is published with sha256 {published}, and this package has {offered}: give it a new version"
)]
pub struct Conflict {
    /// The chart.
    pub name: ChartName,
    /// The version.
    pub version: ChartVersion,
    /// Digest in the index.
    pub published: Sha256,
    /// Digest of the package at hand.
    pub offered: Sha256,
}

/// Why a version cannot be added, or a text is no index.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IndexError {
    /// A published version has other bytes.
    #[error(transparent)]
    Conflict(Box<Conflict>),
    /// Versions that differ only in build metadata, or in how they are written, are one to Helm.
    #[error("`{name}` {version} is the same to Helm as published {twin}: give it a new version")]
    Twin {
        /// The chart.
        name: ChartName,
        /// The version.
        version: String,
        /// The published version.
        twin: String,
    },
    /// The text is no YAML that we read.
    #[error("the index cannot be read: {0}")]
    Unreadable(#[from] ReadError),
    /// The document is no index.
    #[error("the index has no `{0}`")]
    Missing(&'static str),
    /// An entry has faults.
    #[error("the index's entry {position} of `{name}` is invalid: {reason}")]
    Entry {
        /// Key below `entries`.
        name: String,
        /// Position in its list, from 1.
        position: usize,
        /// What is wrong.
        reason: EntryFault,
    },
}

/// What is wrong with an entry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EntryFault {
    /// Faults of its chart metadata.
    #[error(transparent)]
    Metadata(#[from] MetadataError),
    /// No digest, or none that is one.
    #[error("it has no sha256 `digest`")]
    Digest,
    /// It stands below another chart's name.
    #[error("its name is `{0}`")]
    Name(ChartName),
}

/// One entry as compact JSON, made from the metadata's JSON without parsing it.
///
/// `metadata_json` is what [`Metadata::to_json`] gave.
pub fn entry_json(
    metadata_json: &str,
    urls: &[impl AsRef<str>],
    created: Option<&str>,
    digest: &Sha256,
) -> String {
    let fields = metadata_json.trim_end().strip_suffix('}').unwrap_or(metadata_json);
    let mut tail = Map::new();
    add_repository_fields(&mut tail, urls, created, digest);
    let tail = yaml::go_json_ordered(&tail.into());
    let separator = if fields.trim_end().ends_with('{') { "" } else { "," };
    format!("{fields}{separator}{}", &tail[1..])
}

/// The fields that a repository adds to a chart's metadata, in Helm's order.
fn add_repository_fields(
    map: &mut Map,
    urls: &[impl AsRef<str>],
    created: Option<&str>,
    digest: &Sha256,
) {
    map.insert("urls", urls.iter().map(AsRef::as_ref).collect::<Node>());
    if let Some(created) = created {
        map.insert("created", created);
    }
    map.insert("digest", digest.to_string());
}

impl Entry {
    fn fields(&self) -> Map {
        let mut map = metadata_fields(&self.metadata.sanitized());
        add_repository_fields(&mut map, &self.urls, self.created.as_deref(), &self.digest);
        map
    }

    /// The entry as compact JSON, in Helm's order of fields.
    pub fn to_json(&self) -> String {
        entry_json(&self.metadata.to_json(), &self.urls, self.created.as_deref(), &self.digest)
    }

    /// Reads one entry.
    pub fn from_json(value: &Value) -> Result<Self, EntryFault> {
        let metadata = Metadata::from_json(value)?;
        let text = |key| value.get(key).and_then(go_text).filter(|text| !text.is_empty());
        let digest =
            text("digest").and_then(|text| Sha256::parse(&text).ok()).ok_or(EntryFault::Digest)?;
        let urls = value.get("urls").and_then(Value::as_array);
        let urls = urls.into_iter().flatten().filter_map(go_text).collect();
        Ok(Self { metadata, urls, created: text("created"), digest })
    }
}

impl Index {
    /// An index without charts.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads an index.yaml in either form.
    pub fn parse(text: &str) -> Result<Self, IndexError> {
        let value = match serde_json::from_str(text) {
            Ok(value) => value,
            Err(_) => yaml::read(text, yaml::Limits::INDEX)?,
        };
        if value.get("apiVersion").and_then(Value::as_str) != Some("v1") {
            return Err(IndexError::Missing("apiVersion: v1"));
        }
        let Some(Value::Object(entries)) = value.get("entries") else {
            return Err(IndexError::Missing("entries"));
        };
        let mut index =
            Self { generated: value.get("generated").and_then(go_text), ..Self::default() };
        for (name, versions) in entries {
            for (position, value) in versions.as_array().into_iter().flatten().enumerate() {
                let invalid = |reason| IndexError::Entry {
                    name: name.clone(),
                    position: position + 1,
                    reason,
                };
                let entry = Entry::from_json(value).map_err(invalid)?;
                if entry.metadata.name.as_str() != name {
                    return Err(invalid(EntryFault::Name(entry.metadata.name)));
                }
                index.add(entry)?;
            }
        }
        Ok(index)
    }

    /// Adds a version; a published version never changes.
    pub fn add(&mut self, entry: Entry) -> Result<Added, IndexError> {
        let versions = self.entries.entry(entry.metadata.name.clone()).or_default();
        let offered = &entry.metadata.version;
        let order = |other: &Entry| {
            other.metadata.version.precedence().cmp_precedence(offered.precedence())
        };
        let place = versions.partition_point(|other| order(other).is_gt());
        let twin = versions.get(place).filter(|other| order(other).is_eq());
        match twin {
            None => {
                versions.insert(place, entry);
                Ok(Added::New)
            }
            Some(published) if published.metadata.version != *offered => Err(IndexError::Twin {
                name: entry.metadata.name,
                version: entry.metadata.version.to_string(),
                twin: published.metadata.version.to_string(),
            }),
            Some(published) if published.digest == entry.digest => Ok(Added::Unchanged),
            Some(published) => Err(IndexError::Conflict(Box::new(Conflict {
                published: published.digest,
                offered: entry.digest,
                name: entry.metadata.name,
                version: entry.metadata.version,
            }))),
        }
    }

    /// Adds all versions of another index; of a version in both, the own entry stays.
    pub fn merge(&mut self, other: Self) -> Result<(), IndexError> {
        for entry in other.entries.into_values().flatten() {
            self.add(entry)?;
        }
        Ok(())
    }

    /// The versions of a chart, newest first.
    pub fn versions(&self, name: &str) -> &[Entry] {
        self.entries.get(name).map_or(&[], Vec::as_slice)
    }

    /// All entries: charts by name, versions newest first.
    pub fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values().flatten()
    }

    /// JSON, one version a line.
    pub fn to_json(&self) -> String {
        let mut out = String::from("{\"apiVersion\":\"v1\",");
        if let Some(generated) = &self.generated {
            out.push_str("\"generated\":");
            out.push_str(&yaml::go_json(&generated.into()));
            out.push(',');
        }
        out.push_str("\"entries\":{");
        for (index, (name, versions)) in self.entries.iter().enumerate() {
            out.push_str(if index > 0 { ",\n\"" } else { "\n\"" });
            out.push_str(name.as_str());
            out.push_str("\":[");
            for (index, entry) in versions.iter().enumerate() {
                out.push_str(if index > 0 { ",\n" } else { "\n" });
                out.push_str(&entry.to_json());
            }
            out.push(']');
        }
        out.push_str("}}\n");
        out
    }

    /// YAML as `helm repo index` writes it.
    pub fn to_yaml(&self) -> String {
        let entries: Map = self
            .entries
            .iter()
            .map(|(name, versions)| {
                (name.as_str(), versions.iter().map(Entry::fields).collect::<Node>())
            })
            .collect();
        let mut root = Map::new().with("apiVersion", "v1").with("entries", entries);
        if let Some(generated) = &self.generated {
            root.insert("generated", generated);
        }
        go_yaml(&root.into())
    }
}

#[cfg(test)]
mod tests;
