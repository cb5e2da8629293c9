//! FT412: another class or source, or a smaller size, of a built volume.

use super::frozen::changed;
use super::nodes::{Kind, storage_path};
use super::{Case, Context, Findings, Rule, rebuilt};
use crate::diagnostic::Severity;
use crate::model::Storage;
use crate::spec::quantity;

pub(super) static RULE: Rule = Rule {
    code: "FT412",
    severity: Severity::Error,
    title: "a volume keeps its class and source, and only grows",
    about: "Kubernetes changes neither the class nor the source of a claim and never shrinks one: the upgrade would fail \
            half-way. Growing works where the class has `allowVolumeExpansion`; a directory of NFS or a node has no class, so \
            not even its size changes.",
    fires: &[
        rebuilt(&[("storage: 60Gi", "storage: 40Gi")]),
        rebuilt(&[("class: fast", "class: slow")]),
        rebuilt(&[("storage: 60Gi", "storage: {existingClaim: ledger}")]),
        rebuilt(&[("storage: 60Gi", "storage: {nfs: {server: files, path: /export/ledger}}")]),
        Case {
            built: Some(&[("storage: 60Gi", "storage: {nfs: {server: files, path: /export/old}}")]),
            edits: &[("storage: 60Gi", "storage: {nfs: {server: files, path: /export/new}}")],
        },
    ],
    near_misses: &[
        rebuilt(&[("storage: 60Gi", "storage: 61440Mi")]),
        rebuilt(&[("storage: 60Gi", "storage: 70Gi")]),
        Case {
            built: Some(&[("storage: 60Gi", "storage: {nfs: {server: files, path: /export/old}}")]),
            edits: &[("storage: 60Gi", "storage: {nfs: {server: files, path: /export/old}}")],
        },
    ],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for organization in context.organizations() {
        let Some(locked) = context.lock.organizations.get(&organization.decided.name) else {
            continue;
        };
        for kind in Kind::ALL {
            for (node, storage) in kind.storage(&organization) {
                let Some(frozen) = locked.nodes.get(node).map(|node| &node.storage) else {
                    continue;
                };
                if allowed(frozen, storage) {
                    continue;
                }
                let path = storage_path(context, &organization, kind, node);
                let fact = format!("storage of `{node}` of `{}`", organization.decided.name);
                let values = (describe(frozen), describe(storage));
                let why =
                    "Kubernetes changes neither class nor source of a claim, and never shrinks one";
                findings.report(changed(path, &fact, (&values.0, &values.1), why));
            }
        }
    }
}

pub(super) fn allowed(frozen: &Storage, now: &Storage) -> bool {
    match (frozen, now) {
        (
            Storage::Claim { class: frozen_class, size: frozen_size, .. },
            Storage::Claim { class, size, .. },
        ) => {
            // A size that cannot be read is reported by FT604.
            let shrinks = match (quantity::milli(frozen_size), quantity::milli(size)) {
                (Some(frozen), Some(now)) => now < frozen,
                _ => false,
            };
            frozen_class == class && !shrinks
        }
        (frozen, now) => frozen == now,
    }
}

pub(super) fn describe(storage: &Storage) -> String {
    match storage {
        Storage::Directory { directory, size, .. } => format!("{size} in {}", directory.describe()),
        Storage::Claim { class: Some(class), size, .. } => format!("{size} of class {class}"),
        Storage::Claim { class: None, size, .. } => format!("{size} of the default class"),
        Storage::ExistingClaim { claim } => format!("the claim {claim}"),
        Storage::EmptyDir => "emptyDir".to_owned(),
    }
}
