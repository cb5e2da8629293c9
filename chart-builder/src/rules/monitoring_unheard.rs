//! FT850: monitoring of nodes that tell nothing.

use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::{KeyPath, Severity};

pub(super) static RULE: Rule = Rule {
    code: "FT850",
    severity: Severity::Error,
    title: "monitoring needs metrics",
    about: "Nodes have an operations endpoint with metrics from Fabric 1.4 on. Before, Prometheus would ask ports that \
            nobody listens on, and every alert about a node would fire.",
    fires: &[case(&[
        (
            "version: 2.5.16, capabilities: {channel: V2_0, orderer: V2_0, application: V2_5}",
            "version: 1.3.0",
        ),
        ("removals: []", "monitoring: {rules: true}"),
    ])],
    near_misses: &[case(&[("removals: []", "monitoring: {rules: true}")])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    if context.network.monitoring.is_none() || context.network.line().operations {
        return;
    }
    let finding = Finding::at(
        KeyPath::root().key("monitoring"),
        format!("nodes of Fabric {} have no metrics", context.network.fabric),
        "the operations endpoint came with Fabric 1.4",
        "remove the block, or use Fabric 1.4 or later",
    );
    findings.report(finding.rests_on(KeyPath::root().key("fabric")));
}
