//! Which hosts a pod is told: exactly those that it may dial, so that a node that comes elsewhere restarts nobody else.
//!
//! All of it is nothing where cluster DNS knows every host.

use std::collections::BTreeSet;

use chart_format::yaml::{Map, Node};

use super::LowerError;
use super::view::View;
use crate::model::{Channel, Network, Organization, Peer, names};

type Hosts = BTreeSet<String>;

/// Adds what the pods of a component are told.
pub(super) fn with_dials(network: &Network, facts: Map, dials: Hosts) -> Map {
    with_hosts(network, facts, ("dials", dials))
}

fn with_hosts(network: &Network, facts: Map, (key, hosts): (&str, Hosts)) -> Map {
    let told = hosts.into_iter().filter(|host| network.address_of(host).is_some());
    let told: Vec<Node> = told.map(Node::from).collect();
    if told.is_empty() { facts } else { facts.with(key, told) }
}

/// Adds the fixed address of a Service.
pub(super) fn with_address(network: &Network, facts: Map, host: &str) -> Map {
    match network.address_of(host) {
        Some(address) => facts.with("clusterIP", address.to_string()),
        None => facts,
    }
}

/// A peer gossips with every peer of its organization and of its channels, and fetches blocks from their orderers.
pub(super) fn of_peer(
    view: &View<'_>,
    organization: &Organization,
    peer: &Peer,
) -> Result<Hosts, LowerError> {
    let mut hosts: Hosts =
        organization.peers.iter().map(|it| organization.host(&it.name)).collect();
    for channel in &view.network.channels {
        let mut members = channel.members.iter();
        if members.any(|it| it.organization == organization.name && it.peers.contains(&peer.name)) {
            hosts.extend(peers_of(view, channel)?);
            hosts.extend(orderers_of(channel));
        }
    }
    Ok(hosts)
}

/// What others of an organization dial: `converge` its own peers, orderers and where members are asked; administrators and
/// clients what its peers do, and its Fabric CA server.
pub(super) fn of_organization(
    view: &View<'_>,
    organization: &Organization,
) -> Result<Map, LowerError> {
    let mut clients = Hosts::new();
    for peer in &organization.peers {
        clients.extend(of_peer(view, organization, peer)?);
    }
    clients.extend(organization.ca.as_ref().map(|_| organization.host(names::CA)));
    let mut converge: Hosts =
        organization.peers.iter().map(|it| organization.host(&it.name)).collect();
    for channel in &view.network.channels {
        let mut members = channel.members.iter();
        if members.any(|it| it.organization == organization.name) {
            converge.extend(orderers_of(channel));
            converge.extend(endpoints_of(view, channel)?);
        }
    }
    let dials = with_hosts(view.network, Map::new(), ("converge", converge));
    Ok(with_hosts(view.network, dials, ("clients", clients)))
}

/// An orderer dials those that order with it. Peers it asks by names that cluster DNS knows, so that no channel and no member
/// that comes later restarts it.
pub(super) fn of_orderer(network: &Network, organization: &Organization, orderer: &str) -> Hosts {
    let host = organization.host(orderer);
    let mut hosts = Hosts::from([host.clone()]);
    for group in &network.ordering {
        if group.orderers.iter().any(|it| it.host == host) {
            hosts.extend(group.orderers.iter().map(|it| it.host.clone()));
        }
    }
    for channel in
        network.channels.iter().filter(|it| it.consenters.iter().any(|it| it.host == host))
    {
        hosts.extend(orderers_of(channel));
    }
    hosts
}

/// Where members of a channel are asked.
fn endpoints_of(view: &View<'_>, channel: &Channel) -> Result<Hosts, LowerError> {
    let members = channel.members.iter();
    members.map(|member| Ok(view.endpoint(member)?.0)).collect()
}

fn orderers_of(channel: &Channel) -> impl Iterator<Item = String> {
    channel.consenters.iter().map(|it| it.host.clone())
}

fn peers_of(view: &View<'_>, channel: &Channel) -> Result<Hosts, LowerError> {
    let mut hosts = Hosts::new();
    for member in &channel.members {
        let organization = view.organization(&member.organization)?;
        hosts.extend(member.peers.iter().map(|peer| organization.host(peer)));
        hosts.extend(member.anchors.iter().map(|anchor| anchor.host.clone()));
    }
    Ok(hosts)
}
