//! FT632: a directory without the place that it needs, or with one that it cannot have.

use super::volumes;
use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::{KeyPath, Severity};
use crate::spec::grammar::{is_label, is_subdomain};
use crate::spec::storage::DirectoryKind;

pub(super) static RULE: Rule = Rule {
    code: "FT632",
    severity: Severity::Error,
    title: "a directory says where it lies",
    about: "A directory of a Kubernetes node is on that node only: without `node` a pod that moves would start with another, \
            empty one. NFS is everywhere and has a server in place of a node, which is a host name or an address. A share \
            of type `claim` names its claim, and has neither path nor node.",
    fires: &[
        case(&[("removals: []", "storage: {volumes: {type: hostPath}}")]),
        case(&[("removals: []", "storage: {volumes: {type: nfs, node: worker1}}")]),
        case(&[("removals: []", "storage: {shared: {type: claim}}")]),
        case(&[(
            "removals: []",
            "storage: {shared: {type: claim, claim: crypto, path: /opt/share}}",
        )]),
        case(&[("removals: []", "storage: {shared: {type: nfs, claim: crypto}}")]),
        case(&[("removals: []", "storage: {server: \"files:/export\"}")]),
        case(&[("storage: 60Gi", "storage: {local: {path: /mnt/ssd, node: Worker 1}}")]),
    ],
    near_misses: &[
        case(&[(
            "removals: []",
            "storage: {server: 10.0.0.5, shared: {type: claim, claim: crypto}}",
        )]),
        case(&[("removals: []", "storage: {server: \"fd00::5\"}")]),
        case(&[("storage: 60Gi", "storage: {local: {path: /mnt/ssd, node: worker1.example.org}}")]),
    ],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let network = KeyPath::root().key("storage");
    for written in volumes::written(context) {
        let Some(kind) = written.kind else { continue };
        let node = written.holder.key("node");
        match (kind, written.node) {
            (DirectoryKind::Nfs, Some(_)) => findings.report(Finding::at(
                node,
                "NFS has no node".to_owned(),
                "every node of the cluster reaches the server",
                "remove `node`",
            )),
            (DirectoryKind::HostPath | DirectoryKind::Local, None) => findings.report(Finding::at(
                node,
                format!("a `{}` directory says no node", kind.word()),
                "the directory is on one Kubernetes node, and a pod elsewhere would see another one",
                "add `node:` with that node's label `kubernetes.io/hostname`",
            )),
            (DirectoryKind::HostPath | DirectoryKind::Local, Some(said)) if !is_subdomain(said) => {
                findings.report(Finding::at(
                    node,
                    format!("`{said}` is no name of a node"),
                    "nodes have DNS names",
                    "write the node's label `kubernetes.io/hostname`",
                ));
            }
            _ => {}
        }
        server(written.holder.key("server"), written.server, findings);
    }
    server(network.key("server"), context.spec.storage.server.as_deref(), findings);
    share(context, &network.key("shared"), findings);
}

fn server(path: KeyPath, said: Option<&str>, findings: &mut Findings<'_>) {
    let Some(said) = said else { return };
    if !is_subdomain(said) && said.parse::<std::net::IpAddr>().is_err() {
        findings.report(Finding::at(
            path,
            format!("`{said}` is no host name and no address"),
            "the path stands beside it, and there is no user and no port",
            "write for example `nfs.example.org` or `10.0.0.5`",
        ));
    }
}

fn share(context: &Context<'_>, path: &KeyPath, findings: &mut Findings<'_>) {
    let Some(said) = &context.spec.storage.shared else { return };
    let unfit = if said.claims {
        [("path", &said.path), ("node", &said.node)]
    } else {
        [("claim", &said.claim), ("", &None)]
    };
    for (key, _) in unfit.into_iter().filter(|(_, said)| said.is_some()) {
        findings.report(Finding::at(
            path.key(key),
            format!("a share of this type has no `{key}`"),
            "a claim that exists knows its own place, and a directory gets claims of its own",
            format!("remove `{key}`, or write another `type`"),
        ));
    }
    let named = said.claim.as_deref().is_some_and(|claim| claim.split('.').all(is_label));
    if said.claims && !named {
        findings.report(Finding::at(
            path.key("claim"),
            "a share of type `claim` names no claim".to_owned(),
            "the claim is in every organization's namespace under this name",
            "add `claim:` with its name",
        ));
    }
}
