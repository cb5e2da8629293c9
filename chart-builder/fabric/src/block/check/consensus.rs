//! Consenters, and the options of each consensus.

use std::collections::{BTreeMap, BTreeSet};

use super::super::capability::Level;
use super::super::configuration::{
    BatchLimits, BftConsenter, BftOptions, Consensus, LeaderRotation, OrdererOrganization,
    RaftConsenter, RaftOptions,
};
use super::super::duration;
use super::super::fault::GenesisFault;
use super::members::{is_issued, read_all};
use super::{check_duration, is_address, is_host};
use crate::x509::Certificate;

/// The ordering organizations of a channel, under its capability and limits.
pub(super) struct Orderers<'a> {
    pub(super) level: Level,
    pub(super) organizations: &'a [OrdererOrganization],
    pub(super) batch: &'a BatchLimits,
}

/// The addresses and TLS keys of consenters so far.
#[derive(Default)]
struct Seen {
    addresses: BTreeSet<String>,
    by_key: BTreeMap<Vec<u8>, String>,
}

/// What every consenter has.
struct Dialled<'a> {
    host: &'a str,
    port: u16,
    client_tls: &'a str,
    server_tls: &'a str,
}

impl Orderers<'_> {
    pub(super) fn check(&self, consensus: &Consensus, faults: &mut Vec<GenesisFault>) {
        match consensus {
            Consensus::Etcdraft { consenters, options } => {
                check_raft_options(options, faults);
                self.check_raft(consenters, faults);
            }
            Consensus::Bft { consenters, options } => {
                if self.level < Level::V3_0 {
                    let reason = "BFT needs the channel capability `V3_0`";
                    faults.push(GenesisFault::Consensus { reason });
                }
                self.check_bft_options(options, faults);
                self.check_bft(consenters, faults);
            }
            Consensus::Solo => {}
            Consensus::Kafka { brokers } => {
                if brokers.is_empty() {
                    let reason = "Kafka needs the address of a broker";
                    faults.push(GenesisFault::Consensus { reason });
                }
                for broker in brokers.iter().filter(|broker| !is_address(broker)) {
                    faults.push(GenesisFault::Broker { broker: broker.clone() });
                }
            }
        }
    }

    fn tls_authorities(&self) -> Vec<Certificate> {
        read_all(self.organizations.iter().flat_map(|organization| {
            organization.msp.tls_roots.iter().chain(&organization.msp.tls_intermediates)
        }))
    }

    fn check_raft(&self, consenters: &[RaftConsenter], faults: &mut Vec<GenesisFault>) {
        if consenters.is_empty() {
            faults.push(GenesisFault::NoConsenter);
        }
        let authorities = self.tls_authorities();
        let mut seen = Seen::default();
        for consenter in consenters {
            let dialled = Dialled {
                host: &consenter.host,
                port: consenter.port,
                client_tls: &consenter.client_tls,
                server_tls: &consenter.server_tls,
            };
            let consenter = format!("{}:{}", dialled.host, dialled.port);
            for reason in check_dialled(&dialled, &authorities, &mut seen) {
                faults.push(GenesisFault::Consenter { consenter: consenter.clone(), reason });
            }
        }
    }

    fn check_bft(&self, consenters: &[BftConsenter], faults: &mut Vec<GenesisFault>) {
        if consenters.is_empty() {
            faults.push(GenesisFault::NoConsenter);
        }
        let authorities = self.tls_authorities();
        let mut seen = Seen::default();
        let mut by_id: BTreeMap<u32, String> = BTreeMap::new();
        let mut by_identity: BTreeMap<Vec<u8>, String> = BTreeMap::new();
        for consenter in consenters {
            let dialled = Dialled {
                host: &consenter.host,
                port: consenter.port,
                client_tls: &consenter.client_tls,
                server_tls: &consenter.server_tls,
            };
            let address = format!("{}:{}", consenter.host, consenter.port);
            let mut reasons = check_dialled(&dialled, &authorities, &mut seen);
            if consenter.id == 0 {
                reasons.push("its id has to be above zero".to_owned());
            } else if let Some(other) = by_id.insert(consenter.id, address.clone()) {
                reasons.push(format!("it has the same id {} as `{other}`", consenter.id));
            }
            match self.check_identity(consenter) {
                Err(reason) => reasons.push(reason),
                Ok(identity) => {
                    // An orderer finds itself by the public key of its identity.
                    let key = identity.public_key_info().to_vec();
                    if let Some(other) = by_identity.insert(key, address.clone()) {
                        reasons.push(format!("it has the same signing key as `{other}`"));
                    }
                }
            }
            for reason in reasons {
                faults.push(GenesisFault::Consenter { consenter: address.clone(), reason });
            }
        }
    }

    /// Peers verify blocks against this certificate.
    fn check_identity(&self, consenter: &BftConsenter) -> Result<Certificate, String> {
        let id = &consenter.msp_id;
        let msp = self
            .organizations
            .iter()
            .map(|organization| &organization.msp)
            .find(|msp| msp.id == *id)
            .ok_or_else(|| format!("no orderer organization has the MSP `{id}`"))?;
        let identity = Certificate::from_pem(&consenter.identity)
            .map_err(|error| format!("its identity: {error}"))?;
        if is_issued(&identity, &read_all(msp.roots.iter().chain(&msp.intermediates))) {
            Ok(identity)
        } else {
            Err(format!("its identity: no authority of the MSP `{id}` has issued it"))
        }
    }

    /// The rules of Fabric's `SmartBFT`, with the batch that orderers put into its options.
    fn check_bft_options(&self, options: &BftOptions, faults: &mut Vec<GenesisFault>) {
        check_bft_durations(options, faults);
        let above = |left: &str, right: &str| {
            // Durations that cannot be read have been reported.
            match (duration::nanoseconds(left), duration::nanoseconds(right)) {
                (Some(left), Some(right)) => left > right,
                _ => false,
            }
        };
        let counts = [
            options.request_batch_max_count,
            options.request_batch_max_bytes,
            options.incoming_message_buffer_size,
            options.request_pool_size,
            options.leader_heartbeat_count,
        ];
        let rules = [
            (counts.contains(&0), "counts and sizes have to be above zero"),
            (
                options.request_batch_max_count > options.request_batch_max_bytes
                    || self.batch.max_messages > self.batch.absolute_max_bytes,
                "a batch cannot have more messages than bytes",
            ),
            (
                options.request_max_bytes > options.request_batch_max_bytes
                    || options.request_max_bytes > u64::from(self.batch.absolute_max_bytes),
                "a request cannot be larger than a batch",
            ),
            (
                above(&options.request_forward_timeout, &options.request_complain_timeout),
                "the forward timeout is above the complain timeout",
            ),
            (
                above(&options.request_complain_timeout, &options.request_auto_remove_timeout),
                "the complain timeout is above the auto-remove timeout",
            ),
            (
                above(&options.view_change_resend_interval, &options.view_change_timeout),
                "the view change resend interval is above the view change timeout",
            ),
            (
                options.leader_rotation == LeaderRotation::On || options.decisions_per_leader > 0,
                "leader rotation has to be off, because orderers refuse every update where it is on",
            ),
        ];
        for (broken, reason) in rules {
            if broken {
                faults.push(GenesisFault::Bft { reason });
            }
        }
    }
}

fn check_bft_durations(options: &BftOptions, faults: &mut Vec<GenesisFault>) {
    let durations = [
        ("BFT batch interval", &options.request_batch_max_interval),
        ("BFT forward timeout", &options.request_forward_timeout),
        ("BFT complain timeout", &options.request_complain_timeout),
        ("BFT auto-remove timeout", &options.request_auto_remove_timeout),
        ("BFT view change resend interval", &options.view_change_resend_interval),
        ("BFT view change timeout", &options.view_change_timeout),
        ("BFT leader heartbeat timeout", &options.leader_heartbeat_timeout),
        ("BFT collect timeout", &options.collect_timeout),
    ];
    for (what, text) in durations {
        check_duration(what, text, faults);
    }
}

fn check_raft_options(options: &RaftOptions, faults: &mut Vec<GenesisFault>) {
    check_duration("raft tick interval", &options.tick_interval, faults);
    let reason = if options.heartbeat_tick == 0 {
        "the heartbeat tick has to be above zero"
    } else if options.election_tick <= options.heartbeat_tick {
        "the election tick has to be above the heartbeat tick"
    } else if options.max_inflight_blocks == 0 {
        "at least one block has to be in flight"
    } else if options.snapshot_interval_size == 0 {
        "the snapshot interval has to be above zero"
    } else {
        return;
    };
    faults.push(GenesisFault::Raft { reason });
}

fn check_dialled(
    consenter: &Dialled<'_>,
    authorities: &[Certificate],
    seen: &mut Seen,
) -> Vec<String> {
    let address = format!("{}:{}", consenter.host, consenter.port);
    let mut reasons = Vec::new();
    if !is_host(consenter.host) || consenter.port == 0 {
        reasons.push("it has no host and port".to_owned());
    }
    if !seen.addresses.insert(address.clone()) {
        reasons.push("it is named twice".to_owned());
    }
    match consenter_certificate(consenter.server_tls, authorities) {
        Err(reason) => reasons.push(format!("its server certificate: {reason}")),
        Ok(certificate) => {
            // Orderers know each other by the public key.
            let key = certificate.public_key_info().to_vec();
            if let Some(other) = seen.by_key.insert(key, address) {
                reasons.push(format!("it has the same TLS key as `{other}`"));
            }
        }
    }
    if consenter.client_tls != consenter.server_tls
        && let Err(reason) = consenter_certificate(consenter.client_tls, authorities)
    {
        reasons.push(format!("its client certificate: {reason}"));
    }
    reasons
}

/// Orderers dial each other, and check each other against the TLS roots of the channel.
fn consenter_certificate(pem: &str, authorities: &[Certificate]) -> Result<Certificate, String> {
    let certificate = Certificate::from_pem(pem).map_err(|error| error.to_string())?;
    if !is_issued(&certificate, authorities) {
        Err("no TLS root of an orderer organization has issued it".to_owned())
    } else if !certificate.authenticates_servers() || !certificate.authenticates_clients() {
        Err("it has to authenticate servers and clients".to_owned())
    } else {
        Ok(certificate)
    }
}
