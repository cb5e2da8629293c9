//! The user's words about volumes, and about where identities come from.

/// `storage` of a node; the short form fills one field.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Storage {
    /// `class`.
    pub class: Option<String>,
    /// `size`.
    pub size: Option<String>,
    /// `existingClaim`.
    pub existing_claim: Option<String>,
    /// `emptyDir`.
    pub empty_dir: bool,
    /// `nfs`.
    pub nfs: Option<Directory>,
    /// `hostPath`.
    pub host_path: Option<Directory>,
    /// `local`.
    pub local: Option<Directory>,
}

impl Storage {
    /// The directory that is named, with its kind.
    pub fn directory(&self) -> Option<(DirectoryKind, &Directory)> {
        let nfs = self.nfs.as_ref().map(|it| (DirectoryKind::Nfs, it));
        let host_path = self.host_path.as_ref().map(|it| (DirectoryKind::HostPath, it));
        let local = self.local.as_ref().map(|it| (DirectoryKind::Local, it));
        nfs.or(host_path).or(local)
    }
}

/// What a directory lies on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DirectoryKind {
    /// An NFS server.
    Nfs,
    /// A Kubernetes node.
    HostPath,
    /// A Kubernetes node, as a `local` volume.
    Local,
}

impl DirectoryKind {
    /// Its word, also its key below `storage` of a node.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Nfs => "nfs",
            Self::HostPath => "hostPath",
            Self::Local => "local",
        }
    }

    /// The kind of this word.
    pub fn of(word: &str) -> Option<Self> {
        [Self::Nfs, Self::HostPath, Self::Local].into_iter().find(|kind| kind.word() == word)
    }
}

/// `nfs`, `hostPath` or `local` of a node.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Directory {
    /// `server`; only NFS.
    pub server: Option<String>,
    /// `path`.
    pub path: Option<String>,
    /// `node`; never NFS.
    pub node: Option<String>,
}

/// `storage` of the network.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NetworkStorage {
    /// `server`.
    pub server: Option<String>,
    /// `volumes`.
    pub volumes: Option<Volumes>,
    /// `shared`.
    pub shared: Option<Shared>,
}

/// `crypto`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Crypto {
    /// `source` is `files`.
    pub files: bool,
    /// `path`.
    pub path: Option<String>,
}

/// `volumes`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Volumes {
    /// `type`.
    pub kind: Option<DirectoryKind>,
    /// `basePath`.
    pub base_path: Option<String>,
    /// `node`.
    pub node: Option<String>,
}

/// `shared`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Shared {
    /// `type`; `None` is `claim` when `claims` is true.
    pub kind: Option<DirectoryKind>,
    /// `type` is `claim`.
    pub claims: bool,
    /// `path`.
    pub path: Option<String>,
    /// `node`.
    pub node: Option<String>,
    /// `claim`.
    pub claim: Option<String>,
}
