//! What no selector can name: who has an address instead of pods. Other organizations' nodes elsewhere, engines that run
//! chaincodes, databases, the API server.
//!
//! An address range would have to be known and to stay; so these rules name ports, and leave the addresses open.

use std::collections::BTreeSet;

use chart_format::yaml::Map;

use super::{CHAINCODE_LISTENER, Side, is_on, ports};
use crate::model::{CaDatabase, ChaincodeMode, Channel, ExposureKind, Network, Organization};

/// Where images and modules come from: what an engine beside a peer pulls.
const HTTPS: u16 = 443;

/// What a component has to do with the rest of the world.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Outside {
    /// It calls the API server.
    api_server: bool,
    /// Ports that it dials, wherever they are.
    dials: BTreeSet<u16>,
    /// Nobody here knows what it dials.
    dials_anything: bool,
    /// Ports at which anybody may call it.
    open: BTreeSet<u16>,
}

impl Outside {
    /// Nothing that it would look up a name for.
    pub(super) fn is_empty(&self) -> bool {
        self.dials.is_empty() && !self.dials_anything
    }

    /// The facts of a policy with these.
    pub(super) fn facts(&self, mut facts: Map) -> Map {
        let list = |set: &BTreeSet<u16>| ports(&set.iter().copied().collect::<Vec<_>>());
        if self.api_server {
            facts.insert("apiServer", true);
        }
        if !self.dials.is_empty() {
            facts.insert("dials", list(&self.dials));
        }
        if self.dials_anything {
            facts.insert("dialsAnything", true);
        }
        if !self.open.is_empty() {
            facts.insert("open", list(&self.open));
        }
        facts
    }
}

pub(super) fn of(network: &Network, own: &Organization, component: &str) -> Outside {
    let mut outside = Outside { dials: elsewhere(network, own, component), ..Outside::default() };
    match component {
        "roller" => outside.api_server = true,
        "ca" => {
            // The connection string is a Secret's.
            let postgres = |database| database == CaDatabase::Postgres;
            outside.dials_anything = own.ca.as_ref().is_some_and(|ca| postgres(ca.database));
        }
        "test" if !own.peers.is_empty() => inside_engines(&own.chaincode_mode, &mut outside),
        "peer" => chaincodes(network, &own.chaincode_mode, &mut outside),
        _ => {}
    }
    outside
}

/// Whether anybody may call the ports that applications call: the topology exposes them, or somebody else's nodes, which
/// may be anywhere, share a channel.
pub(super) fn is_exposed(network: &Network, own: &Organization, component: &str) -> bool {
    let called_by_nodes = component == "peer" || component == "orderer";
    network.exposure.kind != ExposureKind::None
        || (called_by_nodes && shared(network, own).next().is_some())
}

/// Ports of nodes that somebody else runs and this component calls.
fn elsewhere(network: &Network, own: &Organization, component: &str) -> BTreeSet<u16> {
    let (peers, orderers) = match component {
        "peer" | "converge" | "cli" | "test" => (true, true),
        "orderer" => (false, true),
        _ => (false, false),
    };
    let mut found = BTreeSet::new();
    for (_, external) in shared(network, own) {
        let Some(external) = &external.external else { continue };
        let anchors = external.anchors.iter().filter(|_| peers);
        let ordering = external.orderers.iter().filter(|_| orderers);
        found.extend(anchors.chain(ordering).map(|endpoint| endpoint.port));
    }
    found
}

/// Channels of an organization with each organization elsewhere that is on them.
fn shared<'a>(
    network: &'a Network,
    own: &'a Organization,
) -> impl Iterator<Item = (&'a Channel, &'a Organization)> {
    let on =
        |channel: &Channel| is_on(channel, own, Side::Member) || is_on(channel, own, Side::Orderer);
    let channels = network.channels.iter().filter(move |channel| on(channel));
    channels.flat_map(|channel| {
        let external = network.organizations.iter().filter(|it| it.is_external());
        let there = external.filter(|it| {
            channel.members.iter().any(|member| member.organization == it.name)
                || is_on(channel, it, Side::Orderer)
        });
        there.map(move |external| (channel, external))
    })
}

/// What runs chaincodes that are no servers.
fn chaincodes(network: &Network, mode: &ChaincodeMode, outside: &mut Outside) {
    match mode {
        ChaincodeMode::Services | ChaincodeMode::None => {}
        // Its Jobs are pods of the peer's namespace and call themselves chaincode: they have a flow.
        ChaincodeMode::KubernetesBuilder => outside.api_server = true,
        // Its containers are no pods: nothing but their port tells them apart.
        ChaincodeMode::DockerHost(_) => outside.open.extend([CHAINCODE_LISTENER]),
        ChaincodeMode::DockerRemote(remote) => {
            outside.open.extend([CHAINCODE_LISTENER]);
            outside.dials.extend(port_of(&remote.endpoint));
        }
        // Its containers share the pod; the engine pulls images.
        ChaincodeMode::DockerInDocker => {
            outside.dials.extend([HTTPS]);
            let images = network.images.components.values();
            outside.dials.extend(images.filter_map(|image| port_of(&image.registry)));
        }
    }
}

/// From inside of an engine names are looked for by a test that asks where the peer's pod is, and calls the engine.
fn inside_engines(mode: &ChaincodeMode, outside: &mut Outside) {
    outside.api_server = mode.is_docker();
    if let ChaincodeMode::DockerRemote(remote) = mode {
        outside.dials.extend(port_of(&remote.endpoint));
    }
}

/// The number behind the last colon.
fn port_of(address: &str) -> Option<u16> {
    address.trim_end_matches('/').rsplit_once(':')?.1.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example;
    use crate::model::{
        CertificateAuthority, DnsStrategy, Endpoint, External, IssuingAuthority, RemoteEngine,
    };

    fn sets(outside: &Outside) -> (Vec<u16>, Vec<u16>) {
        (outside.dials.iter().copied().collect(), outside.open.iter().copied().collect())
    }

    #[test]
    fn nodes_of_others_are_dialled_and_let_in_where_a_channel_is_shared() {
        let mut network = example::article();
        let anchors = vec![Endpoint { host: "peer0.example.net".to_owned(), port: 8443 }];
        network.organizations[1].external = Some(External { anchors, orderers: Vec::new() });
        network.organizations[1].peers.clear();
        let own = &network.organizations[0];
        assert_eq!(sets(&of(&network, own, "peer")), (vec![8443], vec![]));
        assert!(is_exposed(&network, own, "peer") && !is_exposed(&network, own, "ca"));
        let orderer = network.organizations.iter().find(|it| !it.orderers.is_empty()).unwrap();
        assert_eq!(of(&network, orderer, "orderer"), Outside::default());
        assert!(is_exposed(&network, orderer, "orderer"), "its peers read blocks");
        network.channels.clear();
        let own = &network.organizations[0];
        assert_eq!(of(&network, own, "peer"), Outside::default());
        assert!(!is_exposed(&network, own, "peer"));
    }

    #[test]
    fn chaincodes_that_are_no_pods_reach_their_peer() {
        let mut network = example::article();
        let mut with = |mode| {
            network.organizations[0].chaincode_mode = mode;
            of(&network, &network.organizations[0], "peer")
        };
        assert_eq!(with(ChaincodeMode::Services), Outside::default());
        assert_eq!(sets(&with(ChaincodeMode::DockerHost(DnsStrategy::Off))), (vec![], vec![7052]));
        let endpoint = "tcp://build.example.org:2376".to_owned();
        let remote =
            ChaincodeMode::DockerRemote(RemoteEngine { endpoint, ..RemoteEngine::default() });
        assert_eq!(sets(&with(remote.clone())), (vec![2376], vec![7052]));
        assert_eq!(sets(&with(ChaincodeMode::DockerInDocker)), (vec![443], vec![]));
        let jobs = with(ChaincodeMode::KubernetesBuilder);
        assert!(jobs.api_server);
        assert_eq!(sets(&jobs), (vec![], vec![]), "its Jobs are pods");

        network.organizations[0].chaincode_mode = remote;
        let test = of(&network, &network.organizations[0], "test");
        assert_eq!(
            sets(&test),
            (vec![2376], vec![]),
            "it looks for names from inside of the engine"
        );
    }

    #[test]
    fn a_database_that_nobody_names_may_be_anywhere() {
        let mut network = example::article();
        let peer = &network.organizations[0].peers[0];
        let ca = |database| CertificateAuthority {
            authority: IssuingAuthority::Intermediate,
            database,
            storage: peer.storage.clone(),
            resources: peer.resources.clone(),
        };
        let (postgres, file) = (ca(CaDatabase::Postgres), ca(CaDatabase::Sqlite));
        network.organizations[0].ca = Some(postgres);
        assert!(of(&network, &network.organizations[0], "ca").dials_anything);
        network.organizations[0].ca = Some(file);
        assert!(!of(&network, &network.organizations[0], "ca").dials_anything);
    }
}
