//! FT603: one claim for two nodes.

use std::collections::BTreeMap;

use super::nodes::{Kind, storage_path};
use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::Severity;
use crate::model::Storage;

pub(super) static RULE: Rule = Rule {
    code: "FT603",
    severity: Severity::Error,
    title: "a claim belongs to one node",
    about: "Two nodes on one volume lock each other out at best, and mix their ledgers at worst: a claim that exists can \
            only be named in the `overrides` of one node.",
    fires: &[case(&[(
        "      anchors: [peer0]\n",
        "      anchors: [peer0]\n      storage: {existingClaim: ledger}\n",
    )])],
    near_misses: &[case(&[("storage: 60Gi", "storage: {existingClaim: ledger}")])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for organization in context.organizations() {
        let mut first = BTreeMap::new();
        for kind in Kind::ALL {
            for (node, storage) in kind.storage(&organization) {
                let (Storage::Claim { claim, .. } | Storage::ExistingClaim { claim }) = storage
                else {
                    continue;
                };
                let Some(other) = first.insert(claim, node) else { continue };
                findings.report(Finding::at(
                    storage_path(context, &organization, kind, node),
                    format!("`{other}` and `{node}` have the same claim `{claim}`"),
                    "a volume belongs to one node",
                    "name a claim for each node under `overrides`",
                ));
            }
        }
    }
}
