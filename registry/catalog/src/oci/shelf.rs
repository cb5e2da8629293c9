//! All that stands under one OCI name: the versions of a chart, and what was pushed beside them.

use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;
use chart_format::constraint::parse_version;
use chart_format::digest::Sha256;
use chart_registry_store::{Digest, PackageRef};

use super::apply::chart_text;
use super::artifacts::{Artifacts, StoredManifest};
use super::frozen::Record;
use crate::entry::Entry;
use crate::repository::Repository;

/// What stands under one OCI name, as it is after some commit.
#[derive(Debug, Clone)]
pub struct Shelf {
    repository: Arc<Repository>,
    /// What was committed of it, to which the artifacts belong.
    own: Arc<Repository>,
    artifacts: Arc<Artifacts>,
    name: String,
}

/// A manifest.
#[derive(Debug, Clone)]
pub enum Named {
    /// A client pushed it.
    Stored(Arc<StoredManifest>),
    /// It is made of the record of a version; [`Shelf::written`] gives its bytes.
    Made {
        /// Its digest.
        digest: Sha256,
        /// The version.
        version: String,
        /// The signature that it names.
        provenance: Option<PackageRef>,
    },
}

/// A blob.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Blob {
    /// It is an object.
    Stored {
        /// Its size in bytes.
        size: u64,
    },
    /// It is the config of a published chart.
    Made(Bytes),
}

/// The tag of a version: `+` is not allowed in tags.
pub fn tag_of(version: &str) -> String {
    version.replace('+', "_")
}

/// The version that a tag stands for if there is one with this text; `None` when there can be none.
pub fn version_of(tag: &str) -> Option<String> {
    let version = tag.replacen('_', "+", 1);
    parse_version(&version).ok().map(|_| version)
}

/// The version that a tag says in full, and so can say nothing else. `1.2` may be one, too, and is
/// as often a tag that moves along with the newest `1.2.x`.
pub fn full_version_of(tag: &str) -> Option<String> {
    version_of(tag).filter(|version| semver::Version::parse(version).is_ok())
}

impl Named {
    /// Its digest.
    pub fn digest(&self) -> Digest {
        match self {
            Self::Stored(manifest) => manifest.digest,
            Self::Made { digest, .. } => Digest::Sha256(*digest),
        }
    }

    /// The version of the chart that it wraps, if it wraps one.
    pub fn chart(&self) -> Option<&str> {
        match self {
            Self::Stored(manifest) => manifest.chart.as_deref(),
            Self::Made { version, .. } => Some(version),
        }
    }
}

impl Shelf {
    /// What stands under a name in the repository `own`, shown as `repository`.
    pub(crate) fn new(
        repository: Arc<Repository>,
        (own, artifacts): (Arc<Repository>, Arc<Artifacts>),
        name: &str,
    ) -> Self {
        Self { repository, own, artifacts, name: name.to_owned() }
    }

    /// True when nothing was ever pushed under this name, or all of it is gone.
    pub fn is_empty(&self) -> bool {
        let mut pushed = self.artifacts.of(&self.name);
        !pushed.any(|manifest| self.is_shown(manifest))
            && self.repository.versions(&self.name).next().is_none()
    }

    /// The manifest that a tag names.
    pub fn tagged(&self, tag: &str) -> Option<Named> {
        let found = version_of(tag).and_then(|version| {
            let entry = self.repository.find_available(&self.name, &version)?;
            Some((entry, version))
        });
        let Some((entry, version)) = found else {
            let digest = self.artifacts.tag(&self.name, tag)?;
            return self.stored(&digest).map(Named::Stored);
        };
        let chosen = self.artifacts.tag(&self.name, tag);
        let chosen = chosen.and_then(|digest| self.stored(&digest));
        let wraps = |manifest: &Arc<StoredManifest>| manifest.chart.as_ref() == Some(&version);
        match chosen.filter(wraps) {
            Some(manifest) => Some(Named::Stored(manifest)),
            None => made(entry, entry.provenance()),
        }
    }

    /// The manifest with a digest.
    pub fn manifest(&self, digest: &Digest) -> Option<Named> {
        if let Some(manifest) = self.stored(digest) {
            return Some(Named::Stored(manifest));
        }
        let digest = digest.sha256()?;
        self.versions_with(&digest).find_map(|entry| {
            if entry.oci.manifest == digest {
                return made(entry, None);
            }
            let signed = entry.signed() == Some(digest);
            if signed { made(entry, entry.provenance()) } else { None }
        })
    }

    /// The bytes of a manifest that is made; `None` when it is another one, or memory was damaged.
    pub fn written(&self, named: &Named) -> Option<Bytes> {
        let Named::Made { version, provenance, .. } = named else { return None };
        let entry = self.version(version)?;
        let chart = chart_text(&*self.repository, entry)?;
        let record = Record { chart: &chart, package: entry.package, created: entry.created };
        // The record was read when the version was applied: only damaged memory makes it unreadable.
        record.manifest(*provenance).ok().map(Bytes::from)
    }

    /// The blob with a digest, when a manifest under this name has it.
    pub fn blob(&self, digest: &Digest) -> Option<Blob> {
        let mut naming = self.artifacts.naming(&self.name, *digest);
        if let Some((_, size)) = naming.find(|(manifest, _)| self.is_shown(manifest)) {
            return Some(Blob::Stored { size });
        }
        let digest = digest.sha256()?;
        self.versions_with(&digest).find_map(|entry| {
            let objects = [Some(entry.package), entry.provenance()];
            let object = objects.into_iter().flatten().find(|it| it.sha256 == digest);
            if let Some(PackageRef { size, .. }) = object {
                return Some(Blob::Stored { size });
            }
            let config = (entry.oci.config == digest).then(|| self.repository.chart_json(entry));
            config.flatten().map(Blob::Made)
        })
    }

    /// True when a manifest that is there names the blob, so that it cannot be taken away.
    pub fn is_named(&self, digest: &Digest) -> bool {
        self.blob(digest).is_some()
    }

    /// All tags in the order of their bytes.
    pub fn tags(&self) -> Vec<String> {
        let free = |tag: &str| version_of(tag).is_none_or(|version| !self.ever_had(&version));
        let pushed = self.artifacts.tags(&self.name).filter(|(tag, _)| free(tag));
        let pushed =
            pushed.filter_map(|(tag, digest)| self.stored(&digest).map(|_| tag.to_owned()));
        let versions = self.repository.versions(&self.name);
        let versions = versions.map(|found| tag_of(&found.entry.version));
        versions.chain(pushed).collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// The manifests that are about `subject`.
    pub fn referrers(&self, subject: Digest) -> Vec<Arc<StoredManifest>> {
        let all = self.artifacts.referrers(&self.name, subject);
        all.filter(|manifest| self.is_shown(manifest)).cloned().collect()
    }

    /// Whether a tag was pushed that is no version of the chart.
    pub fn has_free_tag(&self, tag: &str) -> bool {
        self.artifacts.tag(&self.name, tag).is_some()
    }

    /// The version under this text, deleted or not, when there ever was one.
    pub fn ever_had(&self, version: &str) -> bool {
        self.repository.find_any(&self.name, version).is_some()
    }

    fn stored(&self, digest: &Digest) -> Option<Arc<StoredManifest>> {
        let manifest = self.artifacts.manifest(&self.name, digest)?;
        self.is_shown(manifest).then(|| Arc::clone(manifest))
    }

    /// What wraps a chart is there as long as the chart is.
    fn is_shown(&self, manifest: &StoredManifest) -> bool {
        let version = manifest.chart.as_ref();
        version.is_none_or(|it| self.repository.find_available(&self.name, it).is_some())
    }

    /// The version of the chart under this text, when it can be pulled.
    pub fn version(&self, version: &str) -> Option<&Entry> {
        self.repository.find_available(&self.name, version)
    }

    fn versions_with<'a>(&'a self, digest: &'a Sha256) -> impl Iterator<Item = &'a Entry> {
        let versions = self.artifacts.versions(&self.name, digest, &self.own);
        versions.filter_map(|version| self.repository.find_available(&self.name, version))
    }
}

/// The manifest that is made of a version, with its signature or without.
fn made(entry: &Entry, provenance: Option<PackageRef>) -> Option<Named> {
    let digest = match provenance {
        Some(_) => entry.signed()?,
        None => entry.oci.manifest,
    };
    Some(Named::Made { digest, version: entry.version.to_string(), provenance })
}
