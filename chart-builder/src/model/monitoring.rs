//! What Prometheus and Grafana are given of a network.

use std::collections::BTreeMap;

/// Objects for a monitoring that the cluster already has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Monitoring {
    /// Targets of the Prometheus operator.
    pub service_monitors: bool,
    /// Alerts of the Prometheus operator.
    pub rules: bool,
    /// Dashboards as `ConfigMap`s.
    pub dashboards: bool,
    /// Labels by which a Prometheus finds targets and alerts.
    pub labels: BTreeMap<String, String>,
    /// Namespace of a Prometheus that may read operations endpoints.
    pub prometheus: Option<String>,
}
