//! What a person writes about monitoring.

use std::collections::BTreeMap;

/// `monitoring`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Monitoring {
    /// `serviceMonitors`.
    pub service_monitors: Option<bool>,
    /// `rules`.
    pub rules: Option<bool>,
    /// `dashboards`.
    pub dashboards: Option<bool>,
    /// `labels`.
    pub labels: BTreeMap<String, String>,
    /// `prometheus`.
    pub prometheus: Option<String>,
}
