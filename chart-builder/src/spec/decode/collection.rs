//! `collections` of a chaincode.

use super::{At, switch};
use crate::spec::collection::Collection;

pub(super) fn collections(at: &At<'_>) -> Vec<Collection> {
    at.items(collection).unwrap_or_default()
}

fn collection(at: &At<'_>) -> Collection {
    Collection {
        name: at.text("name"),
        members: at.texts("members"),
        policy: at.text("policy"),
        required_peers: at.number("requiredPeerCount"),
        maximum_peers: at.number("maxPeerCount"),
        block_to_live: at.number("blockToLive"),
        member_only_read: switch(&at.key("memberOnlyRead")),
        member_only_write: switch(&at.key("memberOnlyWrite")),
        endorsement: at.text("endorsement"),
    }
}
