//! Manifests, tags and digests of one repository, beside the tree of its charts.

use std::cmp::Ordering;
use std::sync::Arc;

use chart_format::digest::Sha256;
use chart_registry_store::{BlobRef, Digest, Manifest};

use super::links::Links;
use crate::entry::Entry;
use crate::ordered::Ordered;
use crate::repository::Repository;

/// Last segment of an OCI name, and a tag.
type TagKey = (Arc<str>, Arc<str>);

/// What a client pushed by OCI, or what a digest of a chart leads to.
///
/// Keys begin with the last segment of the OCI name, because one repository has many.
#[derive(Debug, Clone, Default)]
pub struct Artifacts {
    /// What leads from digests to versions.
    links: Links,
    manifests: Ordered<(Arc<str>, Digest), Arc<StoredManifest>>,
    tags: Ordered<TagKey, Digest>,
    /// Name, blob, manifest that names it; the value is the blob's size.
    blobs: Ordered<(Arc<str>, Digest, Digest), u64>,
    /// Name, subject, manifest that is about it.
    referrers: Ordered<(Arc<str>, Digest, Digest), ()>,
}

/// A manifest that a client pushed; its bytes are an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredManifest {
    /// Digest of its bytes.
    pub digest: Digest,
    /// Their number.
    pub size: u64,
    /// What the client called them.
    pub media_type: String,
    /// What kind of artifact it is.
    pub artifact_type: Option<String>,
    /// The manifest that it is about.
    pub subject: Option<Digest>,
    /// The stored blobs that it names.
    pub blobs: Vec<BlobRef>,
    /// The version of the chart that it wraps.
    pub chart: Option<String>,
}

/// The smallest digest in the order of digests.
const FIRST: Digest = Digest::Sha256(Sha256::from_bytes([0; 32]));

impl Artifacts {
    pub(crate) fn restored<'a>(
        manifests: Vec<(Arc<str>, StoredManifest)>,
        tags: Vec<(TagKey, Digest)>,
        versions: impl Iterator<Item = &'a Entry>,
    ) -> Self {
        let (mut blobs, mut referrers) = (Vec::new(), Vec::new());
        for (name, manifest) in &manifests {
            let key = |digest| (Arc::clone(name), digest, manifest.digest);
            blobs.extend(manifest.blobs.iter().map(|blob| (key(blob.digest), blob.size)));
            referrers.extend(manifest.subject.map(|subject| (key(subject), ())));
        }
        blobs.sort_unstable();
        blobs.dedup_by(|one, other| one.0 == other.0);
        referrers.sort_unstable();
        let key = |(name, manifest): (Arc<str>, StoredManifest)| {
            ((name, manifest.digest), Arc::new(manifest))
        };
        Self {
            links: Links::of(versions),
            manifests: Ordered::from_sorted(manifests.into_iter().map(key).collect()),
            tags: Ordered::from_sorted(tags),
            blobs: Ordered::from_sorted(blobs),
            referrers: Ordered::from_sorted(referrers),
        }
    }

    pub(crate) fn manifests(&self) -> impl Iterator<Item = (&str, &StoredManifest)> {
        self.manifests.iter().map(|((name, _), manifest)| (&**name, &**manifest))
    }

    pub(crate) fn all_tags(&self) -> impl Iterator<Item = (&str, &str, Digest)> {
        self.tags.iter().map(|((name, tag), digest)| (&**name, &**tag, *digest))
    }

    pub(crate) fn counts(&self) -> (usize, usize) {
        (self.manifests.len(), self.tags.len())
    }

    /// Versions of a chart of which `digest` may name a part; `repository` is the one of these
    /// artifacts.
    pub(crate) fn versions<'a>(
        &'a self,
        chart: &'a str,
        digest: &'a Sha256,
        repository: &'a Repository,
    ) -> impl Iterator<Item = &'a Arc<str>> {
        self.links.versions(chart, digest, repository)
    }

    pub(crate) fn manifest(&self, name: &str, digest: &Digest) -> Option<&Arc<StoredManifest>> {
        self.manifests.get(|(known, other)| (&**known, other).cmp(&(name, digest)))
    }

    pub(crate) fn tag(&self, name: &str, tag: &str) -> Option<Digest> {
        self.tags.get(|(known, other)| (&**known, &**other).cmp(&(name, tag))).copied()
    }

    /// The tags of a name in order, with what they name.
    pub(crate) fn tags<'a>(&'a self, name: &'a str) -> impl Iterator<Item = (&'a str, Digest)> {
        let from = self.tags.from(move |(known, tag)| (&**known, &**tag).cmp(&(name, "")));
        from.take_while(move |((known, _), _)| **known == *name)
            .map(|((_, tag), digest)| (&**tag, *digest))
    }

    /// The manifests of a name.
    pub(crate) fn of<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Arc<StoredManifest>> {
        let from =
            self.manifests.from(move |(known, digest)| (&**known, digest).cmp(&(name, &FIRST)));
        from.take_while(move |((known, _), _)| **known == *name).map(|(_, manifest)| manifest)
    }

    /// Manifests of a name that name a blob, with the blob's size.
    pub(crate) fn naming<'a>(
        &'a self,
        name: &'a str,
        blob: Digest,
    ) -> impl Iterator<Item = (&'a Arc<StoredManifest>, u64)> {
        let pairs = pairs(&self.blobs, name, blob);
        pairs.filter_map(move |(manifest, size)| Some((self.manifest(name, &manifest)?, *size)))
    }

    /// Manifests of a name that are about another one, in the order of their digests.
    pub(crate) fn referrers<'a>(
        &'a self,
        name: &'a str,
        subject: Digest,
    ) -> impl Iterator<Item = &'a Arc<StoredManifest>> {
        let pairs = pairs(&self.referrers, name, subject);
        pairs.filter_map(move |(manifest, ())| self.manifest(name, &manifest))
    }

    /// Names with manifests, in order, from `name` on.
    pub(crate) fn names_from<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Arc<str>> {
        let mut next = self.first_name(name, false);
        std::iter::from_fn(move || {
            let here = next.take()?;
            next = self.first_name(here, true);
            Some(here)
        })
    }

    fn first_name(&self, name: &str, after: bool) -> Option<&Arc<str>> {
        let from = self.manifests.from(|(known, _)| match (**known).cmp(name) {
            Ordering::Equal if after => Ordering::Less,
            Ordering::Equal => Ordering::Greater,
            other => other,
        });
        from.map(|((name, _), _)| name).next()
    }

    /// With the digests of a version that is published into this repository, or changed in it.
    #[must_use]
    pub(crate) fn with_version(&self, entry: &Entry, repository: &Repository) -> Self {
        Self { links: self.links.with(entry, repository), ..self.clone() }
    }

    /// With the digests of these versions, which are all in order.
    #[must_use]
    pub(crate) fn with_versions<'a>(&self, versions: impl Iterator<Item = &'a Entry>) -> Self {
        Self { links: Links::of(versions), ..self.clone() }
    }

    /// With a manifest and the tags that name it.
    #[must_use]
    pub(crate) fn with_manifest(&self, event: &Manifest) -> Self {
        let name: Arc<str> = Arc::from(event.name.as_str());
        let mut next = self.clone();
        let digest = event.digest;
        if self.manifest(&name, &digest).is_none() {
            let stored = StoredManifest::of(event);
            for blob in &stored.blobs {
                let key = (Arc::clone(&name), blob.digest, digest);
                next.blobs = next.blobs.with(key, blob.size);
            }
            if let Some(subject) = stored.subject {
                next.referrers = next.referrers.with((Arc::clone(&name), subject, digest), ());
            }
            next.manifests = next.manifests.with((Arc::clone(&name), digest), Arc::new(stored));
        }
        for tag in &event.tags {
            next.tags = next.tags.with((Arc::clone(&name), Arc::from(tag.as_str())), digest);
        }
        next
    }

    /// Without a manifest and the tags that name it.
    #[must_use]
    pub(crate) fn without_manifest(&self, name: &str, digest: &Digest) -> Self {
        let Some(stored) = self.manifest(name, digest) else { return self.clone() };
        let mut next = self.clone();
        for blob in &stored.blobs {
            let key = (name, blob.digest, *digest);
            next.blobs = next.blobs.without(|(known, one, two)| (&**known, *one, *two).cmp(&key));
        }
        if let Some(subject) = stored.subject {
            let key = (name, subject, *digest);
            next.referrers =
                next.referrers.without(|(known, one, two)| (&**known, *one, *two).cmp(&key));
        }
        next.manifests =
            next.manifests.without(|(known, other)| (&**known, other).cmp(&(name, digest)));
        for (tag, named) in self.tags(name) {
            if named == *digest {
                next = next.without_tag(name, tag);
            }
        }
        next
    }

    /// Without a tag.
    #[must_use]
    pub(crate) fn without_tag(&self, name: &str, tag: &str) -> Self {
        let tags = self.tags.without(|(known, other)| (&**known, &**other).cmp(&(name, tag)));
        Self { tags, ..self.clone() }
    }
}

impl StoredManifest {
    fn of(event: &Manifest) -> Self {
        Self {
            digest: event.digest,
            size: event.size,
            media_type: event.media_type.clone(),
            artifact_type: event.artifact_type.clone(),
            subject: event.subject,
            blobs: event.blobs.clone(),
            chart: event.chart.clone(),
        }
    }
}

/// The second digests of the keys that begin with a name and a first digest.
fn pairs<'a, V: Clone>(
    map: &'a Ordered<(Arc<str>, Digest, Digest), V>,
    name: &'a str,
    digest: Digest,
) -> impl Iterator<Item = (Digest, &'a V)> {
    let from =
        map.from(move |(known, one, two)| (&**known, *one, *two).cmp(&(name, digest, FIRST)));
    from.take_while(move |((known, one, _), _)| **known == *name && *one == digest)
        .map(|((_, _, two), value)| (*two, value))
}
