//! One file that carries charts, signatures and container images over an air gap.
//!
//! The file is a tar archive of an OCI image layout, so that skopeo and others read it, too
//! (`oci-archive:FILE:NAME:TAG`). Nothing in it is trusted: every blob is compared with its digest,
//! every chart takes the way of every other publish.
//!
//! - `select`: which manifests and blobs go into it;
//! - `write`: the file;
//! - `read`: what a file holds, without unpacking it;
//! - `take`: publishing what it holds;
//! - `standing`: what became of the versions in it.

mod read;
mod select;
mod standing;
mod take;
mod write;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use chart_format::digest::{Hasher, Sha256};
use chart_registry_store::Digest;
use serde::{Deserialize, Serialize};

pub(crate) use select::Choice;
pub(crate) use take::{Source, TakeError, take};
pub(crate) use write::write;

/// Where a layout says that it is one.
const LAYOUT: &str = "oci-layout";

/// The list of manifests.
const INDEX: &str = "index.json";

/// Annotation of a manifest: the OCI name that it stands under, without its tag.
const NAME: &str = "io.chart-registry.name";

/// Annotation of a manifest: name and tag, as programs for layouts look for it.
const REFERENCE: &str = "org.opencontainers.image.ref.name";

/// Annotations of the list: the journal's number up to which, and from which on, it holds things.
const SEQ: &str = "io.chart-registry.seq";
const SINCE: &str = "io.chart-registry.since";

/// What the file `oci-layout` says.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Layout {
    image_layout_version: String,
}

/// What `index.json` says.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Index {
    schema_version: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    media_type: Option<String>,
    manifests: Vec<Descriptor>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    annotations: BTreeMap<String, String>,
}

/// A manifest in a list.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    media_type: String,
    digest: Digest,
    size: u64,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    annotations: BTreeMap<String, String>,
}

/// The manifests that a manifest lists.
#[derive(Debug, Deserialize)]
struct Children {
    #[serde(default)]
    manifests: Vec<Descriptor>,
}

/// The name of a blob in the archive.
fn blob_path(digest: &Digest) -> String {
    format!("blobs/{}/{}", digest.algorithm().name(), digest.hex())
}

/// The manifests that a manifest lists; none for what is no list.
fn children(bytes: &[u8]) -> Vec<Descriptor> {
    serde_json::from_slice(bytes).map(|it: Children| it.manifests).unwrap_or_default()
}

/// The digest of a whole file. Blocking.
fn digest_of(file: &Path) -> io::Result<Sha256> {
    let mut file = File::open(file)?;
    let mut hasher = Hasher::new();
    let mut buffer = vec![0; 64 << 10];
    loop {
        let count = file.read(&mut buffer)?;
        if count == 0 {
            return Ok(hasher.finish());
        }
        hasher.update(&buffer[..count]);
    }
}
