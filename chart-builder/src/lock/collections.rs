//! Private data collections in `network.lock`: how they are spelled, and both ways between that and the model.

use chart_format::yaml::{Map, Node};
use serde::Deserialize;

use super::write::{number, with_optional};
use crate::model::Collection;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Shape {
    name: String,
    policy: String,
    required_peer_count: u32,
    max_peer_count: u32,
    block_to_live: u64,
    #[serde(default)]
    member_only_read: bool,
    #[serde(default)]
    member_only_write: bool,
    endorsement: Option<String>,
}

impl From<Shape> for Collection {
    fn from(shape: Shape) -> Self {
        Self {
            name: shape.name,
            policy: shape.policy,
            required_peers: shape.required_peer_count,
            maximum_peers: shape.max_peer_count,
            block_to_live: shape.block_to_live,
            member_only_read: shape.member_only_read,
            member_only_write: shape.member_only_write,
            endorsement: shape.endorsement,
        }
    }
}

pub(super) fn collection_node(collection: &Collection) -> Node {
    let mut map = Map::new()
        .with("name", collection.name.as_str())
        .with("policy", collection.policy.as_str())
        .with("requiredPeerCount", i64::from(collection.required_peers))
        .with("maxPeerCount", i64::from(collection.maximum_peers))
        .with("blockToLive", number(collection.block_to_live));
    let said = [
        ("memberOnlyRead", collection.member_only_read),
        ("memberOnlyWrite", collection.member_only_write),
    ];
    for (key, _) in said.into_iter().filter(|(_, said)| *said) {
        map.insert(key, true);
    }
    with_optional(map, "endorsement", collection.endorsement.as_ref()).into()
}
