//! FT308: a channel without a group that orders it.

use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::{KeyPath, Severity};
use crate::resolve::ordering::group;
use crate::spec::Ordering;

pub(super) static RULE: Rule = Rule {
    code: "FT308",
    severity: Severity::Error,
    title: "a channel names a group of `ordering`",
    about: "With `ordering.groups` a channel names the group that orders it; without, no channel names one.",
    fires: &[case(&[("  - name: settlement\n", "  - name: settlement\n    ordering: main\n")])],
    near_misses: &[case(&[
        ("  - name: settlement\n", "  - name: settlement\n    ordering: main\n"),
        ("ordering:\n  type: etcdraft\n", "ordering:\n  groups: {main: {type: etcdraft}}\n"),
    ])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let ordering = KeyPath::root().key("ordering");
    for channel in context.channels() {
        let said = channel.said.ordering.as_deref();
        if group(&context.spec.ordering, said).is_some() {
            continue;
        }
        let (message, fix) = match (said, &context.spec.ordering) {
            (Some(name), Ordering::Single(_)) => {
                (format!("there is no ordering group `{name}`"), "remove the line".to_owned())
            }
            (Some(name), Ordering::Groups(groups)) => {
                let known = groups.keys().cloned().collect::<Vec<_>>().join(", ");
                (format!("there is no ordering group `{name}`"), format!("name one of {known}"))
            }
            (None, _) => (
                format!("channel `{}` names no ordering group", channel.decided.name),
                "add `ordering:` with a name of `ordering.groups`".to_owned(),
            ),
        };
        let why = "every channel is ordered by exactly one group of consenters";
        let finding = Finding::at(channel.path.key("ordering"), message, why, fix);
        findings.report(finding.rests_on(ordering.clone()));
    }
}
