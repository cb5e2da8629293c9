//! `configtx.yaml` from the inputs of a genesis block, with the files that it names beside it.

use std::fs;
use std::path::Path;

use fabric_artifacts::block::{
    ApplicationOrganization, BatchLimits, BftConsenter, BftOptions, Capabilities, ChannelCreation,
    ChannelGenesis, Consensus, LeaderRotation, OrdererOrganization, RaftConsenter, RaftOptions,
    SystemChannelGenesis,
};
use fabric_artifacts::msp::{Msp, OrganizationalUnits};

/// Name of a policy, its kind, its rule.
type Rule = (&'static str, &'static str, String);

/// The profile `Genesis`; MSP directories and certificates are written into `directory`.
pub(crate) fn profile(genesis: &ChannelGenesis, directory: &Path) -> String {
    let ordering =
        (&genesis.capabilities, &genesis.batch, &genesis.consensus, genesis.orderers.as_slice());
    [
        "Profiles:\n  Genesis:\n".to_owned(),
        channel(ordering, directory),
        application(&genesis.capabilities.application, &genesis.applications, directory),
    ]
    .concat()
}

/// The profile `Genesis` of a system channel.
pub(crate) fn system_profile(genesis: &SystemChannelGenesis, directory: &Path) -> String {
    let ordering =
        (&genesis.capabilities, &genesis.batch, &genesis.consensus, genesis.orderers.as_slice());
    let consortiums = genesis.consortiums.iter().map(|consortium| {
        let members: Vec<String> =
            consortium.members.iter().map(|each| member(each, directory)).collect();
        format!("      {}:\n        Organizations:\n{}", consortium.name, members.concat())
    });
    [
        "Profiles:\n  Genesis:\n".to_owned(),
        channel(ordering, directory),
        "    Consortiums:\n".to_owned(),
        consortiums.collect(),
    ]
    .concat()
}

/// The profile `Genesis` of a channel that is made from a consortium.
pub(crate) fn creation_profile(
    creation: &ChannelCreation,
    members: &[ApplicationOrganization],
    directory: &Path,
) -> String {
    [
        format!("Profiles:\n  Genesis:\n    Consortium: {}\n", creation.consortium),
        policies(4, &group_policies()),
        application(&creation.capability, members, directory),
    ]
    .concat()
}

type Ordering<'a> = (&'a Capabilities, &'a BatchLimits, &'a Consensus, &'a [OrdererOrganization]);

fn channel((names, limits, consensus, orderers): Ordering<'_>, directory: &Path) -> String {
    let mut orderer_policies = group_policies();
    orderer_policies.push(("BlockValidation", "ImplicitMeta", "ANY Writers".to_owned()));
    // A channel before `V2_0` names the endpoints of all organizations.
    let is_old = names.channel.as_str() < "V2_0";
    let of_organizations = names.channel.as_str() >= "V1_4_2";
    let addresses: Vec<&String> = orderers.iter().flat_map(|each| &each.endpoints).collect();
    let organizations: Vec<String> =
        orderers.iter().map(|each| orderer(each, of_organizations, directory)).collect();
    [
        policies(4, &group_policies()),
        capabilities(4, &names.channel),
        "    Orderer:\n".to_owned(),
        if is_old { format!("      Addresses: {addresses:?}\n") } else { String::new() },
        batch(limits),
        consensus_section(consensus, directory),
        policies(6, &orderer_policies),
        capabilities(6, &names.orderer),
        "      Organizations:\n".to_owned(),
        organizations.concat(),
    ]
    .concat()
}

fn application(capability: &str, members: &[ApplicationOrganization], directory: &Path) -> String {
    let mut application_policies = group_policies();
    if capability >= "V2_0" {
        for name in ["LifecycleEndorsement", "Endorsement"] {
            application_policies.push((name, "ImplicitMeta", "MAJORITY Endorsement".to_owned()));
        }
    }
    let members: Vec<String> = members.iter().map(|each| member(each, directory)).collect();
    [
        "    Application:\n".to_owned(),
        policies(6, &application_policies),
        capabilities(6, capability),
        "      Organizations:\n".to_owned(),
        members.concat(),
    ]
    .concat()
}

fn batch(batch: &BatchLimits) -> String {
    format!(
        "      BatchTimeout: {}\n      BatchSize:\n        MaxMessageCount: {}\n        AbsoluteMaxBytes: {}\n        PreferredMaxBytes: {}\n",
        batch.timeout, batch.max_messages, batch.absolute_max_bytes, batch.preferred_max_bytes
    )
}

fn consensus_section(consensus: &Consensus, directory: &Path) -> String {
    match consensus {
        Consensus::Etcdraft { consenters, options } => {
            format!("      OrdererType: etcdraft\n{}", raft(consenters, options, directory))
        }
        Consensus::Bft { consenters, options } => format!(
            "      OrdererType: BFT\n{}{}",
            bft_options(options),
            bft_consenters(consenters, directory)
        ),
        Consensus::Solo => "      OrdererType: solo\n".to_owned(),
        Consensus::Kafka { brokers } => {
            format!("      OrdererType: kafka\n      Kafka:\n        Brokers: {brokers:?}\n")
        }
        other => panic!("no profile for {other:?}"),
    }
}

fn raft(consenters: &[RaftConsenter], options: &RaftOptions, directory: &Path) -> String {
    let head = format!(
        "      EtcdRaft:\n        Options:\n          TickInterval: {}\n          ElectionTick: {}\n          HeartbeatTick: {}\n          MaxInflightBlocks: {}\n          SnapshotIntervalSize: {}\n        Consenters:\n",
        options.tick_interval,
        options.election_tick,
        options.heartbeat_tick,
        options.max_inflight_blocks,
        options.snapshot_interval_size
    );
    let consenters = consenters.iter().enumerate().map(|(index, consenter)| {
        fs::write(directory.join(format!("client{index}.pem")), &consenter.client_tls).unwrap();
        fs::write(directory.join(format!("server{index}.pem")), &consenter.server_tls).unwrap();
        format!(
            "          - Host: {}\n            Port: {}\n            ClientTLSCert: client{index}.pem\n            ServerTLSCert: server{index}.pem\n",
            consenter.host, consenter.port
        )
    });
    head + &consenters.collect::<String>()
}

fn bft_consenters(consenters: &[BftConsenter], directory: &Path) -> String {
    let consenters = consenters.iter().enumerate().map(|(index, consenter)| {
        fs::write(directory.join(format!("client{index}.pem")), &consenter.client_tls).unwrap();
        fs::write(directory.join(format!("server{index}.pem")), &consenter.server_tls).unwrap();
        fs::write(directory.join(format!("identity{index}.pem")), &consenter.identity).unwrap();
        format!(
            "        - ID: {}\n          Host: {}\n          Port: {}\n          MSPID: {}\n          Identity: identity{index}.pem\n          ClientTLSCert: client{index}.pem\n          ServerTLSCert: server{index}.pem\n",
            consenter.id, consenter.host, consenter.port, consenter.msp_id
        )
    });
    format!("      ConsenterMapping:\n{}", consenters.collect::<String>())
}

fn bft_options(options: &BftOptions) -> String {
    let rotation = match options.leader_rotation {
        LeaderRotation::Unspecified => 0,
        LeaderRotation::Off => 1,
        LeaderRotation::On => 2,
    };
    let lines = [
        ("RequestBatchMaxCount", options.request_batch_max_count.to_string()),
        ("RequestBatchMaxBytes", options.request_batch_max_bytes.to_string()),
        ("RequestBatchMaxInterval", options.request_batch_max_interval.clone()),
        ("IncomingMessageBufferSize", options.incoming_message_buffer_size.to_string()),
        ("RequestPoolSize", options.request_pool_size.to_string()),
        ("RequestForwardTimeout", options.request_forward_timeout.clone()),
        ("RequestComplainTimeout", options.request_complain_timeout.clone()),
        ("RequestAutoRemoveTimeout", options.request_auto_remove_timeout.clone()),
        ("RequestMaxBytes", options.request_max_bytes.to_string()),
        ("ViewChangeResendInterval", options.view_change_resend_interval.clone()),
        ("ViewChangeTimeout", options.view_change_timeout.clone()),
        ("LeaderHeartbeatTimeout", options.leader_heartbeat_timeout.clone()),
        ("LeaderHeartbeatCount", options.leader_heartbeat_count.to_string()),
        ("CollectTimeout", options.collect_timeout.clone()),
        ("SyncOnStart", options.sync_on_start.to_string()),
        ("SpeedUpViewChange", options.speed_up_view_change.to_string()),
        ("LeaderRotation", rotation.to_string()),
        ("DecisionsPerLeader", options.decisions_per_leader.to_string()),
    ];
    let lines = lines.iter().map(|(key, value)| format!("        {key}: {value}\n"));
    format!("      SmartBFT:\n{}", lines.collect::<String>())
}

fn orderer(organization: &OrdererOrganization, names_endpoints: bool, directory: &Path) -> String {
    let id = &organization.msp.id;
    let rules = [
        ("Readers", "Signature", format!("OR('{id}.member')")),
        ("Writers", "Signature", format!("OR('{id}.member')")),
        ("Admins", "Signature", format!("OR('{id}.admin')")),
    ];
    let endpoints = format!("          OrdererEndpoints: {:?}\n", organization.endpoints);
    [
        organization_header(&organization.name, &organization.msp, directory),
        policies(10, &rules),
        if names_endpoints { endpoints } else { String::new() },
    ]
    .concat()
}

fn member(organization: &ApplicationOrganization, directory: &Path) -> String {
    let id = &organization.msp.id;
    let (readers, writers, endorsers) = match organization.msp.units {
        OrganizationalUnits::None => {
            let anybody = format!("OR('{id}.member')");
            (anybody.clone(), anybody.clone(), anybody)
        }
        _ => (
            format!("OR('{id}.admin', '{id}.peer', '{id}.client')"),
            format!("OR('{id}.admin', '{id}.client')"),
            format!("OR('{id}.peer')"),
        ),
    };
    let rules = [
        ("Readers", "Signature", readers),
        ("Writers", "Signature", writers),
        ("Admins", "Signature", format!("OR('{id}.admin')")),
        ("Endorsement", "Signature", endorsers),
    ];
    let anchors = organization.anchors.iter().map(|anchor| {
        format!("            - Host: {}\n              Port: {}\n", anchor.host, anchor.port)
    });
    [
        organization_header(&organization.name, &organization.msp, directory),
        policies(10, &rules),
        "          AnchorPeers:\n".to_owned(),
        anchors.collect(),
    ]
    .concat()
}

fn group_policies() -> Vec<Rule> {
    vec![
        ("Readers", "ImplicitMeta", "ANY Readers".to_owned()),
        ("Writers", "ImplicitMeta", "ANY Writers".to_owned()),
        ("Admins", "ImplicitMeta", "MAJORITY Admins".to_owned()),
    ]
}

fn policies(indent: usize, rules: &[Rule]) -> String {
    let space = " ".repeat(indent);
    let rules = rules.iter().map(|(name, kind, rule)| {
        format!("{space}  {name}:\n{space}    Type: {kind}\n{space}    Rule: \"{rule}\"\n")
    });
    format!("{space}Policies:\n{}", rules.collect::<String>())
}

fn capabilities(indent: usize, name: &str) -> String {
    let space = " ".repeat(indent);
    if name.is_empty() {
        return String::new();
    }
    format!("{space}Capabilities:\n{space}  {name}: true\n")
}

/// Name, id and MSP directory of an organization; the directory is written.
fn organization_header(name: &str, msp: &Msp, directory: &Path) -> String {
    let root = directory.join("msp").join(name);
    for (folder, stem, certificates) in [
        ("cacerts", "ca", &msp.roots),
        ("tlscacerts", "tlsca", &msp.tls_roots),
        ("intermediatecerts", "ica", &msp.intermediates),
        ("tlsintermediatecerts", "itlsca", &msp.tls_intermediates),
        ("admincerts", "admin", &msp.admins),
    ] {
        for (index, certificate) in certificates.iter().enumerate() {
            fs::create_dir_all(root.join(folder)).unwrap();
            fs::write(root.join(folder).join(format!("{stem}{index}.pem")), certificate).unwrap();
        }
    }
    // With an intermediate authority the units are bound to none: the path names no file, and Fabric only warns.
    let certificate = if msp.intermediates.is_empty() { "cacerts/ca0.pem" } else { "none.pem" };
    if let Some(text) = msp.units.config_yaml(certificate) {
        fs::write(root.join("config.yaml"), text).unwrap();
    }
    format!("        - Name: {name}\n          ID: {}\n          MSPDir: msp/{name}\n", msp.id)
}
