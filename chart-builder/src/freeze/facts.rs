//! What a channel's configuration is made from, as the lock keeps it.

use chart_format::digest::Sha256;
use fabric_artifacts::block::has_definitions;

use crate::lock::{ChannelFacts, LockedConsenter, LockedMember, LockedOrdererOrganization};
use crate::material::Material;
use crate::model::{Channel, Consensus, Consenter, Network, OrderingGroup, SystemChannel, names};

/// The policies that [`fabric_artifacts::block`] gives every channel, by path.
const POLICIES: &[(&str, &str)] = &[
    ("/Channel/Admins", "MAJORITY Admins"),
    ("/Channel/Orderer/Admins", "MAJORITY Admins"),
    ("/Channel/Orderer/BlockValidation", "ANY Writers"),
    ("/Channel/Orderer/Readers", "ANY Readers"),
    ("/Channel/Orderer/Writers", "ANY Writers"),
    ("/Channel/Readers", "ANY Readers"),
    ("/Channel/Writers", "ANY Writers"),
];

/// The policies of a channel with members.
const APPLICATION_POLICIES: &[(&str, &str)] = &[
    ("/Channel/Application/Admins", "MAJORITY Admins"),
    ("/Channel/Application/Readers", "ANY Readers"),
    ("/Channel/Application/Writers", "ANY Writers"),
];

/// The policies of a channel with definitions of chaincodes.
const DEFINITION_POLICIES: &[(&str, &str)] = &[
    ("/Channel/Application/Endorsement", "MAJORITY Endorsement"),
    ("/Channel/Application/LifecycleEndorsement", "MAJORITY Endorsement"),
];

/// The block validation policy of BFT, which names every consenter.
const BFT_VALIDATION: (&str, &str) = ("/Channel/Orderer/BlockValidation", "QUORUM of consenters");

/// What a channel's configuration is made from; nothing when a consenter has no certificate.
pub fn channel_facts(
    network: &Network,
    channel: &Channel,
    material: &Material,
) -> Option<ChannelFacts> {
    let members = channel.members.iter().map(|member| LockedMember {
        organization: member.organization.clone(),
        anchors: member
            .anchors
            .iter()
            .map(|anchor| format!("{}:{}", anchor.host, anchor.port))
            .collect(),
    });
    let mut policies = policies(POLICIES);
    policies.extend(self::policies(APPLICATION_POLICIES));
    if has_definitions(&channel.capabilities.application) {
        policies.extend(self::policies(DEFINITION_POLICIES));
    }
    if matches!(channel.consensus, Consensus::Bft(_)) {
        policies.extend(self::policies(&[BFT_VALIDATION]));
    }
    Some(ChannelFacts {
        members: members.collect(),
        orderers: orderers(network, &channel.consenters),
        consenters: consenters(network, (&channel.consensus, &channel.consenters), material)?,
        consensus: channel.consensus.clone(),
        batch: channel.batch.clone(),
        capabilities: channel.capabilities.clone(),
        policies,
    })
}

/// What the configuration of a system channel is made from; nothing when a consenter has no certificate.
pub(super) fn system_channel_facts(
    network: &Network,
    (group, system): (&OrderingGroup, &SystemChannel),
    material: &Material,
) -> Option<ChannelFacts> {
    let member = |name: &String| LockedMember { organization: name.clone(), anchors: Vec::new() };
    let mut policies = policies(POLICIES);
    policies.insert(
        format!("/Channel/Consortiums/{}/ChannelCreationPolicy", names::CONSORTIUM),
        "ANY Admins".to_owned(),
    );
    Some(ChannelFacts {
        members: system.members.iter().map(member).collect(),
        orderers: orderers(network, &group.orderers),
        consenters: consenters(network, (&group.consensus, &group.orderers), material)?,
        consensus: group.consensus.clone(),
        batch: group.batch.clone(),
        capabilities: group.capabilities.clone(),
        policies,
    })
}

fn policies(rules: &[(&str, &str)]) -> std::collections::BTreeMap<String, String> {
    rules.iter().map(|(path, rule)| ((*path).to_owned(), (*rule).to_owned())).collect()
}

/// Orderers with the digests of what stands of them in the configuration: nothing with solo and Kafka.
fn consenters(
    network: &Network,
    (consensus, orderers): (&Consensus, &[Consenter]),
    material: &Material,
) -> Option<Vec<LockedConsenter>> {
    let mut consenters = Vec::new();
    for (id, consenter) in (1..).zip(orderers) {
        let organization = material.organizations.get(&consenter.organization)?;
        let elsewhere = network.organization(&consenter.organization)?.is_external();
        let node = match organization.nodes.get(&consenter.orderer) {
            Some(node) => Some(node),
            // Their certificates stand in the block that was given.
            None if elsewhere => None,
            None => return None,
        };
        let sha256 = |pem: &String| Sha256::of(pem.as_bytes()).to_string();
        consenters.push(LockedConsenter {
            id,
            organization: consenter.organization.clone(),
            orderer: consenter.orderer.clone(),
            host: consenter.host.clone(),
            port: consenter.cluster_port,
            tls_sha256: node.filter(|_| consensus.votes()).map(|node| sha256(&node.tls)),
            sign_sha256: node
                .filter(|_| matches!(consensus, Consensus::Bft(_)))
                .map(|node| sha256(&node.sign)),
        });
    }
    Some(consenters)
}

/// Organizations with orderers among these, in the order of the topology, and where clients reach them.
pub(super) fn orderers(
    network: &Network,
    orderers: &[Consenter],
) -> Vec<LockedOrdererOrganization> {
    let mut organizations = Vec::new();
    for organization in &network.organizations {
        let own = orderers.iter().filter(|it| it.organization == organization.name);
        let endpoints: Vec<String> =
            own.map(|consenter| format!("{}:{}", consenter.host, consenter.port)).collect();
        if !endpoints.is_empty() {
            let organization = organization.name.clone();
            organizations.push(LockedOrdererOrganization { organization, endpoints });
        }
    }
    organizations
}
