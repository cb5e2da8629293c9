//! FT504: a chaincode version that Fabric refuses.

use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::Severity;

pub(super) static RULE: Rule = Rule {
    code: "FT504",
    severity: Severity::Error,
    title: "a chaincode's version has letters, digits and `_.+-`",
    about: "Fabric's lifecycle admits `[A-Za-z0-9_.+-]+` (`core/chaincode/lifecycle/scc.go`) and refuses an approval with \
            anything else.",
    fires: &[case(&[("version: \"1.0\"", "version: \"1.0 beta\"")])],
    near_misses: &[case(&[("version: \"1.0\"", "version: 1.0+beta_2")])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for chaincode in context.chaincodes() {
        let Some(version) = &chaincode.said.version else { continue };
        let inside = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '+' | '-');
        if version.is_empty() || !version.chars().all(inside) {
            findings.report(Finding::at(
                chaincode.path.key("version"),
                format!("`{version}` is no version of a chaincode"),
                "Fabric admits letters, digits, underscore, dot, plus and dash",
                "write for example `version: \"1.0\"`",
            ));
        }
    }
}
