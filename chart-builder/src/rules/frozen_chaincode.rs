//! FT416: a built chaincode that is gone, or on another channel.

use super::frozen::changed;
use super::{Context, Finding, Findings, Rule, rebuilt};
use crate::diagnostic::{KeyPath, Severity};

pub(super) static RULE: Rule = Rule {
    code: "FT416",
    severity: Severity::Error,
    title: "a chaincode stays on its channel",
    about: "Fabric never forgets a committed definition: without its server every call fails, and under another channel \
            it is another chaincode with another name.",
    fires: &[
        rebuilt(&[("name: asset", "name: asset2")]),
        rebuilt(&[
            ("chaincodes:\n", "  - {name: second, members: [Org1, Org2]}\nchaincodes:\n"),
            ("channel: settlement", "channel: second"),
        ]),
    ],
    near_misses: &[
        rebuilt(&[("removals: []\n", "  - {name: asset2, version: \"1\", image: cc/b:1}\n")]),
        rebuilt(&[
            ("chaincodes:\n", "  - {name: second, members: [Org1, Org2]}\nchaincodes:\n"),
            ("    channel: settlement\n", ""),
        ]),
    ],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    if !context.names_known("chaincodes") {
        return;
    }
    for (name, locked) in &context.lock.chaincodes {
        let why = "Fabric never forgets a committed definition";
        let Some(now) = context.chaincodes().find(|it| it.decided.name == *name) else {
            findings.report(Finding::at(
                KeyPath::root().key("chaincodes"),
                format!("chaincode `{name}` was built and is gone"),
                why,
                format!("put `{name}` back; a renamed chaincode is another one"),
            ));
            continue;
        };
        // No channel at all is reported by FT505, once.
        if now.decided.channel != locked.channel && !now.decided.channel.is_empty() {
            let values = (locked.channel.as_str(), now.decided.channel.as_str());
            let fact = format!("the channel of `{name}`");
            findings.report(changed(now.path.key("channel"), &fact, values, why));
        }
    }
}
