//! FT404: a built organization that is gone.

use super::{Context, Finding, Findings, Rule, rebuilt};
use crate::diagnostic::{KeyPath, Severity};

pub(super) static RULE: Rule = Rule {
    code: "FT404",
    severity: Severity::Error,
    title: "an organization does not leave a network",
    about: "Its certificates stand in channels, and its Secrets, claims and namespace outlive a release. Taking it out \
            needs updates of all of its channels, which are not built yet.",
    fires: &[rebuilt(&[
        ("  - {name: Org2, namespace: org2, peers: 2}\n", ""),
        ("      - Org2\n", ""),
        ("AND('Org1MSP.peer','Org2MSP.peer')", "OR('Org1MSP.peer')"),
    ])],
    near_misses: &[rebuilt(&[(
        "  - {name: Orderer,",
        "  - {name: Org3, peers: 1}\n  - {name: Orderer,",
    )])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    if !context.names_known("organizations") {
        return;
    }
    for name in context.lock.organizations.keys() {
        if context.organization(name).is_none() {
            findings.report(Finding::at(
                KeyPath::root().key("organizations"),
                format!("organization `{name}` was built and is gone"),
                "its certificates stand in channels, and channel updates are not built yet",
                format!("put `{name}` back; a renamed organization is another one"),
            ));
        }
    }
}
