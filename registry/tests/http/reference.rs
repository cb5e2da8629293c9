//! The API reference in the documentation is what the table of routes says.

use axum::http::StatusCode;

use crate::harness::Harness;

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/api.md");

#[test]
fn the_reference_in_the_documentation_is_the_present_one() {
    let made = chart_registry::reference::markdown();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(PATH, &made).unwrap();
    }
    let stale = std::fs::read_to_string(PATH).unwrap() != made;
    assert!(!stale, "docs/api.md is stale: `cargo dev generate` writes it");
}

#[tokio::test]
async fn the_document_is_served() {
    let harness = Harness::new().await;
    let answer = harness.get("/-/v1/openapi.json").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.json(), chart_registry::reference::openapi());
}
