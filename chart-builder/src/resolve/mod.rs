//! Decides everything that the topology leaves open.
//!
//! What the user did not say comes from the lock if it is frozen there, else from the defaults of `docs/topology.md`.
//! Lists of the model are as long as those of the spec, so that an index is also a key path. Where a value cannot be
//! read, the model gets the default and a rule reports the value: [`crate::check`] hands out no network that has errors.

mod aliases;
mod chaincode_runtime;
pub mod channels;
mod cluster;
mod collections;
pub mod image;
mod images;
pub mod kafka;
mod monitoring;
mod nodes;
pub mod ordering;
mod services;
mod storage;

use std::collections::BTreeMap;

use semver::Version;

use crate::fabric_line::{self, FabricLine, Lookup};
use crate::lock::Lock;
use crate::model::{
    Capabilities, Exposure, Images, Layout, NamespaceMode, Network, Profile, PullPolicy, Rollout,
    Transport,
};
use crate::spec::Spec;

pub(crate) use images::runs;

/// The decided network.
pub fn resolve(spec: &Spec, lock: &Lock) -> Network {
    let (line, fabric) = fabric_version(spec);
    let capabilities = capabilities(spec, line, &fabric);
    let profile = spec.release.profile.unwrap_or(Profile::Production);
    let mut network = Network {
        name: spec.name.clone().unwrap_or_default(),
        version: version(spec.version.as_deref()).unwrap_or(UNREADABLE_VERSION),
        images: Images {
            components: BTreeMap::new(),
            pull_policy: spec.images.pull_policy.unwrap_or(PullPolicy::IfNotPresent),
            pull_secrets: spec.images.pull_secrets.clone(),
        },
        fabric,
        capabilities,
        layout: layout(spec, lock),
        namespaces: spec.release.namespaces.unwrap_or(NamespaceMode::Plain),
        rollout: spec.release.rollout.unwrap_or(match profile {
            Profile::Dev => Rollout::AllAtOnce,
            Profile::Production => Rollout::OneByOne,
        }),
        profile,
        cluster_domain: spec.cluster_domain.clone().unwrap_or_else(|| "cluster.local".to_owned()),
        rewrites_domains: spec.rewrites_domains,
        host_aliases: None,
        cluster: cluster::cluster(&spec.cluster),
        crypto: storage::crypto(spec),
        storage: storage::network(spec),
        transport: if spec.plain { Transport::Plain } else { Transport::Tls },
        exposure: Exposure {
            kind: spec.exposure.kind.unwrap_or_default(),
            domain: spec.exposure.domain.clone(),
            gateways: spec.exposure.gateways.clone(),
        },
        organizations: Vec::new(),
        monitoring: monitoring::monitoring(spec),
        kafka: None,
        ordering: Vec::new(),
        channels: Vec::new(),
        chaincodes: Vec::new(),
    };
    network.organizations = nodes::organizations(spec, &network, lock);
    network.host_aliases = aliases::host_aliases(spec, &network, lock);
    network.kafka = kafka::cluster(spec, &network, lock);
    network.ordering = ordering::groups(spec, &network, lock);
    network.channels = channels::channels(spec, &network, lock);
    network.chaincodes = channels::chaincodes(spec, &network, lock);
    network.images.components = images::components(spec, line, &network);
    network
}

/// `build --layout` decides for good what the topology does not say.
fn layout(spec: &Spec, lock: &Lock) -> Layout {
    let frozen = lock.network.as_ref().map(|locked| locked.layout);
    spec.release.layout.or(frozen).unwrap_or(Layout::Umbrella)
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

fn capabilities(spec: &Spec, line: &FabricLine, fabric: &Version) -> Capabilities {
    let (said, default) = (spec.capabilities.clone(), line.default_capabilities(fabric));
    Capabilities {
        channel: said.channel.unwrap_or(default.channel),
        orderer: said.orderer.unwrap_or(default.orderer),
        application: said.application.unwrap_or(default.application),
    }
}

#[cfg(test)]
mod tests;
