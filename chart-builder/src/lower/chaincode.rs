//! The servers of a chaincode: values of `fabric-chaincode`.

use chart_format::yaml::{Map, Node};

use super::view::{View, number};
use super::{LowerError, Part, settings};
use crate::model::{Chaincode, names};

pub(super) fn part(view: &View<'_>, chaincode: &Chaincode) -> Result<Part, LowerError> {
    let channel = view.channel(&chaincode.channel)?;
    let mut namespaces: Vec<Node> = Vec::new();
    for member in view.members_here(channel) {
        namespaces.push(view.organization(&member.organization)?.namespace.as_str().into());
    }
    let previous = match &chaincode.previous {
        Some(previous) => definition(view, chaincode, previous.sequence)?,
        None => Map::new(),
    };
    let facts = Map::new()
        .with("chaincode", &chaincode.name)
        .with("namespaces", namespaces)
        .with("current", definition(view, chaincode, chaincode.sequence)?)
        .with_comment("previous", "Its server stays until the release after.", previous);
    let mut own = Map::new().with("image", settings::image(&chaincode.image));
    if let Some(previous) = &chaincode.previous {
        own.insert("previousImage", settings::image(&previous.image));
    }
    own.insert("replicas", i64::from(chaincode.replicas));
    let resources = settings::resources(&chaincode.resources);
    if !resources.is_empty() {
        own.insert("resources", resources);
    }
    Ok(Part {
        owner: view.release.owner.clone(),
        chart: "fabric-chaincode",
        alias: names::chaincode_alias(&chaincode.name),
        comment: format!("Servers of chaincode {}", chaincode.name),
        facts,
        settings: own,
        nodes: None,
    })
}

fn definition(view: &View<'_>, chaincode: &Chaincode, sequence: u64) -> Result<Map, LowerError> {
    let package = view.package(&chaincode.name, sequence)?;
    Ok(Map::new().with("sequence", number("sequence", sequence)?).with("packageId", &package.id))
}
