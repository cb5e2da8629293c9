//! FT210: an organization's name that Fabric refuses as a group.

use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::Severity;
use crate::spec::grammar;

/// Fabric's `configtx/validator.go` admits 249; file names set a lower limit.
const LONGEST_NAME: usize = 100;

pub(super) static RULE: Rule = Rule {
    code: "FT210",
    severity: Severity::Error,
    title: "an organization's name has letters, digits, dots and dashes",
    about: "The name is a group of channel configurations (Fabric: `[a-zA-Z0-9.-]`) and a directory below `public/`. \
            configtxgen accepts `Org_1`, and the channel refuses it later.",
    fires: &[case(&[("name: Org2", "name: Org_2")])],
    near_misses: &[case(&[
        ("name: Org2,", "name: Org-2.example,"),
        ("- Org2\n", "- Org-2.example\n"),
        ("AND('Org1MSP.peer','Org2MSP.peer')", "OR('Org1MSP.peer')"),
    ])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for organization in context.organizations() {
        let name = &organization.decided.name;
        if !grammar::is_plain(name, LONGEST_NAME) {
            findings.report(Finding::at(
                organization.path.key("name"),
                format!("`{name}` is no name for an organization"),
                "it is a group of channel configurations: letters, digits, dots and dashes",
                "replace everything else by a dash",
            ));
        }
    }
}
