//! Pins of curated charts: the same network is built from the same charts until somebody says otherwise.

use std::collections::BTreeMap;

use super::{Inputs, Words, codes, finding};
use crate::diagnostic::{Diagnostics, KeyPath};
use crate::lock::LockedChart;

/// The pins after this build.
pub(super) fn pin(
    inputs: &Inputs<'_>,
    diagnostics: &mut Diagnostics,
) -> BTreeMap<String, LockedChart> {
    let mut pins = inputs.lock.charts.clone();
    for (name, at_hand) in inputs.charts {
        match pins.get(name) {
            Some(pinned) if pinned != at_hand && !inputs.update_charts => {
                diagnostics.push(changed(name, pinned, at_hand));
            }
            Some(_) | None => {
                pins.insert(name.clone(), at_hand.clone());
            }
        }
    }
    pins
}

fn changed(
    name: &str,
    pinned: &LockedChart,
    at_hand: &LockedChart,
) -> crate::diagnostic::Diagnostic {
    finding(
        codes::CHANGED_CHART,
        KeyPath::root(),
        Words {
            message: format!(
                "curated chart `{name}` at hand is version {} with SHA-256 {}, and network.lock pins version {} with {}",
                at_hand.version, at_hand.sha256, pinned.version, pinned.sha256
            ),
            why: "a network changes its charts only when somebody decides so".to_owned(),
            fix: format!(
                "move on to the charts at hand with `chart-builder build --update-charts`, or name a directory with the \
                 pinned `{name}` {} (`--charts DIR`)",
                pinned.version
            ),
        },
    )
}
