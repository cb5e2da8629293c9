//! Volumes: of a node, from its own words down to the defaults, and of the network as a whole.

use super::nodes::{DEFAULT_SIZE, volume};
use crate::directory::paths;
use crate::lock::LockedNode;
use crate::model::{Crypto, Directory, NetworkStorage, Place, Share, Storage, names};
use crate::spec::storage::{self, DirectoryKind};
use crate::spec::{self, Spec};

/// Where a tree lies when nobody says it.
const DEFAULT_TREE: &str = "crypto-config";
/// Where a share lies when nobody says it: the place of 2017.
const DEFAULT_PATH: &str = "/opt/share";

/// Where identities come from.
pub(super) fn crypto(spec: &Spec) -> Crypto {
    if !spec.crypto.files {
        return Crypto::Generated;
    }
    let said = spec.crypto.path.as_deref().unwrap_or(DEFAULT_TREE);
    // What is no directory of its own is reported by a rule.
    Crypto::Files { path: paths::source_directory(said).unwrap_or_else(|| said.to_owned()) }
}

/// What the topology says about the network's directories.
pub(super) fn network(spec: &Spec) -> NetworkStorage {
    let said = &spec.storage;
    let path = |said: &Option<String>| said.clone().unwrap_or_else(|| DEFAULT_PATH.to_owned());
    let base = said.volumes.as_ref().and_then(|volumes| {
        let place = place(volumes.kind?, None, volumes.node.as_ref());
        Some(Directory { place, path: path(&volumes.base_path) })
    });
    let share = said.shared.as_ref().and_then(|shared| {
        if shared.claims {
            return Some(Share::Claim(shared.claim.clone().unwrap_or_default()));
        }
        let place = place(shared.kind?, None, shared.node.as_ref());
        Some(Share::Directory(Directory { place, path: path(&shared.path) }))
    });
    NetworkStorage { server: said.server.clone(), base, share }
}

/// A node that nobody names is reported by a rule.
fn place(kind: DirectoryKind, server: Option<&String>, node: Option<&String>) -> Place {
    let node = node.cloned().unwrap_or_default();
    match kind {
        DirectoryKind::Nfs => Place::Nfs { server: server.cloned() },
        DirectoryKind::HostPath => Place::HostPath { node },
        DirectoryKind::Local => Place::Local { node },
    }
}

fn directory((kind, said): (DirectoryKind, &storage::Directory)) -> Directory {
    Directory {
        place: place(kind, said.server.as_ref(), said.node.as_ref()),
        path: said.path.clone().unwrap_or_default(),
    }
}

/// The volume of a node: the nearest of `said` that names a source decides it, then the network's directories.
pub(super) fn of_node(
    node: &str,
    said: &[&spec::Storage],
    frozen: Option<&LockedNode>,
    own: Option<Directory>,
) -> Storage {
    let claim = match frozen.map(|node| &node.storage) {
        Some(Storage::Claim { claim, .. } | Storage::Directory { claim, .. }) => claim.clone(),
        _ => names::data_claim(node),
    };
    let Storage::Claim { claim, size, .. } = volume(said, claim.clone(), DEFAULT_SIZE) else {
        return volume(said, claim, DEFAULT_SIZE);
    };
    let source = said.iter().find(|said| said.class.is_some() || said.directory().is_some());
    let said_directory = source.and_then(|said| said.directory()).map(directory);
    let class = source.and_then(|said| said.class.clone());
    match said_directory.or_else(|| own.filter(|_| class.is_none())) {
        Some(directory) => Storage::Directory { claim, directory, size },
        None => Storage::Claim { claim, class, size },
    }
}
