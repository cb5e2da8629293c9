//! What is known about the cluster; what cannot be read is unknown, and a rule reports it.

use crate::model::Cluster;
use crate::spec;

pub(super) fn cluster(said: &spec::cluster::Cluster) -> Cluster {
    Cluster {
        dns: said.dns.as_deref().and_then(|text| text.parse().ok()),
        service_cidr: said.service_cidr.as_deref().and_then(|text| text.parse().ok()),
        pod_cidr: said.pod_cidr.as_deref().and_then(|text| text.parse().ok()),
        node_dns: said.node_dns.iter().filter_map(|text| text.parse().ok()).collect(),
        runtime: said.runtime.unwrap_or_default(),
        api_server: said.api_server.as_deref().and_then(|text| text.parse().ok()),
    }
}
