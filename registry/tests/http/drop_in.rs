//! What clients meet where an operator has chosen what `ChartMuseum` lets operators choose.

use axum::http::StatusCode;
use chart_registry::{Anonymous, Declared, FormFields, IdentityOptions, Options};
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

const ORIGIN: &str = "https://console.example";

async fn with_origin(origin: &str) -> Harness {
    let allowed_origin = Some(origin.parse().unwrap());
    let harness = Harness::with(Options { allowed_origin, ..Options::default() }).await;
    harness.post(package("org", "1.0.0", "a: 1\n")).await;
    harness
}

#[tokio::test]
async fn pages_of_the_allowed_origin_read_the_api() {
    for origin in [ORIGIN, "*"] {
        let harness = with_origin(origin).await;
        for method in ["GET", "HEAD"] {
            for path in [
                "/api/charts",
                "/api/charts/org",
                "/api/charts/org/1.0.0",
                "/api/charts/org/1.0.0/values",
                "/api/charts/absent",
            ] {
                for sent in [ORIGIN, "https://elsewhere.example"] {
                    let answer = harness.request_with(method, path, &[("origin", sent)]).await;
                    assert_eq!(answer.header("access-control-allow-origin"), origin, "{path}");
                    assert_eq!(answer.headers.get("access-control-allow-credentials"), None);
                }
            }
        }
        for path in ["/index.yaml", "/charts/org-1.0.0.tgz", "/", "/health", "/v2/", "/-/v1/policy"]
        {
            let answer = harness.request_with("GET", path, &[("origin", ORIGIN)]).await;
            assert_eq!(answer.header("access-control-allow-origin"), "", "{path}");
        }
    }
}

#[tokio::test]
async fn pages_of_the_allowed_origin_change_nothing() {
    for origin in [ORIGIN, "*"] {
        let harness = with_origin(origin).await;
        let stored = harness.stored();
        for site in ["cross-site", "same-site", ""] {
            let mut headers = vec![("origin", ORIGIN), ("host", "charts.example")];
            headers.extend((!site.is_empty()).then_some(("sec-fetch-site", site)));
            for (method, path) in [
                ("POST", "/api/charts"),
                ("POST", "/api/prov"),
                ("DELETE", "/api/charts/org/1.0.0"),
            ] {
                let answer = harness.request_with(method, path, &headers).await;
                answer.refused(StatusCode::FORBIDDEN, "forbidden");
                assert_eq!(answer.header("access-control-allow-origin"), "", "{method} {path}");
            }
            // A browser asks so before it sends what a form could not; it gets no yes.
            headers.push(("access-control-request-method", "DELETE"));
            let answer = harness.request_with("OPTIONS", "/api/charts/org/1.0.0", &headers).await;
            assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
            let said = answer.headers.keys().filter(|name| name.as_str().starts_with("access-"));
            assert_eq!(said.count(), 0);
        }
        assert_eq!(harness.stored(), stored);
    }
}

#[tokio::test]
async fn what_needs_a_credential_is_not_opened_by_an_origin() {
    let nobody = IdentityOptions::new(Some(Anonymous::None), &Declared::default(), None);
    let identity = nobody.unwrap();
    let allowed_origin = Some("*".parse().unwrap());
    let options = Options { allowed_origin, identity, ..Options::default() };
    let harness = Harness::with(options).await;
    let answer = harness.request_with("GET", "/api/charts", &[("origin", ORIGIN)]).await;
    answer.refused(StatusCode::UNAUTHORIZED, "unauthorized");
}
