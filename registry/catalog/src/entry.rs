//! One version of a chart in the catalogue.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use chart_format::digest::Sha256;
use chart_format::summary::NETWORK_ANNOTATION;
use chart_registry_store::{OciRecord, PackageRef, Publish, Timestamp};
use semver::Version;
use serde::Deserialize;

use crate::fate::{Fate, Standing};
use crate::oci::{FUNCTION, Identity, Record};

#[derive(Deserialize)]
struct Annotated {
    #[serde(default)]
    annotations: BTreeMap<String, String>,
}

/// One version of a chart.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Name of the chart.
    pub chart: Arc<str>,
    /// Version as written in its Chart.yaml.
    pub version: Arc<str>,
    /// The stored package.
    pub package: PackageRef,
    /// Digest of the files inside the package.
    pub content: Sha256,
    /// The stored signature over the package, if there is one.
    pub provenance: Option<PackageRef>,
    /// What it looks like to OCI clients.
    pub oci: Identity,
    /// The network that it belongs to, by its annotation.
    pub network: Option<Arc<str>>,
    /// When the version was published first.
    pub created: Timestamp,
    /// Number of the commit that published it first.
    pub born: u64,
    /// What happened to it since.
    pub fate: Fate,
    pub(crate) precedence: Version,
}

/// Where a version stands: charts by name, versions of a chart newest first.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Position<'a> {
    pub(crate) chart: &'a str,
    pub(crate) precedence: &'a Version,
}

impl Entry {
    /// The version that `publish` makes; `None` when its version is not strict semantic versioning,
    /// or its Chart.yaml none.
    pub(crate) fn new(publish: &Publish, seq: u64, time: Timestamp) -> Option<Self> {
        let identity = match publish.oci.filter(|record| record.function == FUNCTION) {
            Some(OciRecord { config, manifest, .. }) => Identity { config, manifest, signed: None },
            None => record(publish, time).identity(None).ok()?,
        };
        Some(Self {
            oci: identity,
            chart: Arc::from(publish.name.as_str()),
            version: Arc::from(publish.version.as_str()),
            package: publish.package,
            content: publish.content,
            provenance: None,
            network: network(publish.chart.get()),
            created: time,
            born: seq,
            fate: Fate::default(),
            precedence: Version::parse(&publish.version).ok()?,
        })
    }

    /// True when the version is in the index.
    pub fn visible(&self) -> bool {
        self.fate.standing() == Standing::Live
    }

    /// True when the version was in the index at that moment.
    pub fn visible_at(&self, moment: Timestamp) -> bool {
        self.created <= moment && self.fate.standing_at(moment) == Standing::Live
    }

    /// True when the package can be downloaded: it is in the index, or was yanked.
    pub fn available(&self) -> bool {
        matches!(self.fate.standing(), Standing::Live | Standing::Yanked)
    }

    /// True when the version is no pre-release.
    pub fn stable(&self) -> bool {
        self.precedence.pre.is_empty()
    }

    /// The version as semantic versioning orders it.
    pub fn precedence(&self) -> &Version {
        &self.precedence
    }

    /// Name of the package's file.
    pub fn file_name(&self) -> String {
        format!("{}-{}.tgz", self.chart, self.version)
    }

    pub(crate) fn position(&self) -> Position<'_> {
        Position { chart: &self.chart, precedence: &self.precedence }
    }
}

/// What the manifest of a publish depends on, when the version was published first at `created`.
pub(crate) fn record(publish: &Publish, created: Timestamp) -> Record<'_> {
    Record { chart: publish.chart.get(), package: publish.package, created }
}

/// The network that a recorded Chart.yaml names.
fn network(chart: &str) -> Option<Arc<str>> {
    // Almost no chart of others has it.
    if !chart.contains(NETWORK_ANNOTATION) {
        return None;
    }
    let chart: Annotated = serde_json::from_str(chart).ok()?;
    chart.annotations.get(NETWORK_ANNOTATION).map(|name| Arc::from(name.as_str()))
}

impl Position<'_> {
    pub(crate) fn compare(&self, other: &Position<'_>) -> Ordering {
        self.chart.cmp(other.chart).then_with(|| other.precedence.cmp_precedence(self.precedence))
    }
}

impl From<Entry> for Cow<'_, Entry> {
    fn from(entry: Entry) -> Self {
        Self::Owned(entry)
    }
}
