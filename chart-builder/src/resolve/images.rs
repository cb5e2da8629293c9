//! Which images a network runs, and the ones it gets when the topology names none.

use std::collections::BTreeMap;

use semver::Version;

use super::image;
use crate::fabric_line::{self, FabricLine};
use crate::model::{ChaincodeMode, Component, Image, Network, Peer, Rollout};
use crate::spec::Spec;

/// Last version of the base images that Fabric 1 runs chaincodes in.
const LAST_BASE_IMAGE: &str = "amd64-0.4.22";

/// Java and Node chaincodes have images of their own up to 2.5, and Fabric 3 runs those.
fn runtime_tag(fabric: &Version) -> String {
    if fabric.major < 3 { format!("{}.{}", fabric.major, fabric.minor) } else { "2.5".to_owned() }
}

/// The image of every component that this network has.
pub(super) fn components(
    spec: &Spec,
    line: &FabricLine,
    network: &Network,
) -> BTreeMap<Component, Image> {
    let said = &spec.images;
    let registry = said.registry.as_deref().unwrap_or_default();
    let components = Component::ALL.iter().filter(|component| runs(network, **component));
    let image = |component: &Component| {
        let (repository, tag) = default(*component, line, network);
        let image = image::resolve(said.components.get(component), registry, (repository, &tag));
        (*component, image)
    };
    components.map(image).collect()
}

/// Whether anything of the network, or of the part of one release, uses the image of this component.
pub(crate) fn runs(network: &Network, component: Component) -> bool {
    match component {
        Component::Peer => network.organizations.iter().any(|it| !it.peers.is_empty()),
        Component::Orderer => network.organizations.iter().any(|it| !it.orderers.is_empty()),
        Component::Tools => true,
        Component::Glibc | Component::Musl => !network.organizations.is_empty(),
        Component::Kubectl => {
            (network.rollout == Rollout::OneByOne
                && (!network.organizations.is_empty() || network.kafka.is_some()))
                || any(network, ChaincodeMode::is_docker)
                || network.rewritten_domains().next().is_some()
        }
        Component::Dind => any(network, |mode| *mode == ChaincodeMode::DockerInDocker),
        Component::K8sBuilder => any(network, |mode| *mode == ChaincodeMode::KubernetesBuilder),
        Component::Ccenv | Component::Baseos | Component::Javaenv | Component::Nodeenv => {
            any(network, ChaincodeMode::is_docker)
        }
        Component::Ca => network.organizations.iter().any(|organization| organization.ca.is_some()),
        Component::Cli => network.organizations.iter().any(|organization| organization.cli),
        Component::Couchdb => {
            let peers = network.organizations.iter().flat_map(|organization| &organization.peers);
            peers.into_iter().any(Peer::has_couchdb)
        }
        Component::Kafka | Component::Zookeeper => network.kafka.is_some(),
    }
}

/// Whether the peers of an organization run chaincodes like this.
fn any(network: &Network, like: impl Fn(&ChaincodeMode) -> bool) -> bool {
    let with_peers = network.organizations.iter().filter(|it| !it.peers.is_empty());
    with_peers.map(|it| &it.chaincode_mode).any(like)
}

/// Repository and tag of an image that the topology does not name.
fn default(component: Component, line: &FabricLine, network: &Network) -> (&'static str, String) {
    match component {
        Component::Peer => (line.peer_repository, line.tag(&network.fabric)),
        Component::Orderer => (line.orderer_repository, line.tag(&network.fabric)),
        // A shell and wget, and nothing that grows old quickly.
        Component::Tools => ("busybox", "1.36.1".to_owned()),
        Component::Glibc => ("debian", "12-slim".to_owned()),
        Component::Musl => ("alpine", "3.20".to_owned()),
        Component::Kubectl => ("alpine/k8s", "1.36.3".to_owned()),
        Component::Couchdb => {
            let (repository, tag) = fabric_line::couchdb(&network.fabric);
            (repository, tag.to_owned())
        }
        Component::Ca => ("hyperledger/fabric-ca", "1.5.21".to_owned()),
        // There is no image of tools since 3.0; the peer's has `peer`.
        Component::Cli if network.fabric.major >= 3 => {
            (line.peer_repository, line.tag(&network.fabric))
        }
        Component::Cli => ("hyperledger/fabric-tools", line.tag(&network.fabric)),
        // Engines from 29 on do not talk to older peers.
        Component::Dind => ("docker", "28-dind".to_owned()),
        Component::K8sBuilder => {
            ("ghcr.io/hyperledger-labs/fabric-builder-k8s/k8s-fabric-peer", "0.15.2".to_owned())
        }
        Component::Ccenv => ("hyperledger/fabric-ccenv", line.tag(&network.fabric)),
        Component::Baseos if network.fabric.major < 2 => {
            ("hyperledger/fabric-baseos", LAST_BASE_IMAGE.to_owned())
        }
        Component::Baseos => ("hyperledger/fabric-baseos", line.tag(&network.fabric)),
        Component::Javaenv => ("hyperledger/fabric-javaenv", runtime_tag(&network.fabric)),
        Component::Nodeenv if network.fabric.major < 2 => {
            ("hyperledger/fabric-baseimage", LAST_BASE_IMAGE.to_owned())
        }
        Component::Nodeenv => ("hyperledger/fabric-nodeenv", runtime_tag(&network.fabric)),
        // The last ones that Fabric published for its Kafka consensus.
        Component::Kafka => ("hyperledger/fabric-kafka", "0.4.22".to_owned()),
        Component::Zookeeper => ("hyperledger/fabric-zookeeper", "0.4.22".to_owned()),
    }
}
