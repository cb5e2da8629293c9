//! The version of a network after the first one: one edit, and which processes it concerns.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::Row;
use super::engine;
use super::legacy::is_legacy;
use super::text::{document, newcomer, written};

/// An edited topology.
#[derive(Debug, Clone)]
pub struct Successor {
    /// network.yaml.
    pub text: String,
    /// The same as data.
    pub document: Value,
    /// Workloads that the edit may restart, as `<organization>/<workload>`; organizations as the topology names them.
    pub concerned: BTreeSet<String>,
}

/// The successor that the row's axis `successor` asks for.
pub fn successor(row: &Row) -> Successor {
    let mut document = document(row);
    document["metadata"]["version"] = json!("1.1.0");
    let concerned = match row.value("successor") {
        "peer" => peer(&mut document, row),
        "channel" => channel(&mut document, row),
        "sequence" if !has_no_chaincodes(row) => sequence(&mut document, row),
        "resources" => resources(&mut document),
        "member" if is_of_majority(row) => member(&mut document, row),
        _ => Vec::new(),
    };
    let text = written(&document);
    Successor { text, document, concerned: concerned.into_iter().collect() }
}

/// Networks in which no chaincode can be defined.
fn has_no_chaincodes(row: &Row) -> bool {
    if is_legacy(row) {
        return false;
    }
    row.is("runtime", "none") || row.is("line", "1.0-1.3") || row.is("line", "1.4")
}

fn names(members: &Value) -> Vec<String> {
    let members = members.as_array().into_iter().flatten();
    members.filter_map(|it| it.as_str().or(it["org"].as_str())).map(str::to_owned).collect()
}

/// Networks with a channel whose members here are a majority: they alone can let another organization join.
fn is_of_majority(row: &Row) -> bool {
    row.is("external", "none") || row.number("organizations") > 1
}

/// One more organization on the first channel: those before it have an update to send.
fn member(document: &mut Value, row: &Row) -> Vec<String> {
    let newcomer = newcomer(row);
    let members = document["channels"][0]["members"].as_array_mut().into_iter();
    members.for_each(|it| it.push(newcomer["name"].clone()));
    let place = usize::try_from(row.number("organizations")).unwrap_or(0);
    if let Some(organizations) = document["organizations"].as_array_mut() {
        organizations.insert(place, newcomer);
    }
    let members = names(&document["channels"][0]["members"]);
    let mut concerned: Vec<String> =
        members.into_iter().map(|name| format!("{name}/converge")).collect();
    concerned.extend(told(document, row, |_| true));
    concerned
}

/// One more peer of the first organization: only its own converge and its roller have more to do.
fn peer(document: &mut Value, row: &Row) -> Vec<String> {
    let organization = &mut document["organizations"][0];
    let count = &mut organization["peers"]["count"];
    *count = Value::from(count.as_u64().unwrap_or(0) + 1);
    engine::reach(row, organization);
    let mut concerned = vec!["Org1/converge".to_owned(), "Org1/peers-roller".to_owned()];
    concerned.extend(told(document, row, |_| true));
    concerned
}

/// Workloads that dial peers: with host aliases these are told of each new one on their channels, or of new orderers.
fn told(document: &Value, row: &Row, of: fn(&str) -> bool) -> Vec<String> {
    let organizations = document["organizations"].as_array().into_iter().flatten();
    let organizations =
        organizations.filter(|it| row.is("names", "aliases") && it["peers"].is_object());
    let named = organizations.map(|it| (it["name"].as_str().unwrap_or_default(), it));
    let each = named.filter(|(name, _)| of(name)).flat_map(|(name, organization)| {
        let count = organization["peers"]["count"].as_u64().unwrap_or(0);
        let peers = (0..count).map(|index| format!("peer{index}"));
        let others = ["cli", "peers-roller"].map(str::to_owned);
        peers.chain(others).map(move |it| format!("{name}/{it}"))
    });
    each.collect()
}

/// A channel of the first organization: its converge joins it; orderers take it up while they run, and their
/// rollers ask about one channel more.
fn channel(document: &mut Value, row: &Row) -> Vec<String> {
    let mut channel = json!({"name": "later", "members": ["Org1"]});
    if row.is("groups", "two") {
        channel["ordering"] = json!("main");
    }
    if let Some(channels) = document["channels"].as_array_mut() {
        channels.push(channel);
    }
    let mut concerned = vec!["Org1/converge".to_owned()];
    // Its group may be one whose orderers the peers have not dialled before.
    concerned.extend(told(document, row, |name| name == "Org1"));
    for organization in document["organizations"].as_array().into_iter().flatten() {
        let name = organization["name"].as_str().unwrap_or_default();
        concerned.push(format!("{name}/orderers-roller"));
    }
    concerned
}

/// The next definition of the first chaincode, or a first chaincode: the converge of every member has more to do.
fn sequence(document: &mut Value, row: &Row) -> Vec<String> {
    let members = names(&document["channels"][0]["members"]);
    let Some(chaincodes) = document["chaincodes"].as_array_mut() else { return Vec::new() };
    match chaincodes.first_mut() {
        Some(chaincode) => {
            chaincode["sequence"] = json!(2);
            chaincode["version"] = json!("2.0");
            chaincode["image"] = json!("example.com/canary:0.2.0");
            *chaincode = engine::chaincode(row, chaincode.take());
        }
        None => chaincodes.push(engine::chaincode(
            row,
            json!({"name": "first", "channel": "mychannel", "version": "1",
                "image": "example.com/first:1"}),
        )),
    }
    members.into_iter().map(|name| format!("{name}/converge")).collect()
}

/// More memory for one peer: that peer, and the roller that replaces it.
fn resources(document: &mut Value) -> Vec<String> {
    document["organizations"][0]["peers"]["overrides"]["peer0"]["resources"] =
        json!({"limits": {"memory": "8Gi"}});
    vec!["Org1/peer0".to_owned(), "Org1/peers-roller".to_owned()]
}
