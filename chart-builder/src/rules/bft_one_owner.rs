//! FT342: BFT orderers that one organization can turn.

use std::collections::BTreeMap;

use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::{KeyPath, Severity};
use crate::fabric_line::BFT;
use crate::model::Consensus;

/// BFT in the example.
const TYPE: (&str, &str) = ("type: etcdraft", "type: bft");
const VERSION: (&str, &str) = ("version: 2.5.16", "version: 3.1.5");
const CAPABILITY: (&str, &str) = ("channel: V2_0", "channel: V3_0");
const ALL: (&str, &str) =
    ("  consenters: [Orderer/orderer0, Orderer/orderer1, Orderer/orderer2]\n", "");

pub(super) static RULE: Rule = Rule {
    code: "FT342",
    severity: Severity::Warning,
    title: "in production no organization has more BFT orderers than may fail",
    about: "BFT is chosen where owners do not trust each other: it survives lying orderers, as long as they are fewer than a \
            third. Who owns more of them than that is trusted with every channel, which etcdraft does with fewer orderers and \
            fewer signatures.",
    fires: &[case(&[TYPE, VERSION, CAPABILITY, ALL, ("orderers: 3", "orderers: 4")])],
    near_misses: &[
        case(&[
            TYPE,
            VERSION,
            CAPABILITY,
            ALL,
            (
                "  - {name: Orderer, namespace: orgorderer1, orderers: 3}",
                "  - {name: Orderer1, orderers: 1}\n  - {name: Orderer2, orderers: 1}\n  \
                 - {name: Orderer3, orderers: 1}\n  - {name: Orderer4, orderers: 1}",
            ),
        ]),
        case(&[
            TYPE,
            VERSION,
            CAPABILITY,
            ALL,
            ("orderers: 3", "orderers: 4"),
            ("profile: production", "profile: dev"),
        ]),
    ],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let network = context.network;
    let known = network.line().consensus(&network.fabric).any(|it| it == BFT);
    if !known || !context.production() || !context.orderers_known() {
        return;
    }
    for (path, _, group) in context.groups() {
        let count = group.orderers.len();
        // Fewer than four are another rule's.
        if !matches!(group.consensus, Consensus::Bft(_)) || count < 4 {
            continue;
        }
        let survived = (count - 1) / 3;
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for orderer in &group.orderers {
            *counts.entry(orderer.organization.as_str()).or_default() += 1;
        }
        let Some((owner, most)) = counts.into_iter().max_by_key(|(_, orderers)| *orderers) else {
            continue;
        };
        if most > survived {
            findings.report(
                Finding::at(
                    path.key("type"),
                    format!("`{owner}` has {most} of {count} orderers with BFT, which survive {survived}"),
                    "an organization with more of them than may fail is trusted with every channel",
                    "spread the orderers over more organizations, or order with `type: etcdraft`",
                )
                .rests_on(path)
                .rests_on(KeyPath::root().key("organizations")),
            );
        }
    }
}
