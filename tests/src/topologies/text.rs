//! From a row of the table to a network.yaml.
//!
//! The shape (who owns what, which channels) is made here; everything else is the words of [`super::axes`]. A place is a
//! dotted path; `@organizations.`, `@peers.`, `@orderers.` and `@chaincodes.` stand for a path below every organization
//! with peers, below its `peers`, below every `orderers`, and below every chaincode.

use serde_json::{Map, Value, json};

use super::version::version;
use super::{INSTALL, Row, engine, legacy};

/// The topology of a row, as YAML.
pub fn topology(row: &Row) -> String {
    written(&document(row))
}

/// A document as YAML text.
pub fn written(document: &Value) -> String {
    yaml_serde::to_string(document).expect("a topology is plain data")
}

/// The same document with every mapping written backwards: a topology in which only the order of keys differs.
pub fn reversed(document: &Value) -> String {
    let mut text = String::new();
    write_reversed(document, &mut text);
    text.push('\n');
    text
}

fn write_reversed(value: &Value, text: &mut String) {
    match value {
        Value::Object(map) => {
            text.push('{');
            for (index, (key, value)) in map.iter().rev().enumerate() {
                text.push_str(if index == 0 { "" } else { ", " });
                text.push_str(&Value::from(key.as_str()).to_string());
                text.push_str(": ");
                write_reversed(value, text);
            }
            text.push('}');
        }
        Value::Array(items) => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                text.push_str(if index == 0 { "" } else { ", " });
                write_reversed(item, text);
            }
            text.push(']');
        }
        other => text.push_str(&other.to_string()),
    }
}

/// The topology of a row, as data.
pub fn document(row: &Row) -> Value {
    document_of(row, row.number("organizations"))
}

/// One more organization, as a network of this row would have it.
pub(super) fn newcomer(row: &Row) -> Value {
    let count = row.number("organizations") + 1;
    let mut document = document_of(row, count);
    let name = format!("Org{count}");
    let organizations = document["organizations"].as_array_mut().into_iter().flatten();
    let found = organizations.into_iter().find(|it| it["name"] == *name);
    found.map(Value::take).expect("an organization of this name")
}

fn document_of(row: &Row, count: u64) -> Value {
    let names: Vec<String> = (1..=count).map(|index| format!("Org{index}")).collect();
    let mut document = json!({
        "apiVersion": "fabric-topology/v1",
        "kind": "FabricNetwork",
        "metadata": {"name": row.name, "version": "1.0.0"},
        "fabric": {"version": version(row)},
        "organizations": organizations(row, &names),
        "channels": channels(row, &names),
        "chaincodes": chaincodes(row, &names),
    });
    if row.is("groups", "two") {
        document["ordering"] = groups(row);
    }
    if legacy::is_legacy(row) {
        legacy::capabilities(row, &mut document);
    }
    for (place, words) in row.words().filter(|(place, _)| !place.starts_with(INSTALL)) {
        let value: Value = yaml_serde::from_str(words)
            .unwrap_or_else(|error| panic!("the words of `{place}` are no YAML: {error}"));
        set(&mut document, place, &value);
    }
    document
}

/// `<organization>/<orderer>` of every orderer, and how many each organization owns.
fn orderers(row: &Row) -> Vec<(String, u64)> {
    let count = row.number("consenters");
    match row.value("orderers") {
        "shared" => vec![("Org1".to_owned(), count)],
        "elsewhere" => Vec::new(),
        "spread" => (1..=count).map(|index| (format!("Orderer{index}"), 1)).collect(),
        _ => vec![("Orderer".to_owned(), count)],
    }
}

fn organizations(row: &Row, names: &[String]) -> Value {
    let mut organizations: Vec<Value> = names
        .iter()
        .map(|name| json!({"name": name, "peers": {"count": row.number("peers")}}))
        .collect();
    for (name, count) in orderers(row) {
        let found = organizations.iter_mut().find(|it| it["name"] == name);
        match found {
            Some(organization) => organization["orderers"] = json!({"count": count}),
            None => organizations.push(json!({"name": name, "orderers": {"count": count}})),
        }
    }
    for organization in &mut organizations {
        if !row.is("names", "native") {
            let domain = organization["name"].as_str().unwrap_or_default().to_lowercase();
            // cryptogen's example: one domain ends like another.
            let whole = domain == "orderer" && row.is("names", "aliases");
            let domain =
                if whole { "example.com".to_owned() } else { format!("{domain}.example.com") };
            organization["domain"] = Value::from(domain);
        }
        engine::reach(row, organization);
    }
    if row.is("external", "auditor") {
        organizations.push(json!({"name": AUDITOR,
            "external": {"anchors": ["peer0.auditor.example.net:443"]}}));
    }
    if row.is("orderers", "elsewhere") {
        let endpoints = (0..row.number("consenters")).map(supplied);
        let endpoints: Vec<Value> = endpoints.collect();
        organizations.push(json!({"name": SUPPLIER, "external": {"orderers": endpoints}}));
    }
    Value::from(organizations)
}

/// Where an orderer of somebody else is reached.
fn supplied(index: u64) -> Value {
    Value::from(format!("orderer{index}.{}:7050", SUPPLIER.to_lowercase()))
}

/// The organization elsewhere that orders.
pub(super) const SUPPLIER: &str = "Supplier";

/// The organization that somebody else runs.
pub(super) const AUDITOR: &str = "Auditor";

/// The first channel has everybody, the second the first two, the third one peer of the last.
fn channels(row: &Row, names: &[String]) -> Value {
    let last = names.last().cloned().unwrap_or_default();
    let mut all = names.to_vec();
    if row.is("external", "auditor") {
        all.push(AUDITOR.to_owned());
    }
    let mut channels = vec![json!({"name": "mychannel", "members": all})];
    if row.number("channels") > 1 {
        let members: Vec<&String> = names.iter().take(2).collect();
        channels.push(json!({"name": "second", "members": members}));
    }
    if row.number("channels") > 2 {
        channels
            .push(json!({"name": "third.channel", "members": [{"org": last, "peers": ["peer0"]}]}));
    }
    if row.is("groups", "two") {
        for (index, channel) in channels.iter_mut().enumerate() {
            channel["ordering"] = Value::from(if index % 2 == 0 { "main" } else { "other" });
        }
    }
    Value::from(channels)
}

fn groups(row: &Row) -> Value {
    let owned = if row.is("orderers", "elsewhere") {
        vec![(SUPPLIER.to_owned(), row.number("consenters"))]
    } else {
        orderers(row)
    };
    let owned = owned.into_iter();
    let all: Vec<String> = owned
        .flat_map(|(name, count)| (0..count).map(move |it| format!("{name}/orderer{it}")))
        .collect();
    let fewer = if all.len() > 3 { 3 } else { 1 };
    let consensus = row.value("consensus").trim_end_matches("-large");
    json!({"groups": {
        "main": {"type": consensus, "consenters": all},
        "other": {"type": consensus, "consenters": all[..fewer],
            "batch": {"timeout": "1s", "maxMessages": 10}},
    }})
}

fn chaincodes(row: &Row, names: &[String]) -> Value {
    let count = match row.value("chaincode") {
        "none" => 0,
        "two" => 2,
        _ => 1,
    };
    let mut chaincodes = vec![
        engine::chaincode(
            row,
            json!({"name": "canary", "channel": "mychannel", "version": "1.0",
            "image": "example.com/canary:0.1.0"}),
        ),
        json!({"name": "asset-transfer", "channel": "mychannel", "version": "v2_1", "sequence": 1,
            "image": "example.com/asset:1", "replicas": 2}),
    ];
    chaincodes.truncate(count);
    if legacy::is_legacy(row) {
        chaincodes[0]["init"] = legacy::ARGUMENTS.into();
    }
    if row.is("endorsement", "signature") {
        // Fabric 1.0 knows members and administrators alone.
        let role = if legacy::is_legacy(row) { "member" } else { "peer" };
        let members: Vec<String> = names.iter().map(|name| format!("'{name}MSP.{role}'")).collect();
        let policy = format!("OR({})", members.join(","));
        for chaincode in &mut chaincodes {
            chaincode["endorsement"] = Value::from(policy.as_str());
        }
    }
    Value::from(chaincodes)
}

/// Puts a value at a place; mappings that are there are joined.
fn set(document: &mut Value, place: &str, value: &Value) {
    let (group, rest) = place.split_once('.').unwrap_or((place, ""));
    let items =
        |list: &'static str| move |document: &mut Value| document[list].as_array_mut().cloned();
    match group {
        "@organizations" | "@peers" | "@orderers" => {
            let key = if group == "@orderers" { "orderers" } else { "peers" };
            let prefix = if group == "@organizations" { None } else { Some(key) };
            let mut organizations = items("organizations")(document).unwrap_or_default();
            for organization in organizations.iter_mut().filter(|it| !it[key].is_null()) {
                let target = match prefix {
                    Some(key) => &mut organization[key],
                    None => organization,
                };
                put(target, rest, value);
            }
            document["organizations"] = Value::from(organizations);
        }
        "@chaincodes" => {
            let mut chaincodes = items("chaincodes")(document).unwrap_or_default();
            // Nobody would read settings of a server where there is none.
            for chaincode in chaincodes.iter_mut().filter(|it| it["runtime"].is_null()) {
                put(chaincode, rest, value);
            }
            document["chaincodes"] = Value::from(chaincodes);
        }
        _ => put(document, place, value),
    }
}

fn put(target: &mut Value, path: &str, value: &Value) {
    let target = path.split('.').filter(|key| !key.is_empty()).fold(target, |map, key| {
        if !map.is_object() {
            *map = Value::Object(Map::new());
        }
        &mut map[key]
    });
    merge(target, value);
}

fn merge(target: &mut Value, value: &Value) {
    match (target, value) {
        (Value::Object(target), Value::Object(value)) => {
            for (key, value) in value {
                merge(target.entry(key.clone()).or_insert(Value::Null), value);
            }
        }
        (target, value) => *target = value.clone(),
    }
}
