//! The table of routes agrees with what the router does.

use axum::http::StatusCode;
use chart_registry::{Options, ROUTES};

use crate::harness::Harness;

fn filled(path: &str) -> String {
    let path = path.replace("{view}", "~latest=3");
    path.replace("{file}", "x-1.0.0.tgz").replace("{name}", "x").replace("{version}", "1.0.0")
}

#[tokio::test]
async fn every_row_needs_the_permission_that_it_names() {
    let harness = Harness::with(Options { writable: false, ..Options::default() }).await;
    for route in ROUTES {
        let answer = harness.request(route.method, &filled(route.path)).await;
        let writes = ["publish", "delete"].contains(&route.action);
        let name = format!("{} {}", route.method, route.path);
        assert_eq!(answer.status == StatusCode::FORBIDDEN, writes, "{name}: {}", answer.status);
        assert_ne!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{name}");
        assert!(["none", "read", "publish", "delete"].contains(&route.action), "{name}");
    }
}

#[test]
fn the_documentation_names_every_row() {
    let text = include_str!("../../../docs/registry.md");
    for route in ROUTES {
        let row = format!("| `{} {}` | {} |", route.method, route.path, route.action);
        assert!(text.contains(&row), "docs/registry.md has no row `{row}`");
    }
}
