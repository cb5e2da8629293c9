//! What a person says about how chaincodes run; for the network, or for one organization.

use std::collections::BTreeMap;

/// `chaincode`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ChaincodeRuntime {
    /// `mode`.
    pub mode: Option<Mode>,
    /// `dns`.
    pub dns: Option<Dns>,
    /// `acknowledge`.
    pub acknowledge: Vec<Acknowledgement>,
    /// `clusterIPs`, by peer.
    pub cluster_addresses: BTreeMap<String, String>,
    /// `endpoint`.
    pub endpoint: Option<String>,
    /// `tlsSecret`.
    pub tls_secret: Option<String>,
    /// `addresses`, by peer.
    pub addresses: BTreeMap<String, String>,
}

/// `mode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// `ccaas`.
    Services,
    /// `none`.
    None,
    /// `k8s-builder`.
    KubernetesBuilder,
    /// `docker-host`.
    DockerHost,
    /// `dind`.
    DockerInDocker,
    /// `docker-remote`.
    DockerRemote,
}

/// `runtime` of a chaincode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Runtime {
    /// `ccaas`.
    Service,
    /// `docker`.
    Docker,
    /// `k8s`.
    Kubernetes,
}

/// `dns`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dns {
    /// `pod-ip`.
    PodAddress,
    /// `hostconfig`.
    HostConfig,
    /// `extra-hosts`.
    ExtraHosts,
    /// `daemon`.
    Daemon,
    /// `off`.
    Off,
}

/// A risk that somebody takes knowingly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Acknowledgement {
    /// `docker-socket`.
    DockerSocket,
    /// `privileged-pods`.
    PrivilegedPods,
    /// `node-changes`.
    NodeChanges,
}

impl Acknowledgement {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::DockerSocket => "docker-socket",
            Self::PrivilegedPods => "privileged-pods",
            Self::NodeChanges => "node-changes",
        }
    }
}
