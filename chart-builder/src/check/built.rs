//! For tests: the lock that a build of a decided network leaves behind, without any certificate.

use std::collections::BTreeMap;

use crate::lock::{
    ChannelFacts, Lock, LockedChaincode, LockedChannel, LockedConsenter, LockedKafka, LockedMember,
    LockedNetwork, LockedNode, LockedOrganization, NodeKind, Origin,
};
use crate::model::{
    Chaincode, Channel, Consenter, EndorsementPolicy, Logs, Network, OrderingGroup, Organization,
    names,
};

/// What is frozen after a first build of the network.
pub(crate) fn lock_of(network: &Network) -> Lock {
    let organizations = network.organizations.iter();
    let channels = network.channels.iter();
    let chaincodes = network.chaincodes.iter();
    Lock {
        network: Some(LockedNetwork {
            name: network.name.clone(),
            layout: network.layout,
            namespaces: network.namespaces,
            cluster_domain: network.cluster_domain.clone(),
            release: network.name.clone(),
            transport: network.transport,
            fabric_line: format!("{}.{}", network.fabric.major, network.fabric.minor),
        }),
        organizations: organizations.map(|it| (it.name.clone(), organization(it))).collect(),
        addresses: network.host_aliases.iter().flat_map(|it| it.addresses.clone()).collect(),
        kafka: network.kafka.as_ref().map(LockedKafka::of),
        system_channels: network.ordering.iter().filter_map(system_channel).collect(),
        channels: channels.map(|it| (it.name.clone(), channel(network, it))).collect(),
        chaincodes: chaincodes
            .map(|it| (it.name.clone(), chaincode(it, &network.version)))
            .collect(),
        charts: BTreeMap::new(),
    }
}

fn organization(organization: &Organization) -> LockedOrganization {
    let node = |kind, index, storage: &_, bootstrap: Option<&String>| LockedNode {
        kind,
        index,
        host: organization.host(&match kind {
            NodeKind::Peer => names::peer(index),
            NodeKind::Orderer => names::orderer(index),
        }),
        storage: Clone::clone(storage),
        gossip_bootstrap: bootstrap.cloned(),
        couchdb: None,
        logs: Logs::default(),
        removed: false,
    };
    let peers = organization.peers.iter().map(|it| {
        let bootstrap = Some(&it.gossip_bootstrap);
        let peer = node(NodeKind::Peer, it.index, &it.storage, bootstrap);
        (it.name.clone(), LockedNode { couchdb: it.state_database.storage().cloned(), ..peer })
    });
    let orderers = organization.orderers.iter().map(|it| {
        let orderer = node(NodeKind::Orderer, it.index, &it.storage, None);
        (it.name.clone(), LockedNode { logs: it.logs.clone(), ..orderer })
    });
    LockedOrganization {
        msp_id: organization.msp_id.clone(),
        namespace: organization.namespace.clone(),
        release: String::new(),
        has_peers: !organization.peers.is_empty(),
        has_orderers: !organization.orderers.is_empty(),
        ca_sha256: String::new(),
        tls_ca_sha256: String::new(),
        intermediate_ca_sha256: organization
            .ca
            .as_ref()
            .filter(|ca| ca.is_intermediate())
            .map(|_| String::new()),
        ca_storage: organization.ca.as_ref().map(|ca| ca.storage.clone()),
        nodes: peers.chain(orderers).collect(),
    }
}

fn channel(network: &Network, channel: &Channel) -> LockedChannel {
    let members = channel.members.iter().map(|it| LockedMember {
        organization: it.organization.clone(),
        anchors: it.anchors.iter().map(|it| format!("{}:{}", it.host, it.port)).collect(),
    });
    LockedChannel {
        origin: match network.system_channel_of(channel) {
            None => Origin::Genesis { sha256: String::new() },
            Some(system) => {
                Origin::Creation { system_channel: system.name.clone(), sha256: String::new() }
            }
        },
        sequence: 0,
        updates: Vec::new(),
        made_from: ChannelFacts {
            members: members.collect(),
            orderers: Vec::new(),
            consensus: channel.consensus.clone(),
            consenters: consenters(&channel.consenters),
            batch: channel.batch.clone(),
            capabilities: channel.capabilities.clone(),
            policies: BTreeMap::new(),
        },
    }
}

fn system_channel(group: &OrderingGroup) -> Option<(String, LockedChannel)> {
    let system = group.system_channel.as_ref()?;
    let members = system.members.iter();
    let members = members.map(|it| LockedMember { organization: it.clone(), anchors: Vec::new() });
    let locked = LockedChannel {
        origin: Origin::Genesis { sha256: String::new() },
        sequence: 0,
        updates: Vec::new(),
        made_from: ChannelFacts {
            members: members.collect(),
            orderers: Vec::new(),
            consensus: group.consensus.clone(),
            consenters: consenters(&group.orderers),
            batch: group.batch.clone(),
            capabilities: group.capabilities.clone(),
            policies: BTreeMap::new(),
        },
    };
    Some((system.name.clone(), locked))
}

fn consenters(orderers: &[Consenter]) -> Vec<LockedConsenter> {
    let consenters = orderers.iter().zip(1..).map(|(it, id)| LockedConsenter {
        id,
        organization: it.organization.clone(),
        orderer: it.orderer.clone(),
        host: it.host.clone(),
        port: it.cluster_port,
        tls_sha256: None,
        sign_sha256: None,
    });
    consenters.collect()
}

fn chaincode(chaincode: &Chaincode, version: &semver::Version) -> LockedChaincode {
    LockedChaincode {
        channel: chaincode.channel.clone(),
        version: chaincode.version.clone(),
        sequence: chaincode.sequence,
        endorsement: match &chaincode.endorsement {
            EndorsementPolicy::ChannelDefault => None,
            EndorsementPolicy::Signature(text) => Some(text.clone()),
        },
        label: String::new(),
        package_id: String::new(),
        indexes_sha256: None,
        image: chaincode.image.clone(),
        since: version.clone(),
        previous: None,
        collections: chaincode.collections.clone(),
        replaced: Vec::new(),
    }
}
