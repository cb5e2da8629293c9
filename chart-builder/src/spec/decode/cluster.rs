//! `cluster`, and what `domains` says about addresses.

use super::At;
use crate::model::NodeRuntime;
use crate::spec::cluster::{Aliases, Cluster};

pub(super) fn aliases(domains: &At<'_>) -> Aliases {
    Aliases {
        asked: domains.key("resolve").scalar() == Some("host-aliases"),
        addresses: domains.text("addresses"),
    }
}

pub(super) fn cluster(at: &At<'_>) -> Cluster {
    Cluster {
        dns: at.text("dns"),
        service_cidr: at.text("serviceCIDR"),
        pod_cidr: at.text("podCIDR"),
        node_dns: at.texts("nodeDNS").unwrap_or_default(),
        runtime: at.key("runtime").scalar().and_then(|word| match word {
            "containerd" => Some(NodeRuntime::Containerd),
            "docker" => Some(NodeRuntime::Docker),
            _ => None,
        }),
        api_server: at.text("apiServer"),
    }
}
