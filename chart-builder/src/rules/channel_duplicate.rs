//! FT302: a channel twice.

use std::collections::BTreeMap;

use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::{KeyPath, Severity};

pub(super) static RULE: Rule = Rule {
    code: "FT302",
    severity: Severity::Error,
    title: "a channel is there once",
    about: "Orderers keep one ledger for each channel name; a second channel of the same name cannot be joined.",
    fires: &[case(&[("chaincodes:\n", "  - {name: settlement, members: [Org1]}\nchaincodes:\n")])],
    near_misses: &[case(&[(
        "chaincodes:\n",
        "  - {name: settlement-2, members: [Org1]}\nchaincodes:\n",
    )])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let mut first: BTreeMap<&str, KeyPath> = BTreeMap::new();
    for channel in context.channels() {
        let path = channel.path.key("name");
        match first.get(channel.decided.name.as_str()) {
            None => {
                first.insert(&channel.decided.name, path);
            }
            Some(other) => findings.report(
                Finding::at(
                    path,
                    format!("channel `{}` is there twice", channel.decided.name),
                    "a name stands for one ledger",
                    "rename or remove one of the two",
                )
                .beside(other.clone(), "first written here"),
            ),
        }
    }
}
