//! FT217: etcdraft without TLS for clients.

use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::{KeyPath, Severity};
use crate::model::Consensus;

pub(super) static RULE: Rule = Rule {
    code: "FT217",
    severity: Severity::Warning,
    title: "without TLS an orderer far behind does not catch up",
    about: "An orderer of etcdraft that has missed more than the others keep in their logs fetches blocks from the port \
            for clients, and always with TLS. What it has missed since their last snapshot (`raft.snapshotIntervalSize`) \
            it gets from the log, so a restart is harmless, and days without it are not.",
    fires: &[case(&[
        ("profile: production", "profile: dev"),
        ("clusterDomain: cluster.local", "clusterDomain: cluster.local\ntls: {enabled: false}"),
    ])],
    near_misses: &[case(&[("profile: production", "profile: dev")])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let votes = |consensus: &Consensus| matches!(consensus, Consensus::Etcdraft(_));
    let several = |it: &crate::model::OrderingGroup| votes(&it.consensus) && it.orderers.len() > 1;
    if context.network.transport.is_plain() && context.network.ordering.iter().any(several) {
        findings.report(Finding::at(
            KeyPath::root().key("tls").key("enabled"),
            "an orderer that falls behind a snapshot of the others stays there".to_owned(),
            "it fetches blocks with TLS from a port that has none",
            "leave `tls` out, or keep every orderer running",
        ));
    }
}
