//! The web pages: what they show, and that nothing that a stranger wrote becomes markup.

use axum::http::StatusCode;
use chart_registry::Options;

use crate::harness::{Answer, Harness};
use crate::support::{package, package_of};

const HTML: [(&str, &str); 1] = [("accept", "text/html,application/xhtml+xml,*/*;q=0.8")];

/// What somebody writes who wants to break out of a page.
const HOSTILE: &str = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>{{7*7}}&lt;b&gt;";

const NETWORK: &str = r#"{"format":"fabric-network-summary/v1","network":"demo<i>","version":"1.0.0",
"fabric":"2.5","organizations":{"Org1":{"namespace":"org1","mspId":"Org1MSP","peers":["peer0"]},
"Orderer<i>":{"namespace":"ord","mspId":"OrdMSP","orderers":["orderer0"]}},"channels":{"main<i>":
{"members":["Org1"],"consenters":["orderer0.ord"],"consensus":"etcdraft"}},
"chaincodes":{"asset<i>":{"version":"1","sequence":1,"channels":["main<i>"]}}}"#;

async fn page(harness: &Harness, path: &str) -> Answer {
    let answer = harness.request_with("GET", path, &HTML).await;
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8", "{path}");
    let policy = answer.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; style-src 'self'"), "{path}: {policy}");
    assert!(!policy.contains("script-src") && !policy.contains("unsafe"), "{policy}");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    let text = answer.text();
    assert!(
        !text.contains("<script") && !text.contains(" style=") && !text.contains("<style"),
        "{path}"
    );
    answer
}

fn hostile_package(version: &str, values: &str) -> bytes::Bytes {
    let quoted = serde_json::to_string(HOSTILE).unwrap();
    let chart = format!(
        "apiVersion: v2\nname: org\nversion: {version}\ndescription: {quoted}\nappVersion: {quoted}\n\
         home: \"javascript:alert(1)\"\nkeywords: [{quoted}]\nsources: [{quoted}, \"data:text/html,x\"]\n\
         maintainers: [{{name: {quoted}, url: \"javascript:alert(1)\"}}]\nannotations: {{a: {quoted}}}\n\
         dependencies: [{{name: kafka, version: \">=1\", repository: {quoted}}}]\n"
    );
    let readme = format!("# {HOSTILE}\n\n[a](javascript:alert(1)) ![b](https://c.example/d.svg)\n");
    let values = format!("a: {values}\n# {HOSTILE}\nb: {quoted}\n");
    package_of(
        "org",
        &[
            ("Chart.yaml", chart.as_bytes()),
            ("values.yaml", values.as_bytes()),
            ("README.md", readme.as_bytes()),
            ("templates/a<b>.yaml", values.as_bytes()),
            ("files/network.json", NETWORK.as_bytes()),
        ],
    )
}

#[tokio::test]
async fn no_page_lets_through_what_a_stranger_wrote() {
    let harness = Harness::new().await;
    for (version, values) in [("1.0.0", "1"), ("1.1.0", "2")] {
        let answer = harness.post(hostile_package(version, values)).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    }
    let reason = serde_json::json!({ "reason": HOSTILE }).to_string();
    for state in ["deprecation", "hold", "channels/stable"] {
        let path = format!("/-/v1/versions/org/1.1.0/{state}");
        assert_eq!(harness.send_text("PUT", &path, &reason).await.status, StatusCode::OK);
    }
    let at = "/-/ui/charts/org";
    let query = "%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E";
    for path in [
        "/".to_owned(),
        "/-/ui".to_owned(),
        format!("/-/ui?q={query}"),
        "/-/ui?q=alert".to_owned(),
        format!("/-/ui?after={query}"),
        at.to_owned(),
        format!("{at}/1.1.0"),
        format!("{at}/1.1.0/values"),
        format!("{at}/1.1.0/files"),
        format!("{at}/1.1.0/files?path=templates/a%3Cb%3E.yaml"),
        format!("{at}/1.1.0/versions"),
        format!("{at}/1.1.0/changes"),
        format!("{at}/1.1.0/network"),
    ] {
        let answer = page(&harness, &path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text());
        let text = answer.text();
        for markup in [
            "<img src=x",
            "<i>",
            "<b>",
            "href=\"javascript",
            "href=\"data",
            "\"'>",
            "c.example/d.svg\"",
        ] {
            let is_link =
                markup.starts_with("c.example") && text.contains("<a href=\"https://c.example");
            assert!(!text.contains(markup) || is_link, "{path} has {markup}: {text}");
        }
    }
    let changes = page(&harness, &format!("{at}/1.1.0/changes")).await.text();
    assert!(changes.contains("<del>1</del>") && changes.contains("<ins>2</ins>"), "{changes}");
}

#[tokio::test]
async fn error_pages_are_for_browsers_alone_and_escape_what_they_name() {
    let harness = Harness::new().await;
    for (path, status) in [
        ("/-/ui/charts/absent", StatusCode::NOT_FOUND),
        ("/-/ui/charts/absent/1.0.0/values", StatusCode::NOT_FOUND),
        ("/nothing/%3Cscript%3E", StatusCode::NOT_FOUND),
        ("/charts/%3Cscript%3E-1.0.0.tgz", StatusCode::NOT_FOUND),
    ] {
        let answer = page(&harness, path).await;
        assert_eq!(answer.status, status, "{path}");
        let plain = harness.get(path).await;
        assert_eq!(
            (plain.status, plain.header("content-type")),
            (status, "application/json"),
            "{path}"
        );
    }
    let answer = harness.request_with("POST", "/api/charts", &HTML).await;
    assert_eq!(answer.header("content-type"), "application/json");
    let answer = harness.request_with("GET", "/v2/x/tags/list", &HTML).await;
    assert_eq!(answer.header("content-type"), "application/json");
}

#[tokio::test]
async fn a_version_says_what_became_of_it_and_a_yanked_one_is_found_by_its_link() {
    let harness = Harness::new().await;
    harness.post(package("org", "1.0.0", "a: 1\n")).await;
    harness.post(package("org", "2.0.0", "a: 2\n")).await;
    let why = r#"{"reason":"breaks peers"}"#;
    harness.send_text("PUT", "/-/v1/versions/org/2.0.0/yank", why).await;
    let list = page(&harness, "/-/ui").await.text();
    assert!(list.contains("1.0.0") && !list.contains("2.0.0"), "{list}");
    let newest = page(&harness, "/-/ui/charts/org").await.text();
    assert!(newest.contains("helm install org charts/org --version 1.0.0"), "{newest}");
    let yanked = page(&harness, "/-/ui/charts/org/2.0.0").await.text();
    assert!(yanked.contains("Yanked:") && yanked.contains("breaks peers"), "{yanked}");
    let versions = page(&harness, "/-/ui/charts/org/1.0.0/versions").await.text();
    assert!(versions.contains("/-/ui/charts/org/2.0.0/changes?from=1.0.0"), "{versions}");
    harness.send_text("PUT", "/-/v1/versions/org/1.0.0/yank", why).await;
    assert_eq!(page(&harness, "/-/ui/charts/org").await.status, StatusCode::OK);
}

#[tokio::test]
async fn links_and_commands_begin_with_the_url_that_clients_use() {
    let external_url = "https://charts.example/helm".to_owned();
    let options = Options { external_url, base_path: "inner".to_owned(), ..Options::default() };
    let harness = Harness::with(options).await;
    harness
        .post_form_to(
            "/api/inner/team/charts",
            &[("chart", "a-1.0.0.tgz", &package("a", "1.0.0", ""))],
        )
        .await;
    let text = page(&harness, "/inner/-/ui/team").await.text();
    assert!(text.contains("helm repo add team https://charts.example/helm/team"), "{text}");
    assert!(text.contains("href=\"/helm/-/ui/team/charts/a\""), "{text}");
    assert!(text.contains("href=\"/helm/-/assets/pages-"), "{text}");
}

#[tokio::test]
async fn a_search_finds_charts_here_and_below_and_nowhere_else() {
    let harness = Harness::new().await;
    for (path, name) in
        [("", "org-root"), ("/team", "org-team"), ("/team/a", "org-deep"), ("/other", "org-other")]
    {
        let form = [("chart", "x.tgz", &package(name, "1.0.0", "")[..])];
        let form = [("chart", &*format!("{name}-1.0.0.tgz"), form[0].2)];
        let answer = harness.post_form_to(&format!("/api{path}/charts"), &form).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    }
    let found = |text: &str| {
        let names = ["org-root", "org-team", "org-deep", "org-other"];
        names.map(|name| text.contains(&format!("/charts/{name}\"")))
    };
    let all = page(&harness, "/-/ui?q=ORG").await.text();
    assert_eq!(found(&all), [true, true, true, true]);
    let team = page(&harness, "/-/ui/team?q=org").await.text();
    assert_eq!(found(&team), [false, true, true, false]);
    let none = page(&harness, "/-/ui/team?q=org+absent").await.text();
    assert!(none.contains("No chart has all of these words."));
    let below = page(&harness, "/-/ui/team").await.text();
    assert!(below.contains("href=\"/-/ui/team/a\"") && !below.contains("href=\"/-/ui/other\""));
}

#[tokio::test]
async fn lists_go_on_where_a_page_ends() {
    let harness = Harness::new().await;
    let names: Vec<String> = (0..60).map(|number| format!("chart-{number:02}")).collect();
    for name in &names {
        harness.post(package(name, "1.0.0", "")).await;
    }
    for (start, mark) in [("/-/ui", "More charts"), ("/-/ui?q=chart", "Search on")] {
        let first = page(&harness, start).await.text();
        assert!(first.contains("charts/chart-49\"") && !first.contains("charts/chart-50\""));
        assert!(first.contains(mark));
        let next = first.split("rel=\"next\" href=\"").nth(1).unwrap().split('"').next().unwrap();
        let second = page(&harness, &next.replace("&#38;", "&")).await.text();
        assert!(
            second.contains("charts/chart-50\"") && second.contains("charts/chart-59\""),
            "{next}"
        );
        assert!(!second.contains("charts/chart-49\"") && !second.contains("rel=\"next\""));
    }
}

#[tokio::test]
async fn pages_and_assets_are_cached_by_what_they_are() {
    let harness = Harness::new().await;
    harness.post(package("org", "1.0.0", "a: 1\n")).await;
    let first = page(&harness, "/-/ui").await;
    let tag = first.header("etag").to_owned();
    let known = [("accept", "text/html"), ("if-none-match", tag.as_str())];
    assert_eq!(harness.request_with("GET", "/-/ui", &known).await.status, StatusCode::NOT_MODIFIED);
    let zipped = [("accept", "text/html"), ("accept-encoding", "gzip")];
    let zipped = harness.request_with("GET", "/-/ui", &zipped).await;
    assert_eq!(zipped.header("content-encoding"), "gzip");
    assert_ne!(zipped.header("etag"), tag);
    let text = first.text();
    let style = text.split("rel=\"stylesheet\" href=\"").nth(1).unwrap().split('"').next().unwrap();
    let asset = harness.get(style).await;
    assert_eq!(asset.header("content-type"), "text/css; charset=utf-8");
    assert!(asset.header("cache-control").contains("immutable"));
    assert!(!asset.text().contains("http:") && !asset.text().contains("https:"));
    assert_eq!(harness.get("/-/assets/pages-0.css").await.status, StatusCode::NOT_FOUND);
}
