//! How the peers of an organization run chaincodes: `facts.chaincodeRuntime` of `fabric-org`.

use std::collections::BTreeMap;
use std::fmt::Display;

use chart_format::yaml::{Map, Node};
use semver::Version;

use super::view::View;
use crate::model::{ChaincodeMode, DnsStrategy, Network, Organization};

/// First version that tells chaincodes another address than the one it listens at.
const FIRST_WITH_CHAINCODE_ADDRESS: Version = Version::new(1, 1, 0);

pub(super) fn facts(view: &View<'_>, organization: &Organization) -> Map {
    let mode = &organization.chaincode_mode;
    let mut facts = Map::new().with("mode", mode.word());
    if mode.is_docker() && view.network.fabric < FIRST_WITH_CHAINCODE_ADDRESS {
        facts.insert("listenAddressOnly", true);
    }
    match mode {
        ChaincodeMode::Services
        | ChaincodeMode::None
        | ChaincodeMode::KubernetesBuilder
        | ChaincodeMode::DockerInDocker => {}
        ChaincodeMode::DockerHost(dns) => add_strategy(&mut facts, dns, view.network),
        ChaincodeMode::DockerRemote(engine) => {
            facts.insert("endpoint", &engine.endpoint);
            if let Some(secret) = &engine.tls_secret {
                facts.insert("tlsSecret", secret);
            }
            facts.insert("addresses", by_peer(&engine.addresses));
        }
    }
    facts
}

fn add_strategy(facts: &mut Map, dns: &DnsStrategy, network: &Network) {
    facts.insert("dns", dns.word());
    match dns {
        DnsStrategy::HostConfig => {
            facts.insert("dnsServers", servers(network));
        }
        DnsStrategy::ExtraHosts(addresses) => {
            facts.insert("clusterIPs", by_peer(addresses));
        }
        DnsStrategy::PodAddress | DnsStrategy::Daemon | DnsStrategy::Off => {}
    }
}

/// The cluster's server first.
fn servers(network: &Network) -> Vec<Node> {
    let cluster = &network.cluster;
    cluster.dns.iter().chain(&cluster.node_dns).map(|it| Node::from(it.to_string())).collect()
}

fn by_peer(addresses: &BTreeMap<String, impl Display>) -> Map {
    addresses.iter().map(|(peer, it)| (peer.clone(), Node::from(it.to_string()))).collect()
}
