//! Decides everything that the topology leaves open.
//!
//! What the user did not say comes from the lock if it is frozen there, else from the defaults of `docs/topology.md`.
//! Lists of the model are as long as those of the spec, so that an index is also a key path. Where a value cannot be
//! read, the model gets the default and a rule reports the value: [`crate::check`] hands out no network that has errors.

pub mod channels;
pub mod image;
pub mod kafka;
mod nodes;

use semver::Version;

use crate::fabric_line::{self, FabricLine, Lookup};
use crate::lock::Lock;
use crate::model::{Capabilities, Images, Layout, NamespaceMode, Network, Profile, PullPolicy};
use crate::spec::Spec;

/// Repository and tag of the default tools image: a shell and wget, and nothing that grows old quickly.
const TOOLS_IMAGE: (&str, &str) = ("busybox", "1.36.1");

/// The last images that Fabric published for its Kafka consensus.
const KAFKA_IMAGE: (&str, &str) = ("hyperledger/fabric-kafka", "0.4.22");
const ZOOKEEPER_IMAGE: (&str, &str) = ("hyperledger/fabric-zookeeper", "0.4.22");

/// The decided network.
pub fn resolve(spec: &Spec, lock: &Lock) -> Network {
    let (line, fabric) = fabric_version(spec);
    let capabilities = capabilities(spec, line);
    let mut network = Network {
        name: spec.name.clone().unwrap_or_default(),
        version: version(spec.version.as_deref()).unwrap_or(UNREADABLE_VERSION),
        images: images(spec, line, &fabric),
        fabric,
        capabilities,
        layout: spec.release.layout.unwrap_or(Layout::Umbrella),
        namespaces: spec.release.namespaces.unwrap_or(NamespaceMode::Plain),
        profile: spec.release.profile.unwrap_or(Profile::Production),
        cluster_domain: spec.cluster_domain.clone().unwrap_or_else(|| "cluster.local".to_owned()),
        organizations: Vec::new(),
        kafka: None,
        channels: Vec::new(),
        chaincodes: Vec::new(),
    };
    network.organizations = nodes::organizations(spec, &network, lock);
    network.kafka = kafka::cluster(spec, &network, lock);
    network.channels = channels::channels(spec, &network, lock);
    network.chaincodes = channels::chaincodes(spec, &network, lock);
    network
}

/// Stands for a version that a rule reports.
const UNREADABLE_VERSION: Version = Version::new(0, 0, 0);

/// A version, as strict as Helm is about a chart's own.
pub fn version(text: Option<&str>) -> Option<Version> {
    Version::parse(text?).ok()
}

/// The newest line stands for a version that a rule reports.
fn fabric_version(spec: &Spec) -> (&'static FabricLine, Version) {
    let newest = fabric_line::newest();
    match fabric_line::look_up(spec.fabric_version.as_deref().unwrap_or_default()) {
        Lookup::Known(line, version) => (line, version),
        Lookup::NotBuilt(_) | Lookup::Unreadable => (newest, newest.newest()),
    }
}

fn capabilities(spec: &Spec, line: &FabricLine) -> Capabilities {
    let (said, default) = (spec.capabilities.clone(), line.default_capabilities());
    Capabilities {
        channel: said.channel.unwrap_or(default.channel),
        orderer: said.orderer.unwrap_or(default.orderer),
        application: said.application.unwrap_or(default.application),
    }
}

fn images(spec: &Spec, line: &FabricLine, fabric: &Version) -> Images {
    let said = &spec.images;
    let registry = said.registry.as_deref().unwrap_or_default();
    let tag = fabric.to_string();
    let image = |said: &Option<_>, default| image::resolve(said.as_ref(), registry, default);
    Images {
        peer: image(&said.peer, (line.peer_repository, &tag)),
        orderer: image(&said.orderer, (line.orderer_repository, &tag)),
        tools: image(&said.tools, TOOLS_IMAGE),
        kafka: image(&said.kafka, KAFKA_IMAGE),
        zookeeper: image(&said.zookeeper, ZOOKEEPER_IMAGE),
        pull_policy: said.pull_policy.unwrap_or(PullPolicy::IfNotPresent),
        pull_secrets: said.pull_secrets.clone(),
    }
}

#[cfg(test)]
mod tests;
