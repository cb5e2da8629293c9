//! FT303: a channel member that does not exist.

use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::{KeyPath, Severity};
use crate::spec::nearest;

pub(super) static RULE: Rule = Rule {
    code: "FT303",
    severity: Severity::Error,
    title: "a channel's members are organizations of the network",
    about: "The genesis block holds the certificates of every member: an organization that is not there has none.",
    fires: &[case(&[
        ("      - Org2\n", "      - Org3\n"),
        ("AND('Org1MSP.peer','Org2MSP.peer')", "OR('Org1MSP.peer')"),
    ])],
    near_misses: &[case(&[("      - Org2\n", "      - {org: Org2}\n")])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    if !context.names_known("organizations") {
        return;
    }
    let known = || context.organizations().map(|organization| organization.decided.name.as_str());
    for member in context.channels().flat_map(|channel| context.members(&channel)) {
        let name = &member.decided.organization;
        if known().any(|known| known == name) {
            continue;
        }
        let fix = nearest(name, known()).map_or_else(
            || {
                format!(
                    "add it to `organizations`, or name one of {}",
                    known().collect::<Vec<_>>().join(", ")
                )
            },
            |near| format!("did you mean `{near}`?"),
        );
        let finding = Finding::at(
            member.field("org"),
            format!("there is no organization `{name}`"),
            "a member's certificates stand in the channel's genesis block",
            fix,
        );
        findings.report(finding.rests_on(KeyPath::root().key("metadata").key("name")));
    }
}
