//! How nodes are reached from outside of the cluster.
//!
//! Node ports follow the scheme of 2017, which numbers organizations by their namespaces (`org1`): the ports of a node
//! follow from names that never change, so nothing of them has to be frozen. Services of a network stay as they are; exposure
//! only adds objects.

use super::{Network, Organization, names};

/// Exposure of the whole network.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Exposure {
    /// By which means.
    pub kind: ExposureKind,
    /// Domain of names outside: nodes are `<node>.<namespace>.<domain>` there, and have these names in their certificates.
    pub domain: Option<String>,
    /// Gateways that routes attach to.
    pub gateways: Vec<GatewayListener>,
}

/// A Gateway of the cluster, or one of its listeners: who has the gateway decides which namespaces may attach routes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GatewayListener {
    /// Name of the Gateway.
    pub name: String,
    /// Its namespace; that of the route otherwise.
    pub namespace: Option<String>,
    /// Name of the listener; every listener of the Gateway that takes such routes otherwise.
    pub section: Option<String>,
}

/// Means of exposure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ExposureKind {
    /// Nothing is reached from outside.
    #[default]
    None,
    /// A port of every node of the cluster for each listener.
    NodePort,
    /// An address for each node of the network.
    LoadBalancer,
    /// An ingress controller that passes TLS through, by the name that clients ask for.
    Ingress,
    /// A gateway that passes TLS through, by the name that clients ask for.
    Gateway,
}

impl ExposureKind {
    /// Every means.
    pub const ALL: [Self; 5] =
        [Self::None, Self::NodePort, Self::LoadBalancer, Self::Ingress, Self::Gateway];

    /// The word of the topology.
    pub const fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::NodePort => "nodePort",
            Self::LoadBalancer => "loadBalancer",
            Self::Ingress => "ingress",
            Self::Gateway => "gateway",
        }
    }

    /// Something passes TLS through that tells nodes apart by the names that clients ask for.
    pub const fn tells_by_name(self) -> bool {
        matches!(self, Self::Ingress | Self::Gateway)
    }

    /// The means of this word.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// The first port of an organization's block, and the size of a block.
const FIRST_PORT: u32 = 30000;
const PORTS_OF_ORGANIZATION: u32 = 100;
/// The first port of orderers: where the block of organization 21 would begin.
const FIRST_ORDERER_PORT: u32 = 32000;

/// Organizations whose ports end before those of orderers.
pub const MOST_ORGANIZATIONS: u32 = 20;
/// The highest index of a peer whose ports end before those of the next organization.
pub const HIGHEST_PEER: u32 = 48;
/// The highest index of an orderer whose port Kubernetes gives to nodes.
pub const HIGHEST_ORDERER: u32 = 767;

/// Node ports of an organization's listeners.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrganizationPorts {
    first: u32,
}

impl OrganizationPorts {
    /// Those of organization `number`, from 1 to [`MOST_ORGANIZATIONS`].
    pub fn of(number: u32) -> Option<Self> {
        let known = (1..=MOST_ORGANIZATIONS).contains(&number);
        known.then(|| Self { first: FIRST_PORT + (number - 1) * PORTS_OF_ORGANIZATION })
    }

    /// The Fabric CA server.
    pub fn ca(self) -> u32 {
        self.first
    }

    /// Port 7051 of a peer.
    pub fn peer(self, index: u32) -> u32 {
        self.first + 2 * index + 1
    }

    /// Port 7052 of a peer, where it listens for chaincodes.
    pub fn peer_chaincode(self, index: u32) -> u32 {
        self.first + 2 * index + 2
    }
}

/// Port 7050 of an orderer.
pub fn orderer_port(index: u32) -> u32 {
    FIRST_ORDERER_PORT + index
}

impl Network {
    /// The number at the end of an organization's namespace, prefix aside: 1 for `org1`.
    pub fn number_of(&self, organization: &Organization) -> Option<u32> {
        let prefixed = self.namespaces == super::NamespaceMode::Prefixed;
        let base = names::base_namespace(&self.name, &organization.namespace, prefixed);
        let digits = base.len() - base.trim_end_matches(|it: char| it.is_ascii_digit()).len();
        base.get(base.len() - digits..)?.parse().ok()
    }

    /// The name of a node outside of the cluster, if it has one.
    pub fn outside_host(&self, node: &str, namespace: &str) -> Option<String> {
        let domain = self.exposure.domain.as_ref()?;
        (self.exposure.kind != ExposureKind::None)
            .then(|| format!("{}.{domain}", names::host(node, namespace)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example;

    #[test]
    fn ports_are_those_of_2017() {
        let (org1, org2) = (OrganizationPorts::of(1).unwrap(), OrganizationPorts::of(2).unwrap());
        assert_eq!((org1.ca(), org1.peer(0), org1.peer_chaincode(0)), (30000, 30001, 30002));
        assert_eq!((org1.peer(1), org1.peer_chaincode(1)), (30003, 30004));
        assert_eq!((org2.ca(), org2.peer(0)), (30100, 30101));
        assert_eq!(orderer_port(0), 32000);
    }

    #[test]
    fn the_limits_are_where_blocks_would_meet() {
        let last = OrganizationPorts::of(MOST_ORGANIZATIONS).unwrap();
        assert_eq!(last.first + PORTS_OF_ORGANIZATION, orderer_port(0));
        assert_eq!(OrganizationPorts::of(MOST_ORGANIZATIONS + 1), None);
        assert_eq!(OrganizationPorts::of(0), None);
        let org1 = OrganizationPorts::of(1).unwrap();
        assert!(org1.peer_chaincode(HIGHEST_PEER) < OrganizationPorts::of(2).unwrap().ca());
        assert!(org1.peer_chaincode(HIGHEST_PEER + 1) >= OrganizationPorts::of(2).unwrap().ca());
        assert_eq!(orderer_port(HIGHEST_ORDERER), 32767);
    }

    #[test]
    fn an_organization_is_numbered_by_its_namespace() {
        let mut network = example::article();
        assert_eq!(network.number_of(&network.organizations[1]), Some(2));
        assert_eq!(network.number_of(&network.organizations[2]), None);
        network.namespaces = super::super::NamespaceMode::Prefixed;
        network.organizations[0].namespace = "article-org12".to_owned();
        assert_eq!(network.number_of(&network.organizations[0]), Some(12));
    }
}
