//! The node ports of 2017: its generator gave them to every network, so its input implies them.
//!
//! It numbered organizations by their domains and stopped at one that is not `org<number>`; where that happens nothing is
//! implied. Beyond the limits of the scheme it gave one port to two nodes: such a network is not exposed here, in words.

use std::collections::BTreeSet;

use super::Inputs;
use crate::model::{HIGHEST_ORDERER, HIGHEST_PEER, MOST_ORGANIZATIONS};

/// The part of network.yaml, or why the ports of the input do not fit.
pub(super) fn exposure(inputs: &Inputs) -> Option<Result<String, String>> {
    if !inputs.has_node_ports {
        return None;
    }
    let numbers: Option<Vec<u64>> =
        inputs.peers.iter().map(|owner| owner.domain.strip_prefix("org")?.parse().ok()).collect();
    Some(limit(inputs, &numbers?).map_or_else(
        || Ok(text()),
        |limit| {
            Err(format!(
                "the node ports of 2017 are left out: {limit}; for access from outside write \
                 `exposure: {{type: loadBalancer}}`"
            ))
        },
    ))
}

fn text() -> String {
    "\
# The node ports of 2017: organization N has those from 30000 + (N - 1) * 100 on, its CA first, then two for each peer;
# orderers have those from 32000 on. A cluster has one network with them.
exposure: {type: nodePort}
"
    .to_owned()
}

/// The first limit of the scheme that the input is beyond.
fn limit(inputs: &Inputs, numbers: &[u64]) -> Option<String> {
    let known = 1..=u64::from(MOST_ORGANIZATIONS);
    if let Some(number) = numbers.iter().find(|number| !known.contains(number)) {
        return Some(format!(
            "`org{number}` has no block of ports, which there are for org1 to org{MOST_ORGANIZATIONS}"
        ));
    }
    if numbers.iter().collect::<BTreeSet<_>>().len() < numbers.len() {
        return Some("two organizations have one number".to_owned());
    }
    let most_peers = u64::from(HIGHEST_PEER) + 1;
    if let Some(owner) = inputs.peers.iter().find(|owner| owner.count > most_peers) {
        return Some(format!(
            "peers of `{}` after peer{HIGHEST_PEER} would have the ports of the next organization",
            owner.name
        ));
    }
    let most_orderers = u64::from(HIGHEST_ORDERER) + 1;
    match inputs.orderers.as_slice() {
        [] => None,
        [only] => (only.count > most_orderers).then(|| {
            format!("orderers after orderer{HIGHEST_ORDERER} would leave the range of nodes")
        }),
        [first, second, ..] => Some(format!(
            "orderer0 of `{}` and of `{}` would both have port 32000",
            first.name, second.name
        )),
    }
}
