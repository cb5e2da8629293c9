//! FT601: ledgers that are lost with their pod.

use super::nodes::{Kind, storage_path};
use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::Severity;
use crate::model::Storage;

pub(super) static RULE: Rule = Rule {
    code: "FT601",
    severity: Severity::Error,
    title: "emptyDir is for throw-away networks with one consenter",
    about: "A consenter that comes back with an empty volume would vote under its old id with an empty log, so the charts \
            do not let it start: with several consenters an emptyDir loses one at every reschedule. With one, the channel \
            is gone, which only the profile `dev` accepts.",
    fires: &[
        case(&[("storage: 60Gi", "storage: emptyDir")]),
        case(&[
            ("orderers: 3", "orderers: {count: 3, storage: emptyDir}"),
            ("profile: production", "profile: dev"),
        ]),
    ],
    near_misses: &[case(&[
        ("orderers: 3", "orderers: {count: 1, storage: emptyDir}"),
        ("profile: production", "profile: dev"),
        ("[Orderer/orderer0, Orderer/orderer1, Orderer/orderer2]", "[Orderer/orderer0]"),
    ])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let most = context.channels().map(|channel| channel.decided.consenters.len()).max();
    let (why, fix) = if context.production() {
        ("the profile `production` keeps every ledger", "use a claim, or `profile: dev`")
    } else if most.unwrap_or(0) > 1 {
        (
            "with several consenters every lost volume takes one away for good",
            "use a claim, or one orderer",
        )
    } else {
        return;
    };
    for organization in context.organizations() {
        for kind in Kind::ALL {
            for (node, storage) in kind.storage(&organization) {
                if *storage == Storage::EmptyDir {
                    let path = storage_path(context, &organization, kind, node);
                    let owner = &organization.decided.name;
                    let message = format!("`{node}` of `{owner}` keeps nothing");
                    findings.report(Finding::at(path, message, why, fix));
                }
            }
        }
    }
}
