//! `monitoring`.

use super::At;
use crate::spec::monitoring::Monitoring;

pub(super) fn monitoring(at: &At<'_>) -> Option<Monitoring> {
    let flag = |key: &str| match at.key(key).scalar() {
        Some("true") => Some(true),
        Some("false") => Some(false),
        _ => None,
    };
    at.is_there().then(|| Monitoring {
        service_monitors: flag("serviceMonitors"),
        rules: flag("rules"),
        dashboards: flag("dashboards"),
        labels: at.key("labels").named(|at| at.scalar().unwrap_or_default().to_owned()),
        prometheus: at.text("prometheus"),
    })
}
