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

    /// A pod needs more than Pod Security level `restricted` gives.
    pub const fn is_privileged(&self) -> bool {
        matches!(self, Self::DockerHost(_) | Self::DockerInDocker)
    }

    /// Engines of nodes are told where names are.
    pub const fn changes_nodes(&self) -> bool {
        matches!(self, Self::DockerHost(DnsStrategy::Daemon))
    }
}

impl Network {
    /// Pods of this namespace need rights on their node: peers with an engine of their node or their pod, and what tells
    /// engines where names are, which runs in the release's namespace.
    pub fn is_privileged(&self, namespace: &str) -> bool {
        let mut modes = self.organizations.iter().filter(|it| !it.peers.is_empty());
        modes.any(|it| {
            let mode = &it.chaincode_mode;
            (it.namespace == namespace && mode.is_privileged())
                || (self.name == namespace && mode.changes_nodes())
        })
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
    fn only_namespaces_that_need_it_are_privileged() {
        let mut network = example::article();
        assert!(!network.is_privileged("org1") && !network.is_privileged("article"));
        network.organizations[0].chaincode_mode = ChaincodeMode::DockerInDocker;
        assert!(network.is_privileged("org1") && !network.is_privileged("org2"));
        assert!(!network.is_privileged("article"), "nothing of a peer runs there");
        network.organizations[0].chaincode_mode = ChaincodeMode::DockerHost(DnsStrategy::Daemon);
        assert!(network.is_privileged("article"), "the pods on nodes run there");
        network.organizations[0].chaincode_mode =
            ChaincodeMode::DockerRemote(RemoteEngine::default());
        assert!(!network.is_privileged("org1"), "a connection needs no rights");
    }
}
