//! Checks of a genesis block's inputs: all faults in one run.

use std::collections::{BTreeMap, BTreeSet};

use super::ChannelGenesis;
use super::configuration::{Consensus, RaftConsenter, RaftOptions};
use super::duration;
use super::fault::GenesisFault;
use crate::msp::Msp;
use crate::x509::Certificate;

/// Longest name of a channel or group.
const MAX_NAME: usize = 249;
const ORDERER: &str = "Orderer";
const APPLICATION: &str = "Application";

/// Every fault, in the order of the configuration.
pub(super) fn faults(genesis: &ChannelGenesis) -> Vec<GenesisFault> {
    let mut faults = Vec::new();
    if !is_channel_name(&genesis.channel) {
        faults.push(GenesisFault::ChannelName);
    }
    check_batch(genesis, &mut faults);
    let orderers =
        genesis.orderers.iter().map(|organization| (&organization.name, &organization.msp));
    check_organizations(ORDERER, orderers, &mut faults);
    let applications =
        genesis.applications.iter().map(|organization| (&organization.name, &organization.msp));
    check_organizations(APPLICATION, applications, &mut faults);
    check_both_roles(genesis, &mut faults);
    check_endpoints(genesis, &mut faults);
    match &genesis.consensus {
        Consensus::Etcdraft { consenters, options } => {
            check_raft_options(options, &mut faults);
            check_consenters(genesis, consenters, &mut faults);
        }
    }
    faults
}

fn check_batch(genesis: &ChannelGenesis, faults: &mut Vec<GenesisFault>) {
    let batch = &genesis.batch;
    check_duration("batch timeout", &batch.timeout, faults);
    let reason = if batch.max_messages == 0 {
        "a block has to hold at least one message"
    } else if batch.absolute_max_bytes == 0 || batch.preferred_max_bytes == 0 {
        "the sizes have to be above zero"
    } else if batch.preferred_max_bytes > batch.absolute_max_bytes {
        "the preferred size is above the absolute one"
    } else {
        return;
    };
    faults.push(GenesisFault::Batch { reason });
}

fn check_organizations<'a>(
    group: &'static str,
    organizations: impl Iterator<Item = (&'a String, &'a Msp)>,
    faults: &mut Vec<GenesisFault>,
) {
    let mut names = BTreeSet::new();
    let mut by_id: BTreeMap<&str, &str> = BTreeMap::new();
    for (name, msp) in organizations {
        if !is_group_name(name) {
            faults.push(GenesisFault::OrganizationName { name: name.clone() });
        }
        if !names.insert(name) {
            faults.push(GenesisFault::DuplicateOrganization { group, name: name.clone() });
        } else if let Some(first) = by_id.insert(&msp.id, name) {
            let (first, second) = (first.to_owned(), name.clone());
            faults.push(GenesisFault::DuplicateMspId { first, second, id: msp.id.clone() });
        }
        check_msp(name, msp, faults);
    }
    if names.is_empty() {
        faults.push(GenesisFault::NoOrganization { group });
    }
}

fn check_msp(organization: &str, msp: &Msp, faults: &mut Vec<GenesisFault>) {
    if !is_word(&msp.id) {
        let organization = organization.to_owned();
        faults.push(GenesisFault::MspId { organization, id: msp.id.clone() });
    }
    let mut refuse = |reason: String| {
        faults.push(GenesisFault::Roots { organization: organization.to_owned(), reason });
    };
    for (what, roots) in [("signing", &msp.roots), ("TLS", &msp.tls_roots)] {
        if roots.is_empty() {
            refuse(format!("it has no {what} root"));
        }
        for root in roots {
            let checked = Certificate::from_pem(root).and_then(|root| root.check_authority());
            if let Err(error) = checked {
                refuse(format!("a {what} root: {error}"));
            }
        }
    }
}

/// Fabric refuses two different MSPs with one id, also when they stand in different groups.
fn check_both_roles(genesis: &ChannelGenesis, faults: &mut Vec<GenesisFault>) {
    for orderer in &genesis.orderers {
        let differs = genesis.applications.iter().any(|application| {
            application.msp.id == orderer.msp.id && application.msp != orderer.msp
        });
        if differs {
            faults.push(GenesisFault::DifferentMsp { id: orderer.msp.id.clone() });
        }
    }
}

fn check_endpoints(genesis: &ChannelGenesis, faults: &mut Vec<GenesisFault>) {
    for organization in &genesis.orderers {
        let name = || organization.name.clone();
        if organization.endpoints.is_empty() {
            faults.push(GenesisFault::NoEndpoint { organization: name() });
        }
        for endpoint in &organization.endpoints {
            let valid = endpoint.rsplit_once(':').is_some_and(|(host, port)| {
                is_host(host) && port.parse::<u16>().is_ok_and(|port| port > 0)
            });
            if !valid {
                let endpoint = endpoint.clone();
                faults.push(GenesisFault::Endpoint { organization: name(), endpoint });
            }
        }
    }
    for organization in &genesis.applications {
        for anchor in &organization.anchors {
            if !is_host(&anchor.host) || anchor.port == 0 {
                let endpoint = format!("{}:{}", anchor.host, anchor.port);
                let organization = organization.name.clone();
                faults.push(GenesisFault::Endpoint { organization, endpoint });
            }
        }
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

fn check_consenters(
    genesis: &ChannelGenesis,
    consenters: &[RaftConsenter],
    faults: &mut Vec<GenesisFault>,
) {
    if consenters.is_empty() {
        faults.push(GenesisFault::NoConsenter);
    }
    // Roots that cannot be read have been reported with their organization.
    let roots: Vec<Certificate> = genesis
        .orderers
        .iter()
        .flat_map(|organization| &organization.msp.tls_roots)
        .filter_map(|root| Certificate::from_pem(root).ok())
        .collect();
    let mut addresses = BTreeSet::new();
    let mut by_key: BTreeMap<Vec<u8>, String> = BTreeMap::new();
    for consenter in consenters {
        let address = format!("{}:{}", consenter.host, consenter.port);
        let mut refuse = |reason: String| {
            faults.push(GenesisFault::Consenter { consenter: address.clone(), reason });
        };
        if !is_host(&consenter.host) || consenter.port == 0 {
            refuse("it has no host and port".to_owned());
        }
        if !addresses.insert(address.clone()) {
            refuse("it is named twice".to_owned());
        }
        match consenter_certificate(&consenter.server_tls, &roots) {
            Err(reason) => refuse(format!("its server certificate: {reason}")),
            Ok(certificate) => {
                // Orderers know each other by the public key.
                let key = certificate.public_key_info().to_vec();
                if let Some(other) = by_key.insert(key, address.clone()) {
                    refuse(format!("it has the same TLS key as `{other}`"));
                }
            }
        }
        if consenter.client_tls != consenter.server_tls
            && let Err(reason) = consenter_certificate(&consenter.client_tls, &roots)
        {
            refuse(format!("its client certificate: {reason}"));
        }
    }
}

/// Orderers dial each other, and check each other against the TLS roots of the channel.
fn consenter_certificate(pem: &str, roots: &[Certificate]) -> Result<Certificate, String> {
    let certificate = Certificate::from_pem(pem).map_err(|error| error.to_string())?;
    if !roots.iter().any(|root| certificate.verify_issued_by(root).is_ok()) {
        Err("no TLS root of an orderer organization has issued it".to_owned())
    } else if !certificate.authenticates_servers() || !certificate.authenticates_clients() {
        Err("it has to authenticate servers and clients".to_owned())
    } else {
        Ok(certificate)
    }
}

fn check_duration(what: &'static str, text: &str, faults: &mut Vec<GenesisFault>) {
    if !duration::is_positive(text) {
        faults.push(GenesisFault::Duration { what, text: text.to_owned() });
    }
}

fn is_channel_name(name: &str) -> bool {
    let allowed = |byte: u8| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-')
    };
    name.len() <= MAX_NAME
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.bytes().all(allowed)
}

fn is_group_name(name: &str) -> bool {
    name.len() <= MAX_NAME && is_word(name) && !matches!(name, "." | "..")
}

fn is_word(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'))
}

fn is_host(host: &str) -> bool {
    is_word(host)
}
