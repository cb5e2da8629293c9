//! Packages that must be signed: `gpg` makes the keys and the signatures, nobody else is trusted.

use std::process::Command;

use axum::http::StatusCode;
use bytes::Bytes;
use chart_format::digest::Sha256;
use serde_json::json;
use tempfile::TempDir;

use crate::harness::{Answer, Harness};
use crate::proxies::{Files, index};
use crate::support::package;

const KINDS: [&str; 4] = ["rsa2048", "ed25519", "nistp256", "nistp384"];

/// A directory with keys. Its agent ends with it.
struct Gpg(TempDir);

impl Gpg {
    /// `None` where there is no `gpg`, which a run that needs every judge refuses.
    #[expect(clippy::print_stderr, reason = "whoever reads the log must see what was not run")]
    fn new() -> Option<Self> {
        if Command::new("gpg").arg("--version").output().is_err() {
            assert!(std::env::var_os("REQUIRE_ORACLES").is_none(), "`gpg` is not in PATH");
            eprintln!("not run: a test asks `gpg`, which is not in PATH");
            return None;
        }
        Some(Self(
            tempfile::Builder::new().prefix("gpg").permissions(owner_only()).tempdir().unwrap(),
        ))
    }

    fn run(&self, arguments: &[&str]) -> Vec<u8> {
        let mut command = Command::new("gpg");
        command.args(["--batch", "--quiet", "--no-tty", "--pinentry-mode", "loopback"]);
        command.args(["--passphrase", "", "--yes", "--homedir"]).arg(self.0.path());
        let output = command.args(arguments).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "gpg {arguments:?}: {said}");
        output.stdout
    }

    fn key(&self, kind: &str, arguments: &[&str]) -> String {
        let name = format!("{kind} <{kind}@example.com>");
        self.run(&[arguments, &["--quick-generate-key", &name, kind, "sign", "1y"]].concat());
        format!("{kind}@example.com")
    }

    fn export(&self, key: &str) -> String {
        String::from_utf8(self.run(&["--armor", "--export", key])).unwrap()
    }

    /// A provenance file as `helm package --sign` writes it.
    fn provenance(&self, key: &str, (file, package): (&str, &[u8]), arguments: &[&str]) -> String {
        let digest = Sha256::of(package);
        let text = format!(
            "apiVersion: v2\nkeywords:\n- a\nname: org\nversion: 1.0.0\n\n...\nfiles:\n  {file}: sha256:{digest}\n"
        );
        let path = self.0.path().join("text");
        std::fs::write(&path, text).unwrap();
        let path = path.to_str().unwrap();
        let sign = ["--local-user", key, "--clearsign", "--output", "-", path];
        String::from_utf8(self.run(&[arguments, &sign].concat())).unwrap()
    }

    fn revoke(&self, key: &str) {
        let listed = self.run(&["--with-colons", "--list-keys", key]);
        let listed = String::from_utf8(listed).unwrap();
        let line = listed.lines().find_map(|line| line.strip_prefix("fpr:::::::::")).unwrap();
        let fingerprint = line.trim_end_matches(':');
        let made = self.0.path().join(format!("openpgp-revocs.d/{fingerprint}.rev"));
        // A colon keeps people from importing it by mistake.
        let text = std::fs::read_to_string(made).unwrap().replace(":-----BEGIN", "-----BEGIN");
        let path = self.0.path().join("revocation");
        std::fs::write(&path, text).unwrap();
        self.run(&["--import", path.to_str().unwrap()]);
    }
}

impl Drop for Gpg {
    fn drop(&mut self) {
        let mut command = Command::new("gpgconf");
        drop(command.arg("--homedir").arg(self.0.path()).args(["--kill", "all"]).output());
    }
}

fn owner_only() -> std::fs::Permissions {
    std::os::unix::fs::PermissionsExt::from_mode(0o700)
}

async fn trusting(keyring: &str) -> Harness {
    let harness = Harness::new().await;
    let policy = json!({ "version": 1, "signed": { "keyring": keyring } }).to_string();
    let answer = harness.send_text("PUT", "/-/v1/policy", &policy).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    harness
}

async fn publish(harness: &Harness, package: &Bytes, provenance: &str) -> Answer {
    let fields: &[(&str, &str, &[u8])] =
        &[("chart", "org-1.0.0.tgz", package), ("prov", "p", provenance.as_bytes())];
    harness.post_form(fields).await
}

fn refused(kind: &str, answer: &Answer, code: &str) {
    assert_eq!(answer.json()["code"], code, "{kind}: {}", answer.text());
    assert!(answer.status.is_client_error(), "{kind}: {}", answer.status);
}

const FILE: &str = "org-1.0.0.tgz";

#[tokio::test]
async fn a_signature_of_a_key_in_the_policy_is_taken_in_one_commit_with_its_package() {
    let Some(gpg) = Gpg::new() else { return };
    let package = package("org", "1.0.0", "a: 1\n");
    for kind in KINDS {
        let key = gpg.key(kind, &[]);
        let harness = trusting(&gpg.export(&key)).await;
        let provenance = gpg.provenance(&key, (FILE, &package), &[]);
        let answer = publish(&harness, &package, &provenance).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{kind}: {}", answer.text());
        assert_eq!(answer.json()["seq"], 2, "{kind}");
        let again = publish(&harness, &package, &provenance).await;
        assert_eq!(again.status, StatusCode::CREATED, "{kind}: {}", again.text());
        let journal = &harness.stored()["journal/0000000000000002"];
        assert!(
            String::from_utf8_lossy(journal).contains(r#""signer":{"fingerprint":""#),
            "{kind}"
        );
    }
}

#[tokio::test]
async fn an_unsigned_package_is_refused_where_signatures_are_asked_for() {
    let Some(gpg) = Gpg::new() else { return };
    let harness = trusting(&gpg.export(&gpg.key("ed25519", &[]))).await;
    let before = harness.stored();
    refused("raw", &harness.post(package("org", "1.0.0", "a: 1\n")).await, "unsigned");
    let form = harness.post_form(&[("chart", "a.tgz", &package("org", "1.0.0", "a: 1\n"))]).await;
    refused("form", &form, "unsigned");
    assert_eq!(harness.stored(), before);
}

#[tokio::test]
async fn a_signature_of_an_expired_key_is_refused() {
    let Some(gpg) = Gpg::new() else { return };
    let package = package("org", "1.0.0", "a: 1\n");
    for kind in KINDS {
        let then = ["--faked-system-time", "20200101T000000!"];
        let key = gpg.key(kind, &then);
        let harness = trusting(&gpg.export(&key)).await;
        let provenance = gpg.provenance(&key, (FILE, &package), &then);
        let answer = publish(&harness, &package, &provenance).await;
        refused(kind, &answer, "bad-signature");
        assert!(answer.text().contains("has expired"), "{kind}: {}", answer.text());
    }
}

#[tokio::test]
async fn a_signature_of_a_revoked_key_is_refused() {
    let Some(gpg) = Gpg::new() else { return };
    let package = package("org", "1.0.0", "a: 1\n");
    for kind in KINDS {
        let key = gpg.key(kind, &[]);
        let provenance = gpg.provenance(&key, (FILE, &package), &[]);
        gpg.revoke(&key);
        let harness = trusting(&gpg.export(&key)).await;
        let answer = publish(&harness, &package, &provenance).await;
        refused(kind, &answer, "bad-signature");
        assert!(answer.text().contains("revoked"), "{kind}: {}", answer.text());
    }
}

#[tokio::test]
async fn a_signature_over_another_file_name_is_refused() {
    let Some(gpg) = Gpg::new() else { return };
    let package = package("org", "1.0.0", "a: 1\n");
    for kind in KINDS {
        let key = gpg.key(kind, &[]);
        let harness = trusting(&gpg.export(&key)).await;
        let provenance = gpg.provenance(&key, ("org-1.0.1.tgz", &package), &[]);
        let answer = publish(&harness, &package, &provenance).await;
        refused(kind, &answer, "bad-provenance");
        // A name that was corrected afterwards is not what was signed.
        let edited = provenance.replace("org-1.0.1.tgz", FILE);
        refused(kind, &publish(&harness, &package, &edited).await, "bad-signature");
    }
}

#[tokio::test]
async fn a_signature_over_another_digest_is_refused() {
    let Some(gpg) = Gpg::new() else { return };
    let package = package("org", "1.0.0", "a: 1\n");
    for kind in KINDS {
        let key = gpg.key(kind, &[]);
        let harness = trusting(&gpg.export(&key)).await;
        let provenance = gpg.provenance(&key, (FILE, b"other bytes"), &[]);
        refused(kind, &publish(&harness, &package, &provenance).await, "bad-provenance");
        let (other, digest) = (Sha256::of(b"other bytes").to_string(), Sha256::of(&package));
        let edited = provenance.replace(&other, &digest.to_string());
        refused(kind, &publish(&harness, &package, &edited).await, "bad-signature");
    }
}

#[tokio::test]
async fn a_signature_of_a_stranger_is_refused_also_when_it_comes_later() {
    let Some(gpg) = Gpg::new() else { return };
    let package = package("org", "1.0.0", "a: 1\n");
    let (trusted, stranger) = (gpg.key("ed25519", &[]), gpg.key("nistp256", &[]));
    let harness = Harness::new().await;
    harness.post(package.clone()).await;
    let policy = json!({ "version": 1, "signed": { "keyring": gpg.export(&trusted) } });
    harness.send_text("PUT", "/-/v1/policy", &policy.to_string()).await;
    let provenance = gpg.provenance(&stranger, (FILE, &package), &[]);
    let answer = harness.send_text("POST", "/api/prov", &provenance).await;
    refused("later", &answer, "bad-signature");
    assert!(answer.text().contains("is not in the keyring"), "{}", answer.text());
    let provenance = gpg.provenance(&trusted, (FILE, &package), &[]);
    let answer = harness.send_text("POST", "/api/prov", &provenance).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
}

#[tokio::test]
async fn a_proxy_below_such_a_policy_takes_signed_packages_only() {
    let Some(gpg) = Gpg::new() else { return };
    let key = gpg.key("ed25519", &[]);
    let (signed, bare) = (package("org", "1.0.0", "a: 1\n"), package("org", "1.1.0", "a: 2\n"));
    let files = Files::new().await;
    let digest = |bytes: &[u8]| Sha256::of(bytes).to_string();
    files.put(
        "/helm/index.yaml",
        index(&[
            ("1.0.0", "org-1.0.0.tgz", digest(&signed)),
            ("1.1.0", "org-1.1.0.tgz", digest(&bare)),
        ]),
    );
    let provenance = gpg.provenance(&key, ("org-1.0.0.tgz", &signed), &[]);
    files.put("/helm/org-1.0.0.tgz", signed.clone());
    files.put("/helm/org-1.0.0.tgz.prov", provenance.clone());
    files.put("/helm/org-1.1.0.tgz", bare);
    let url = format!("http://{}/helm", files.address);
    let proxy = serde_json::from_value(json!({ "path": "mirror", "url": url })).unwrap();
    let options = chart_registry::Options { proxies: vec![proxy], ..Default::default() };
    let harness = Harness::with(options).await;
    let policy = json!({ "version": 1, "signed": { "keyring": gpg.export(&key) } }).to_string();
    let put = harness.send_text("PUT", "/-/v1/policy/mirror", &policy).await;
    assert_eq!(put.status, StatusCode::OK, "{}", put.text());
    let refused = harness.get("/mirror/charts/org-1.1.0.tgz").await;
    refused.refused(StatusCode::FORBIDDEN, "unsigned");
    assert_eq!(harness.get("/v2/mirror/org/manifests/1.1.0").await.status, StatusCode::FORBIDDEN);
    assert!(harness.get("/mirror/charts/org-1.0.0.tgz").await.body == signed);
    assert_eq!(harness.get("/mirror/charts/org-1.0.0.tgz.prov").await.text(), provenance);
    // Whose key it was stands in the journal.
    let recorded = |text: &Vec<u8>| String::from_utf8_lossy(text).contains("\"signer\":");
    assert!(harness.stored().values().any(recorded));
}
