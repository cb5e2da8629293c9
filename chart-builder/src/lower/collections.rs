//! Private data collections as Fabric's client reads them: the file of `--collections-config`.

use chart_format::yaml::{Map, Node, go_json};

use crate::model::Collection;

/// A JSON list; keys that say nothing are left out, because earlier clients do not know all of them.
pub(super) fn definition(collections: &[Collection]) -> String {
    go_json(&Node::List(collections.iter().map(|it| collection(it).into()).collect()))
}

fn collection(collection: &Collection) -> Map {
    let mut map = Map::new()
        .with("name", &collection.name)
        .with("policy", &collection.policy)
        .with("requiredPeerCount", i64::from(collection.required_peers))
        .with("maxPeerCount", i64::from(collection.maximum_peers))
        .with("blockToLive", i64::try_from(collection.block_to_live).unwrap_or(i64::MAX));
    if collection.member_only_read {
        map.insert("memberOnlyRead", true);
    }
    if collection.member_only_write {
        map.insert("memberOnlyWrite", true);
    }
    if let Some(policy) = &collection.endorsement {
        map.insert("endorsementPolicy", Map::new().with("signaturePolicy", policy));
    }
    map
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_client_gets_what_it_knows() {
        let plain = Collection {
            name: "assets".to_owned(),
            policy: "OR('Org1MSP.member')".to_owned(),
            required_peers: 1,
            maximum_peers: 2,
            block_to_live: 100,
            member_only_read: false,
            member_only_write: false,
            endorsement: None,
        };
        let more = Collection {
            member_only_read: true,
            member_only_write: true,
            endorsement: Some("OR('Org1MSP.peer')".to_owned()),
            ..plain.clone()
        };
        let read: serde_json::Value = serde_json::from_str(&definition(&[plain, more])).unwrap();
        let plain = serde_json::json!({
            "name": "assets", "policy": "OR('Org1MSP.member')", "requiredPeerCount": 1, "maxPeerCount": 2,
            "blockToLive": 100,
        });
        assert_eq!(read[0], plain);
        assert_eq!(read[1]["memberOnlyRead"], true);
        assert_eq!(read[1]["memberOnlyWrite"], true);
        assert_eq!(read[1]["endorsementPolicy"]["signaturePolicy"], "OR('Org1MSP.peer')");
    }
}
