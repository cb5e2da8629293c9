//! FT413: another Fabric line of a built network.

use fabric_artifacts::block::has_definitions;

use super::frozen::changed;
use super::{Case, Context, Finding, Findings, Rule, rebuilt};
use crate::diagnostic::{KeyPath, Severity};
use crate::fabric_line::{Bootstrap, FabricLine, LINES, Lifecycle};

/// A network of Fabric 2.2, which has a system channel.
const BUILT_2_4: &[(&str, &str)] =
    &[("version: 2.5.16", "version: 2.2.15"), ("application: V2_5", "application: V2_0")];

pub(super) static RULE: Rule = Rule {
    code: "FT413",
    severity: Severity::Error,
    title: "a network moves to a Fabric line that follows its own",
    about: "Within a line only images change. To a line that follows, a network moves with new images and configuration files, \
            and its channels keep their capabilities. From Fabric 1 to 2 databases have to be rebuilt by hand, and Fabric 3 \
            has no system channel and no legacy lifecycle: these steps are not built. There is no way back: an older program \
            panics on a newer ledger.",
    fires: &[
        rebuilt(&[
            ("version: 2.5.16", "version: 2.4.9"),
            ("application: V2_5", "application: V2_0"),
        ]),
        Case { built: Some(BUILT_2_4), edits: &[("version: 2.5.16", "version: 3.1.5")] },
        Case {
            built: Some(&[
                ("version: 2.5.16", "version: 3.0.0"),
                ("{channel: V2_0, orderer: V2_0, application: V2_5}", "{channel: V2_0}"),
            ]),
            edits: &[],
        },
    ],
    near_misses: &[
        rebuilt(&[("version: 2.5.16", "version: 2.5.15")]),
        rebuilt(&[("version: 2.5.16", "version: 3.1.5")]),
        Case { built: Some(BUILT_2_4), edits: &[("application: V2_5", "application: V2_0")] },
    ],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let Some(locked) = &context.lock.network else { return };
    let line = context.network.line();
    if locked.fabric_line == line.name {
        return;
    }
    let path = KeyPath::root().key("fabric").key("version");
    let values = (locked.fabric_line.as_str(), line.name);
    if !line.follows.contains(&locked.fabric_line.as_str()) {
        let why = "only some lines follow each other, and there is no way back";
        let finding = changed(path, "the Fabric line", values, why);
        findings.report(finding.with_fix(next(&locked.fabric_line)));
    } else if let Some((message, why)) = obstacle(context, line) {
        let fix = format!("stay on Fabric {}", locked.fabric_line);
        findings.report(Finding::at(path, message, why, fix));
    }
}

/// What of this network the line does not have.
fn obstacle(context: &Context<'_>, line: &FabricLine) -> Option<(String, &'static str)> {
    if line.bootstrap == Bootstrap::Participation
        && let Some(name) = context.lock.system_channels.keys().next()
    {
        let message = format!("Fabric {} has no system channels, and `{name}` is one", line.name);
        return Some((
            message,
            "orderers would not start with it, and removing it is not built yet",
        ));
    }
    if line.lifecycle == Lifecycle::Definitions {
        let legacy = context
            .lock
            .channels
            .iter()
            .find(|(_, locked)| !has_definitions(&locked.made_from.capabilities.application));
        let (name, _) = legacy?;
        let message =
            format!("channel `{name}` has the legacy lifecycle, which Fabric {} lacks", line.name);
        return Some((
            message,
            "its application capability is below V2_0, and channel updates are not built yet",
        ));
    }
    None
}

/// Where a network of this line can go.
fn next(locked: &str) -> String {
    let next: Vec<_> = LINES.iter().filter(|line| line.follows.contains(&locked)).collect();
    let names: Vec<_> = next.iter().map(|line| line.name).collect();
    if names.is_empty() {
        format!("stay on Fabric {locked}")
    } else {
        format!("stay on Fabric {locked}, or move to {}", names.join(" or "))
    }
}
