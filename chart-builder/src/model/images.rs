//! Every image that a network runs, chaincodes apart: one list of components, so that a new one is one line here, one
//! field in [`crate::spec`] and its default in [`crate::resolve`].

use std::collections::BTreeMap;

use super::PullPolicy;

/// What an image is for. The order is the one of lists and values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Component {
    /// Peers and converge.
    Peer,
    /// Orderers.
    Orderer,
    /// Init containers, hooks and tests: busybox.
    Tools,
    /// Tests of names as programs linked with glibc see them.
    Glibc,
    /// Tests of names as programs linked with musl see them.
    Musl,
    /// Workloads that talk to the API server: a shell and kubectl.
    Kubectl,
    /// State databases of peers that have one of their own.
    Couchdb,
    /// Fabric CA servers.
    Ca,
    /// Pods for commands that people type.
    Cli,
    /// Docker engines beside peers.
    Dind,
    /// The builder that starts Jobs for chaincodes.
    K8sBuilder,
    /// What Docker builds Go chaincodes in.
    Ccenv,
    /// What Docker runs Go chaincodes in.
    Baseos,
    /// What Docker runs Java chaincodes in.
    Javaenv,
    /// What Docker runs Node chaincodes in.
    Nodeenv,
    /// Kafka brokers.
    Kafka,
    /// ZooKeeper nodes.
    Zookeeper,
}

impl Component {
    /// All of them.
    pub const ALL: &[Self] = &[
        Self::Peer,
        Self::Orderer,
        Self::Tools,
        Self::Glibc,
        Self::Musl,
        Self::Kubectl,
        Self::Couchdb,
        Self::Ca,
        Self::Cli,
        Self::Dind,
        Self::K8sBuilder,
        Self::Ccenv,
        Self::Baseos,
        Self::Javaenv,
        Self::Nodeenv,
        Self::Kafka,
        Self::Zookeeper,
    ];

    /// Key below `images` in the topology and in the values.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Peer => "peer",
            Self::Orderer => "orderer",
            Self::Tools => "tools",
            Self::Glibc => "glibc",
            Self::Musl => "musl",
            Self::Kubectl => "kubectl",
            Self::Couchdb => "couchdb",
            Self::Ca => "ca",
            Self::Cli => "cli",
            Self::Dind => "dind",
            Self::K8sBuilder => "k8sBuilder",
            Self::Ccenv => "ccenv",
            Self::Baseos => "baseos",
            Self::Javaenv => "javaenv",
            Self::Nodeenv => "nodeenv",
            Self::Kafka => "kafka",
            Self::Zookeeper => "zookeeper",
        }
    }

    /// What runs it, for lists.
    pub const fn purpose(self) -> &'static str {
        match self {
            Self::Peer => "peers, converge",
            Self::Orderer => "orderers",
            Self::Tools => "init containers, hooks, tests",
            Self::Glibc => "tests of names with glibc",
            Self::Musl => "tests of names with musl",
            Self::Kubectl => "workloads that talk to the API server",
            Self::Couchdb => "state databases",
            Self::Ca => "Fabric CA servers",
            Self::Cli => "pods for commands",
            Self::Dind => "Docker engines beside peers",
            Self::K8sBuilder => "the builder that starts Jobs for chaincodes",
            Self::Ccenv => "builds of Go chaincodes in Docker",
            Self::Baseos => "Go chaincodes in Docker",
            Self::Javaenv => "Java chaincodes in Docker",
            Self::Nodeenv => "Node chaincodes in Docker",
            Self::Kafka => "Kafka brokers",
            Self::Zookeeper => "ZooKeeper nodes",
        }
    }
}

/// Where a container's image comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// Registry host and optional path, without a trailing slash; empty for the runtime's default.
    pub registry: String,
    /// Repository, for example `hyperledger/fabric-peer`.
    pub repository: String,
    /// Tag; never `latest`.
    pub tag: String,
    /// `sha256:…`, wins over the tag.
    pub digest: Option<String>,
}

impl Image {
    /// What a node pulls; a digest wins over the tag.
    pub fn reference(&self) -> String {
        let registry =
            if self.registry.is_empty() { String::new() } else { format!("{}/", self.registry) };
        match &self.digest {
            Some(digest) => format!("{registry}{}@{digest}", self.repository),
            None => format!("{registry}{}:{}", self.repository, self.tag),
        }
    }
}

/// The images of the components that the network has, and how they are pulled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Images {
    /// Exactly the components that run in this network.
    pub components: BTreeMap<Component, Image>,
    /// When the kubelet pulls.
    pub pull_policy: PullPolicy,
    /// Names of Secrets with registry credentials, in every namespace.
    pub pull_secrets: Vec<String>,
}
