//! What leaves a registry as files, and what comes back: `export files`, `export bundle`,
//! `import bundle`.

use std::path::Path;

use axum::http::StatusCode;
use chart_registry::Registry;
use serde_json::{Value, json};

use crate::commands::{answer, program};
use crate::harness::Harness;
use crate::oci::{IMAGE, descriptor, digest};
use crate::support::{package, package_of};

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn provenance(package: &[u8]) -> String {
    format!(
        "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\napiVersion: v2\nname: org\n\
         version: 1.0.0\n\n...\nfiles:\n  org-1.0.0.tgz: {}\n\
         -----BEGIN PGP SIGNATURE-----\n\nx\n-----END PGP SIGNATURE-----\n",
        digest(package)
    )
}

/// A chart that names two images, one of which is here, with its signature; and a plain chart.
async fn filled() -> (Harness, Vec<u8>, Vec<u8>) {
    let harness = Harness::new().await;
    let chart = "apiVersion: v2\nname: org\nversion: 1.0.0\nannotations:\n  artifacthub.io/images: |\n    \
                 - name: tool\n      image: registry.example/team/tool:1\n    - name: other\n      image: \
                 registry.example/other:2\n";
    let signed = package_of("org", &[("Chart.yaml", chart.as_bytes()), ("values.yaml", b"a: 1\n")]);
    let sent =
        harness.post_form_to("/api/team/charts", &[("chart", "org-1.0.0.tgz", &signed)]).await;
    assert_eq!(sent.status, StatusCode::CREATED, "{}", sent.text());
    let file = provenance(&signed);
    let sent = harness.send_text("POST", "/api/team/prov", &file).await;
    assert_eq!(sent.status, StatusCode::CREATED, "{}", sent.text());
    let image = harness.push_image("team/tool", "1", &json!({})).await;
    harness.post(package("peer", "2.0.0", "a: 2\n")).await;
    (harness, signed.to_vec(), image)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_directory_for_any_web_server_holds_what_the_index_names() {
    let (harness, signed, _) = filled().await;
    let folder = tempfile::tempdir().unwrap();
    let export =
        || answer(&program(&["export", "files", text(folder.path())], harness.storage.path()));
    assert_eq!(export(), json!({ "repositories": 2, "files": 3, "new": 3 }));
    assert_eq!(export(), json!({ "repositories": 2, "files": 3, "new": 0 }));
    let read = |path: &str| std::fs::read(folder.path().join(path)).unwrap();
    assert_eq!(read("team/index.yaml"), harness.get("/team/index.yaml").await.body);
    let index: Value = serde_json::from_slice(&read("team/index.yaml")).unwrap();
    let url = index["entries"]["org"][0]["urls"][0].as_str().unwrap().to_owned();
    assert_eq!(read(&format!("team/{url}")), signed);
    assert_eq!(read(&format!("team/{url}.prov")), provenance(&signed).into_bytes());
    // A damaged file is written again.
    std::fs::write(folder.path().join("charts/peer-2.0.0.tgz"), "x").unwrap();
    assert_eq!(export()["new"], 1);
    assert_eq!(read("charts/peer-2.0.0.tgz"), package("peer", "2.0.0", "a: 2\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bundle_brings_charts_signatures_and_images_unchanged_and_can_be_taken_again() {
    let (harness, signed, image) = filled().await;
    let manifest = harness.get("/v2/team/org/manifests/1.0.0").await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bundle.tar");
    let bundled = answer(&program(&["export", "bundle", text(&file)], harness.storage.path()));
    assert_eq!((&bundled["charts"], &bundled["images"]), (&json!(2), &json!(1)), "{bundled}");
    assert_eq!(bundled["missingImages"], json!(["registry.example/other:2"]));
    assert_eq!(bundled["digest"], digest(&std::fs::read(&file).unwrap()));
    // The same again is the same file.
    let second = folder.path().join("second.tar");
    assert_eq!(
        answer(&program(&["export", "bundle", text(&second)], harness.storage.path())),
        bundled
    );

    let other = Harness::new().await;
    let import = |into: &str| {
        let arguments = ["import", "bundle", text(&file), "--json", "--into", into];
        answer(&program(&arguments, other.storage.path()))
    };
    let report = import("");
    assert_eq!((&report["left"], &report["quarantined"]), (&json!([]), &json!([])), "{report}");
    assert_eq!(report["imported"].as_array().map(Vec::len), Some(3), "{report}");
    let head = Registry::open(other.storage.path()).await.unwrap().state().head();
    assert_eq!(import("")["present"], 3);
    let other = other.restarted().await;
    assert_eq!(other.registry.state().head(), head, "nothing was written again");
    assert_eq!(other.get("/team/charts/org-1.0.0.tgz").await.body, signed);
    assert_eq!(other.get("/team/charts/org-1.0.0.tgz.prov").await.body, provenance(&signed));
    // What clients pinned holds on the other side, too.
    let there = other.get("/v2/team/org/manifests/1.0.0").await;
    assert_eq!(there.header("docker-content-digest"), manifest.header("docker-content-digest"));
    let tool = other.get("/v2/team/tool/manifests/1").await;
    assert_eq!((tool.header("content-type"), &tool.body[..]), (IMAGE, &image[..]));
    let below = answer(&program(
        &["import", "bundle", text(&file), "--json", "--into", "mirror/of"],
        other.storage.path(),
    ));
    assert_eq!(below["imported"].as_array().map(Vec::len), Some(3), "{below}");
    let other = other.restarted().await;
    assert_eq!(other.get("/mirror/of/team/charts/org-1.0.0.tgz").await.body, signed);
    assert_eq!(answer(&program(&["verify", "--json"], other.storage.path()))["faultCount"], 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_helm_pushed_without_naming_the_type_of_its_manifest_is_carried_as_well() {
    let harness = Harness::new().await;
    let sent = package("org", "1.0.0", "a: 1\n");
    for blob in [&b"{}"[..], &sent] {
        harness.push_blob("team/org", blob).await;
    }
    let manifest = json!({
        "schemaVersion": 2,
        "config": descriptor("application/vnd.cncf.helm.config.v1+json", b"{}"),
        "layers": [descriptor("application/vnd.cncf.helm.chart.content.v1.tar+gzip", &sent)],
    });
    let bytes = serde_json::to_vec(&manifest).unwrap();
    let pushed = harness.put_manifest("team/org", "1.0.0", (IMAGE, &bytes)).await;
    assert_eq!(pushed.status, StatusCode::CREATED, "{}", pushed.text());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bundle.tar");
    answer(&program(&["export", "bundle", text(&file)], harness.storage.path()));
    let other = Harness::new().await;
    let arguments = ["import", "bundle", text(&file), "--json"];
    let report = answer(&program(&arguments, other.storage.path()));
    assert_eq!(report["left"], json!([]), "{report}");
    let other = other.restarted().await;
    assert_eq!(other.get("/team/charts/org-1.0.0.tgz").await.body, sent);
    let there = other.get(&format!("/v2/team/org/manifests/{}", digest(&bytes))).await;
    assert_eq!((there.header("content-type"), &there.body[..]), (IMAGE, &bytes[..]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bundle_since_a_number_holds_what_came_after_it() {
    let (harness, ..) = filled().await;
    let seq = harness.registry.state().head().seq.to_string();
    harness.post(package("late", "1.0.0", "a: 3\n")).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bundle.tar");
    let arguments = ["export", "bundle", text(&file), "--since", &seq];
    let bundled = answer(&program(&arguments, harness.storage.path()));
    assert_eq!((&bundled["charts"], &bundled["images"]), (&json!(1), &json!(0)), "{bundled}");
    let other = Harness::new().await;
    let report =
        answer(&program(&["import", "bundle", text(&file), "--json"], other.storage.path()));
    assert_eq!(report["imported"], json!(["late:1.0.0"]));
}

/// Says why something happens to a version.
async fn judge(harness: &Harness, method: &str, path: &str, reason: &str) {
    let body = json!({ "reason": reason }).to_string();
    let answer = harness.send_text(method, &format!("/-/v1/versions/{path}"), &body).await;
    assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text());
}

/// The entries of the indexes, which say what became of versions.
async fn entries(harness: &Harness) -> Vec<Value> {
    let mut entries = Vec::new();
    for path in ["/index.yaml", "/team/index.yaml", "/~channel=stable/index.yaml"] {
        let index: Value = serde_json::from_slice(&harness.get(path).await.body).unwrap();
        entries.push(index["entries"].clone());
    }
    entries
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_became_of_versions_travels_and_what_was_decided_here_stays() {
    let (harness, ..) = filled().await;
    harness.post(package("peer", "2.1.0", "a: 2\n")).await;
    judge(&harness, "PUT", "peer/2.1.0/channels/candidate", "built").await;
    judge(&harness, "PUT", "peer/2.1.0/channels/stable", "tested").await;
    judge(&harness, "PUT", "peer/2.0.0/channels/stable", "tested").await;
    judge(&harness, "PUT", "peer/2.0.0/yank", "breaks").await;
    judge(&harness, "PUT", "team/org/1.0.0/deprecation", "use net").await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bundle.tar");
    let export = || answer(&program(&["export", "bundle", text(&file)], harness.storage.path()));
    let digest = export()["digest"].as_str().unwrap().to_owned();

    let mut other = Harness::new().await;
    let import = |other: &Harness, digest: &str| {
        let arguments = ["import", "bundle", text(&file), "--json", "--digest", digest];
        program(&arguments, other.storage.path())
    };
    let refused = import(&other, &digest.replace("sha256:", "sha256:00")[..71]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains(&digest), "{refused:?}");
    let report = answer(&import(&other, &digest));
    assert_eq!((&report["digest"], &report["left"]), (&json!(digest), &json!([])), "{report}");
    assert_eq!(report["changed"], json!(["peer:2.1.0", "peer:2.0.0", "team/org:1.0.0"]));
    other = other.restarted().await;
    assert_eq!(entries(&other).await, entries(&harness).await, "times of creation included");
    let yanked = other.get("/charts/peer-2.0.0.tgz").await;
    assert!(yanked.header("warning").contains("breaks"), "{:?}", yanked.header("warning"));
    let seq = other.registry.state().head().seq;
    assert_eq!(answer(&import(&other, &digest))["changed"], Value::Null);
    other = other.restarted().await;
    assert_eq!(other.registry.state().head().seq, seq, "nothing was written again");

    // What is taken back there is taken back here.
    judge(&harness, "DELETE", "peer/2.0.0/yank", "repaired").await;
    judge(&harness, "DELETE", "peer/2.1.0/channels/stable", "not yet").await;
    judge(&harness, "DELETE", "team/org/1.0.0/deprecation", "still good").await;
    let digest = export()["digest"].as_str().unwrap().to_owned();
    assert_eq!(answer(&import(&other, &digest))["changed"].as_array().map(Vec::len), Some(3));
    other = other.restarted().await;
    assert_eq!(entries(&other).await, entries(&harness).await);

    judge(&other, "PUT", "peer/2.0.0/yank", "not for us").await;
    let report = answer(&import(&other, &digest));
    assert_eq!((&report["kept"], &report["changed"]), (&json!(["peer:2.0.0"]), &Value::Null));
    other = other.restarted().await;
    assert_eq!(other.get("/~chart=peer/index.yaml").await.text().matches("2.0.0").count(), 0);
}

/// The bundle with other bytes at some place of one of its files.
fn changed(bundle: &[u8], part: &[u8]) -> Vec<u8> {
    let at = bundle.windows(part.len()).position(|window| window == part).unwrap();
    let mut bytes = bundle.to_vec();
    bytes[at + part.len() / 2] ^= 1;
    bytes
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn damaged_bundles_are_told_and_nothing_of_them_is_published() {
    let (harness, signed, image) = filled().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bundle.tar");
    answer(&program(&["export", "bundle", text(&file)], harness.storage.path()));
    let whole = std::fs::read(&file).unwrap();
    for (part, left) in [(&signed, "team/org:1.0.0"), (&image, "team/tool:1")] {
        std::fs::write(&file, changed(&whole, part)).unwrap();
        let other = Harness::new().await;
        let output = program(&["import", "bundle", text(&file), "--json"], other.storage.path());
        let report = answer(&output);
        assert_eq!(output.status.code(), Some(3));
        assert_eq!(report["left"][0]["file"], left, "{report}");
        assert_eq!(report["imported"].as_array().map(Vec::len), Some(2), "{report}");
    }
    for cut in [0, 100, 700, 2_000] {
        std::fs::write(&file, &whole[..cut]).unwrap();
        let other = Harness::new().await;
        let output = program(&["import", "bundle", text(&file)], other.storage.path());
        assert_eq!(output.status.code(), Some(1), "{cut}");
        assert_eq!(Registry::open(other.storage.path()).await.unwrap().state().head().seq, 0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_private_key_in_a_bundle_is_quarantined_and_never_stored() {
    let (harness, ..) = filled().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bundle.tar");
    // A registry of the days before: its package was taken without a look inside.
    let label = "PRIVATE KEY";
    let body = "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC";
    let key = format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n");
    let chart: &[u8] = b"apiVersion: v2\nname: keys\nversion: 1.0.0\n";
    let secret = package_of("keys", &[("Chart.yaml", chart), ("files/tls.txt", key.as_bytes())]);
    let config = br#"{"name":"keys","version":"1.0.0","apiVersion":"v2"}"#;
    let manifest = serde_json::to_vec(&json!({
        "schemaVersion": 2,
        "mediaType": IMAGE,
        "config": crate::oci::descriptor(crate::oci::HELM_CONFIG, config),
        "layers": [crate::oci::descriptor(crate::oci::HELM_CHART, &secret)],
    }))
    .unwrap();
    let index = serde_json::to_vec(&json!({
        "schemaVersion": 2,
        "manifests": [{
            "mediaType": IMAGE,
            "digest": digest(&manifest),
            "size": manifest.len(),
            "annotations": { "org.opencontainers.image.ref.name": "keys:1.0.0" },
        }],
    }))
    .unwrap();
    let mut archive = tar::Builder::new(std::fs::File::create(&file).unwrap());
    let mut add = |path: &str, bytes: &[u8]| {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        archive.append_data(&mut header, path, bytes).unwrap();
    };
    add("oci-layout", br#"{"imageLayoutVersion":"1.0.0"}"#);
    add("index.json", &index);
    for blob in [&config[..], &secret, &manifest] {
        add(&format!("blobs/sha256/{}", &digest(blob)["sha256:".len()..]), blob);
    }
    archive.finish().unwrap();
    let output = program(&["import", "bundle", text(&file), "--json"], harness.storage.path());
    let report = answer(&output);
    assert_eq!(output.status.code(), Some(3));
    assert_eq!(report["quarantined"][0]["file"], "keys:1.0.0", "{report}");
    let stored = harness.stored();
    assert!(stored.values().all(|bytes| *bytes != secret), "the package was stored");
    let harness = harness.restarted().await;
    let found = harness.get("/-/v1/quarantine").await.json()["packages"].clone();
    assert_eq!(found[0]["package"], digest(&secret), "{found}");
}
