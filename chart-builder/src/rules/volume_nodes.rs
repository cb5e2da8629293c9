//! FT634: a pod bound to two Kubernetes nodes.

use super::volumes;
use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::{KeyPath, Severity};
use crate::model::Share;

pub(super) static RULE: Rule = Rule {
    code: "FT634",
    severity: Severity::Error,
    title: "a node's data and its keys are on one Kubernetes node",
    about: "Directories of a Kubernetes node bind the pods that use them to it. A pod whose ledger lies on one node and whose \
            keys lie on another would stay Pending for ever.",
    fires: &[case(&[
        ("storage: 60Gi", "storage: {local: {path: /mnt/ssd, node: worker2}}"),
        ("removals: []", "storage: {shared: {type: hostPath, node: worker1}}"),
    ])],
    near_misses: &[
        case(&[
            ("storage: 60Gi", "storage: {local: {path: /mnt/ssd, node: worker1}}"),
            ("removals: []", "storage: {shared: {type: hostPath, node: worker1}}"),
        ]),
        case(&[
            ("storage: 60Gi", "storage: {local: {path: /mnt/ssd, node: worker2}}"),
            ("removals: []", "storage: {shared: {type: nfs}}"),
        ]),
    ],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let Some(Share::Directory(share)) = &context.network.storage.share else { return };
    let Some(keys) = share.place.node().filter(|node| !node.is_empty()) else { return };
    let place = KeyPath::root().key("storage").key("shared");
    for node in volumes::decided(context) {
        let Some(data) = node.directory.place.node().filter(|data| *data != keys) else { continue };
        let message = format!("{} has its data on `{data}` and its keys on `{keys}`", node.whose);
        let finding = Finding::at(
            node.path,
            message,
            "its pod would have to run on both",
            format!("put its data on `{keys}`, or the share on NFS"),
        );
        findings.report(finding.beside(place.clone(), "the share is here"));
    }
}
