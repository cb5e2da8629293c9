//! Checks of a genesis block's inputs: all faults in one run.

mod consensus;
mod members;

use std::collections::BTreeSet;

use super::capability::Level;
use super::configuration::{BatchLimits, Capabilities, Consensus};
use super::duration;
use super::fault::GenesisFault;
use super::{ChannelGenesis, SystemChannelGenesis};
use consensus::Orderers;
use members::Members;

/// Longest name of a channel or group.
const MAX_NAME: usize = 249;
const ORDERER: &str = "Orderer";
const APPLICATION: &str = "Application";
const CONSORTIUMS: &str = "Consortiums";

/// Every fault of a channel with members, in the order of the configuration.
pub(super) fn of_channel(genesis: &ChannelGenesis) -> Vec<GenesisFault> {
    let mut faults = Vec::new();
    check_name(&genesis.channel, &mut faults);
    check_capabilities(&genesis.capabilities, &mut faults);
    check_batch(&genesis.batch, &mut faults);
    let members =
        Members { level: Level::of(&genesis.capabilities.channel), orderers: &genesis.orderers };
    members.check_orderers(&mut faults);
    let applications = genesis.applications.as_slice();
    members.check_group(
        APPLICATION,
        applications.iter().map(|each| (&each.name, &each.msp)),
        &mut faults,
    );
    members.check_across_groups(&[applications], &mut faults);
    members.check_endpoints(&[applications], &mut faults);
    if matches!(genesis.consensus, Consensus::Solo | Consensus::Kafka { .. }) {
        let reason = "solo and Kafka need a system channel that the channel is made from";
        faults.push(GenesisFault::Consensus { reason });
    }
    orderers(members, &genesis.batch).check(&genesis.consensus, &mut faults);
    faults
}

/// Every fault of a system channel, in the order of the configuration.
pub(super) fn of_system_channel(genesis: &SystemChannelGenesis) -> Vec<GenesisFault> {
    let mut faults = Vec::new();
    check_name(&genesis.channel, &mut faults);
    check_capabilities(&genesis.capabilities, &mut faults);
    check_batch(&genesis.batch, &mut faults);
    let level = Level::of(&genesis.capabilities.channel);
    let members = Members { level, orderers: &genesis.orderers };
    members.check_orderers(&mut faults);
    if genesis.consortiums.is_empty() {
        faults.push(GenesisFault::NoOrganization { group: CONSORTIUMS });
    }
    let mut names = BTreeSet::new();
    for consortium in &genesis.consortiums {
        if !is_group_name(&consortium.name) || !names.insert(&consortium.name) {
            faults.push(GenesisFault::Consortium { name: consortium.name.clone() });
        }
        members.check_group(
            CONSORTIUMS,
            consortium.members.iter().map(|each| (&each.name, &each.msp)),
            &mut faults,
        );
    }
    let groups: Vec<_> = genesis.consortiums.iter().map(|each| each.members.as_slice()).collect();
    members.check_across_groups(&groups, &mut faults);
    members.check_endpoints(&groups, &mut faults);
    if level >= Level::V3_0 || matches!(genesis.consensus, Consensus::Bft { .. }) {
        let reason = "from Fabric 3.0 on there is no system channel, and BFT has none";
        faults.push(GenesisFault::Consensus { reason });
    }
    orderers(members, &genesis.batch).check(&genesis.consensus, &mut faults);
    faults
}

fn orderers<'a>(members: Members<'a>, batch: &'a BatchLimits) -> Orderers<'a> {
    Orderers { level: members.level, organizations: members.orderers, batch }
}

fn check_name(channel: &str, faults: &mut Vec<GenesisFault>) {
    if !is_channel_name(channel) {
        faults.push(GenesisFault::ChannelName);
    }
}

fn check_capabilities(capabilities: &Capabilities, faults: &mut Vec<GenesisFault>) {
    let groups = [
        ("Channel", &capabilities.channel),
        (ORDERER, &capabilities.orderer),
        (APPLICATION, &capabilities.application),
    ];
    for (group, name) in groups {
        if Level::read(name).is_none() {
            faults.push(GenesisFault::Capability { group, name: name.clone() });
        }
    }
    let others = !capabilities.channel.is_empty() || !capabilities.application.is_empty();
    if capabilities.orderer.is_empty() && others {
        faults.push(GenesisFault::NoOrdererCapability);
    }
}

fn check_batch(batch: &BatchLimits, faults: &mut Vec<GenesisFault>) {
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

fn check_duration(what: &'static str, text: &str, faults: &mut Vec<GenesisFault>) {
    if !duration::is_positive(text) {
        faults.push(GenesisFault::Duration { what, text: text.to_owned() });
    }
}

pub(super) fn is_channel_name(name: &str) -> bool {
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

/// `host:port` with a port above zero.
fn is_address(address: &str) -> bool {
    address
        .rsplit_once(':')
        .is_some_and(|(host, port)| is_host(host) && port.parse::<u16>().is_ok_and(|port| port > 0))
}
