//! FT208: a network's name that cannot be a release.

use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::{KeyPath, Severity};
use crate::spec::grammar;

pub(super) static RULE: Rule = Rule {
    code: "FT208",
    severity: Severity::Error,
    title: "the network's name is a DNS label",
    about: "It names the chart, the umbrella's release and its namespace, and starts the names of generated objects: \
            lower-case letters, digits and dashes, a letter first.",
    fires: &[
        case(&[("name: tradenet", "name: TradeNet")]),
        case(&[("name: tradenet", "name: 3trade")]),
    ],
    near_misses: &[case(&[("name: tradenet", "name: trade-net-3")])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let Some(name) = &context.spec.name else { return };
    let starts_well = name.starts_with(|c: char| c.is_ascii_lowercase());
    let cut = name.chars().take(grammar::LONGEST_LABEL).collect::<String>();
    if starts_well && grammar::is_label(cut.trim_end_matches('-')) && !name.ends_with('-') {
        return;
    }
    let fix = match grammar::label_of(name).filter(|label| label.starts_with(char::is_alphabetic)) {
        Some(label) => format!("write `name: {label}`"),
        None => "begin with a lower-case letter, go on with letters, digits and dashes".to_owned(),
    };
    findings.report(Finding::at(
        KeyPath::root().key("metadata").key("name"),
        format!("`{name}` is no name for a network"),
        "it names a Helm release and a namespace: a DNS label with a letter first",
        fix,
    ));
}
