//! Where the time of an install goes, as the cluster's own clock tells it: to the second.

use std::collections::BTreeMap;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::network::Network;
use crate::observation::{Pod, text};

/// What a reader wants to know, in the order in which it happens: workloads by name, condition, meaning.
const MOMENTS: &[(&str, &str, &str)] = &[
    ("", "Created", "preflight is done, workloads are made"),
    ("/orderer", "Initialized", "volumes are bound, orderers have joined"),
    ("/orderer", "Ready", "orderers are ready"),
    ("/peer", "Ready", "peers are ready"),
    ("/converge", "Initialized", "converge has seen every consenter"),
    ("/converge", "Ready", "channels joined, definition committed"),
];

/// Prints when the last workload of each kind was as far, in seconds since Helm recorded the release.
pub(crate) fn print(network: &Network<'_>) {
    let releases = network.cluster.get(&[
        "secrets",
        "--namespace",
        &network.topology.name,
        "--selector=owner=helm",
    ]);
    let recorded = text(&releases["items"][0]["metadata"]["creationTimestamp"]);
    let (Some(begin), pods) = (moment(&recorded), network.pods()) else {
        println!("             no release record tells when the install began");
        return;
    };
    for (kind, condition, meaning) in MOMENTS {
        if let Some(last) = last(&pods, kind, condition) {
            println!("             +{:3} s  {meaning}", (last - begin).whole_seconds());
        }
    }
}

/// When the last of these pods came so far.
fn last(pods: &BTreeMap<String, Pod>, kind: &str, condition: &str) -> Option<OffsetDateTime> {
    let of_kind = pods.iter().filter(|(key, _)| key.contains(kind));
    of_kind.filter_map(|(_, pod)| moment(pod.since.get(condition)?)).max()
}

fn moment(text: &str) -> Option<OffsetDateTime> {
    OffsetDateTime::parse(text, &Rfc3339).ok()
}
