//! Hosts that no DNS knows: pods are told their addresses.
//!
//! Services of such nodes have fixed addresses, so a network comes up in one release and its pods never ask. The addresses
//! are frozen in the lock: each belongs to one host for ever.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::{Network, Organization, Range, names};

/// Addresses of the hosts that pods are told.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HostAliases {
    /// What addresses are taken from; `None` where it cannot be read, which a rule reports.
    pub range: Option<Range>,
    /// By host, those of living nodes alone.
    pub addresses: BTreeMap<String, IpAddr>,
    /// Hosts that the range has no address for, which a rule reports.
    pub left_out: Vec<String>,
}

impl Network {
    /// What a pod is told about a host.
    pub fn address_of(&self, host: &str) -> Option<IpAddr> {
        self.host_aliases.as_ref()?.addresses.get(host).copied()
    }

    /// Every host of this network that needs a fixed address, in the order of the topology.
    pub fn aliased_hosts(&self) -> impl Iterator<Item = String> {
        let built = self.organizations.iter().filter(|it| it.has_aliases() && !it.is_external());
        built.flat_map(Organization::hosts)
    }
}

impl Organization {
    /// Hosts of all of its Services that serve Fabric.
    fn hosts(&self) -> Vec<String> {
        let peers = self.peers.iter().map(|peer| peer.name.as_str());
        let orderers = self.orderers.iter().map(|orderer| orderer.name.as_str());
        let ca = self.ca.as_ref().map(|_| names::CA);
        peers.chain(orderers).chain(ca).map(|node| self.host(node)).collect()
    }
}
