//! What clients meet where an operator has chosen what `ChartMuseum` lets operators choose.

use axum::http::StatusCode;
use chart_registry::{FormFields, Options};
use serde_json::json;

use crate::harness::Harness;
use crate::support::package;

fn fields() -> FormFields {
    FormFields { chart: "package".to_owned(), prov: "signature".to_owned() }
}

#[tokio::test]
async fn a_chosen_name_of_a_field_is_taken_beside_the_usual_one() {
    let options = Options { form_fields: fields(), ..Options::default() };
    let (usual, chosen) = (Harness::new().await, Harness::with(options).await);
    let packages = ["1.0.0", "2.0.0"].map(|version| package("org", version, "a: 1\n"));
    for (name, package) in ["package", "chart"].iter().zip(&packages) {
        let answer = chosen.post_form(&[(name, "org.tgz", package)]).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{name}: {}", answer.text());
        assert_eq!(answer.json()["created"], true);
    }
    let answer = usual.post_form(&[("package", "org.tgz", &packages[0])]).await;
    answer.refused(StatusCode::BAD_REQUEST, "no-package");
    assert!(answer.text().contains("`chart` and `prov`"), "{}", answer.text());
    let answer = chosen.post_form(&[("file", "org.tgz", &packages[0])]).await;
    answer.refused(StatusCode::BAD_REQUEST, "no-package");
    assert!(answer.text().contains("`package` and `signature`"), "{}", answer.text());
}

#[tokio::test]
async fn chosen_and_usual_name_are_one_field_and_a_second_file_is_refused() {
    let options = Options { form_fields: fields(), ..Options::default() };
    let harness = Harness::with(options).await;
    let package = package("org", "1.0.0", "a: 1\n");
    let twice: &[(&str, &str, &[u8])] =
        &[("package", "org.tgz", &package), ("chart", "org.tgz", &package)];
    harness.post_form(twice).await.refused(StatusCode::BAD_REQUEST, "bad-request");
    let signature: &[(&str, &str, &[u8])] =
        &[("chart", "org.tgz", &package), ("signature", "org.tgz.prov", b"x")];
    harness.post_form(signature).await.refused(StatusCode::BAD_REQUEST, "bad-provenance");
    assert_eq!(harness.get("/api/charts").await.json(), json!({}));
}

#[tokio::test]
async fn a_release_takes_the_chosen_names_too() {
    let options = Options { form_fields: fields(), ..Options::default() };
    let harness = Harness::with(options).await;
    let (org, orderer) = (package("org", "1.0.0", "a: 1\n"), package("orderer", "1.0.0", "a: 1\n"));
    let both: &[(&str, &str, &[u8])] =
        &[("package", "org.tgz", &org), ("chart", "orderer.tgz", &orderer)];
    let answer = harness.post_form_to("/-/v1/releases", both).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    assert_eq!(answer.json()["packages"].as_array().map(Vec::len), Some(2));
}
