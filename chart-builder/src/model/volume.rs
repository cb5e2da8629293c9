//! Directories that somebody made before the network: for data of nodes, and for key material.

use super::{Network, Storage};

/// Name of the part that holds volumes, in releases: the cluster owner's.
pub const STORAGE_RELEASE: &str = "storage";

/// A directory outside of the network's control.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Directory {
    /// On what it lies.
    pub place: Place,
    /// Absolute path.
    pub path: String,
}

/// On what a directory lies.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// An NFS server.
    Nfs {
        /// Host name or address; without one it is the setting of the whole network.
        server: Option<String>,
    },
    /// A Kubernetes node.
    HostPath {
        /// Its label `kubernetes.io/hostname`.
        node: String,
    },
    /// A Kubernetes node, as a `local` volume.
    Local {
        /// Its label `kubernetes.io/hostname`.
        node: String,
    },
}

/// What the network as a whole says about directories.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NetworkStorage {
    /// Default of the setting that names the NFS server.
    pub server: Option<String>,
    /// What holds the directories of all nodes that have none of their own.
    pub base: Option<Directory>,
    /// Where nodes find their identities; in Secrets without it.
    pub share: Option<Share>,
}

/// Where keys and certificates come from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Crypto {
    /// `chart-builder identities` makes them.
    #[default]
    Generated,
    /// A tree that cryptogen made.
    Files {
        /// Its directory, relative to the network directory.
        path: String,
    },
}

/// What holds `crypto-config`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Share {
    /// A directory; the charts make volumes and claims for its parts.
    Directory(Directory),
    /// A claim of this name in every organization's namespace that somebody else made.
    Claim(String),
}

/// Which of the two trees of `crypto-config`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CryptoTree {
    /// `peerOrganizations/<domain>/peers`.
    Peers,
    /// `ordererOrganizations/<domain>/orderers`.
    Orderers,
}

impl CryptoTree {
    /// Name of the directory of its nodes.
    pub const fn nodes(self) -> &'static str {
        match self {
            Self::Peers => "peers",
            Self::Orderers => "orderers",
        }
    }

    /// Directory of an organization below the root of a share.
    pub fn directory(self, domain: &str) -> String {
        match self {
            Self::Peers => format!("crypto-config/peerOrganizations/{domain}"),
            Self::Orderers => format!("crypto-config/ordererOrganizations/{domain}"),
        }
    }
}

impl Share {
    /// For people: what holds `crypto-config`.
    pub fn describe(&self) -> String {
        match self {
            Self::Directory(directory) => directory.describe(),
            Self::Claim(claim) => format!("the claim {claim} in every organization's namespace"),
        }
    }
}

impl Place {
    /// The Kubernetes node that pods are bound to.
    pub fn node(&self) -> Option<&str> {
        match self {
            Self::Nfs { .. } => None,
            Self::HostPath { node } | Self::Local { node } => Some(node),
        }
    }
}

impl Directory {
    /// A directory below this one.
    #[must_use]
    pub fn below(&self, relative: &str) -> Self {
        let path = format!("{}/{relative}", self.path.trim_end_matches('/'));
        Self { place: self.place.clone(), path }
    }

    /// For people: `nfs.example.org:/opt/share`.
    pub fn describe(&self) -> String {
        let path = &self.path;
        match &self.place {
            Place::Nfs { server: Some(server) } => format!("{server}:{path}"),
            Place::Nfs { server: None } => format!("{path} of the NFS server"),
            Place::HostPath { node } => format!("{path} of node {node}"),
            Place::Local { node } => format!("{path} of node {node} (local)"),
        }
    }
}

impl Network {
    /// The address of the NFS server has to be given at install.
    pub fn asks_for_nfs_server(&self) -> bool {
        let nameless = |directory: &Directory| directory.place == Place::Nfs { server: None };
        let share = match &self.storage.share {
            Some(Share::Directory(share)) => nameless(share),
            Some(Share::Claim(_)) | None => false,
        };
        let nodes = self.organizations.iter().flat_map(|organization| {
            let peers = organization.peers.iter().map(|peer| &peer.storage);
            peers.chain(organization.orderers.iter().map(|orderer| &orderer.storage))
        });
        let mut directories = nodes.filter_map(|storage| match storage {
            Storage::Directory { directory, .. } => Some(directory),
            Storage::Claim { .. } | Storage::ExistingClaim { .. } | Storage::EmptyDir => None,
        });
        self.storage.server.is_none() && (share || directories.any(nameless))
    }

    /// Volumes have to be made, and directories looked at.
    pub fn has_directories(&self) -> bool {
        let shared = matches!(self.storage.share, Some(Share::Directory(_)));
        let on_directory = |storage: &Storage| matches!(storage, Storage::Directory { .. });
        let nodes = self.organizations.iter().flat_map(|organization| {
            let peers = organization.peers.iter().map(|peer| &peer.storage);
            peers.chain(organization.orderers.iter().map(|orderer| &orderer.storage))
        });
        shared || nodes.into_iter().any(on_directory)
    }
}
