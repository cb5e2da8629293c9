//! What a published chart looks like to OCI clients: a function of what the journal says about it.
//!
//! The function is frozen: people pin digests of manifests, so the same record gives the same bytes
//! for ever. A change of it gets another number and leaves this one as it is.

use std::collections::BTreeMap;

use chart_format::digest::Sha256;
use chart_registry_store::{OciRecord, PackageRef, Timestamp};
use serde::{Deserialize, Serialize};

/// The number of the function, as records name it.
pub const FUNCTION: u32 = 1;

/// Media type of the recorded Chart.yaml.
pub const CONFIG_TYPE: &str = "application/vnd.cncf.helm.config.v1+json";

/// Media type of a package.
pub const CHART_TYPE: &str = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";

/// Media type of a signature over a package.
pub const PROVENANCE_TYPE: &str = "application/vnd.cncf.helm.chart.provenance.v1.prov";

/// Media type of a manifest.
pub const MANIFEST_TYPE: &str = "application/vnd.oci.image.manifest.v1+json";

/// What the journal says about a version, as far as its manifest depends on it.
#[derive(Debug, Clone, Copy)]
pub struct Record<'a> {
    /// The recorded Chart.yaml as JSON; its bytes are the config.
    pub chart: &'a str,
    /// The package.
    pub package: PackageRef,
    /// When the version was published first.
    pub created: Timestamp,
}

/// The digests of a version's config and manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity {
    /// Of the config.
    pub config: Sha256,
    /// Of the manifest with the package alone.
    pub manifest: Sha256,
}

/// Fields of Chart.yaml that become annotations.
#[derive(Deserialize)]
struct Chart {
    #[serde(default)]
    name: String,
    #[serde(default)]
    version: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    home: String,
    #[serde(default)]
    sources: Vec<String>,
    #[serde(default)]
    maintainers: Vec<Maintainer>,
    #[serde(default)]
    annotations: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Maintainer {
    #[serde(default)]
    name: String,
    #[serde(default)]
    email: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Manifest {
    schema_version: u32,
    media_type: &'static str,
    config: Descriptor,
    layers: Vec<Descriptor>,
    annotations: BTreeMap<String, String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    media_type: &'static str,
    digest: String,
    size: u64,
}

impl Descriptor {
    fn of(media_type: &'static str, bytes: PackageRef) -> Self {
        Self { media_type, digest: bytes.sha256.prefixed(), size: bytes.size }
    }
}

impl Record<'_> {
    /// The bytes of the manifest, with the signature as a second layer if one is given.
    ///
    /// # Errors
    ///
    /// When the recorded Chart.yaml is none: the journal holds what cannot have been admitted.
    pub fn manifest(&self, provenance: Option<PackageRef>) -> serde_json::Result<Vec<u8>> {
        let chart: Chart = serde_json::from_str(self.chart)?;
        let config =
            PackageRef { sha256: Sha256::of(self.chart.as_bytes()), size: self.chart.len() as u64 };
        let package = Descriptor::of(CHART_TYPE, self.package);
        let provenance = provenance.map(|it| Descriptor::of(PROVENANCE_TYPE, it));
        serde_json::to_vec(&Manifest {
            schema_version: 2,
            media_type: MANIFEST_TYPE,
            config: Descriptor::of(CONFIG_TYPE, config),
            layers: std::iter::once(package).chain(provenance).collect(),
            annotations: self.annotations(chart),
        })
    }

    /// The digests of the config and of the manifest with the package alone.
    ///
    /// # Errors
    ///
    /// As [`Self::manifest`].
    pub fn identity(&self) -> serde_json::Result<Identity> {
        Ok(Identity {
            config: Sha256::of(self.chart.as_bytes()),
            manifest: Sha256::of(&self.manifest(None)?),
        })
    }

    /// As Helm writes them at a push: what is empty is left out, and the chart's own annotations may
    /// replace all but title and version.
    fn annotations(&self, chart: Chart) -> BTreeMap<String, String> {
        let authors: Vec<String> = chart.maintainers.iter().map(Maintainer::text).collect();
        let source = chart.sources.into_iter().next().unwrap_or_default();
        let ours = [
            ("title", chart.name),
            ("version", chart.version),
            ("description", chart.description),
            ("url", chart.home),
            ("created", self.created.to_string()),
            ("source", source),
            ("authors", authors.join(", ")),
        ];
        let ours = ours.into_iter().filter(|(_, value)| !value.trim().is_empty());
        let mut all: BTreeMap<String, String> =
            ours.map(|(key, value)| (format!("org.opencontainers.image.{key}"), value)).collect();
        for (key, value) in chart.annotations {
            if !FIXED.contains(&key.as_str()) {
                all.insert(key, value);
            }
        }
        all
    }
}

/// Annotations that a chart cannot choose.
const FIXED: [&str; 2] = ["org.opencontainers.image.title", "org.opencontainers.image.version"];

impl Maintainer {
    fn text(&self) -> String {
        if self.email.is_empty() {
            return self.name.clone();
        }
        format!("{} ({})", self.name, self.email)
    }
}

impl Identity {
    /// The part that a publish records.
    pub fn record(&self) -> OciRecord {
        OciRecord { function: FUNCTION, config: self.config, manifest: self.manifest }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHART: &str = concat!(
        r#"{"name":"org","version":"1.2.3+b1","description":"An organization.","home":"https://example.org/","#,
        r#""sources":["https://example.org/source","https://example.org/other"],"#,
        r#""maintainers":[{"name":"A","email":"a@example.org"},{"name":"B"}],"apiVersion":"v2","#,
        r#""annotations":{"org.opencontainers.image.title":"x","org.opencontainers.image.url":"https://y/","z":"é\"\u0001"}}"#
    );

    fn package(text: &str) -> PackageRef {
        PackageRef { sha256: Sha256::of(text.as_bytes()), size: text.len() as u64 }
    }

    fn record(chart: &str) -> Record<'_> {
        let created = Timestamp::parse("2026-11-22T09:00:00.123Z").unwrap();
        Record { chart, package: package("package"), created }
    }

    /// These digests never change: clients have pinned them.
    #[test]
    fn the_digests_of_a_record_are_the_same_for_ever() {
        let identity = record(CHART).identity().unwrap();
        let signed = record(CHART).manifest(Some(package("signature"))).unwrap();
        let digests = [identity.config, identity.manifest, Sha256::of(&signed)];
        assert_eq!(
            digests.map(|digest| digest.to_string()),
            GOLDEN,
            "{}",
            String::from_utf8(record(CHART).manifest(None).unwrap()).unwrap()
        );
        let least = record(r#"{"name":"a","version":"1.0.0","apiVersion":"v2"}"#);
        assert_eq!(least.identity().unwrap().manifest.to_string(), GOLDEN_LEAST);
    }

    /// Computed by another program, too.
    const GOLDEN: [&str; 3] = [
        "f5ef8a93195703b5bc1ebf0e19a7d65fe9aa0796a518c24c3fcc754ceb831d00",
        "c4564b348336f8b8cc7d4fa9208f59b804ef543d75ccbd7a9f2499d534c78f80",
        "66fa409a257185cfec498d44a7f45b7b2736a3616bc7052c42b9ee4c09fd04f0",
    ];
    const GOLDEN_LEAST: &str = "b914df0041a6d18a1eaebbcd2d914d8cb80e231f82d1a1f04d876554a40f2d3c";

    #[test]
    fn a_signature_is_the_second_layer() {
        let bytes = record(CHART).manifest(Some(package("signature"))).unwrap();
        let value: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(value["layers"][0]["mediaType"], CHART_TYPE);
        assert_eq!(value["layers"][1]["mediaType"], PROVENANCE_TYPE);
        assert_eq!(value["layers"].as_array().map(Vec::len), Some(2));
        assert!(record("no JSON").manifest(None).is_err());
    }
}
