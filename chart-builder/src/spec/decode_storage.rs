//! From the examined tree to the user's words about volumes.

use super::decode::At;
use super::storage::{Crypto, Directory, DirectoryKind, NetworkStorage, Shared, Storage, Volumes};

/// `storage` of a node.
pub(super) fn storage(at: &At<'_>) -> Option<Storage> {
    match at.scalar() {
        Some("emptyDir") => return Some(Storage { empty_dir: true, ..Storage::default() }),
        Some(size) => return Some(Storage { size: Some(size.to_owned()), ..Storage::default() }),
        None if at.is_there() => {}
        None => return None,
    }
    let directory = |key| {
        let at = at.key(key);
        at.is_there().then(|| Directory {
            server: at.text("server"),
            path: at.text("path"),
            node: at.text("node"),
        })
    };
    Some(Storage {
        class: at.text("class"),
        size: at.text("size"),
        existing_claim: at.text("existingClaim"),
        empty_dir: at.key("emptyDir").scalar() == Some("true"),
        nfs: directory("nfs"),
        host_path: directory("hostPath"),
        local: directory("local"),
    })
}

/// `crypto`.
pub(super) fn crypto(at: &At<'_>) -> Crypto {
    Crypto { files: at.key("source").scalar() == Some("files"), path: at.text("path") }
}

/// `storage` of the network.
pub(super) fn network(at: &At<'_>) -> NetworkStorage {
    let (volumes, shared) = (at.key("volumes"), at.key("shared"));
    let kind = |at: &At<'_>| at.key("type").scalar().and_then(DirectoryKind::of);
    NetworkStorage {
        server: at.text("server"),
        volumes: volumes.is_there().then(|| Volumes {
            kind: kind(&volumes),
            base_path: volumes.text("basePath"),
            node: volumes.text("node"),
        }),
        shared: shared.is_there().then(|| Shared {
            kind: kind(&shared),
            claims: shared.key("type").scalar() == Some("claim"),
            path: shared.text("path"),
            node: shared.text("node"),
            claim: shared.text("claim"),
        }),
    }
}
