//! What Prometheus and Grafana are given.

use crate::model::Monitoring;
use crate::spec::Spec;

/// Everything that the block does not switch off; nothing without a block.
pub(super) fn monitoring(spec: &Spec) -> Option<Monitoring> {
    let said = spec.monitoring.as_ref()?;
    Some(Monitoring {
        service_monitors: said.service_monitors.unwrap_or(true),
        rules: said.rules.unwrap_or(true),
        dashboards: said.dashboards.unwrap_or(true),
        labels: said.labels.clone(),
        prometheus: said.prometheus.clone(),
    })
}
