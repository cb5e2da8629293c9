//! Addresses of hosts that pods are told: those of the lock, then the lowest free ones of the range.

use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::lock::Lock;
use crate::model::{HostAliases, Network};
use crate::spec::Spec;

/// Decides the addresses of a network whose organizations are decided.
pub(super) fn host_aliases(spec: &Spec, network: &Network, lock: &Lock) -> Option<HostAliases> {
    if !spec.aliases.asked {
        return None;
    }
    let range = spec.aliases.addresses.as_deref().and_then(|text| text.parse().ok());
    let mut aliases = HostAliases { range, ..HostAliases::default() };
    let mut taken: BTreeSet<IpAddr> = lock.addresses.values().copied().collect();
    let mut free = aliases.range.into_iter().flat_map(crate::model::Range::usable);
    for host in network.aliased_hosts() {
        let frozen = lock.addresses.get(&host).copied();
        match frozen.or_else(|| free.find(|address| taken.insert(*address))) {
            Some(address) => {
                aliases.addresses.insert(host, address);
            }
            None => aliases.left_out.push(host),
        }
    }
    Some(aliases)
}

#[cfg(test)]
mod tests {
    use super::super::resolve;
    use crate::check::built::lock_of;
    use crate::diagnostic::Diagnostics;
    use crate::lock::Lock;
    use crate::model::Network;
    use crate::source::Source;
    use crate::spec;

    fn network(peers: &str, more: &str, lock: &Lock) -> Network {
        let text = format!(
            "apiVersion: fabric-topology/v1\nkind: FabricNetwork\nmetadata: {{name: demo, version: 1.0.0}}\n\
             cluster: {{serviceCIDR: 10.96.0.0/16}}\n\
             domains: {{resolve: host-aliases, addresses: 10.96.0.64/29}}\nfabric: {{version: 2.5}}\norganizations:\n\
             - {{name: Org1, domain: org1.example.com, peers: {peers}, ca: true}}\n- {{name: Org2, peers: 1}}\n\
             - {{name: Ord, domain: example.com, orderers: 1}}\nchannels: [{{name: mychannel, members: [Org1, Org2]}}]\n{more}"
        );
        let mut found = Diagnostics::default();
        let parsed = spec::parse(&Source::new("network.yaml", text), &mut found);
        assert!(found.is_empty(), "{found:?}");
        resolve(&parsed.spec.unwrap(), lock)
    }

    fn addresses(network: &Network) -> Vec<String> {
        let aliases = network.host_aliases.as_ref().unwrap();
        aliases.addresses.iter().map(|(host, it)| format!("{host} {it}")).collect()
    }

    #[test]
    fn hosts_with_dots_are_those_of_channels_and_have_addresses() {
        let network = network("2", "", &Lock::default());
        assert_eq!(
            addresses(&network),
            [
                "ca.org1.example.com 10.96.0.67",
                "orderer0.example.com 10.96.0.68",
                "peer0.org1.example.com 10.96.0.65",
                "peer1.org1.example.com 10.96.0.66",
            ]
        );
        let channel = &network.channels[0];
        assert_eq!(channel.consenters[0].host, "orderer0.example.com");
        assert_eq!(channel.members[0].anchors[0].host, "peer0.org1.example.com");
        assert_eq!(channel.members[1].anchors[0].host, "peer0.org2");
        let peer = &network.organizations[0].peers[1];
        assert_eq!(peer.gossip_bootstrap, "peer0.org1.example.com:7051");
    }

    #[test]
    fn an_address_stays_and_is_never_given_twice() {
        let mut lock = lock_of(&network("2", "", &Lock::default()));
        let removal = "removals: [{org: Org1, peer: peer1}]\n";
        let grown = network("2", removal, &lock);
        assert_eq!(
            addresses(&grown),
            [
                "ca.org1.example.com 10.96.0.67",
                "orderer0.example.com 10.96.0.68",
                "peer0.org1.example.com 10.96.0.65",
                "peer2.org1.example.com 10.96.0.69",
            ]
        );
        lock.addresses.insert("peer9.org1.example.com".to_owned(), "10.96.0.69".parse().unwrap());
        let full = network("4", removal, &lock);
        let aliases = full.host_aliases.as_ref().unwrap();
        assert_eq!(aliases.left_out, ["peer3.org1.example.com", "peer4.org1.example.com"]);
    }
}
