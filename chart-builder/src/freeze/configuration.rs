//! From the decided network and its certificates to what a channel's first configuration says.
//!
//! Every function gives nothing when a certificate is missing, which is said already.

use fabric_artifacts::block::{
    self, AnchorPeer, ApplicationOrganization, BftConsenter, ChannelCreation, ChannelGenesis,
    Consortium, OrdererOrganization, RaftConsenter, SystemChannelGenesis,
};
use fabric_artifacts::msp::{Msp, OrganizationalUnits};
use fabric_artifacts::x509::Certificate;
use time::OffsetDateTime;

use super::facts;
use crate::material::Material;
use crate::model::{
    BatchLimits, BftOptions, Capabilities, Channel, Consensus, Consenter, Member, Network,
    OrderingGroup, RaftOptions, SystemChannel, names,
};

/// What configurations are made from.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    pub(super) network: &'a Network,
    pub(super) material: &'a Material,
}

impl View<'_> {
    /// Block 0 of a channel that its orderers join by this block.
    pub(super) fn genesis(&self, channel: &Channel) -> Option<ChannelGenesis> {
        Some(ChannelGenesis {
            channel: channel.name.clone(),
            capabilities: capabilities(&channel.capabilities),
            batch: batch(&channel.batch),
            consensus: self.consensus(&channel.consensus, &channel.consenters)?,
            timestamp: self.timestamp(&channel.consenters, members(channel))?,
            orderers: self.orderers(&channel.consenters, &channel.capabilities)?,
            applications: channel
                .members
                .iter()
                .map(|it| self.application(it, &channel.capabilities))
                .collect::<Option<_>>()?,
        })
    }

    /// Block 0 of a system channel.
    pub(super) fn system_genesis(
        &self,
        group: &OrderingGroup,
        system: &SystemChannel,
    ) -> Option<SystemChannelGenesis> {
        let members = system.members.iter().map(|name| {
            Some(ApplicationOrganization {
                name: name.clone(),
                msp: self.msp(name, &group.capabilities)?,
                anchors: Vec::new(),
            })
        });
        let consortium = Consortium {
            name: names::CONSORTIUM.to_owned(),
            members: members.collect::<Option<_>>()?,
        };
        Some(SystemChannelGenesis {
            channel: system.name.clone(),
            capabilities: capabilities(&group.capabilities),
            batch: batch(&group.batch),
            consensus: self.consensus(&group.consensus, &group.orderers)?,
            timestamp: self.timestamp(&group.orderers, system.members.iter())?,
            orderers: self.orderers(&group.orderers, &group.capabilities)?,
            consortiums: vec![consortium],
        })
    }

    /// The transaction that makes a channel from a system channel, and its time.
    pub(super) fn creation(&self, channel: &Channel) -> Option<(ChannelCreation, OffsetDateTime)> {
        let creation = ChannelCreation {
            channel: channel.name.clone(),
            consortium: names::CONSORTIUM.to_owned(),
            capability: channel.capabilities.application.clone(),
            members: members(channel).cloned().collect(),
        };
        Some((creation, self.timestamp(&channel.consenters, members(channel))?))
    }

    fn orderers(
        &self,
        orderers: &[Consenter],
        capabilities: &Capabilities,
    ) -> Option<Vec<OrdererOrganization>> {
        let orderers = facts::orderers(self.network, orderers).into_iter().map(|orderer| {
            Some(OrdererOrganization {
                msp: self.msp(&orderer.organization, capabilities)?,
                name: orderer.organization,
                endpoints: orderer.endpoints,
            })
        });
        orderers.collect()
    }

    /// A member of a channel with its anchors.
    pub(super) fn application(
        &self,
        member: &Member,
        capabilities: &Capabilities,
    ) -> Option<ApplicationOrganization> {
        let anchors = member.anchors.iter();
        let anchors = anchors.map(|it| AnchorPeer { host: it.host.clone(), port: it.port });
        Some(ApplicationOrganization {
            name: member.organization.clone(),
            msp: self.msp(&member.organization, capabilities)?,
            anchors: anchors.collect(),
        })
    }

    /// The MSP of an organization on a channel with these capabilities: they decide how administrators are known.
    pub(super) fn msp(&self, organization: &str, capabilities: &Capabilities) -> Option<Msp> {
        let own = self.material.organizations.get(organization)?;
        let units = if own.named_admin {
            OrganizationalUnits::None
        } else {
            OrganizationalUnits::of_channel(&capabilities.channel)
        };
        let admins = if units == OrganizationalUnits::All { None } else { Some(own.admin.clone()) };
        Some(Msp {
            id: self.network.organization(organization)?.msp_id.clone(),
            roots: std::iter::once(&own.ca).chain(&own.enrollment_ca).cloned().collect(),
            tls_roots: vec![own.tls_ca.clone()],
            intermediates: own.intermediate_ca.iter().cloned().collect(),
            admins: admins.into_iter().collect(),
            units,
            ..Msp::default()
        })
    }

    fn consensus(&self, consensus: &Consensus, orderers: &[Consenter]) -> Option<block::Consensus> {
        Some(match consensus {
            Consensus::Etcdraft(options) => block::Consensus::Etcdraft {
                consenters: orderers
                    .iter()
                    .map(|it| self.raft_consenter(it))
                    .collect::<Option<_>>()?,
                options: raft(options),
            },
            Consensus::Bft(options) => block::Consensus::Bft {
                consenters: (1..)
                    .zip(orderers)
                    .map(|(id, it)| self.bft_consenter(id, it))
                    .collect::<Option<_>>()?,
                options: Box::new(bft(options)),
            },
            Consensus::Solo => block::Consensus::Solo,
            Consensus::Kafka { brokers } => block::Consensus::Kafka { brokers: brokers.clone() },
        })
    }

    fn raft_consenter(&self, consenter: &Consenter) -> Option<RaftConsenter> {
        let own = self.material.organizations.get(&consenter.organization)?;
        let tls = &own.nodes.get(&consenter.orderer)?.tls;
        Some(RaftConsenter {
            host: consenter.host.clone(),
            port: consenter.cluster_port,
            client_tls: tls.clone(),
            server_tls: tls.clone(),
        })
    }

    fn bft_consenter(&self, id: u32, consenter: &Consenter) -> Option<BftConsenter> {
        let own = self.material.organizations.get(&consenter.organization)?;
        let node = own.nodes.get(&consenter.orderer)?;
        Some(BftConsenter {
            id,
            host: consenter.host.clone(),
            port: consenter.cluster_port,
            msp_id: self.network.organization(&consenter.organization)?.msp_id.clone(),
            identity: node.sign.clone(),
            client_tls: node.tls.clone(),
            server_tls: node.tls.clone(),
        })
    }

    /// The time of an update of a channel.
    pub(super) fn update_time(&self, channel: &Channel) -> Option<OffsetDateTime> {
        self.timestamp(&channel.consenters, members(channel))
    }

    /// The latest begin of validity among the roots: the same for everybody who holds the same certificates.
    fn timestamp<'a>(
        &self,
        orderers: &'a [Consenter],
        members: impl Iterator<Item = &'a String>,
    ) -> Option<OffsetDateTime> {
        let mut latest = None;
        for organization in orderers.iter().map(|it| &it.organization).chain(members) {
            let own = self.material.organizations.get(organization)?;
            for root in [&own.ca, &own.tls_ca] {
                latest = latest.max(Some(Certificate::from_pem(root).ok()?.not_before()));
            }
        }
        latest
    }
}

fn members(channel: &Channel) -> impl Iterator<Item = &String> {
    channel.members.iter().map(|member| &member.organization)
}

/// Whether something that a build makes knows the administrators of an organization by their certificates, as it has no units.
pub(super) fn knows_by_certificate(network: &Network, organization: &str) -> bool {
    let without = |it: &Capabilities| {
        OrganizationalUnits::of_channel(&it.channel) == OrganizationalUnits::None
    };
    let on = |channel: &&Channel| {
        // The block of a channel that is ordered elsewhere is given.
        !network.is_ordered_elsewhere(channel)
            && (channel.members.iter().any(|it| it.organization == organization)
                || channel.consenters.iter().any(|it| it.organization == organization))
    };
    let in_system = |group: &&OrderingGroup| {
        let members = group.system_channel.iter().flat_map(|it| &it.members);
        members.into_iter().any(|it| it == organization)
    };
    network.channels.iter().filter(on).any(|it| without(&it.capabilities))
        || network.ordering.iter().filter(in_system).any(|it| without(&it.capabilities))
}

fn capabilities(it: &Capabilities) -> block::Capabilities {
    block::Capabilities {
        channel: it.channel.clone(),
        orderer: it.orderer.clone(),
        application: it.application.clone(),
    }
}

fn batch(it: &BatchLimits) -> block::BatchLimits {
    block::BatchLimits {
        timeout: it.timeout.clone(),
        max_messages: it.max_messages,
        absolute_max_bytes: it.absolute_max_bytes,
        preferred_max_bytes: it.preferred_max_bytes,
    }
}

fn raft(it: &RaftOptions) -> block::RaftOptions {
    block::RaftOptions {
        tick_interval: it.tick_interval.clone(),
        election_tick: it.election_tick,
        heartbeat_tick: it.heartbeat_tick,
        max_inflight_blocks: it.max_inflight_blocks,
        snapshot_interval_size: it.snapshot_interval_size,
    }
}

fn bft(it: &BftOptions) -> block::BftOptions {
    block::BftOptions {
        request_batch_max_interval: it.request_batch_max_interval.clone(),
        incoming_message_buffer_size: it.incoming_message_buffer_size,
        request_pool_size: it.request_pool_size,
        request_forward_timeout: it.request_forward_timeout.clone(),
        request_complain_timeout: it.request_complain_timeout.clone(),
        request_auto_remove_timeout: it.request_auto_remove_timeout.clone(),
        view_change_resend_interval: it.view_change_resend_interval.clone(),
        view_change_timeout: it.view_change_timeout.clone(),
        leader_heartbeat_timeout: it.leader_heartbeat_timeout.clone(),
        leader_heartbeat_count: it.leader_heartbeat_count,
        collect_timeout: it.collect_timeout.clone(),
        ..block::BftOptions::default()
    }
}
