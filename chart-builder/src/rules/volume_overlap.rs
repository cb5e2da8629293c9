//! FT631: two nodes in one directory, or one within the other's.

use super::volumes;
use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::{KeyPath, Severity};
use crate::model::{CryptoTree, Directory, Place, Share};

pub(super) static RULE: Rule = Rule {
    code: "FT631",
    severity: Severity::Error,
    title: "a directory has one owner",
    about: "Two nodes in one directory mix their ledgers; a node whose directory lies within another's, or within the share \
            with keys, is deleted with it, and its process sees what it may not see. NFS directories without a server of \
            their own count as one server; whether two names are one server is not known here.",
    fires: &[
        case(&[(
            "      anchors: [peer0]\n",
            "      anchors: [peer0]\n      storage: {nfs: {server: files, path: /export/org1}}\n",
        )]),
        case(&[(
            "overrides: {peer2: {storage: 60Gi}}",
            "overrides: {peer2: {storage: {nfs: {path: /x/org1}}}, peer1: {storage: {nfs: {path: /x/org1/peer1}}}}",
        )]),
        case(&[
            (
                "storage: 60Gi",
                "storage: {nfs: {path: /opt/share/crypto-config/peerOrganizations/org1/x}}",
            ),
            ("removals: []", "storage: {shared: {type: nfs}}"),
        ]),
    ],
    near_misses: &[
        case(&[(
            "overrides: {peer2: {storage: 60Gi}}",
            "overrides: {peer2: {storage: {nfs: {path: /x/org1}}}, peer1: {storage: {nfs: {path: /x/org10}}}}",
        )]),
        case(&[(
            "overrides: {peer2: {storage: 60Gi}}",
            "overrides: {peer2: {storage: {nfs: {server: a, path: /x}}}, peer1: {storage: {nfs: {server: b, path: /x}}}}",
        )]),
        case(&[
            ("    storage: {class: fast, size: 50Gi}\n", ""),
            ("removals: []", "storage: {volumes: {type: nfs}, shared: {type: nfs}}"),
        ]),
    ],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let mut owners: Vec<(Directory, String)> = keys(context);
    for node in volumes::decided(context) {
        if let Some((other, whose)) =
            owners.iter().find(|(other, _)| overlap(other, node.directory))
        {
            let message = format!(
                "{} and {whose} lie in one directory: `{}` and `{}`",
                node.whose, node.directory.path, other.path
            );
            findings.report(
                Finding::at(
                    node.path.clone(),
                    message,
                    "a directory belongs to one owner, with everything in it",
                    "name a directory for each node under `overrides`, beside the others, or use `storage.volumes`",
                )
                .rests_on(KeyPath::root().key("storage")),
            );
        }
        owners.push((node.directory.clone(), node.whose));
    }
}

/// The tree of keys on a share.
fn keys(context: &Context<'_>) -> Vec<(Directory, String)> {
    match &context.network.storage.share {
        Some(Share::Directory(share)) => {
            let root = CryptoTree::Peers.directory("");
            let root = root.split('/').next().unwrap_or_default();
            vec![(share.below(root), "the share's keys".to_owned())]
        }
        Some(Share::Claim(_)) | None => Vec::new(),
    }
}

fn overlap(one: &Directory, other: &Directory) -> bool {
    let within = |outer: &str, inner: &str| {
        inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    same_place(&one.place, &other.place)
        && (within(&one.path, &other.path) || within(&other.path, &one.path))
}

/// A node's directories are the same whether it is mounted as hostPath or local.
fn same_place(one: &Place, other: &Place) -> bool {
    match (one.node(), other.node()) {
        (Some(one), Some(other)) => one == other,
        (None, None) => one == other,
        _ => false,
    }
}
