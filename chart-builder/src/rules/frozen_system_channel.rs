//! FT461: another system channel of a built channel.

use super::frozen::changed;
use super::{Case, Context, Findings, Rule};
use crate::diagnostic::{KeyPath, Severity};
use crate::lock::Origin;

const BUILT: &[(&str, &str)] =
    &[("version: 2.5.16", "version: 2.2.15"), ("application: V2_5", "application: V2_0")];

pub(super) static RULE: Rule = Rule {
    code: "FT461",
    severity: Severity::Error,
    title: "a built channel keeps its system channel",
    about: "Its orderers have started from that system channel and know no other one; its name stands in every block.",
    fires: &[Case {
        built: Some(BUILT),
        edits: &[
            ("version: 2.5.16", "version: 2.2.15"),
            ("application: V2_5", "application: V2_0"),
            ("  raft: {", "  systemChannel: other\n  raft: {"),
        ],
    }],
    near_misses: &[Case {
        built: Some(BUILT),
        edits: &[
            ("version: 2.5.16", "version: 2.2.15"),
            ("application: V2_5", "application: V2_0"),
            ("  raft: {", "  systemChannel: system-channel\n  raft: {"),
        ],
    }],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for channel in context.channels() {
        let Some(locked) = context.lock.channels.get(&channel.decided.name) else { continue };
        let frozen = match &locked.origin {
            Origin::Genesis { .. } => "none",
            Origin::Creation { system_channel, .. } => system_channel.as_str(),
        };
        let system = context.network.system_channel_of(channel.decided);
        let now = system.map_or("none", |system| system.name.as_str());
        // Another consensus is reported by FT460, and brings the system channel along.
        if frozen == now || locked.made_from.consensus.kind() != channel.decided.consensus.kind() {
            continue;
        }
        let fact = format!("the system channel of channel `{}`", channel.decided.name);
        let why = "its orderers have started from that one";
        let finding = changed(channel.path.key("name"), &fact, (frozen, now), why);
        findings.report(finding.rests_on(KeyPath::root().key("ordering")));
    }
}
