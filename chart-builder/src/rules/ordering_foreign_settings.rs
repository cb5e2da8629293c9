//! FT337: settings of another consensus.

use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::Severity;
use crate::model::ConsensusType;
use crate::spec::{Bft, Raft};

pub(super) static RULE: Rule = Rule {
    code: "FT337",
    severity: Severity::Error,
    title: "an ordering group has settings of its own consensus only",
    about: "`raft` is read with `type: etcdraft` and `bft` with `type: bft`; `systemChannel` where orderers start from one: \
            with kafka and solo, and below Fabric 2.3. Elsewhere they would silently do nothing.",
    fires: &[
        case(&[("  raft: {", "  bft: {requestPoolSize: 500}\n  raft: {")]),
        case(&[("type: etcdraft", "type: kafka")]),
        case(&[("  raft: {", "  systemChannel: mine\n  raft: {")]),
    ],
    near_misses: &[
        case(&[
            ("  raft: {", "  systemChannel: mine\n  raft: {"),
            ("version: 2.5.16", "version: 2.2.15"),
        ]),
        case(&[(
            "type: etcdraft\n  consenters: [Orderer/orderer0, Orderer/orderer1, Orderer/orderer2]\n",
            "type: etcdraft\n",
        )]),
    ],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (path, said, group) in context.groups() {
        let kind = group.consensus.kind();
        let foreign = [
            ("raft", said.raft != Raft::default() && kind != ConsensusType::Etcdraft),
            ("bft", said.bft != Bft::default() && kind != ConsensusType::Bft),
            ("systemChannel", said.system_channel.is_some() && group.system_channel.is_none()),
        ];
        for (key, _) in foreign.into_iter().filter(|(_, foreign)| *foreign) {
            findings.report(
                Finding::at(
                    path.key(key),
                    format!("`{key}` is not read with `type: {}`", kind.word()),
                    "settings that nobody reads would silently do nothing",
                    "remove it, or change `type`",
                )
                .rests_on(path.key("type")),
            );
        }
    }
}
