//! `configtx.yaml` from the inputs of a genesis block, with the files that it names beside it.

use std::fs;
use std::path::Path;

use fabric_artifacts::block::{
    ApplicationOrganization, BatchLimits, ChannelGenesis, Consensus, OrdererOrganization,
    RaftConsenter, RaftOptions,
};
use fabric_artifacts::msp::{Msp, config_yaml};

/// Name of a policy, its kind, its rule.
type Rule = (&'static str, &'static str, String);

/// The profile `Genesis`; MSP directories and certificates are written into `directory`.
pub(crate) fn profile(genesis: &ChannelGenesis, directory: &Path) -> String {
    let Consensus::Etcdraft { consenters, options } = &genesis.consensus else {
        panic!("etcdraft expected")
    };
    let mut orderer_policies = group_policies();
    orderer_policies.push(("BlockValidation", "ImplicitMeta", "ANY Writers".to_owned()));
    let mut application_policies = group_policies();
    for name in ["LifecycleEndorsement", "Endorsement"] {
        application_policies.push((name, "ImplicitMeta", "MAJORITY Endorsement".to_owned()));
    }
    let orderers: Vec<String> =
        genesis.orderers.iter().map(|each| orderer_organization(each, directory)).collect();
    let applications: Vec<String> =
        genesis.applications.iter().map(|each| application_organization(each, directory)).collect();
    [
        "Profiles:\n  Genesis:\n".to_owned(),
        policies(4, &group_policies()),
        capabilities(4, &genesis.capabilities.channel),
        "    Orderer:\n      OrdererType: etcdraft\n".to_owned(),
        batch(&genesis.batch),
        raft(consenters, options, directory),
        policies(6, &orderer_policies),
        capabilities(6, &genesis.capabilities.orderer),
        "      Organizations:\n".to_owned(),
        orderers.concat(),
        "    Application:\n".to_owned(),
        policies(6, &application_policies),
        capabilities(6, &genesis.capabilities.application),
        "      Organizations:\n".to_owned(),
        applications.concat(),
    ]
    .concat()
}

fn batch(batch: &BatchLimits) -> String {
    format!(
        "      BatchTimeout: {}\n      BatchSize:\n        MaxMessageCount: {}\n        AbsoluteMaxBytes: {}\n        PreferredMaxBytes: {}\n",
        batch.timeout, batch.max_messages, batch.absolute_max_bytes, batch.preferred_max_bytes
    )
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

fn orderer_organization(organization: &OrdererOrganization, directory: &Path) -> String {
    let id = &organization.msp.id;
    let rules = [
        ("Readers", "Signature", format!("OR('{id}.member')")),
        ("Writers", "Signature", format!("OR('{id}.member')")),
        ("Admins", "Signature", format!("OR('{id}.admin')")),
    ];
    [
        organization_header(&organization.name, &organization.msp, directory),
        policies(10, &rules),
        format!("          OrdererEndpoints: {:?}\n", organization.endpoints),
    ]
    .concat()
}

fn application_organization(organization: &ApplicationOrganization, directory: &Path) -> String {
    let id = &organization.msp.id;
    let rules = [
        ("Readers", "Signature", format!("OR('{id}.admin', '{id}.peer', '{id}.client')")),
        ("Writers", "Signature", format!("OR('{id}.admin', '{id}.client')")),
        ("Admins", "Signature", format!("OR('{id}.admin')")),
        ("Endorsement", "Signature", format!("OR('{id}.peer')")),
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
    format!("{space}Capabilities:\n{space}  {name}: true\n")
}

/// Name, id and MSP directory of an organization; the directory is written.
fn organization_header(name: &str, msp: &Msp, directory: &Path) -> String {
    let root = directory.join("msp").join(name);
    for (folder, stem, certificates) in
        [("cacerts", "ca", &msp.roots), ("tlscacerts", "tlsca", &msp.tls_roots)]
    {
        fs::create_dir_all(root.join(folder)).unwrap();
        let [certificate] = certificates.as_slice() else { panic!("one root expected") };
        fs::write(root.join(folder).join(format!("{stem}.pem")), certificate).unwrap();
    }
    fs::write(root.join("config.yaml"), config_yaml("cacerts/ca.pem")).unwrap();
    format!("        - Name: {name}\n          ID: {}\n          MSPDir: msp/{name}\n", msp.id)
}
