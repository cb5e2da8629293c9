//! Ordering groups: their orderers, their consensus, and their system channels.

use super::channels::{batch, capabilities};
use crate::lock::{ChannelFacts, Lock};
use crate::model::{
    BftOptions, Consensus, ConsensusType, Consenter, KafkaCluster, Network, ONLY_GROUP,
    OrderingGroup, RaftOptions, SystemChannel, names,
};
use crate::spec::{self, Group, Ordering, Spec, quantity};

/// Every group of the topology, by name.
pub(super) fn groups(spec: &Spec, network: &Network, lock: &Lock) -> Vec<OrderingGroup> {
    let inputs = Inputs { spec, network, lock };
    match &spec.ordering {
        Ordering::Single(said) => vec![inputs.group(None, said)],
        Ordering::Groups(groups) => {
            groups.iter().map(|(name, said)| inputs.group(Some(name), said)).collect()
        }
    }
}

/// The name of the group that this word of a channel means, with what was written of it.
pub fn group<'a>(ordering: &'a Ordering, name: Option<&str>) -> Option<(&'a str, &'a Group)> {
    match (ordering, name) {
        (Ordering::Single(group), None) => Some((ONLY_GROUP, &**group)),
        (Ordering::Groups(groups), Some(name)) => {
            groups.get_key_value(name).map(|(name, group)| (name.as_str(), group))
        }
        (Ordering::Groups(groups), None) if groups.len() == 1 => {
            groups.first_key_value().map(|(name, group)| (name.as_str(), group))
        }
        (Ordering::Single(_), Some(_)) | (Ordering::Groups(_), None) => None,
    }
}

/// How a group agrees: what was written, else what is frozen, else what Fabric's own tools take.
pub(super) fn consensus(
    said: &Group,
    network: &Network,
    frozen: Option<&ChannelFacts>,
) -> Consensus {
    let frozen = frozen.map(|facts| &facts.consensus);
    match said.consensus.unwrap_or(ConsensusType::Etcdraft) {
        ConsensusType::Etcdraft => Consensus::Etcdraft(match frozen {
            Some(Consensus::Etcdraft(frozen)) => raft(&said.raft, frozen.clone()),
            _ => raft(&said.raft, RaftOptions::default()),
        }),
        ConsensusType::Bft => Consensus::Bft(Box::new(match frozen {
            Some(Consensus::Bft(frozen)) => bft(&said.bft, (**frozen).clone()),
            _ => bft(&said.bft, BftOptions::default()),
        })),
        ConsensusType::Solo => Consensus::Solo,
        ConsensusType::Kafka => Consensus::Kafka {
            // Where orderers look first; brokers that came later are found through these.
            brokers: match frozen {
                Some(Consensus::Kafka { brokers }) => brokers.clone(),
                _ => network.kafka.as_ref().map(KafkaCluster::broker_addresses).unwrap_or_default(),
            },
        },
    }
}

#[derive(Clone, Copy)]
struct Inputs<'a> {
    spec: &'a Spec,
    network: &'a Network,
    lock: &'a Lock,
}

impl Inputs<'_> {
    fn group(&self, name: Option<&String>, said: &Group) -> OrderingGroup {
        let kind = said.consensus.unwrap_or(ConsensusType::Etcdraft);
        let system = said
            .system_channel
            .clone()
            .unwrap_or_else(|| names::system_channel(name.map(String::as_str)));
        // What has begun with a system channel keeps it, also when its orderers have learnt to do without.
        let needed = self.network.line().needs_system_channel(&self.network.fabric, kind.word())
            || self.lock.system_channels.contains_key(&system);
        let system = Some(system).filter(|_| needed && kind != ConsensusType::Bft);
        let frozen = system.as_ref().and_then(|name| self.lock.system_channels.get(name));
        let frozen = frozen.map(|locked| &locked.made_from);
        OrderingGroup {
            name: name.map_or(ONLY_GROUP, String::as_str).to_owned(),
            consensus: consensus(said, self.network, frozen),
            orderers: orderers(said, self.network),
            batch: batch(&said.batch, frozen),
            capabilities: capabilities(self.spec, self.network, frozen),
            system_channel: system
                .map(|name| SystemChannel { name, members: self.consortium(frozen) }),
        }
    }

    /// Who may be on channels of a group: every organization that has peers, here or elsewhere, when its system channel is made.
    fn consortium(&self, frozen: Option<&ChannelFacts>) -> Vec<String> {
        if let Some(frozen) = frozen {
            return frozen.members.iter().map(|member| member.organization.clone()).collect();
        }
        let organizations = self.network.organizations.iter();
        let with_peers = organizations.filter(|it| !it.peers.is_empty() || it.is_external());
        with_peers.map(|organization| organization.name.clone()).collect()
    }
}

/// The orderers that a group names, or all.
pub(super) fn orderers(group: &Group, network: &Network) -> Vec<Consenter> {
    let all = network.organizations.iter().flat_map(|organization| {
        let external = organization.external.iter().flat_map(|external| &external.orderers);
        let external = external.map(move |orderer| Consenter {
            organization: organization.name.clone(),
            orderer: orderer.host.clone(),
            host: orderer.host.clone(),
            port: orderer.port,
            cluster_port: orderer.port,
        });
        let own = organization.orderers.iter().map(move |orderer| Consenter {
            organization: organization.name.clone(),
            orderer: orderer.name.clone(),
            host: organization.host(&orderer.name),
            port: names::ORDERER_PORT,
            cluster_port: network.transport.cluster_port(),
        });
        own.chain(external)
    });
    let Some(said) = &group.consenters else { return all.collect() };
    let all: Vec<_> = all.collect();
    let found = said.iter().filter_map(|said| {
        let (organization, orderer) = said.split_once('/')?;
        all.iter().find(|it| it.organization == organization && it.orderer == orderer)
    });
    found.cloned().collect()
}

fn raft(said: &spec::Raft, default: RaftOptions) -> RaftOptions {
    let size = said.snapshot_interval_size.as_deref().and_then(quantity::bytes);
    RaftOptions {
        tick_interval: said.tick_interval.clone().unwrap_or(default.tick_interval),
        election_tick: said.election_tick.unwrap_or(default.election_tick),
        heartbeat_tick: said.heartbeat_tick.unwrap_or(default.heartbeat_tick),
        max_inflight_blocks: said.max_inflight_blocks.unwrap_or(default.max_inflight_blocks),
        snapshot_interval_size: size.unwrap_or(default.snapshot_interval_size),
    }
}

fn bft(said: &spec::Bft, default: BftOptions) -> BftOptions {
    let text = |said: &Option<String>, default| said.clone().unwrap_or(default);
    BftOptions {
        request_batch_max_interval: text(
            &said.request_batch_max_interval,
            default.request_batch_max_interval,
        ),
        incoming_message_buffer_size: said
            .incoming_message_buffer_size
            .unwrap_or(default.incoming_message_buffer_size),
        request_pool_size: said.request_pool_size.unwrap_or(default.request_pool_size),
        request_forward_timeout: text(
            &said.request_forward_timeout,
            default.request_forward_timeout,
        ),
        request_complain_timeout: text(
            &said.request_complain_timeout,
            default.request_complain_timeout,
        ),
        request_auto_remove_timeout: text(
            &said.request_auto_remove_timeout,
            default.request_auto_remove_timeout,
        ),
        view_change_resend_interval: text(
            &said.view_change_resend_interval,
            default.view_change_resend_interval,
        ),
        view_change_timeout: text(&said.view_change_timeout, default.view_change_timeout),
        leader_heartbeat_timeout: text(
            &said.leader_heartbeat_timeout,
            default.leader_heartbeat_timeout,
        ),
        leader_heartbeat_count: said
            .leader_heartbeat_count
            .unwrap_or(default.leader_heartbeat_count),
        collect_timeout: text(&said.collect_timeout, default.collect_timeout),
    }
}
