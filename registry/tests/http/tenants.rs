//! Several repositories in one registry, told apart by their paths.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use chart_registry::{Options, ROUTES};

use crate::harness::{Answer, Harness};
use crate::support::package;

async fn publish(harness: &Harness, path: &str, payload: &str) -> Answer {
    let body = Body::from(package("org", "1.0.0", payload));
    harness.send(Request::post(path).body(body).unwrap()).await
}

#[tokio::test]
async fn the_same_version_in_two_repositories_is_two_packages() {
    let harness = Harness::new().await;
    for (path, payload) in [("", "root: 1\n"), ("/team", "team: 1\n"), ("/team/a", "a: 1\n")] {
        let answer = publish(&harness, &format!("/api{path}/charts"), payload).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
        assert_eq!(answer.header("location"), format!("{path}/charts/org-1.0.0.tgz"));
    }
    let harness = harness.restarted().await;
    for (path, payload) in [("", "root: 1\n"), ("/team", "team: 1\n"), ("/team/a", "a: 1\n")] {
        let expected = package("org", "1.0.0", payload);
        for view in ["", "/~latest=1"] {
            let file = harness.get(&format!("{path}{view}/charts/org-1.0.0.tgz")).await;
            assert!(file.body == expected, "{path}{view}");
            let index = harness.get(&format!("{path}{view}/index.yaml")).await.json();
            assert_eq!(index["entries"]["org"][0]["urls"][0], "charts/org-1.0.0.tgz");
        }
        let values = harness.get(&format!("/api{path}/charts/org/1.0.0/values")).await;
        assert_eq!(values.text(), payload);
    }
    let deleted = harness.request("DELETE", "/api/team/charts/org/1.0.0").await;
    assert_eq!(deleted.status, StatusCode::OK);
    assert_eq!(harness.get("/team/charts/org-1.0.0.tgz").await.status, StatusCode::NOT_FOUND);
    for path in ["/charts/org-1.0.0.tgz", "/team/a/charts/org-1.0.0.tgz"] {
        assert_eq!(harness.get(path).await.status, StatusCode::OK, "{path}");
    }
}

#[tokio::test]
async fn a_repository_without_packages_has_an_empty_index() {
    let harness = Harness::new().await;
    let index = harness.get("/nobody/was/here/index.yaml").await;
    assert_eq!(index.status, StatusCode::OK);
    assert_eq!(index.json()["entries"], serde_json::json!({}));
}

#[tokio::test]
async fn a_path_that_could_mean_two_things_is_refused_and_touches_nothing() {
    let harness = Harness::new().await;
    let refused = [
        ("/api/team/../charts", StatusCode::BAD_REQUEST),
        ("/api/team%2Fa/charts", StatusCode::BAD_REQUEST),
        ("/api/%2e%2e/charts", StatusCode::BAD_REQUEST),
        ("/api/team%00/charts", StatusCode::BAD_REQUEST),
        ("/api/%ff/charts", StatusCode::BAD_REQUEST),
        ("/api//charts", StatusCode::NOT_FOUND),
        ("/api/team//charts", StatusCode::NOT_FOUND),
        ("/api/Team/charts", StatusCode::NOT_FOUND),
        ("/api/charts/charts", StatusCode::NOT_FOUND),
        ("/api/~latest=3/charts", StatusCode::NOT_FOUND),
        ("/api/1/2/3/4/5/6/7/8/9/charts", StatusCode::NOT_FOUND),
        ("//api/charts", StatusCode::NOT_FOUND),
    ];
    for (path, status) in refused {
        let answer = publish(&harness, path, "a: 1\n").await;
        // A path of reading routes may look like one of these; nothing takes a package there.
        let other = answer.status == StatusCode::METHOD_NOT_ALLOWED;
        assert!(answer.status == status || other, "{path}: {}", answer.status);
    }
    assert!(harness.stored().is_empty());
}

#[tokio::test]
async fn below_a_base_path_every_shape_that_clients_send_means_the_same_repository() {
    let options = Options { base_path: "x/helm".to_owned(), ..Options::default() };
    let harness = Harness::with(options).await;
    for path in ["/x/helm/api/team/charts", "/api/x/helm/team/charts"] {
        let answer = publish(&harness, path, "a: 1\n").await;
        assert_eq!(answer.status, StatusCode::CREATED, "{path}");
        assert_eq!(answer.header("location"), "/x/helm/team/charts/org-1.0.0.tgz");
    }
    assert_eq!(harness.get("/x/helm/team/index.yaml").await.status, StatusCode::OK);
    for path in ["/team/index.yaml", "/api/team/charts", "/x/index.yaml", "/health"] {
        assert_eq!(harness.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[test]
fn every_row_with_a_repository_has_it_once() {
    for route in ROUTES {
        let count = route.path.matches("{repository}").count();
        let free = ["/", "/-/assets/{file}", "/health", "/readyz", "/info", "/metrics"];
        let free =
            [&free[..], &["/-/v1/webhooks", "/-/v1/openapi.json", "/-/v1/oci-token"]].concat();
        let free = [&free[..], &["/-/v1/head", "/-/v1/views", "/v2/", "/v2/_catalog"]].concat();
        let free = free.contains(&route.path);
        assert_eq!(count, usize::from(!free), "{}", route.path);
    }
}
