//! FT502: a chaincode name that Fabric or Kubernetes refuses.

use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::Severity;
use crate::spec::grammar;

pub(super) static RULE: Rule = Rule {
    code: "FT502",
    severity: Severity::Error,
    title: "a chaincode's name is also the name of a Service",
    about: "Fabric admits letters and digits with single dashes or underscores between; the server's Service \
            `<chaincode>-<sequence>` is a DNS-1035 label: lower case, a letter first, no underscore.",
    fires: &[
        case(&[("name: asset", "name: Asset")]),
        case(&[("name: asset", "name: asset_transfer")]),
        case(&[("name: asset", "name: 2asset")]),
        case(&[("name: asset", "name: asset--transfer")]),
    ],
    near_misses: &[case(&[("name: asset", "name: asset-transfer2")])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for chaincode in context.chaincodes() {
        let name = &chaincode.decided.name;
        let inside = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let good = name.starts_with(|c: char| c.is_ascii_lowercase())
            && name.chars().all(inside)
            && !name.ends_with('-')
            && !name.contains("--");
        if !good {
            let label =
                grammar::label_of(name).filter(|label| label.starts_with(char::is_alphabetic));
            findings.report(Finding::at(
                chaincode.path.key("name"),
                format!("`{name}` is no name for a chaincode"),
                "it begins the name of a Service: lower case, a letter first, single dashes",
                label.map_or_else(
                    || "begin with a lower-case letter".to_owned(),
                    |label| format!("write `name: {}`", label.replace("--", "-")),
                ),
            ));
        }
    }
}
