//! What others have to do before a network is built: members sign updates of channels, and whoever orders for somebody else
//! hands out block 0 of each channel.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use chart_builder::build::with_sources;
use chart_builder::check::check;
use chart_builder::directory::NetworkDirectory;
use chart_builder::freeze::{self, Inputs};
use chart_builder::identities::{self, Request};
use chart_builder::model::Network;
use serde_json::{Value, json};
use suite::topologies;

use super::samples::{built, copy, provide};

/// Signs what an organization that joins a built channel needs, with every key that is here.
pub(super) fn agree(directory: &NetworkDirectory) -> Result<(), String> {
    let lock = directory.lock().map_err(|error| error.to_string())?;
    if lock.network.is_none() {
        return Ok(());
    }
    let source = directory.source().map_err(|error| error.to_string())?;
    let Some(network) = check(&source, &lock).network else { return Ok(()) };
    let public = directory.public().and_then(|it| with_sources(directory, &source, it));
    let public = public.map_err(|error| error.to_string())?;
    let charts = BTreeMap::new();
    let inputs = Inputs {
        network: &network,
        lock: &lock,
        public: &public,
        charts: &charts,
        update_charts: false,
    };
    let pending = freeze::pending_updates(&inputs).map_err(|faults| format!("{faults:?}"))?;
    let signed = identities::sign(directory, &pending, None, &mut || [7; 24]);
    signed.map(|_| ()).map_err(|error| error.to_string())
}

/// Makes block 0 of each channel where a topology leaves ordering to somebody else, in a directory of that owner.
pub(super) fn order(folder: &Path, document: &Value, seed: u8) -> Result<(), String> {
    let organizations = document["organizations"].as_array().into_iter().flatten();
    let owner = organizations.into_iter().find(|it| it["external"]["orderers"].is_array());
    let Some(owner) = owner else { return Ok(()) };
    let name = owner["name"].as_str().expect("a name");
    if has_blocks(folder, document) {
        return Ok(());
    }
    let text = topologies::written(document);
    let own = provide(folder, &text, &Request::default(), seed)?;
    let source = own.source().map_err(|error| error.to_string())?;
    let lock = own.lock().map_err(|error| error.to_string())?;
    let network = check(&source, &lock).network.expect("what has identities passes the rules");
    let home = folder.join("elsewhere").join(name);
    for member in network.organizations.iter().filter(|it| it.name != name) {
        let msp = format!("public/{}/msp", member.name);
        copy(&folder.join(&msp), &home.join(&msp));
    }
    let topology = topologies::written(&of_owner(document, owner, &network));
    let directory = provide(&home, &topology, &Request::default(), seed)?;
    built(&directory)?;
    for part in [format!("public/{name}/msp"), "public/channels".to_owned()] {
        copy(&home.join(&part), &folder.join(&part));
    }
    fs::remove_file(folder.join("network.yaml")).map_err(|error| error.to_string())
}

/// Block 0 of each channel has been handed out: it stays what it is.
fn has_blocks(folder: &Path, document: &Value) -> bool {
    let mut channels = document["channels"].as_array().into_iter().flatten();
    channels.all(|channel| {
        let name = channel["name"].as_str().unwrap_or_default();
        folder.join("public/channels").join(name).join("genesis.block").is_file()
    })
}

/// The topology of the one who orders: its orderers, and everybody else as an external member.
fn of_owner(document: &Value, owner: &Value, network: &Network) -> Value {
    let orderers = owner["external"]["orderers"].as_array().map_or(0, Vec::len);
    let mut organizations = vec![json!({"name": owner["name"], "orderers": orderers})];
    for member in network.organizations.iter().filter(|it| owner["name"] != *it.name) {
        let own = document["organizations"].as_array().into_iter().flatten();
        let said = own.into_iter().find(|it| it["name"] == *member.name);
        let external = said.map(|it| it["external"].clone()).filter(|it| !it.is_null());
        let anchors = json!({"anchors": [format!("peer0.{}:7051", member.namespace)]});
        organizations.push(json!({"name": member.name, "external": external.unwrap_or(anchors)}));
    }
    let names = |channel: &Value| -> Vec<Value> {
        let members = channel["members"].as_array().into_iter().flatten();
        members.map(|it| if it.is_string() { it.clone() } else { it["org"].clone() }).collect()
    };
    let channels = document["channels"].as_array().into_iter().flatten();
    let channels: Vec<Value> =
        channels.map(|it| json!({"name": it["name"], "members": names(it)})).collect();
    let mut topology = json!({
        "apiVersion": document["apiVersion"], "kind": document["kind"], "fabric": document["fabric"],
        "metadata": {"name": "elsewhere", "version": document["metadata"]["version"]},
        "release": {"profile": "dev"}, "organizations": organizations, "channels": channels,
    });
    for key in ["clusterDomain", "tls", "ordering"] {
        if !document[key].is_null() {
            topology[key] = document[key].clone();
        }
    }
    topology
}
