//! Where directories are written, and which nodes lie on which. Serves the rules about volumes.

use super::context::Context;
use super::nodes::{self, Kind, storage_path};
use crate::diagnostic::KeyPath;
use crate::model::{Directory, Storage};
use crate::spec::storage::DirectoryKind;

/// A directory as it was written.
pub(super) struct Written<'a> {
    /// Where its path is written, or would be.
    pub(super) path: KeyPath,
    /// The mapping that holds it.
    pub(super) holder: KeyPath,
    /// What it lies on; `None` for a claim that somebody else made.
    pub(super) kind: Option<DirectoryKind>,
    /// Its path, if one is written.
    pub(super) said: Option<&'a str>,
    /// Its server, if one is written.
    pub(super) server: Option<&'a str>,
    /// Its node, if one is written.
    pub(super) node: Option<&'a str>,
}

/// Every directory of the topology: those of nodes, then those of the network.
pub(super) fn written<'a>(context: &Context<'a>) -> Vec<Written<'a>> {
    let mut found = Vec::new();
    for (path, options) in nodes::written(context) {
        let Some(storage) = &options.storage else { continue };
        let kinds = [
            (DirectoryKind::Nfs, &storage.nfs),
            (DirectoryKind::HostPath, &storage.host_path),
            (DirectoryKind::Local, &storage.local),
        ];
        for (kind, said) in kinds {
            let Some(said) = said else { continue };
            let holder = path.key("storage").key(kind.word());
            found.push(Written {
                path: holder.key("path"),
                holder,
                kind: Some(kind),
                said: said.path.as_deref(),
                server: said.server.as_deref(),
                node: said.node.as_deref(),
            });
        }
    }
    let network = KeyPath::root().key("storage");
    if let Some(volumes) = &context.spec.storage.volumes {
        let holder = network.key("volumes");
        found.push(Written {
            path: holder.key("basePath"),
            holder,
            kind: volumes.kind,
            said: volumes.base_path.as_deref(),
            server: None,
            node: volumes.node.as_deref(),
        });
    }
    if let Some(shared) = &context.spec.storage.shared {
        let holder = network.key("shared");
        found.push(Written {
            path: holder.key("path"),
            holder,
            kind: shared.kind,
            said: shared.path.as_deref(),
            server: None,
            node: shared.node.as_deref(),
        });
    }
    found
}

/// A node of the network on a directory.
pub(super) struct OnDirectory<'a> {
    /// Where its storage is decided.
    pub(super) path: KeyPath,
    /// `peer0` of `Org1`, in words.
    pub(super) whose: String,
    /// The directory.
    pub(super) directory: &'a Directory,
}

/// Every node whose data lies in a directory.
pub(super) fn decided<'a>(context: &Context<'a>) -> Vec<OnDirectory<'a>> {
    let mut found = Vec::new();
    for organization in context.organizations() {
        for kind in Kind::ALL {
            for (node, storage) in kind.storage(&organization) {
                let Storage::Directory { directory, .. } = storage else { continue };
                found.push(OnDirectory {
                    path: storage_path(context, &organization, kind, node),
                    whose: format!("`{node}` of `{}`", organization.decided.name),
                    directory,
                });
            }
        }
    }
    found
}
