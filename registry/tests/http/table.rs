//! The table of routes agrees with what the router does.

use axum::http::StatusCode;
use chart_registry::{Options, Permission, ROUTES};

use crate::harness::Harness;
pub(crate) use crate::rows::filled;

#[tokio::test]
async fn every_row_needs_the_permission_that_it_names() {
    let harness = Harness::with(Options { writable: false, ..Options::default() }).await;
    for route in ROUTES {
        let answer = harness.request(route.method, &filled(route.path)).await;
        let writes = route.permission.is_some_and(Permission::writes) && route.method != "GET";
        let name = format!("{} {}", route.method, route.path);
        assert_eq!(answer.status == StatusCode::FORBIDDEN, writes, "{name}: {}", answer.status);
        assert_ne!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{name}");
    }
    let metrics = harness.get("/metrics").await.text();
    let refused = r#"{method="POST",route="/api/{repository}/charts",status="4xx"} 1"#;
    assert!(metrics.contains(refused), "a refused request counts for its row: {metrics}");
}

#[test]
fn the_documentation_names_every_row() {
    let text = include_str!("../../../docs/api.md");
    for route in ROUTES {
        let permission = route.permission.map_or("none", Permission::name);
        let row = format!("| `{} {}` | {permission} |", route.method, route.path);
        assert!(text.contains(&row), "docs/api.md has no row `{row}`");
    }
}
