//! How the peers of an organization run chaincodes.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::Network;

/// How the peers of an organization run chaincodes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum ChaincodeMode {
    /// Chaincodes are services, and peers dial them.
    #[default]
    Services,
    /// Peers start none: they endorse nothing.
    None,
    /// Peers start a Job of Kubernetes for each chaincode.
    KubernetesBuilder,
    /// In the engine of the peer's node.
    DockerHost(DnsStrategy),
    /// In an engine beside the peer, in its pod.
    DockerInDocker,
    /// In an engine on another machine.
    DockerRemote(RemoteEngine),
}

/// How a chaincode in the engine of a node finds its peer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum DnsStrategy {
    /// It is told the address of the peer's pod: no name is needed.
    #[default]
    PodAddress,
    /// Each container is given the cluster's DNS.
    HostConfig,
    /// Each container is given the name with its address; by peer.
    ExtraHosts(BTreeMap<String, IpAddr>),
    /// The engine is given the cluster's DNS: the way of 2017.
    Daemon,
    /// Somebody else sees to it.
    Off,
}

/// An engine on another machine.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RemoteEngine {
    /// `tcp://host:port`.
    pub endpoint: String,
    /// Secret with a client's key pair and the engine's root.
    pub tls_secret: Option<String>,
    /// `host:port` of the peers' chaincode listeners as that machine reaches them; by peer.
    pub addresses: BTreeMap<String, String>,
}

/// A Pod Security level that a namespace enforces, the strictest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PodSecurity {
    /// What every pod of a chart keeps to.
    Restricted,
    /// Pods that say nothing about their security, and ask for nothing either.
    Baseline,
    /// Pods with rights on their node, which the topology has acknowledged.
    Privileged,
}

impl PodSecurity {
    /// The word for it in labels of a namespace.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Restricted => "restricted",
            Self::Baseline => "baseline",
            Self::Privileged => "privileged",
        }
    }
}

impl ChaincodeMode {
    /// The word for it in topology and values.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Services => "ccaas",
            Self::None => "none",
            Self::KubernetesBuilder => "k8s-builder",
            Self::DockerHost(_) => "docker-host",
            Self::DockerInDocker => "dind",
            Self::DockerRemote(_) => "docker-remote",
        }
    }

    /// A Docker engine builds and runs them.
    pub const fn is_docker(&self) -> bool {
        matches!(self, Self::DockerHost(_) | Self::DockerInDocker | Self::DockerRemote(_))
    }

    /// What pods of the peers' namespace need.
    pub const fn pod_security(&self) -> PodSecurity {
        match self {
            Self::DockerHost(_) | Self::DockerInDocker => PodSecurity::Privileged,
            // The pods of its Jobs have no security context, and the builder has no setting for one.
            Self::KubernetesBuilder => PodSecurity::Baseline,
            Self::Services | Self::None | Self::DockerRemote(_) => PodSecurity::Restricted,
        }
    }

    /// Engines of nodes are told where names are.
    pub const fn changes_nodes(&self) -> bool {
        matches!(self, Self::DockerHost(DnsStrategy::Daemon))
    }
}

impl Network {
    /// The strictest level that pods of this namespace keep to. Rights on their node need peers with an engine of their
    /// node or their pod, and what tells engines where names are, which runs in the release's namespace.
    pub fn pod_security(&self, namespace: &str) -> PodSecurity {
        let with_peers = self.organizations.iter().filter(|it| !it.peers.is_empty());
        let needed = with_peers.map(|it| {
            let mode = &it.chaincode_mode;
            if self.name == namespace && mode.changes_nodes() {
                PodSecurity::Privileged
            } else if it.namespace == namespace {
                mode.pod_security()
            } else {
                PodSecurity::Restricted
            }
        });
        needed.max().unwrap_or(PodSecurity::Restricted)
    }
}

impl DnsStrategy {
    /// The word for it in topology and values.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::PodAddress => "pod-ip",
            Self::HostConfig => "hostconfig",
            Self::ExtraHosts(_) => "extra-hosts",
            Self::Daemon => "daemon",
            Self::Off => "off",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example;

    #[test]
    fn a_namespace_is_as_strict_as_its_pods_are() {
        let level = |mode: ChaincodeMode, namespace: &str| {
            let mut network = example::article();
            network.organizations[0].chaincode_mode = mode;
            network.pod_security(namespace).word()
        };
        assert_eq!(level(ChaincodeMode::Services, "org1"), "restricted");
        assert_eq!(level(ChaincodeMode::DockerInDocker, "org1"), "privileged");
        assert_eq!(level(ChaincodeMode::DockerInDocker, "org2"), "restricted");
        assert_eq!(level(ChaincodeMode::DockerInDocker, "article"), "restricted");
        // The pods on nodes run there.
        assert_eq!(level(ChaincodeMode::DockerHost(DnsStrategy::Daemon), "article"), "privileged");
        let remote = || ChaincodeMode::DockerRemote(RemoteEngine::default());
        assert_eq!(level(remote(), "org1"), "restricted");
        assert_eq!(level(ChaincodeMode::KubernetesBuilder, "org1"), "baseline");
        assert_eq!(level(ChaincodeMode::KubernetesBuilder, "article"), "restricted");
    }
}
