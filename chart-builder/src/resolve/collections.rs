//! Private data collections: members become a policy, and what is not said its default.

use crate::model::{Collection, Network};
use crate::spec;

/// The collections of a chaincode in the order of their names, because another order would be another definition.
pub(super) fn collections(said: &spec::Chaincode, network: &Network) -> Vec<Collection> {
    let mut all: Vec<_> = said.collections.iter().map(|said| collection(said, network)).collect();
    all.sort_by(|one, other| one.name.cmp(&other.name));
    all
}

fn collection(said: &spec::collection::Collection, network: &Network) -> Collection {
    let required_peers = said.required_peers.unwrap_or(0);
    Collection {
        name: said.name.clone().unwrap_or_default(),
        policy: said.policy.clone().unwrap_or_else(|| policy(said, network)),
        required_peers,
        maximum_peers: said.maximum_peers.unwrap_or(required_peers.max(1)),
        block_to_live: said.block_to_live.unwrap_or(0),
        member_only_read: said.member_only_read.unwrap_or(false),
        member_only_write: said.member_only_write.unwrap_or(false),
        endorsement: said.endorsement.clone(),
    }
}

/// Any identity of the members; strangers among them are a finding of the rules.
fn policy(said: &spec::collection::Collection, network: &Network) -> String {
    let members = said.members.iter().flatten();
    let ids = members.filter_map(|name| Some(&network.organization(name)?.msp_id));
    let principals: Vec<_> = ids.map(|id| format!("'{id}.member'")).collect();
    format!("OR({})", principals.join(","))
}
