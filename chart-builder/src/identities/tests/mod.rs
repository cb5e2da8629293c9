use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use fabric_artifacts::x509::{Certificate, Issuance, PrivateKey, TEN_YEARS};
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use time::macros::datetime;
use walkdir::WalkDir;

use super::{Format, IdentitiesError, Provided, Request, Site, provide_with};
use crate::directory::{NetworkDirectory, Writer, paths};
use crate::example;
use crate::lock::{self, Lock, LockedNetwork, LockedOrganization};
use crate::model::{Network, names};

mod import;
mod passwords;

/// Runs `identities` with this seed in place of the system's randomness.
fn run(root: &Path, network: &Network, seed: u8) -> Result<Provided, IdentitiesError> {
    run_for(root, network, &Request::default(), (&Writer::new(root), seed))
}

fn run_for(
    root: &Path,
    network: &Network,
    request: &Request,
    (writer, seed): (&Writer, u8),
) -> Result<Provided, IdentitiesError> {
    let directory = NetworkDirectory::new(root);
    let mut random = StdRng::from_seed([seed; 32]);
    let issuance = Issuance {
        not_before: datetime!(2026-11-25 15:00 UTC),
        lifetime: TEN_YEARS,
        random: &mut random,
    };
    provide_with(&Site { directory: &directory, network, writer }, request, issuance)
}

fn faults(result: Result<Provided, IdentitiesError>) -> Vec<String> {
    match result {
        Err(IdentitiesError::Faults(faults)) => faults.iter().map(ToString::to_string).collect(),
        other => panic!("expected faults, got {other:?}"),
    }
}

/// Every file below the directory with its bytes.
fn files(root: &Path) -> BTreeMap<String, Vec<u8>> {
    WalkDir::new(root)
        .into_iter()
        .map(Result::unwrap)
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| {
            let name = entry.path().strip_prefix(root).unwrap().to_string_lossy().into_owned();
            (name, fs::read(entry.path()).unwrap())
        })
        .collect()
}

fn has_extension(name: &str, extension: &str) -> bool {
    Path::new(name).extension().is_some_and(|own| own == extension)
}

fn certificate(root: &Path, relative: &str) -> Certificate {
    Certificate::from_pem(&fs::read_to_string(root.join(relative)).unwrap()).unwrap()
}

#[test]
fn every_key_pair_fits_and_is_issued_by_its_root() {
    let root = tempfile::tempdir().unwrap();
    run(root.path(), &example::article(), 1).unwrap();
    let tls_root = certificate(root.path(), "public/Org1/msp/tlscacerts/tlsca.pem");
    let tls = certificate(root.path(), "public/Org1/nodes/peer0/tls.pem");
    tls.verify_issued_by(&tls_root).unwrap();
    let wanted = names::subject_alternative_names("peer0", "org1", "cluster.local");
    assert_eq!(tls.dns_names(), wanted);
    let sign_root = certificate(root.path(), "public/Org1/msp/cacerts/ca.pem");
    let sign = certificate(root.path(), "public/Org1/nodes/peer0/sign.pem");
    sign.verify_issued_by(&sign_root).unwrap();
    assert_eq!(sign.organizational_units(), ["peer"]);
    let key = fs::read_to_string(root.path().join("private/Org1/nodes/peer0/sign.key")).unwrap();
    sign.check_key(&PrivateKey::from_pem(&key).unwrap()).unwrap();
    assert!(!root.path().join("public/Orderer/chaincodes").exists(), "it is no member");
}

#[test]
fn pem_files_end_with_exactly_one_newline() {
    let root = tempfile::tempdir().unwrap();
    run(root.path(), &example::article(), 1).unwrap();
    let pem = |name: &&String| [".pem", ".key"].iter().any(|extension| name.ends_with(extension));
    let files = files(root.path());
    assert!(files.keys().filter(pem).count() > 30);
    for name in files.keys().filter(pem) {
        let text = String::from_utf8(files[name].clone()).unwrap();
        assert!(text.ends_with("-----\n") && !text.contains('\r'), "{name}");
    }
}

#[test]
fn a_second_run_changes_no_byte() {
    let root = tempfile::tempdir().unwrap();
    run(root.path(), &example::article(), 1).unwrap();
    let before = files(root.path());
    let again = run(root.path(), &example::article(), 2).unwrap();
    assert_eq!(again.written, Vec::<String>::new());
    assert_eq!(files(root.path()), before);
}

#[test]
fn one_more_peer_adds_only_its_own_files() {
    let root = tempfile::tempdir().unwrap();
    let mut network = example::article();
    run(root.path(), &network, 1).unwrap();
    let before = files(root.path());
    network.organizations[0] = example::peers_of("Org1", 3);
    let added = run(root.path(), &network, 2).unwrap().written;
    assert_eq!(
        added,
        [
            "private/Org1/nodes/peer2/sign.key",
            "public/Org1/nodes/peer2/sign.pem",
            "private/Org1/nodes/peer2/tls.key",
            "public/Org1/nodes/peer2/tls.pem",
        ]
    );
    let after = files(root.path());
    for (name, bytes) in &before {
        let rewritten = name == "private/Org1/manifest.yaml";
        assert_eq!(after[name] == *bytes, !rewritten, "{name}");
    }
}

#[test]
fn a_crash_after_any_step_loses_no_key_and_the_next_run_completes() {
    let network = example::article();
    let complete: Vec<String> = {
        let root = tempfile::tempdir().unwrap();
        run(root.path(), &network, 1).unwrap();
        files(root.path()).into_keys().collect()
    };
    let mut steps = 0;
    loop {
        let root = tempfile::tempdir().unwrap();
        let writer = Writer::crashing_after(root.path(), steps);
        let crashed = run_for(root.path(), &network, &Request::default(), (&writer, 1)).is_err();
        let keys: BTreeMap<_, _> =
            files(root.path()).into_iter().filter(|(name, _)| has_extension(name, "key")).collect();
        run(root.path(), &network, 2).unwrap();
        let after = files(root.path());
        for (name, bytes) in &keys {
            assert_eq!(after.get(name), Some(bytes), "`{name}` after {steps} steps");
        }
        assert_eq!(after.keys().cloned().collect::<Vec<_>>(), complete, "after {steps} steps");
        if !crashed {
            assert!(steps > 50, "the crashes have to hit something");
            return;
        }
        steps += 7;
    }
}

#[test]
fn everything_private_is_for_the_owner_alone() {
    let root = tempfile::tempdir().unwrap();
    let request = Request { owner: None, format: Format::Cryptogen };
    run_for(root.path(), &example::article(), &request, (&Writer::new(root.path()), 1)).unwrap();
    let mut seen = 0;
    for entry in WalkDir::new(root.path().join("private")) {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        let wanted = if entry.file_type().is_dir() { 0o700 } else { 0o600 };
        assert_eq!(mode, wanted, "{}", entry.path().display());
        seen += 1;
    }
    assert!(seen > 50);
    let admin =
        "private/crypto-config/peerOrganizations/org1/users/Admin@org1/msp/keystore/priv_sk";
    assert_eq!(
        fs::read(root.path().join(admin)).unwrap(),
        fs::read(root.path().join("private/Org1/admin/sign.key")).unwrap()
    );
}

#[test]
fn a_key_that_was_opened_up_is_closed_again() {
    let root = tempfile::tempdir().unwrap();
    run(root.path(), &example::article(), 1).unwrap();
    let key = root.path().join("private/Org1/nodes/peer0/tls.key");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    run(root.path(), &example::article(), 2).unwrap();
    assert_eq!(fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_certificate_that_is_gone_is_issued_for_the_same_key() {
    let root = tempfile::tempdir().unwrap();
    run(root.path(), &example::article(), 1).unwrap();
    let path = root.path().join("public/Org1/nodes/peer0/tls.pem");
    fs::remove_file(&path).unwrap();
    let key = fs::read(root.path().join("private/Org1/nodes/peer0/tls.key")).unwrap();
    let written = run(root.path(), &example::article(), 2).unwrap().written;
    assert_eq!(written, ["public/Org1/nodes/peer0/tls.pem"]);
    let text = fs::read_to_string(root.path().join("private/Org1/nodes/peer0/tls.key")).unwrap();
    assert_eq!(text.as_bytes(), key);
    certificate(root.path(), "public/Org1/nodes/peer0/tls.pem")
        .check_key(&PrivateKey::from_pem(&text).unwrap())
        .unwrap();
}

#[test]
fn foreign_keys_are_found_all_at_once_and_nothing_is_written() {
    let root = tempfile::tempdir().unwrap();
    let other = tempfile::tempdir().unwrap();
    run(root.path(), &example::article(), 1).unwrap();
    run(other.path(), &example::article(), 2).unwrap();
    for key in ["private/Org1/nodes/peer0/tls.key", "private/Org2/admin/sign.key"] {
        fs::copy(other.path().join(key), root.path().join(key)).unwrap();
    }
    fs::remove_file(root.path().join("private/Org1/nodes/peer1/sign.key")).unwrap();
    fs::remove_file(root.path().join("public/Org1/nodes/peer1/sign.pem")).unwrap();
    let before = files(root.path());
    let found = faults(run(root.path(), &example::article(), 3));
    assert_eq!(found.len(), 2, "{found:#?}");
    assert!(found[0].starts_with("`private/Org1/nodes/peer0/tls.key`"), "{}", found[0]);
    assert!(found[0].contains("does not belong to certificate `peer0.org1`"), "{}", found[0]);
    assert!(found[1].starts_with("`private/Org2/admin/sign.key`"), "{}", found[1]);
    assert_eq!(files(root.path()), before);
}

#[test]
fn a_new_node_needs_the_root_key_and_an_old_one_does_not() {
    let root = tempfile::tempdir().unwrap();
    let mut network = example::article();
    run(root.path(), &network, 1).unwrap();
    fs::remove_dir_all(root.path().join("private/Org1/offline")).unwrap();
    run(root.path(), &network, 2).unwrap();
    network.organizations[0] = example::peers_of("Org1", 3);
    let found = faults(run(root.path(), &network, 3));
    assert_eq!(found.len(), 2, "{found:#?}");
    assert!(found[0].contains("private/Org1/offline/ca.key` is not here"), "{}", found[0]);
    assert!(found[1].contains("private/Org1/offline/tlsca.key` is not here"), "{}", found[1]);
}

#[test]
fn a_root_that_is_gone_is_not_made_again_below_its_certificates() {
    let root = tempfile::tempdir().unwrap();
    run(root.path(), &example::article(), 1).unwrap();
    fs::remove_file(root.path().join("private/Org1/offline/ca.key")).unwrap();
    fs::remove_file(root.path().join("public/Org1/msp/cacerts/ca.pem")).unwrap();
    let found = faults(run(root.path(), &example::article(), 2));
    assert_eq!(found.len(), 3, "admin and two peers: {found:#?}");
    assert!(found[0].contains("its root `public/Org1/msp/cacerts/ca.pem` is gone"), "{}", found[0]);
}

#[test]
fn a_frozen_root_is_not_issued_again() {
    let root = tempfile::tempdir().unwrap();
    let network = example::article();
    run(root.path(), &network, 1).unwrap();
    let ca = "public/Org1/msp/cacerts/ca.pem";
    let frozen = Lock {
        network: Some(LockedNetwork {
            name: network.name.clone(),
            layout: network.layout,
            namespaces: network.namespaces,
            cluster_domain: network.cluster_domain.clone(),
            release: network.name.clone(),
            transport: crate::model::Transport::Tls,
            fabric_line: "2.5".to_owned(),
        }),
        organizations: BTreeMap::from([(
            "Org1".to_owned(),
            LockedOrganization {
                msp_id: "Org1MSP".to_owned(),
                namespace: "org1".to_owned(),
                release: "article".to_owned(),
                has_peers: true,
                has_orderers: false,
                ca_sha256: certificate(root.path(), ca).sha256(),
                tls_ca_sha256: certificate(root.path(), &paths::tls_ca_certificate("Org1"))
                    .sha256(),
                intermediate_ca_sha256: None,
                ca_storage: None,
                nodes: BTreeMap::new(),
            },
        )]),
        ..Lock::default()
    };
    fs::write(root.path().join(paths::LOCK), lock::write(&frozen)).unwrap();
    run(root.path(), &network, 2).unwrap();
    fs::remove_file(root.path().join(ca)).unwrap();
    let found = faults(run(root.path(), &network, 3));
    assert!(found[0].contains("it is gone, and network.lock freezes it"), "{found:#?}");
}

#[test]
fn a_new_block_of_sequences_renews_the_certificate_for_the_same_key() {
    let root = tempfile::tempdir().unwrap();
    let mut network = example::article();
    run(root.path(), &network, 1).unwrap();
    let key = "private/Org1/chaincodes/canary/tls.key";
    let pem = "public/Org1/chaincodes/canary/tls.pem";
    let before = fs::read(root.path().join(key)).unwrap();
    network.chaincodes[0].sequence = 32;
    assert_eq!(run(root.path(), &network, 2).unwrap().written, Vec::<String>::new());
    network.chaincodes[0].sequence = 33;
    let written = run(root.path(), &network, 3).unwrap().written;
    assert_eq!(written, [pem, "public/Org2/chaincodes/canary/tls.pem"]);
    assert_eq!(fs::read(root.path().join(key)).unwrap(), before);
    let dns = certificate(root.path(), pem).dns_names().to_vec();
    assert!(dns.contains(&"canary-32".to_owned()), "the one before runs on: {dns:?}");
    assert!(dns.contains(&"canary-64".to_owned()) && dns.contains(&"localhost".to_owned()));
}

#[test]
fn an_owner_gets_only_their_own() {
    let root = tempfile::tempdir().unwrap();
    let request = Request { owner: Some("Org2".to_owned()), format: Format::Manifests };
    let network = example::article();
    let provided = run_for(root.path(), &network, &request, (&Writer::new(root.path()), 1));
    assert!(!root.path().join("public/Org1").exists());
    assert!(root.path().join("private/Org2/manifest.yaml").exists());
    assert_eq!(
        provided.unwrap().commands,
        ["private/namespace.yaml", "private/Org2/manifest.yaml"].map(|file| format!(
            "kubectl apply --server-side -f {}",
            root.path().join(file).display()
        ))
    );
    let unknown = Request { owner: Some("Org9".to_owned()), format: Format::Manifests };
    let error = run_for(root.path(), &network, &unknown, (&Writer::new(root.path()), 1));
    assert!(error.unwrap_err().to_string().contains("`Org1`, `Org2`, `Orderer`"));
}

#[test]
fn manifests_hold_the_namespace_and_every_secret_but_no_root_key() {
    use base64::Engine as _;
    let root = tempfile::tempdir().unwrap();
    run(root.path(), &example::article(), 1).unwrap();
    let text = fs::read_to_string(root.path().join("private/Org1/manifest.yaml")).unwrap();
    assert!(text.contains("pod-security.kubernetes.io/enforce: restricted"), "{text}");
    for secret in ["peer0-sign", "peer0-tls", "peer1-sign", "admin-sign", "canary-tls"] {
        assert_eq!(text.matches(&format!("  name: {secret}\n")).count(), 1, "{secret}");
    }
    assert_eq!(text.matches("kind: Secret").count(), 6);
    assert_eq!(text.matches("type: kubernetes.io/tls").count(), 6);
    let encoded = |file: &str| {
        base64::engine::general_purpose::STANDARD.encode(fs::read(root.path().join(file)).unwrap())
    };
    assert!(text.contains(&encoded("private/Org1/nodes/peer1/tls.key")));
    assert!(!text.contains(&encoded("private/Org1/offline/ca.key")));
    assert!(!text.contains(&encoded("private/Org1/offline/tlsca.key")));
}

#[test]
fn keys_stay_out_of_version_control() {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join(".gitignore"), "*.log").unwrap();
    run(root.path(), &example::article(), 1).unwrap();
    let text = fs::read_to_string(root.path().join(".gitignore")).unwrap();
    assert_eq!(text, "*.log\nprivate/\n.preview/\ndist/\n");
}

#[test]
fn long_namespaces_fit_into_common_names() {
    let root = tempfile::tempdir().unwrap();
    let mut network = example::article();
    network.organizations[2].namespace = "n".repeat(63);
    run(root.path(), &network, 1).unwrap();
    let tls = certificate(root.path(), "public/Orderer/nodes/orderer0/tls.pem");
    assert!(tls.dns_names().contains(&format!("orderer0.{}", "n".repeat(63))));
}

#[test]
fn certificates_that_have_ended_or_soon_will_are_named_with_what_can_be_done() {
    let root = tempfile::tempdir().unwrap();
    let network = example::article();
    let at = |not_before| {
        let mut random = StdRng::from_seed([1; 32]);
        let issuance = Issuance { not_before, lifetime: TEN_YEARS, random: &mut random };
        let writer = Writer::new(root.path());
        let directory = NetworkDirectory::new(root.path());
        let site = Site { directory: &directory, network: &network, writer: &writer };
        provide_with(&site, &Request::default(), issuance).unwrap().endings
    };
    assert_eq!(at(datetime!(2026-11-25 15:00 UTC)), []);
    assert_eq!(at(datetime!(2036-10-01 15:00 UTC)), [], "a month and more is left");
    let soon = at(datetime!(2036-11-10 15:00 UTC));
    let node = soon.iter().find(|it| it.file == "public/Org1/nodes/peer0/tls.pem").unwrap();
    assert!(!node.ended && !node.frozen, "{node:?}");
    assert!(node.sentence().contains("tls.pem ends on 2036-11-2"), "{}", node.sentence());
    let late = at(datetime!(2036-12-25 15:00 UTC));
    assert_eq!(late.len(), soon.len());
    assert!(late.iter().all(|it| it.ended && it.sentence().contains("ended on 2036-11-2")));
}
