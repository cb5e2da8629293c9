//! FT505: a chaincode on a channel that does not exist.

use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::Severity;
use crate::spec::nearest;

pub(super) static RULE: Rule = Rule {
    code: "FT505",
    severity: Severity::Error,
    title: "a chaincode names a channel of the network",
    about: "A definition is committed on one channel. With a single channel the chaincode need not name it.",
    fires: &[
        case(&[("channel: settlement", "channel: setlement")]),
        case(&[
            ("chaincodes:\n", "  - {name: second, members: [Org2]}\nchaincodes:\n"),
            ("    channel: settlement\n", ""),
        ]),
    ],
    near_misses: &[case(&[("    channel: settlement\n", "")])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    if !context.names_known("channels") {
        return;
    }
    let known: Vec<_> = context.channels().map(|channel| channel.decided.name.as_str()).collect();
    for chaincode in context.chaincodes() {
        let name = chaincode.decided.channel.as_str();
        if known.contains(&name) {
            continue;
        }
        let message = match &chaincode.said.channel {
            Some(_) => format!("there is no channel `{name}`"),
            None => format!("chaincode `{}` names no channel", chaincode.decided.name),
        };
        let near = nearest(name, known.iter().copied());
        let fix = near.map_or_else(
            || format!("name one of {}", known.join(", ")),
            |near| format!("did you mean `{near}`?"),
        );
        let why = "a definition is committed on one channel";
        findings.report(Finding::at(chaincode.path.key("channel"), message, why, fix));
    }
}
