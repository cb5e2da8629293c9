//! `~key=value`: a smaller index, the same packages.

use axum::http::StatusCode;
use chart_format::digest::Sha256;

use crate::harness::Harness;
use crate::support::{package, package_of};

async fn with_versions() -> Harness {
    let harness = Harness::new().await;
    for minor in 0..5 {
        harness.post(package("org", &format!("1.{minor}.0"), "a: 1\n")).await;
    }
    harness
}

#[tokio::test]
async fn a_view_lists_the_newest_versions_and_serves_all_packages() {
    let harness = with_versions().await;
    let view = harness.get("/~latest=2/index.yaml").await;
    let index = view.json();
    let versions: Vec<_> = index["entries"]["org"].as_array().unwrap().iter().collect();
    assert_eq!(
        (&versions[0]["version"], &versions[1]["version"]),
        (&"1.4.0".into(), &"1.3.0".into())
    );
    assert_eq!(versions.len(), 2);
    assert_eq!(versions[0]["urls"][0], "charts/org-1.4.0.tgz");
    for path in ["/~latest=2/charts/org-1.4.0.tgz", "/~latest=2/charts/org-1.0.0.tgz"] {
        assert_eq!(harness.get(path).await.status, StatusCode::OK, "{path}");
    }
    let absent = harness.get("/~latest=2/charts/org-1.0.0.tgz.prov").await;
    assert_eq!(absent.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_view_changes_when_its_content_does() {
    let harness = with_versions().await;
    let path = "/~latest=2/index.yaml";
    let before = harness.get(path).await;
    let tag = before.header("etag").to_owned();
    assert_ne!(tag, harness.get("/index.yaml").await.header("etag"));
    // An old version comes late: it is not in the view.
    harness.post(package("org", "0.9.0", "a: 1\n")).await;
    let same = harness.request_with("GET", path, &[("if-none-match", &tag)]).await;
    assert_eq!(same.status, StatusCode::NOT_MODIFIED);
    harness.post(package("org", "1.5.0", "a: 1\n")).await;
    let after = harness.request_with("GET", path, &[("if-none-match", &tag)]).await;
    assert_eq!(after.status, StatusCode::OK);
    assert_eq!(after.json()["entries"]["org"][0]["version"], "1.5.0");
    harness.request("DELETE", "/api/charts/org/1.5.0").await;
    assert_eq!(harness.get(path).await.body, before.body);
    let restarted = harness.restarted().await;
    assert_eq!(restarted.get(path).await.header("etag"), tag);
}

#[tokio::test]
async fn conditions_compose_in_any_order() {
    let harness = with_versions().await;
    harness.post(package("other", "1.0.0", "a: 1\n")).await;
    let versions = async |view: &str| {
        let index = harness.get(&format!("/{view}/index.yaml")).await.json();
        let lists = index["entries"].as_object().unwrap().clone();
        let texts = lists.into_values().flat_map(|list| list.as_array().unwrap().clone());
        texts
            .map(|entry| format!("{}-{}", entry["name"], entry["version"]).replace('"', ""))
            .collect::<Vec<_>>()
    };
    assert_eq!(versions("~latest=1").await, ["org-1.4.0", "other-1.0.0"]);
    assert_eq!(versions("~chart=org;latest=1").await, ["org-1.4.0"]);
    assert_eq!(versions("~latest=1;chart=org").await, ["org-1.4.0"]);
    assert_eq!(versions("~prefix=oth").await, ["other-1.0.0"]);
    assert_eq!(versions("~network=none").await, Vec::<String>::new());
    assert_eq!(versions("~at=2000-01-01T00:00:00Z").await, Vec::<String>::new());
    assert_eq!(versions("~at=2999-01-01T00:00:00Z;full").await.len(), 6);
    let tag = async |view: &str| {
        harness.get(&format!("/{view}/index.yaml")).await.header("etag").to_owned()
    };
    assert_eq!(tag("~latest=1;chart=org").await, tag("~chart=org;latest=1").await);
}

#[tokio::test]
async fn every_condition_chooses_by_what_it_says_and_packages_and_signatures_lie_below_it() {
    let harness = Harness::new().await;
    let chart = |name: &str, network: &str| {
        let annotations = format!("annotations: {{fabric.network: {network}}}");
        let chart = format!("apiVersion: v2\nname: {name}\nversion: 1.0.0\n{annotations}\n");
        package_of(name, &[("Chart.yaml", chart.as_bytes())])
    };
    let (one, two) = (chart("peer", "one"), chart("orderer", "two"));
    let sums = format!("files:\n  peer-1.0.0.tgz: sha256:{}", Sha256::of(&one));
    let signature = format!(
        "-----BEGIN PGP SIGNED MESSAGE-----\n\nname: peer\n\n...\n{sums}\n\
         -----BEGIN PGP SIGNATURE-----\n\n-----END PGP SIGNATURE-----\n"
    );
    let form = [("chart", "x.tgz", &one[..]), ("prov", "x.tgz.prov", signature.as_bytes())];
    assert_eq!(harness.post_form(&form).await.status, StatusCode::CREATED);
    let first = harness.get("/api/charts/peer/1.0.0").await.json()["created"].clone();
    let at = format!("~at={}", first.as_str().unwrap());
    let why = r#"{"reason":"tested"}"#;
    let hold = "/-/v1/versions/peer/1.0.0/hold";
    // The second chart is to be younger than the first one.
    while harness.get("/-/v1/head").await.json()["time"] == first {
        for method in ["PUT", "DELETE"] {
            assert_eq!(harness.send_text(method, hold, why).await.status, StatusCode::OK);
        }
    }
    harness.post(two).await;
    let promotion = "/-/v1/versions/orderer/1.0.0/channels/stable";
    assert_eq!(harness.send_text("PUT", promotion, why).await.status, StatusCode::OK);
    for (view, expected) in [
        ("~network=one", vec!["peer"]),
        ("~network=two", vec!["orderer"]),
        ("~channel=stable", vec!["orderer"]),
        ("~channel=stable;network=one", vec![]),
        ("~channel=stable;network=two;latest=1", vec!["orderer"]),
        (&at, vec!["peer"]),
        ("~prefix=o", vec!["orderer"]),
        ("~chart=peer;full", vec!["peer"]),
    ] {
        let index = harness.get(&format!("/{view}/index.yaml")).await.json();
        let names: Vec<_> = index["entries"].as_object().unwrap().keys().cloned().collect();
        assert_eq!(names, expected, "{view}");
        let pulled = harness.get(&format!("/{view}/charts/peer-1.0.0.tgz")).await;
        assert!(pulled.body == one, "{view}");
        let signed = harness.get(&format!("/{view}/charts/peer-1.0.0.tgz.prov")).await;
        assert_eq!(signed.text(), signature, "{view}");
    }
    harness.send_text("DELETE", promotion, why).await;
    let index = harness.get("/~channel=stable/index.yaml").await.json();
    assert_eq!(index["entries"], serde_json::json!({}));
}

#[tokio::test]
async fn the_full_view_has_all_fields_in_every_form() {
    let harness = Harness::new().await;
    for minor in 0..12 {
        let chart = format!("apiVersion: v2\nname: org\nversion: 1.{minor}.0\nhome: https://x\n");
        harness.post(package_of("org", &[("Chart.yaml", chart.as_bytes())])).await;
    }
    let (slim, full) = (harness.get("/index.yaml").await, harness.get("/~full/index.yaml").await);
    let homes = |text: &str| text.matches("https://x").count();
    assert_eq!((homes(&slim.text()), homes(&full.text())), (10, 12));
    assert_eq!(full.header("content-length"), full.body.len().to_string());
    let yaml = harness.get("/~full/index.yaml?format=yaml").await;
    assert_eq!(homes(&yaml.text()), 12);
    let accepted = [("accept-encoding", "gzip")];
    let gzip = harness.request_with("GET", "/~full/index.yaml", &accepted).await;
    assert_eq!(gzip.header("content-encoding"), "gzip");
    let mut text = Vec::new();
    let mut decoder = flate2::bufread::GzDecoder::new(&gzip.body[..]);
    std::io::Read::read_to_end(&mut decoder, &mut text).unwrap();
    assert!(decoder.into_inner().is_empty(), "a second member follows");
    assert_eq!(text, full.body);
    let tags = [&slim, &full, &yaml, &gzip].map(|answer| answer.header("etag").to_owned());
    let different: std::collections::BTreeSet<_> = tags.iter().collect();
    assert_eq!(different.len(), tags.len(), "{tags:?}");
    assert_eq!(harness.get("/~full/charts/org-1.0.0.tgz").await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_unknown_view_is_refused_with_the_known_ones() {
    let harness = with_versions().await;
    for view in ["~colour=red", "~", "~latest=1;colour=red"] {
        for path in [format!("/{view}/index.yaml"), format!("/{view}/charts/org-1.0.0.tgz")] {
            let answer = harness.get(&path).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path}");
            let known = harness.get("/-/v1/views").await.json();
            for condition in known["conditions"].as_array().unwrap() {
                let form = condition["form"].as_str().unwrap();
                assert!(answer.text().contains(form), "{form}: {}", answer.text());
            }
        }
    }
    for view in ["~latest=0", "~latest=+1", "~latest=1001", "~full=1", "~latest=1;latest=1"] {
        let answer = harness.get(&format!("/{view}/index.yaml")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{view}");
    }
}
