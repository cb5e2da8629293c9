//! One version of a chart in the catalogue.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use chart_format::constraint::parse_version;
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
    /// What it looks like to OCI clients.
    pub oci: Identity,
    /// When the version was published first.
    pub created: Timestamp,
    /// Number of the commit that published it first.
    pub born: u64,
    /// What happened to it since.
    pub fate: Fate,
    pub(crate) precedence: Version,
    /// What few versions have; none when it has none of it.
    pub(crate) seldom: Option<Arc<Seldom>>,
}

/// What few versions have. It lies apart, because there is an [`Entry`] for each version in memory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Seldom {
    pub(crate) signature: Option<Signature>,
    pub(crate) network: Option<Arc<str>>,
}

/// A stored signature over a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Signature {
    pub(crate) provenance: PackageRef,
    /// Digest of the manifest with package and signature.
    pub(crate) manifest: Option<Sha256>,
}

/// Where a version stands: charts by name, versions of a chart newest first.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Position<'a> {
    pub(crate) chart: &'a str,
    pub(crate) precedence: &'a Version,
}

impl Entry {
    /// The version that `publish` makes; `None` when Helm reads no version in its text, or its
    /// Chart.yaml is none.
    pub(crate) fn new(publish: &Publish, seq: u64, time: Timestamp) -> Option<Self> {
        let identity = match publish.oci.filter(|record| record.function == FUNCTION) {
            Some(OciRecord { config, manifest, .. }) => Identity { config, manifest },
            None => record(publish, time).identity().ok()?,
        };
        Some(Self {
            oci: identity,
            chart: Arc::from(publish.name.as_str()),
            version: Arc::from(publish.version.as_str()),
            package: publish.package,
            content: publish.content,
            seldom: Seldom { signature: None, network: network(publish.chart.get()) }.kept(),
            created: time,
            born: seq,
            fate: Fate::default(),
            precedence: parse_version(&publish.version).ok()?,
        })
    }

    /// The stored signature over the package, if there is one.
    pub fn provenance(&self) -> Option<PackageRef> {
        self.signature().map(|signature| signature.provenance)
    }

    /// Digest of the manifest with package and signature, if there is a signature.
    pub fn signed(&self) -> Option<Sha256> {
        self.signature()?.manifest
    }

    /// The network that it belongs to, by its annotation.
    pub fn network(&self) -> Option<&str> {
        self.seldom.as_ref()?.network.as_deref()
    }

    pub(crate) fn signature(&self) -> Option<Signature> {
        self.seldom.as_ref()?.signature
    }

    /// The same version with another signature, or with none.
    #[must_use]
    pub(crate) fn with_signature(self, signature: Option<Signature>) -> Self {
        let network = self.seldom.as_ref().and_then(|seldom| seldom.network.clone());
        Self { seldom: Seldom { signature, network }.kept(), ..self }
    }

    /// The digests of its parts, by which OCI clients ask for them.
    pub(crate) fn digests(&self) -> impl Iterator<Item = Sha256> + use<> {
        let always = [self.package.sha256, self.oci.config, self.oci.manifest];
        let provenance = self.provenance().map(|it| it.sha256);
        always.into_iter().chain(provenance).chain(self.signed())
    }

    /// True when a part of it has this digest.
    pub(crate) fn has(&self, digest: &Sha256) -> bool {
        self.digests().any(|own| own == *digest)
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

impl Seldom {
    pub(crate) fn kept(self) -> Option<Arc<Self>> {
        (self != Self::default()).then(|| Arc::new(self))
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
