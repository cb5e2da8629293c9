//! OCI 1.1 over the same stored packages: what a push and a pull mean, below the routes.
//!
//! - `document`: what a pushed manifest says, as far as the registry has to know;
//! - `blobs`: blobs that a repository has, and those that are pushed before their manifest;
//! - `uploads`: blobs that come in parts, in the store, so that any process goes on;
//! - `reading`: finding what a caller asks for, here, at an upstream, or in a member of a virtual
//!   repository;
//! - `push`: taking a manifest; one that wraps a chart publishes the chart;
//! - `taking_away`: deleting tags, manifests and blobs;
//! - `admission`: what the snapshot says about these events before they are written.
//!
//! Left out: the requests themselves (`routes::oci`), and the bytes of manifests that nobody pushed
//! (`chart-registry-catalog`).

pub(crate) mod admission;
mod blobs;
pub(crate) mod document;
mod push;
mod reading;
mod taking_away;
mod uploads;

use std::collections::BTreeMap;

use chart_registry_store::Digest;
use serde::Serialize;

use crate::refusal::{Code, Refusal};

pub(crate) use admission::unknown_manifest;
pub(crate) use blobs::Source;
pub(crate) use document::MAX_MANIFEST_BYTES;
pub(crate) use document::{NamedBlob, annotations};
pub(crate) use push::{Push, Pushed};
pub(crate) use reading::FoundManifest;
pub(crate) use taking_away::unknown_blob;
pub(crate) use uploads::{Place, Progress};

/// Most bytes of a tag, as the specification has it.
const MAX_TAG_BYTES: usize = 128;

/// The OCI name of something in a repository: the path of the repository and one segment more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Name {
    /// Path of the repository; empty for the root.
    pub(crate) path: String,
    /// Last segment, the name of the chart.
    pub(crate) last: String,
}

/// A manifest in a list of those that are about another one.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Referrer {
    pub(crate) media_type: String,
    pub(crate) digest: Digest,
    pub(crate) size: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) artifact_type: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) annotations: BTreeMap<String, String>,
}

/// How a request names a manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reference {
    /// By a tag.
    Tag(String),
    /// By its digest.
    Digest(Digest),
}

impl Name {
    /// The whole name, as clients write it.
    pub(crate) fn text(&self) -> String {
        if self.path.is_empty() {
            self.last.clone()
        } else {
            format!("{}/{}", self.path, self.last)
        }
    }
}

impl Reference {
    /// As it stands in a request.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Tag(tag) => tag.clone(),
            Self::Digest(digest) => digest.to_string(),
        }
    }

    /// Reads `[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}`, or a digest, which has a colon.
    pub(crate) fn parse(text: &str) -> Result<Self, Refusal> {
        if text.contains(':') {
            return digest(text).map(Self::Digest);
        }
        tag(text).map(|()| Self::Tag(text.to_owned()))
    }
}

/// Refuses what is no tag.
pub(crate) fn tag(text: &str) -> Result<(), Refusal> {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let begins = text.bytes().next().is_some_and(word);
    if begins
        && text.len() <= MAX_TAG_BYTES
        && text.bytes().all(|byte| word(byte) || b".-".contains(&byte))
    {
        return Ok(());
    }
    let fix = "a tag has at most 128 letters, digits, `_`, `.` and `-`, and begins with one of the first three";
    Err(Refusal::new(Code::BadTag, "this is no tag", text, fix))
}

/// The digest in a request.
pub(crate) fn digest(text: &str) -> Result<Digest, Refusal> {
    Digest::parse(text).map_err(|error| {
        let fix = "send the digest of the bytes, sha256 or sha512, in lower case";
        Refusal::new(Code::BadDigest, &error.to_string(), "digest", fix)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_tags_or_digests() {
        for text in ["1.0.0_b1", "latest", "_x", "a".repeat(128).as_str()] {
            assert_eq!(Reference::parse(text).unwrap(), Reference::Tag(text.to_owned()));
        }
        for text in ["", ".x", "-x", "a+b", "a b", "a".repeat(129).as_str(), "sha256:x", "a:b"] {
            assert!(Reference::parse(text).is_err(), "{text}");
        }
        let digest = Digest::from(chart_format::digest::Sha256::of(b""));
        assert_eq!(Reference::parse(&digest.to_string()).unwrap(), Reference::Digest(digest));
    }

    #[test]
    fn a_name_is_a_path_and_a_segment_more() {
        let name = |path: &str| Name { path: path.to_owned(), last: "org".to_owned() }.text();
        assert_eq!((name(""), name("a/b")), ("org".to_owned(), "a/b/org".to_owned()));
    }
}
