//! FT419: a built collection that is gone, or forgets at another time.

use super::frozen::changed;
use super::{Case, Context, Finding, Findings, Rule};
use crate::diagnostic::Severity;

const BUILT: &[(&str, &str)] = &[(
    "    sequence: 2\n",
    "    sequence: 2\n    collections: [{name: secret, members: [Org1], blockToLive: 9}]\n",
)];

pub(super) static RULE: Rule = Rule {
    code: "FT419",
    severity: Severity::Error,
    title: "a collection stays, with its blockToLive",
    about: "A new definition has every collection of the one before and may add others; members and numbers of peers may change, \
            `blockToLive` may not (`core/chaincode/lifecycle/scc.go`).",
    fires: &[
        Case { built: Some(BUILT), edits: &[("    sequence: 2\n", "    sequence: 3\n")] },
        Case {
            built: Some(BUILT),
            edits: &[(
                "    sequence: 2\n",
                "    sequence: 3\n    collections: [{name: secret, members: [Org1], blockToLive: 8}]\n",
            )],
        },
    ],
    near_misses: &[
        Case { built: Some(BUILT), edits: BUILT },
        Case {
            built: Some(BUILT),
            edits: &[(
                "    sequence: 2\n",
                "    sequence: 3\n    collections: [{name: more, members: [Org2]}, \
                 {name: secret, members: [Org1, Org2], blockToLive: 9}]\n",
            )],
        },
    ],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for chaincode in context.chaincodes() {
        let decided = chaincode.decided;
        let Some(locked) = context.lock.chaincodes.get(&decided.name) else { continue };
        let list = chaincode.path.key("collections");
        let why = "Fabric takes no definition that loses or changes this of a collection";
        for before in &locked.collections {
            let said = chaincode
                .said
                .collections
                .iter()
                .position(|it| it.name.as_ref().is_some_and(|name| *name == before.name));
            let now = decided.collections.iter().find(|it| it.name == before.name);
            let (Some(index), Some(now)) = (said, now) else {
                findings.report(Finding::at(
                    list.clone(),
                    format!("collection `{}` was built and is gone", before.name),
                    why,
                    format!("put `{}` back", before.name),
                ));
                continue;
            };
            if now.block_to_live != before.block_to_live {
                let values = (before.block_to_live.to_string(), now.block_to_live.to_string());
                let fact = format!("blockToLive of collection `{}`", before.name);
                let path = list.index(index).key("blockToLive");
                findings.report(changed(path, &fact, (&values.0, &values.1), why));
            }
        }
    }
}
