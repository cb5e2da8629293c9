//! A storage directory of `ChartMuseum`, imported: everything is taken or told, and nothing changed.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use chart_format::digest::Sha256;
use chart_registry::chartmuseum::{Choice, Report, import};
use chart_registry::{Anonymous, Declared, IdentityOptions, Options, Password};
use p256::elliptic_curve::Generate;
use p256::pkcs8::{EncodePrivateKey, LineEnding};

use crate::harness::Harness;
use crate::support::{package, package_of};

/// Files of a directory: bytes and times.
fn seen(folder: &Path) -> BTreeMap<String, (Vec<u8>, SystemTime)> {
    let mut files = BTreeMap::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(next) = waiting.pop() {
        for entry in std::fs::read_dir(next).unwrap().map(Result::unwrap) {
            let metadata = entry.metadata().unwrap();
            if metadata.is_dir() {
                waiting.push(entry.path());
            } else {
                let content = std::fs::read(entry.path()).unwrap();
                let path = entry.path().strip_prefix(folder).unwrap().display().to_string();
                files.insert(path, (content, metadata.modified().unwrap()));
            }
        }
    }
    files
}

fn put(folder: &Path, path: &str, bytes: &[u8]) {
    let path = folder.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
}

fn age(folder: &Path, path: &str, seconds: u64) {
    let file = std::fs::File::options().write(true).open(folder.join(path)).unwrap();
    file.set_modified(UNIX_EPOCH + Duration::from_secs(seconds)).unwrap();
}

fn provenance(file: &str, package: &[u8]) -> String {
    let digest = Sha256::of(package);
    format!(
        "-----BEGIN PGP SIGNED MESSAGE-----\n\nname: org\n\n...\nfiles:\n  {file}: sha256:{digest}\n\
         -----BEGIN PGP SIGNATURE-----\n\n-----END PGP SIGNATURE-----\n"
    )
}

fn with_key() -> bytes::Bytes {
    let key = p256::SecretKey::generate().to_pkcs8_pem(LineEnding::LF).unwrap();
    let chart = b"apiVersion: v2\nname: leaky\nversion: 1.0.0\n";
    package_of("leaky", &[("Chart.yaml", chart), ("files/tls.key", key.as_bytes())])
}

/// What `ChartMuseum` leaves behind after some years.
fn storage() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let org = package("org", "1.0.0", "a: 1\n");
    put(root, "org-1.0.0.tgz", &org);
    put(root, "org-1.0.0.tgz.prov", provenance("org-1.0.0.tgz", &org).as_bytes());
    let cached = package("org", "1.1.0", "a: 1\n");
    put(root, "org-1.1.0.tgz", &cached);
    let cache = format!(
        "apiVersion: v1\nentries:\n  org:\n  - created: \"2019-03-12T10:11:12Z\"\n    digest: {}\n    name: org\n    version: 1.1.0\n",
        Sha256::of(&cached)
    );
    put(root, "index-cache.yaml", cache.as_bytes());
    put(root, "team/a/peer-2.0.0.tgz", &package("peer", "2.0.0", "a: 1\n"));
    put(root, "team/a/index-cache.yaml", b"");
    put(root, "leaky-1.0.0.tgz", &with_key());
    put(root, "broken-1.0.0.tgz", b"these bytes are no archive");
    put(root, "other-9.9.9.tgz", &package("other", "1.0.0", "a: 1\n"));
    put(root, "absent-1.0.0.tgz.prov", b"signed");
    put(root, "README.md", b"charts");
    put(root, "Team/x-1.0.0.tgz", &package("x", "1.0.0", "a: 1\n"));
    age(root, "org-1.0.0.tgz", 1_500_000_000);
    folder
}

async fn run(harness: &Harness, folder: &Path, choice: Choice) -> Report {
    import(&harness.registry, folder, choice).await.unwrap()
}

fn names(list: &[chart_registry::chartmuseum::Left]) -> Vec<&str> {
    list.iter().map(|left| left.file.rsplit('/').next().unwrap()).collect()
}

#[tokio::test]
async fn everything_is_taken_with_its_time_or_told_and_the_files_stay_as_they_were() {
    let (harness, folder) = (Harness::new().await, storage());
    let before = seen(folder.path());
    let report = run(&harness, folder.path(), Choice::default()).await;
    assert_eq!(seen(folder.path()), before);

    assert_eq!(report.imported, ["org 1.0.0", "org 1.1.0", "peer 2.0.0"], "{report}");
    assert_eq!((report.signed, report.present), (1, 0));
    assert_eq!(names(&report.quarantined), ["leaky-1.0.0.tgz"], "{report}");
    assert!(report.quarantined[0].why.contains("files/tls.key"), "{report}");
    let left =
        ["README.md", "Team", "absent-1.0.0.tgz.prov", "broken-1.0.0.tgz", "other-9.9.9.tgz"];
    assert_eq!(names(&report.left), left, "{report}");
    assert!(!report.is_complete());

    let created = |json: serde_json::Value| json["created"].as_str().unwrap().to_owned();
    let of_file = created(harness.get("/api/charts/org/1.0.0").await.json());
    assert_eq!(of_file, "2017-07-14T02:40:00.000Z");
    let of_cache = created(harness.get("/api/charts/org/1.1.0").await.json());
    assert_eq!(of_cache, "2019-03-12T10:11:12.000Z");
    for path in
        ["/charts/org-1.0.0.tgz", "/charts/org-1.0.0.tgz.prov", "/team/a/charts/peer-2.0.0.tgz"]
    {
        let served = harness.get(path).await.body;
        let file = path.replace("/charts/", "/");
        assert_eq!(served, std::fs::read(folder.path().join(&file[1..])).unwrap(), "{path}");
    }
    assert_eq!(harness.get("/charts/leaky-1.0.0.tgz").await.status, 404);

    // After a restart the times are the same, and those of OCI clients with them.
    let manifest = harness.get("/v2/org/manifests/1.1.0").await;
    assert!(manifest.text().contains("2019-03-12T10:11:12"), "{}", manifest.text());
    let harness = harness.restarted().await;
    assert_eq!(created(harness.get("/api/charts/org/1.1.0").await.json()), of_cache);
    assert_eq!(harness.get("/v2/org/manifests/1.1.0").await.body, manifest.body);
}

#[tokio::test]
async fn a_key_that_was_found_stays_on_record_until_somebody_has_dealt_with_it() {
    let (harness, folder) = (Harness::new().await, storage());
    let metrics = async |harness: &Harness| harness.get("/metrics").await.text();
    let list =
        async |harness: &Harness| harness.get("/-/v1/quarantine").await.json()["packages"].clone();
    let dry_run = Choice { dry_run: true, ..Choice::default() };
    run(&harness, folder.path(), dry_run).await;
    assert_eq!(list(&harness).await, serde_json::json!([]));
    run(&harness, folder.path(), Choice::default()).await;
    let harness = harness.restarted().await;
    let found = list(&harness).await;
    assert_eq!(found.as_array().map(Vec::len), Some(1), "{found}");
    assert_eq!(
        (&found[0]["file"], &found[0]["settled"]),
        (&"leaky-1.0.0.tgz".into(), &serde_json::Value::Null)
    );
    assert!(found[0]["why"].as_str().unwrap().contains("files/tls.key"), "{found}");
    assert!(metrics(&harness).await.contains("chart_registry_quarantined 1\n"));

    let digest = found[0]["package"].as_str().unwrap();
    let path = format!("/-/v1/quarantine/{digest}");
    let reason = r#"{"reason":"the certificate is revoked"}"#;
    let settled = harness.send_text("DELETE", &path, reason).await;
    assert_eq!(settled.json()["changed"], true, "{}", settled.text());
    assert_eq!(harness.send_text("DELETE", &path, reason).await.json()["changed"], false);
    let unknown = format!("/-/v1/quarantine/{}", "0".repeat(64));
    assert_eq!(harness.send_text("DELETE", &unknown, reason).await.status, 404);
    run(&harness, folder.path(), Choice::default()).await;
    let harness = harness.restarted().await;
    let settled = list(&harness).await;
    assert_eq!(settled[0]["settled"]["reason"], "the certificate is revoked", "{settled}");
    assert!(metrics(&harness).await.contains("chart_registry_quarantined 0\n"));
}

#[tokio::test]
async fn administrators_see_keys_that_were_found_on_pages_and_in_the_feed_and_nobody_else_does() {
    let admin = Some(("admin", &Password::from("secret")));
    let identity =
        IdentityOptions::new(Some(Anonymous::Read), &Declared::default(), admin).unwrap();
    let harness = Harness::with(Options { identity, ..Options::default() }).await;
    let folder = storage();
    put(folder.path(), "team/a/leaky-1.0.0.tgz", &with_key());
    run(&harness, folder.path(), Choice::default()).await;
    let admin = [("accept", "text/html"), ("authorization", "Basic YWRtaW46c2VjcmV0")];
    let page = async |headers: &[(&str, &str)], path: &str| {
        let answer = harness.request_with("GET", path, headers).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.text()
    };
    let feed = "/-/v1/changes?since=0";
    for path in ["/", "/-/ui", "/-/ui/team", "/-/ui/team/a", feed] {
        let (told, open) = (page(&admin, path).await, page(&admin[..1], path).await);
        assert!(told.contains("leaky-1.0.0.tgz") && told.contains("files/tls.key"), "{told}");
        assert!(!open.contains("leaky"), "{path}: {open}");
        if path != feed {
            assert!(told.contains("-X DELETE") && told.contains("/-/v1/quarantine/team/a/sha256:"));
        }
    }
    let elsewhere = page(&admin, "/-/ui/team/b").await;
    assert!(!elsewhere.contains("leaky"), "{elsewhere}");
    let list = harness.request_with("GET", "/-/v1/quarantine/team/a", &admin).await.json();
    let digest = list["packages"][0]["package"].as_str().unwrap();
    let request = axum::http::Request::delete(format!("/-/v1/quarantine/team/a/{digest}"))
        .header("authorization", admin[1].1)
        .body(r#"{"reason":"the key was replaced"}"#.into());
    assert_eq!(harness.send(request.unwrap()).await.status, 200);
    assert!(!page(&admin, "/-/ui/team").await.contains("leaky"));
}

#[tokio::test]
async fn a_second_run_writes_nothing_and_takes_what_came_meanwhile() {
    let (harness, folder) = (Harness::new().await, storage());
    run(&harness, folder.path(), Choice::default()).await;
    let (seq, stored) = (harness.registry.state().head().seq, harness.stored());
    for trust_sizes in [false, true] {
        let choice = Choice { trust_sizes, ..Choice::default() };
        let report = run(&harness, folder.path(), choice).await;
        assert_eq!((report.imported.len(), report.present), (0, 3), "{report}");
        assert_eq!(harness.registry.state().head().seq, seq);
        assert_eq!(harness.stored(), stored);
    }
    let bytes = package("org", "1.1.0", "a: 1\n");
    put(folder.path(), "org-1.1.0.tgz.prov", provenance("org-1.1.0.tgz", &bytes).as_bytes());
    put(folder.path(), "org-1.2.0.tgz", &package("org", "1.2.0", "a: 1\n"));
    put(folder.path(), "org-1.0.0.tgz", &package("org", "1.0.0", "other: content\n"));
    let report = run(&harness, folder.path(), Choice::default()).await;
    assert_eq!(report.imported, ["org 1.2.0"]);
    assert_eq!(harness.get("/charts/org-1.1.0.tgz.prov").await.status, 200);
    let told = report.to_string();
    assert!(told.contains("the version exists with other content"), "{told}");
}

#[tokio::test]
async fn a_dry_run_stores_nothing_and_a_depth_takes_only_its_own() {
    let (harness, folder) = (Harness::new().await, storage());
    let choice = Choice { dry_run: true, ..Choice::default() };
    let report = run(&harness, folder.path(), choice).await;
    assert_eq!(report.imported.len(), 3, "{report}");
    assert_eq!(harness.registry.state().head().seq, 0);
    let choice = Choice { depth: Some(2), ..Choice::default() };
    let report = run(&harness, folder.path(), choice).await;
    assert_eq!(report.imported, ["peer 2.0.0"], "{report}");
    assert!(names(&report.left).contains(&"org-1.0.0.tgz"), "{report}");
}

#[tokio::test]
async fn a_provenance_file_that_vouches_for_something_else_is_left_and_its_package_taken() {
    let (harness, folder) = (Harness::new().await, tempfile::tempdir().unwrap());
    put(folder.path(), "org-1.0.0.tgz", &package("org", "1.0.0", "a: 1\n"));
    let other = provenance("org-1.0.0.tgz", b"other bytes");
    put(folder.path(), "org-1.0.0.tgz.prov", other.as_bytes());
    let report = run(&harness, folder.path(), Choice::default()).await;
    assert_eq!(report.imported, ["org 1.0.0"], "{report}");
    assert_eq!(names(&report.left), ["org-1.0.0.tgz.prov"], "{report}");
}

#[test]
fn the_program_imports_by_command_and_at_the_start() {
    let folder = storage();
    let data = tempfile::tempdir().unwrap();
    let program = || {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_chart-registry"));
        command.env_clear();
        command
    };
    let mut command = program();
    command.args(["import", "chartmuseum"]).arg(folder.path()).arg("--data").arg(data.path());
    let output = command.output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(3), "{told}{}", String::from_utf8_lossy(&output.stderr));
    assert!(told.contains("quarantined: `"), "{told}");
    assert!(
        told.ends_with("3 imported (1 with provenance), 0 there already, 5 left, 1 quarantined\n"),
        "{told}"
    );
    let again = command.arg("--json").output().unwrap();
    let report: serde_json::Value = serde_json::from_slice(&again.stdout).unwrap();
    assert_eq!((report["imported"].as_array().unwrap().len(), &report["present"]), (0, &3.into()));

    // The manifest of ChartMuseum: nothing but its variables.
    let mut server = program()
        .arg("serve")
        .env("STORAGE", "local")
        .env("STORAGE_LOCAL_ROOTDIR", folder.path())
        .env("LISTEN_HOST", "127.0.0.1")
        .env("PORT", "0")
        .env("RUST_LOG", "off")
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut stdout = std::io::BufReader::new(server.stdout.take().unwrap());
    std::io::BufRead::read_line(&mut stdout, &mut line).unwrap();
    server.kill().unwrap();
    server.wait().unwrap();
    assert!(line.starts_with("http://127.0.0.1:"), "{line}");
    let journal = folder.path().join(".chart-registry/journal");
    assert!(std::fs::read_dir(journal).unwrap().count() > 1);
}
