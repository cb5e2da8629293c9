//! FT301: a channel name that Fabric refuses.

use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::Severity;

/// Fabric's `common/configtx/validator.go`.
const LONGEST_NAME: usize = 249;

pub(super) static RULE: Rule = Rule {
    code: "FT301",
    severity: Severity::Error,
    title: "a channel name has lower-case letters, digits, dots and dashes",
    about: "Fabric admits `[a-z][a-z0-9.-]*` and at most 249 characters; a block with another name is refused when an \
            orderer joins (\"contains illegal characters\").",
    fires: &[
        case(&[
            ("name: settlement", "name: Settlement"),
            ("channel: settlement", "channel: Settlement"),
        ]),
        case(&[("name: settlement", "name: 1st"), ("channel: settlement", "channel: 1st")]),
    ],
    near_misses: &[case(&[
        ("name: settlement", "name: settle-1.x"),
        ("channel: settlement", "channel: settle-1.x"),
    ])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for channel in context.channels() {
        let name = &channel.decided.name;
        let inside =
            |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-');
        let good = name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(inside);
        if !good || name.len() > LONGEST_NAME {
            findings.report(Finding::at(
                channel.path.key("name"),
                format!("`{name}` is no name for a channel"),
                "Fabric admits `[a-z][a-z0-9.-]*`, at most 249 characters",
                format!("write for example `name: {}`", name.to_lowercase().replace('_', "-")),
            ));
        }
    }
}
