//! FT339: a system channel that cannot have its name.

use std::collections::BTreeSet;

use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::Severity;

/// Name of its `ConfigMap`: `genesis-<channel>`, a DNS name of at most 253 characters.
const LONGEST_NAME: usize = 245;

pub(super) static RULE: Rule = Rule {
    code: "FT339",
    severity: Severity::Error,
    title: "a system channel has a name of its own",
    about: "Fabric admits `[a-z][a-z0-9.-]*`. Channels and system channels share one space of names: a transaction that \
            makes a channel of the same name is an update of the system channel to an orderer.",
    fires: &[
        case(&[
            ("version: 2.5.16", "version: 2.2.15"),
            ("  raft: {", "  systemChannel: settlement\n  raft: {"),
        ]),
        case(&[
            ("version: 2.5.16", "version: 2.2.15"),
            ("  raft: {", "  systemChannel: System\n  raft: {"),
        ]),
    ],
    near_misses: &[case(&[
        ("version: 2.5.16", "version: 2.2.15"),
        ("  raft: {", "  systemChannel: settlements\n  raft: {"),
    ])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let mut taken: BTreeSet<&str> =
        context.network.channels.iter().map(|channel| channel.name.as_str()).collect();
    for (path, said, group) in context.groups() {
        let Some(system) = &group.system_channel else { continue };
        let name = system.name.as_str();
        let inside =
            |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-');
        let good = name.starts_with(|c: char| c.is_ascii_lowercase())
            && name.chars().all(inside)
            && name.len() <= LONGEST_NAME;
        let message = if !good {
            format!("`{name}` is no name for a system channel")
        } else if !taken.insert(name) {
            format!("there is another channel `{name}`")
        } else {
            continue;
        };
        let path = if said.system_channel.is_some() { path.key("systemChannel") } else { path };
        findings.report(Finding::at(
            path,
            message,
            "channels and system channels share names: `[a-z][a-z0-9.-]*`, each once",
            "write for example `systemChannel: system-channel`",
        ));
    }
}
