//! FT218: etcdraft without TLS for clients, in versions that know nothing in between.

use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::{KeyPath, Severity};
use crate::model::Consensus;

/// A network without TLS.
const DEV: (&str, &str) = ("profile: production", "profile: dev");
const OFF: (&str, &str) =
    ("clusterDomain: cluster.local", "clusterDomain: cluster.local\ntls: {enabled: false}");
const OLD: (&str, &str) =
    ("capabilities: {channel: V2_0, orderer: V2_0, application: V2_5}", "capabilities: {}");

pub(super) static RULE: Rule = Rule {
    code: "FT218",
    severity: Severity::Error,
    title: "without TLS etcdraft needs Fabric 1.4.5",
    about: "Raft knows its members by their TLS certificates. From 1.4.5 on orderers listen for each other at a port of their \
            own, which has TLS where clients have none; before, an orderer without TLS stops with \"TLS is required for \
            running ordering nodes of type etcdraft\".",
    fires: &[case(&[DEV, OFF, OLD, ("version: 2.5.16", "version: 1.4.4")])],
    near_misses: &[
        case(&[DEV, OFF, OLD, ("version: 2.5.16", "version: 1.4.5")]),
        case(&[DEV, OLD, ("version: 2.5.16", "version: 1.4.4")]),
        case(&[
            DEV,
            OFF,
            OLD,
            ("version: 2.5.16", "version: 1.4.4"),
            ("type: etcdraft", "type: kafka"),
            ("  raft: {tickInterval: 500ms, electionTick: 10, heartbeatTick: 1}\n", ""),
        ]),
    ],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let network = context.network;
    let separates = network.line().separates_consenters(&network.fabric);
    if !network.transport.is_plain() || separates {
        return;
    }
    let version = KeyPath::root().key("fabric").key("version");
    for (path, _, group) in context.groups() {
        if matches!(group.consensus, Consensus::Etcdraft(_)) {
            let finding = Finding::at(
                KeyPath::root().key("tls").key("enabled"),
                format!("orderers of Fabric {} with etcdraft have no TLS", network.fabric),
                "Raft knows its members by their TLS certificates, and they have no port of their own before 1.4.5",
                "leave `tls` out, or use Fabric 1.4.5 or later",
            );
            findings.report(finding.beside(version.clone(), "the version").rests_on(path));
        }
    }
}
