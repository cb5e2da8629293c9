//! Volumes over directories that somebody made, and the check of these directories: values of `fabric-storage`.
//!
//! Volumes lie in no namespace, so they are the cluster owner's: this part stands apart from those of organizations, which
//! only bring claims.

use std::collections::BTreeMap;

use chart_format::yaml::{Map, Node};

use super::identity_files;
use super::view::View;
use super::{LowerError, Part};
use crate::model::{
    CryptoTree, Directory, Organization, Owner, Place, STORAGE_RELEASE, Share, Storage, names,
};

/// Name of the curated chart, and the key of its values.
const CHART: &str = "fabric-storage";
/// Size of a share's volume: claims have to name one, and nobody enforces it.
const SHARE_SIZE: &str = "1Gi";

/// The part of the network; none where every volume comes from a class.
pub(super) fn part(view: &View<'_>) -> Result<Option<Part>, LowerError> {
    let owner = Owner::Shared(STORAGE_RELEASE);
    if !(view.network.has_directories() && view.release.holds(&owner)) {
        return Ok(None);
    }
    let mut volumes = Map::new();
    let mut checks: BTreeMap<Directory, Check> = BTreeMap::new();
    for organization in &view.network.organizations {
        for (node, storage) in nodes(organization) {
            let Storage::Directory { claim, directory, size } = storage else { continue };
            let name = names::volume(&view.network.name, &organization.namespace, claim);
            let owner = (organization.namespace.as_str(), claim.as_str());
            volumes.insert(name, volume(owner, directory, (size, true)));
            let (root, below) = root(view, directory);
            let host = organization.host(node);
            checks.entry(root).or_default().directories.push((below, host));
        }
        for tree in trees(organization) {
            add_share(view, (organization, tree), (&mut volumes, &mut checks))?;
        }
    }
    let checks: Vec<Node> =
        checks.iter().map(|(root, check)| Node::from(check.facts(root))).collect();
    let facts = Map::new()
        .with_comment("volumes", "By name; each can only be bound by the claim it names.", volumes)
        .with_comment("checks", "What has to be there before anything starts.", checks);
    let server = view.network.storage.server.as_deref().unwrap_or_default();
    Ok(Some(Part {
        owner,
        chart: CHART,
        alias: CHART.to_owned(),
        comment: "Volumes over directories that exist".to_owned(),
        facts,
        settings: Map::new().with(
            "nfs",
            Map::new().with_comment("server", "Of every directory that names none.", server),
        ),
        nodes: None,
    }))
}

fn nodes(organization: &Organization) -> impl Iterator<Item = (&str, &Storage)> {
    let peers = organization.peers.iter().map(|it| (it.name.as_str(), &it.storage));
    peers.chain(organization.orderers.iter().map(|it| (it.name.as_str(), &it.storage)))
}

/// The trees in which an organization has nodes.
fn trees(organization: &Organization) -> impl Iterator<Item = CryptoTree> {
    let peers = (!organization.peers.is_empty()).then_some(CryptoTree::Peers);
    let orderers = (!organization.orderers.is_empty()).then_some(CryptoTree::Orderers);
    peers.into_iter().chain(orderers)
}

/// What is mounted to look at a directory, and the path below it: the network's base, or the directory itself.
fn root(view: &View<'_>, directory: &Directory) -> (Directory, String) {
    let base = view.network.storage.base.as_ref().filter(|base| base.place == directory.place);
    let below = base.and_then(|base| {
        let below = directory.path.strip_prefix(base.path.trim_end_matches('/'))?;
        Some((base.clone(), below.strip_prefix('/')?.to_owned()))
    });
    below.unwrap_or_else(|| (directory.clone(), String::new()))
}

/// Volume and check of an organization's part of a share that is a directory.
fn add_share(
    view: &View<'_>,
    (organization, tree): (&Organization, CryptoTree),
    (volumes, checks): (&mut Map, &mut BTreeMap<Directory, Check>),
) -> Result<(), LowerError> {
    let Some(Share::Directory(share)) = &view.network.storage.share else { return Ok(()) };
    let claim = names::crypto_claim(tree.nodes());
    let name = names::volume(&view.network.name, &organization.namespace, &claim);
    let directory = share.below(&tree.directory(&organization.domain));
    let owner = (organization.namespace.as_str(), claim.as_str());
    volumes.insert(name, volume(owner, &directory, (SHARE_SIZE, false)));
    let check = checks.entry(share.clone()).or_default();
    for (node, _) in nodes(organization) {
        if identity_files::is_in(tree, organization, node) {
            let lines = identity_files::lines(view, (organization, tree), node)?;
            check.identities.push((tree.directory(&organization.domain), lines));
        }
    }
    Ok(())
}

/// A part of a share as the organization's charts read it; empty where identities are Secrets.
pub(super) fn share(view: &View<'_>, organization: &Organization, tree: CryptoTree) -> Map {
    let map = match &view.network.storage.share {
        None => return Map::new(),
        Some(Share::Claim(claim)) => Map::new()
            .with("name", claim)
            .with("create", false)
            .with("prefix", format!("{}/", tree.directory(&organization.domain))),
        Some(Share::Directory(share)) => {
            let claim = names::crypto_claim(tree.nodes());
            let volume = names::volume(&view.network.name, &organization.namespace, &claim);
            Map::new()
                .with("name", claim)
                .with("size", SHARE_SIZE)
                .with("create", true)
                .with("volume", volume)
                .with("access", access(&share.place, false))
                .with("prefix", "")
        }
    };
    map.with("domain", &organization.domain)
}

/// Nobody writes keys, and one node writes a ledger; what lies on a Kubernetes node is for pods of that node.
fn access(place: &Place, writes: bool) -> &'static str {
    match place {
        Place::Nfs { .. } if !writes => "ReadOnlyMany",
        Place::Nfs { .. } | Place::HostPath { .. } | Place::Local { .. } => "ReadWriteOnce",
    }
}

fn volume(
    (namespace, claim): (&str, &str),
    directory: &Directory,
    (size, writes): (&str, bool),
) -> Map {
    Map::new()
        .with("claim", Map::new().with("namespace", namespace).with("name", claim))
        .with("size", size)
        .with("access", access(&directory.place, writes))
        .with("source", source(directory))
}

fn source(directory: &Directory) -> Map {
    let path = Map::new().with("path", &directory.path);
    match &directory.place {
        Place::Nfs { server: Some(server) } => Map::new().with("nfs", path.with("server", server)),
        Place::Nfs { server: None } => Map::new().with("nfs", path),
        Place::HostPath { node } => Map::new().with("hostPath", path).with("node", node),
        Place::Local { node } => Map::new().with("local", path).with("node", node),
    }
}

/// What has to be below one directory.
#[derive(Default)]
struct Check {
    /// Directories of nodes by path, with the host that they are for: writable.
    directories: Vec<(String, String)>,
    /// Parts of a share, with the lines of each node.
    identities: Vec<(String, String)>,
}

impl Check {
    fn facts(&self, root: &Directory) -> Map {
        let directory = |(path, host): &(String, String)| {
            let path = if path.is_empty() { "." } else { path };
            format!("directory {path} {host}\n")
        };
        let mut lines: String = self.directories.iter().map(directory).collect();
        for (part, of_node) in &self.identities {
            lines.extend(of_node.lines().map(|line| match line.split_once(' ') {
                Some((kind, rest)) => format!("{kind} {part}/{rest}\n"),
                None => String::new(),
            }));
        }
        let access = match root.place {
            Place::Nfs { .. } => "ReadWriteMany",
            Place::HostPath { .. } | Place::Local { .. } => "ReadWriteOnce",
        };
        Map::new()
            .with("source", source(root))
            .with("access", access)
            .with("writes", !self.directories.is_empty())
            .with("lines", lines)
    }
}
