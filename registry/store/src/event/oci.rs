//! What happens to OCI manifests and tags.
//!
//! The manifest of a chart that came in another way is no event: it is a function of the publish.
//! Blobs are no events either: a manifest brings those that it names.

use chart_format::digest::Sha256;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::Actor;
use crate::digest::Digest;

/// The digests of what a published chart looks like to OCI clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OciRecord {
    /// Which function made the bytes; there is only the first so far.
    #[serde(rename = "fn")]
    pub function: u32,
    /// Digest of the config, which is the recorded Chart.yaml.
    pub config: Sha256,
    /// Digest of the manifest with the package as its only layer.
    pub manifest: Sha256,
}

/// A change of manifests or tags.
#[derive(Debug, Clone)]
pub enum OciEvent {
    /// A manifest became available, or tags moved to it.
    Manifest(Box<Manifest>),
    /// A manifest was taken away, with the tags that named it.
    Unmanifest(Unmanifest),
    /// A tag was taken away.
    Untag(Untag),
}

/// A manifest became available under its digest and, perhaps, under tags.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Manifest {
    /// Path of the repository; empty for the root.
    pub repo: String,
    /// Last segment of the OCI name.
    pub name: String,
    /// Who did it.
    pub actor: Actor,
    /// The request that did it, as in the log.
    pub request: String,
    /// Digest of the manifest's bytes, which are an object.
    pub digest: Digest,
    /// Their number.
    pub size: u64,
    /// What the client called them.
    pub media_type: String,
    /// What kind of artifact it is, as referrers are told apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artifact_type: Option<String>,
    /// The manifest that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Digest>,
    /// The blobs that it names and that are stored, each once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub blobs: Vec<BlobRef>,
    /// The version of the chart that it wraps: it is there as long as that version is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chart: Option<String>,
    /// Tags that name it from now on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
}

/// A stored blob.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlobRef {
    /// Its digest.
    pub digest: Digest,
    /// Its size in bytes.
    pub size: u64,
}

/// A manifest was taken away.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Unmanifest {
    /// Path of the repository; empty for the root.
    pub repo: String,
    /// Last segment of the OCI name.
    pub name: String,
    /// Who did it.
    pub actor: Actor,
    /// The request that did it, as in the log.
    pub request: String,
    /// Digest of the manifest.
    pub digest: Digest,
}

/// A tag was taken away; what it named stays.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Untag {
    /// Path of the repository; empty for the root.
    pub repo: String,
    /// Last segment of the OCI name.
    pub name: String,
    /// Who did it.
    pub actor: Actor,
    /// The request that did it, as in the log.
    pub request: String,
    /// The tag.
    pub tag: String,
}

impl OciEvent {
    /// The event in `text`, when `operation` is one of these.
    pub(crate) fn parse(
        operation: &str,
        text: &RawValue,
    ) -> Result<Option<Self>, serde_json::Error> {
        Ok(Some(match operation {
            "manifest" => Self::Manifest(serde_json::from_str(text.get())?),
            "unmanifest" => Self::Unmanifest(serde_json::from_str(text.get())?),
            "untag" => Self::Untag(serde_json::from_str(text.get())?),
            _ => return Ok(None),
        }))
    }

    /// Path of the repository; empty for the root.
    pub fn repo(&self) -> &str {
        match self {
            Self::Manifest(manifest) => &manifest.repo,
            Self::Unmanifest(unmanifest) => &unmanifest.repo,
            Self::Untag(untag) => &untag.repo,
        }
    }

    /// Who did it.
    pub fn actor(&self) -> &Actor {
        match self {
            Self::Manifest(manifest) => &manifest.actor,
            Self::Unmanifest(unmanifest) => &unmanifest.actor,
            Self::Untag(untag) => &untag.actor,
        }
    }

    /// Bytes in the journal, not less than they will be.
    pub fn size_bound(&self) -> usize {
        match self {
            Self::Manifest(manifest) => {
                // A digest of 135 characters, a size, and their names.
                let blobs = manifest.blobs.len() * 192;
                let tags: usize = manifest.tags.iter().map(|tag| tag.len() + 3).sum();
                2_048 + blobs + tags + manifest.media_type.len()
            }
            Self::Unmanifest(_) | Self::Untag(_) => 1_024,
        }
    }
}

impl Serialize for OciEvent {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        #[serde(tag = "op", rename_all = "lowercase")]
        enum Tagged<'a> {
            Manifest(&'a Manifest),
            Unmanifest(&'a Unmanifest),
            Untag(&'a Untag),
        }
        match self {
            Self::Manifest(manifest) => Tagged::Manifest(manifest).serialize(serializer),
            Self::Unmanifest(unmanifest) => Tagged::Unmanifest(unmanifest).serialize(serializer),
            Self::Untag(untag) => Tagged::Untag(untag).serialize(serializer),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::Algorithm;
    use crate::event::Event;

    fn manifest(blobs: usize, tags: Vec<String>) -> Manifest {
        let digest = Digest::of(Algorithm::Sha512, b"manifest");
        Manifest {
            repo: "team/a".to_owned(),
            name: "org".to_owned(),
            actor: Actor { sub: "ci".to_owned(), via: "http".to_owned() },
            request: "1".to_owned(),
            digest,
            size: u64::MAX,
            media_type: "application/vnd.oci.image.manifest.v1+json".to_owned(),
            artifact_type: None,
            subject: Some(digest),
            blobs: vec![BlobRef { digest, size: u64::MAX }; blobs],
            chart: None,
            tags,
        }
    }

    #[test]
    fn events_come_back_as_they_were_written() {
        let written = manifest(2, vec!["latest".to_owned()]);
        let event = Event::Oci(OciEvent::Manifest(Box::new(written.clone())));
        let text = serde_json::value::to_raw_value(&event).unwrap();
        assert!(text.get().starts_with(r#"{"op":"manifest","repo":"team/a","#), "{text}");
        let Event::Oci(OciEvent::Manifest(read)) = Event::parse(&text).unwrap() else {
            panic!("{text}")
        };
        assert_eq!(
            (read.blobs, read.subject, read.tags),
            (written.blobs, written.subject, written.tags)
        );
    }

    #[test]
    fn the_bound_of_an_event_is_not_less_than_its_size() {
        for (blobs, tags) in [(0, 0), (1, 1), (4_096, 40)] {
            let tags = (0..tags).map(|number| format!("{number:0128}")).collect();
            let event = OciEvent::Manifest(Box::new(manifest(blobs, tags)));
            let size = serde_json::to_vec(&event).unwrap().len();
            assert!(size <= event.size_bound(), "{size} {}", event.size_bound());
        }
    }
}
