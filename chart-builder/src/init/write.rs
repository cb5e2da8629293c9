//! The text of network.yaml, with comments that say what each part is for.

use std::fmt::Write as _;

use super::{Batch, Choices, Inputs, Ordering, Owner, Share, node_ports};

/// Newest Fabric that has solo and Kafka.
const LAST_WITH_SYSTEM_CHANNELS: &str = "2.5.16";
/// First version in which channels need no system channel and chaincode runs as a service by itself.
const MODERN: semver::Version = semver::Version::new(2, 4, 1);
/// First version without solo and Kafka.
const WITHOUT_KAFKA: semver::Version = semver::Version::new(3, 0, 0);
/// Name of the channel that everybody of the article is on.
const CHANNEL: &str = "mychannel";

/// A topology to start with.
pub(super) fn start(choices: &Choices) -> String {
    let fabric = choices.fabric.as_ref().map_or_else(|| "2.5.16".to_owned(), ToString::to_string);
    let name = &choices.name;
    format!(
        "\
# The topology of a Hyperledger Fabric network: the only file that a person writes. Next:
#   chart-builder check .       every fault, with place, reason and fix
#   chart-builder identities .  keys and certificates, never twice
#   chart-builder build .       a Helm chart in dist/
# docs/topology.md of the builder has every field with its default.
apiVersion: fabric-topology/v1
kind: FabricNetwork
# The chart's name and version. Raise the version with every change.
metadata: {{name: {name}, version: 0.1.0}}
fabric: {{version: {fabric}}}

# What nodes share; an organization or a node may say otherwise.
defaults:
  peer: {{storage: 10Gi}}
  orderer: {{storage: 10Gi}}

# Owners of nodes: one MSP and one namespace each. `peer0` of `Org1` is reached as `peer0.org1`.
organizations:
  - {{name: Org1, peers: 2}}
  - {{name: Org2, peers: 2}}
  # Three orderers survive the loss of one.
  - {{name: Orderer, orderers: 3}}

channels:
  - {{name: {CHANNEL}, members: [Org1, Org2]}}

# Chaincodes run as servers in the cluster; the image is yours.
chaincodes: []
#  - {{name: basic, version: \"1.0\", image: registry.example.org/basic:1.0}}
"
    )
}

/// The topology that the files describe, and what a person should know about it.
pub(super) fn topology(inputs: &Inputs, choices: &Choices) -> (String, Vec<String>) {
    let mut notes = Vec::new();
    let ordering = ordering(inputs, choices, &mut notes);
    let name = inputs.name.as_ref().unwrap_or(&choices.name);
    let fabric = choices.fabric.as_ref().map(ToString::to_string);
    let fabric = fabric.unwrap_or_else(|| LAST_WITH_SYSTEM_CHANNELS.to_owned());
    let mut text = format!(
        "\
# Made by `chart-builder init --from`. What earlier files left open is said here in words; the defaults stand in
# docs/topology.md of the builder.
apiVersion: fabric-topology/v1
kind: FabricNetwork
metadata: {{name: {name}, version: 0.1.0}}
# One orderer alone loses the network with its volume: nothing for production.
release: {{profile: dev}}
fabric: {{version: {fabric}}}
"
    );
    if let Some(share) = &inputs.share {
        text.push_str(&storage(share));
        notes.push(format!(
            "nodes read their identities from {}:{}, as in 2018: copy `crypto-config` there, owned by user 1000, and make \
             the directories below {}/{name} that the check names",
            share.server, share.shared_path, share.base_path
        ));
    }
    match node_ports::exposure(inputs) {
        Some(Ok(exposure)) => text.push_str(&exposure),
        Some(Err(reason)) => notes.push(reason),
        None => {}
    }
    text.push_str(&organizations(inputs));
    text.push_str(&orderers(ordering, &inputs.batch));
    text.push_str(&channels(inputs));
    text.push_str(
        "\
# These files name no chaincode. Chaincodes run as servers in the cluster:
#  - {name: mycc, version: \"1.0\", image: registry.example.org/mycc:1.0}
chaincodes: []
",
    );
    (text, notes)
}

/// What orders: that of the files, or Raft where a newer Fabric is wanted.
fn ordering(inputs: &Inputs, choices: &Choices, notes: &mut Vec<String>) -> Ordering {
    let Some(fabric) = &choices.fabric else { return inputs.ordering };
    let word = word(inputs.ordering);
    if inputs.ordering == Ordering::Raft || *fabric < MODERN {
        return inputs.ordering;
    }
    let reason = if *fabric >= WITHOUT_KAFKA { "has no such orderer" } else { "has a better one" };
    notes.push(format!("`{word}` of the files becomes `etcdraft`: Fabric {fabric} {reason}"));
    Ordering::Raft
}

const fn word(ordering: Ordering) -> &'static str {
    match ordering {
        Ordering::Solo => "solo",
        Ordering::Kafka => "kafka",
        Ordering::Raft => "etcdraft",
    }
}

fn storage(share: &Share) -> String {
    format!(
        "\
# Ledgers and keys on the NFS server: directories exist before, and belong to user 1000. Without `server` its address
# is given at install, so that the chart does not tell it.
storage:
  server: {}
  volumes: {{type: nfs, basePath: {}}}
  shared: {{type: nfs, path: {}}}
",
        share.server, share.base_path, share.shared_path
    )
}

fn organizations(inputs: &Inputs) -> String {
    let mut text = String::from(
        "\
# `peer0` of namespace `org1` is reached as `peer0.org1`: the names of 2017. Peers keep their state in CouchDB, and every
# organization has a Fabric CA and a pod for commands, as there.
organizations:
",
    );
    for owner in &inputs.peers {
        text.push_str(&head(owner));
        let anchors = match owner.anchors.as_slice() {
            [] => String::new(),
            [only] if only == "peer0" => String::new(),
            anchors => format!(", anchors: [{}]", anchors.join(", ")),
        };
        let count = owner.count;
        // A `String` takes everything.
        let _ = writeln!(text, "    peers: {{count: {count}, stateDB: couchdb{anchors}}}");
        text.push_str("    ca: true\n    cli: true\n");
    }
    for owner in &inputs.orderers {
        text.push_str(&head(owner));
        let _ = writeln!(text, "    orderers: {}", owner.count);
    }
    text
}

/// What an organization is, as far as it does not follow from its name.
fn head(owner: &Owner) -> String {
    let mut text = format!("  - name: {}\n", owner.name);
    let derived = owner.name.to_lowercase();
    for (key, own, default) in [
        ("mspId", &owner.msp_id, &format!("{}MSP", owner.name)),
        ("namespace", &owner.namespace, &derived),
        ("domain", &owner.domain, &owner.namespace),
    ] {
        if own != default {
            let _ = writeln!(text, "    {key}: {own}");
        }
    }
    text
}

fn orderers(ordering: Ordering, batch: &Batch) -> String {
    let mut text = format!("ordering:\n  type: {}\n", word(ordering));
    let fields: Vec<String> = [
        ("timeout", &batch.timeout),
        ("maxMessages", &batch.max_messages),
        ("absoluteMaxBytes", &batch.absolute_max_bytes),
        ("preferredMaxBytes", &batch.preferred_max_bytes),
    ]
    .into_iter()
    .filter_map(|(key, said)| Some(format!("{key}: {}", said.as_ref()?)))
    .collect();
    if !fields.is_empty() {
        let _ = writeln!(text, "  batch: {{{}}}", fields.join(", "));
    }
    text
}

fn channels(inputs: &Inputs) -> String {
    let is_member = |owner: &&Owner| {
        let members = inputs.members.as_ref();
        members.is_none_or(|members| members.contains(&owner.domain))
    };
    let names: Vec<&str> =
        inputs.peers.iter().filter(is_member).map(|owner| owner.name.as_str()).collect();
    format!(
        "# The channel of the article; its name was an argument of a command.\nchannels:\n  - {{name: {CHANNEL}, members: [{}]}}\n",
        names.join(", ")
    )
}
