//! What a person says about the cluster.

use crate::model::NodeRuntime;

/// What `domains` says about host aliases.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Aliases {
    /// `domains.resolve` is `host-aliases`.
    pub asked: bool,
    /// `domains.addresses`.
    pub addresses: Option<String>,
}

/// `cluster`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cluster {
    /// `dns`.
    pub dns: Option<String>,
    /// `serviceCIDR`.
    pub service_cidr: Option<String>,
    /// `podCIDR`.
    pub pod_cidr: Option<String>,
    /// `nodeDNS`.
    pub node_dns: Vec<String>,
    /// `runtime`.
    pub runtime: Option<NodeRuntime>,
    /// `apiServer`.
    pub api_server: Option<String>,
}
