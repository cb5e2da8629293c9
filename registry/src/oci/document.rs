//! What a pushed manifest says, as far as the registry has to know it. Its bytes are never changed.
//!
//! Unknown fields and media types are fine: a registry stores what later programs write.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use chart_registry_catalog::{CHART_TYPE, CONFIG_TYPE, PROVENANCE_TYPE};
use chart_registry_store::Digest;
use serde::Deserialize;

use crate::refusal::{Code, Refusal};

/// Largest manifest in bytes, as the specification asks for.
pub(crate) const MAX_MANIFEST_BYTES: u64 = 4 << 20;

/// Most blobs that a manifest may name: a commit holds their digests.
const MAX_BLOBS: usize = 2_048;

/// Package layers of the days before Helm had a media type for them.
const OLD_CHART_TYPE: &str = "application/tar+gzip";

/// A manifest that was read.
#[derive(Debug)]
pub(crate) struct Document {
    /// What its bytes are called.
    pub(crate) media_type: String,
    /// What kind of artifact it is, as referrers are told apart.
    pub(crate) artifact_type: Option<String>,
    /// The manifest that it is about.
    pub(crate) subject: Option<Digest>,
    /// The blobs that it names, each once.
    pub(crate) blobs: Vec<NamedBlob>,
    /// The parts of a chart, if it wraps one.
    pub(crate) chart: Option<ChartParts>,
}

/// A blob as a manifest names it.
#[derive(Debug, Clone)]
pub(crate) struct NamedBlob {
    pub(crate) digest: Digest,
    pub(crate) size: u64,
    /// True for layers that nobody pushes: their licence forbids it.
    pub(crate) elsewhere: bool,
    /// The blob itself, when the manifest carries it.
    pub(crate) data: Option<Bytes>,
}

/// The parts of a chart in a manifest.
#[derive(Debug, Clone)]
pub(crate) struct ChartParts {
    pub(crate) package: NamedBlob,
    pub(crate) provenance: Option<NamedBlob>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Written {
    media_type: Option<String>,
    artifact_type: Option<String>,
    config: Option<Descriptor>,
    layers: Option<Vec<Descriptor>>,
    blobs: Option<Vec<Descriptor>>,
    manifests: Option<Vec<Descriptor>>,
    subject: Option<Descriptor>,
}

#[derive(Deserialize)]
struct Annotated {
    annotations: Option<BTreeMap<String, String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    #[serde(default)]
    media_type: String,
    digest: Digest,
    size: u64,
    data: Option<String>,
}

/// Reads a manifest that was sent with this media type, if any.
pub(crate) fn parse(bytes: &[u8], content_type: Option<&str>) -> Result<Document, Refusal> {
    let written: Written =
        serde_json::from_slice(bytes).map_err(|error| invalid(&error.to_string()))?;
    let media_type = media_type(&written, content_type)?;
    let config_type = written.config.as_ref().map(|config| config.media_type.clone());
    let own_type = written.artifact_type.clone().filter(|text| !text.is_empty());
    let artifact_type = own_type.or_else(|| config_type.clone().filter(|text| !text.is_empty()));
    let layers = written.layers.unwrap_or_default();
    let chart = match config_type.as_deref() {
        Some(CONFIG_TYPE) => Some(chart_parts(&layers)?),
        Some(_) | None => None,
    };
    let named = written.config.iter().chain(&layers).chain(written.blobs.iter().flatten());
    let mut blobs: BTreeMap<Digest, NamedBlob> = BTreeMap::new();
    for descriptor in named {
        let blob = descriptor.blob();
        let known = blobs.entry(blob.digest).or_insert_with(|| blob.clone());
        if known.size != blob.size {
            return Err(invalid(&format!("it names `{}` with two sizes", blob.digest)));
        }
    }
    if blobs.len() > MAX_BLOBS || written.manifests.map_or(0, |list| list.len()) > MAX_BLOBS {
        return Err(invalid(&format!("it names more than {MAX_BLOBS} blobs or manifests")));
    }
    Ok(Document {
        media_type,
        artifact_type,
        subject: written.subject.map(|subject| subject.digest),
        blobs: blobs.into_values().collect(),
        chart,
    })
}

/// What the author of a stored manifest says about it.
pub(crate) fn annotations(bytes: &[u8]) -> BTreeMap<String, String> {
    // A manifest with other annotations is taken, too: a registry does not judge them.
    let annotated: Option<Annotated> = serde_json::from_slice(bytes).ok();
    annotated.and_then(|it| it.annotations).unwrap_or_default()
}

/// The request and the document may each say it, and must not contradict each other.
fn media_type(written: &Written, content_type: Option<&str>) -> Result<String, Refusal> {
    let sent = content_type.map(|text| text.split(';').next().unwrap_or_default().trim());
    let sent = sent.filter(|text| !text.is_empty());
    match (sent, written.media_type.as_deref().filter(|text| !text.is_empty())) {
        (Some(sent), Some(says)) if sent != says => {
            Err(invalid(&format!("it says `{says}`, and the request says `{sent}`")))
        }
        (Some(text), _) | (None, Some(text)) if is_media_type(text) => Ok(text.to_owned()),
        (None, None) => Err(invalid("neither it nor `Content-Type` names its media type")),
        _ => Err(invalid("its media type is none")),
    }
}

/// A type and a subtype of plain characters: it comes back as a header of its own.
fn is_media_type(text: &str) -> bool {
    let plain = |part: &str| {
        let fine = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte);
        !part.is_empty() && part.bytes().all(fine)
    };
    text.len() <= 255 && text.split_once('/').is_some_and(|(one, two)| plain(one) && plain(two))
}

fn chart_parts(layers: &[Descriptor]) -> Result<ChartParts, Refusal> {
    let of = |types: &[&str]| -> Vec<&Descriptor> {
        layers.iter().filter(|layer| types.contains(&layer.media_type.as_str())).collect()
    };
    let packages = of(&[CHART_TYPE, OLD_CHART_TYPE]);
    let signatures = of(&[PROVENANCE_TYPE]);
    let [package] = packages[..] else {
        return Err(invalid(&format!(
            "its config is a chart's, so one layer of the type `{CHART_TYPE}` is expected, not {}",
            packages.len()
        )));
    };
    if signatures.len() > 1 {
        return Err(invalid("it has more than one provenance file"));
    }
    let provenance = signatures.first().map(|layer| layer.blob());
    Ok(ChartParts { package: package.blob(), provenance })
}

impl Descriptor {
    fn blob(&self) -> NamedBlob {
        let foreign = ["nondistributable", "rootfs.foreign"];
        let elsewhere = foreign.iter().any(|word| self.media_type.contains(word));
        NamedBlob { digest: self.digest, size: self.size, elsewhere, data: self.data() }
    }

    /// What `data` holds, if it is what the digest says.
    fn data(&self) -> Option<Bytes> {
        let bytes = STANDARD.decode(self.data.as_ref()?).ok()?;
        let right = Digest::of(self.digest.algorithm(), &bytes) == self.digest;
        right.then(|| Bytes::from(bytes))
    }
}

pub(super) fn invalid(reason: &str) -> Refusal {
    let fix = "push a manifest as the OCI image specification has it";
    let what = format!("the manifest cannot be taken: {reason}");
    Refusal::new(Code::BadManifest, &what, "manifest", fix)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn descriptor(media_type: &str, text: &str) -> Value {
        let digest = Digest::from(chart_format::digest::Sha256::of(text.as_bytes()));
        json!({ "mediaType": media_type, "digest": digest, "size": text.len() })
    }

    fn read(manifest: &Value, content_type: Option<&str>) -> Result<Document, Refusal> {
        parse(&serde_json::to_vec(manifest).unwrap(), content_type)
    }

    fn chart(layers: &[Value]) -> Value {
        json!({ "mediaType": "a/b", "config": descriptor(CONFIG_TYPE, "{}"), "layers": layers })
    }

    #[test]
    fn the_parts_of_a_chart_are_found_by_their_media_types() {
        let layers = [descriptor(PROVENANCE_TYPE, "signature"), descriptor(CHART_TYPE, "package")];
        let parts = read(&chart(&layers), None).unwrap().chart.unwrap();
        assert_eq!(parts.package.size, 7);
        assert_eq!(parts.provenance.unwrap().size, 9);
        for layers in [vec![], vec![layers[1].clone(), layers[1].clone()], vec![layers[0].clone()]]
        {
            assert!(read(&chart(&layers), None).is_err(), "{layers:?}");
        }
    }

    #[test]
    fn kind_and_blobs_are_read_whatever_the_media_type() {
        let image = json!({
            "config": descriptor("application/x", "{}"),
            "layers": [
                descriptor("application/vnd.oci.image.layer.nondistributable.v1.tar+gzip", "far"),
                descriptor("text/plain", "{}"),
            ],
            "subject": descriptor("a/b", "subject"),
            "somethingNew": [1],
        });
        let document = read(&image, Some("application/x-image; charset=utf-8")).unwrap();
        assert_eq!(document.media_type, "application/x-image");
        assert_eq!(document.artifact_type.as_deref(), Some("application/x"));
        assert_eq!(document.blobs.len(), 2);
        assert_eq!(document.blobs.iter().filter(|blob| blob.elsewhere).count(), 1);
        assert!(document.subject.is_some() && document.chart.is_none());
        let index = json!({ "artifactType": "x/y", "manifests": [], "mediaType": "a/b" });
        assert_eq!(read(&index, None).unwrap().artifact_type.as_deref(), Some("x/y"));
    }

    #[test]
    fn what_is_no_manifest_is_refused() {
        for (manifest, content_type) in [
            (json!([]), Some("a/b")),
            (json!({}), None),
            (json!({ "mediaType": "a/b" }), Some("c/d")),
            (json!({ "mediaType": "a\r\nb: c/d" }), None),
            (json!({ "config": { "digest": "sha256:x", "size": 1 } }), Some("a/b")),
            (
                json!({ "layers": [{ "digest": descriptor("", "")["digest"], "size": -1 }] }),
                Some("a/b"),
            ),
        ] {
            assert!(read(&manifest, content_type).is_err(), "{manifest}");
        }
        let two_sizes = json!({
            "mediaType": "a/b",
            "layers": [descriptor("", "x"), { "digest": descriptor("", "x")["digest"], "size": 2 }],
        });
        assert!(read(&two_sizes, None).is_err());
    }

    #[test]
    fn a_blob_inside_of_the_manifest_counts_when_its_digest_is_right() {
        let mut config = descriptor("application/x", "{}");
        config["data"] = json!("e30=");
        let manifest = json!({ "mediaType": "a/b", "config": config });
        assert!(read(&manifest, None).unwrap().blobs[0].data.is_some());
        config["data"] = json!("e31=");
        let manifest = json!({ "mediaType": "a/b", "config": config });
        assert!(read(&manifest, None).unwrap().blobs[0].data.is_none());
    }
}
