use std::fs;
use std::path::Path;

use fabric_artifacts::block::Block;
use fabric_artifacts::x509::{Issuance, TEN_YEARS};
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use time::macros::datetime;

use super::*;
use crate::directory::NetworkDirectory;
use crate::example;
use crate::identities::{self, Request};
use crate::lock;

mod capabilities;
mod indexes;
mod recorded;
mod updates;

/// Identities of a network, made with fixed randomness.
fn identities(root: &Path, network: &Network, seed: u8) {
    let mut random = StdRng::from_seed([seed; 32]);
    let issuance = Issuance {
        not_before: datetime!(2026-11-25 15:00 UTC),
        lifetime: TEN_YEARS,
        random: &mut random,
    };
    let directory = NetworkDirectory::new(root);
    identities::provide(&directory, network, &Request::default(), issuance).unwrap();
}

/// The same network with other keys.
fn foreign_roots() -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    identities(root.path(), &example::article(), 1);
    root
}

/// A network with identities on disk.
struct Site {
    root: tempfile::TempDir,
    network: Network,
    lock: Lock,
    charts: BTreeMap<String, LockedChart>,
}

impl Site {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let network = example::article();
        identities(root.path(), &network, 9);
        let chart = LockedChart { version: semver::Version::new(0, 1, 0), sha256: "a".repeat(64) };
        let charts = BTreeMap::from([("fabric-org".to_owned(), chart)]);
        Self { root, network, lock: Lock::default(), charts }
    }

    fn public(&self) -> PublicFiles {
        NetworkDirectory::new(self.root.path()).public().unwrap()
    }

    fn freeze(&self) -> Result<Frozen, Diagnostics> {
        self.freeze_from(&self.public())
    }

    fn freeze_from(&self, public: &PublicFiles) -> Result<Frozen, Diagnostics> {
        freeze(&Inputs {
            network: &self.network,
            lock: &self.lock,
            public,
            charts: &self.charts,
            update_charts: false,
        })
    }

    /// Freezes, keeps the lock and writes the blocks, as a build does.
    fn build(&mut self) -> Frozen {
        let frozen = self.freeze().unwrap();
        for (path, bytes) in &frozen.new_blocks {
            let path = self.root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        self.lock = frozen.lock.clone();
        frozen
    }

    fn remove(&self, file: &str) {
        fs::remove_file(self.root.path().join(file)).unwrap();
    }

    /// Codes and messages.
    fn findings(&self) -> Vec<(&'static str, String)> {
        let found = self.freeze().unwrap_err();
        found.iter().map(|it| (it.code, format!("{}; {}", it.message, it.fix))).collect()
    }
}

const GENESIS_FILE: &str = "public/channels/mychannel/genesis.block";

#[test]
fn the_first_build_makes_the_block_and_the_second_reads_it() {
    let mut site = Site::new();
    let first = site.build();
    assert_eq!(first.new_blocks.keys().collect::<Vec<_>>(), [GENESIS_FILE]);
    let second = site.freeze().unwrap();
    assert!(second.new_blocks.is_empty());
    assert_eq!((&second.lock, &second.material), (&first.lock, &first.material));
    let block = Block::read(&first.material.channels["mychannel"].genesis).unwrap();
    assert_eq!((block.number, block.channel.as_str()), (0, "mychannel"));
    assert_eq!(lock::read(&lock::write(&first.lock)).unwrap(), first.lock);
}

#[test]
fn a_block_of_a_crashed_build_is_taken_up() {
    let mut site = Site::new();
    let first = site.build();
    site.lock = Lock::default();
    let again = site.freeze().unwrap();
    assert!(again.new_blocks.is_empty());
    assert_eq!(again.lock, first.lock);
}

#[test]
fn a_block_that_nobody_froze_and_that_differs_is_refused() {
    let mut site = Site::new();
    site.build();
    site.lock = Lock::default();
    site.network.channels[0].batch.max_messages = 7;
    let found = site.findings();
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0].0, codes::UNKNOWN_BLOCK);
}

#[test]
fn a_frozen_block_is_never_computed_again() {
    let mut site = Site::new();
    let first = site.build();
    // What a rule refuses; even without the rule the block stays.
    site.network.channels[0].batch.max_messages = 7;
    let second = site.freeze().unwrap();
    assert_eq!(second.material.channels, first.material.channels);
    assert_eq!(second.lock.channels, first.lock.channels);
}

#[test]
fn a_frozen_block_that_is_gone_or_differs_is_an_error() {
    let mut site = Site::new();
    site.build();
    let path = site.root.path().join(GENESIS_FILE);
    let mut bytes = fs::read(&path).unwrap();
    bytes.push(0);
    fs::write(&path, bytes).unwrap();
    assert_eq!(site.findings()[0].0, codes::CHANGED_BLOCK);
    site.remove(GENESIS_FILE);
    let found = site.findings();
    assert_eq!((found.len(), found[0].0), (1, codes::MISSING_BLOCK));
    assert!(found[0].1.contains("restore `public/channels/mychannel/genesis.block`"));
}

#[test]
fn everything_that_identities_have_to_make_is_said_at_once() {
    let mut site = Site::new();
    site.build();
    site.network.organizations[0] = example::peers_of("Org1", 3);
    site.remove("public/Org2/admin/sign.pem");
    let found = site.findings();
    assert_eq!(found.len(), 2, "{found:#?}");
    assert!(found.iter().all(|(code, _)| *code == codes::MISSING_IDENTITIES));
    assert!(
        found[0]
            .1
            .contains("`public/Org1/nodes/peer2/sign.pem`, `public/Org1/nodes/peer2/tls.pem`")
    );
    assert!(found[0].1.contains("run `chart-builder identities`"));
    assert!(found[1].1.contains("`public/Org2/admin/sign.pem`"));
}

#[test]
fn certificates_that_fabric_would_refuse_are_found() {
    let site = Site::new();
    let other = foreign_roots();
    let public = site.root.path().join("public");
    fs::copy(
        other.path().join("public/Org1/nodes/peer0/sign.pem"),
        public.join("Org1/nodes/peer0/sign.pem"),
    )
    .unwrap();
    fs::copy(public.join("Org2/admin/sign.pem"), public.join("Org2/nodes/peer0/sign.pem")).unwrap();
    fs::copy(public.join("Org2/nodes/peer1/tls.pem"), public.join("Org2/nodes/peer0/tls.pem"))
        .unwrap();
    fs::write(public.join("Org2/nodes/peer1/tls.pem"), "no certificate").unwrap();
    let found = site.findings();
    let text: Vec<&str> = found.iter().map(|(_, text)| text.as_str()).collect();
    assert_eq!(found.len(), 4, "{text:#?}");
    assert!(found.iter().all(|(code, _)| *code == codes::CERTIFICATE));
    assert!(text[0].contains("was not issued by `ca.org1`"), "{}", text[0]);
    assert!(text[1].contains("`peer` has to be the only role"), "{}", text[1]);
    assert!(text[2].contains("does not cover `peer0.org2`, `peer0`"), "{}", text[2]);
    assert!(text[3].contains("expected one PEM block"), "{}", text[3]);
}

#[test]
fn another_root_than_the_frozen_one_is_an_error() {
    let mut site = Site::new();
    site.build();
    let other = foreign_roots();
    fs::remove_dir_all(site.root.path().join("public/Org1")).unwrap();
    copy_tree(&other.path().join("public/Org1"), &site.root.path().join("public/Org1"));
    let found = site.findings();
    assert_eq!(found.len(), 2, "root and TLS root: {found:#?}");
    assert!(found.iter().all(|(code, _)| *code == codes::CHANGED_CERTIFICATE));
}

#[test]
fn another_certificate_of_a_consenter_than_the_frozen_one_is_an_error() {
    let mut site = Site::new();
    site.build();
    let channel = site.lock.channels.get_mut("mychannel").unwrap();
    channel.made_from.consenters[1].tls_sha256 = Some("0".repeat(64));
    let found = site.findings();
    assert_eq!((found.len(), found[0].0), (1, codes::CHANGED_CERTIFICATE), "{found:#?}");
    assert!(found[0].1.contains("consenter 2 of channel `mychannel`"), "{}", found[0].1);
}

fn copy_tree(from: &Path, to: &Path) {
    for entry in walkdir::WalkDir::new(from) {
        let entry = entry.unwrap();
        let target = to.join(entry.path().strip_prefix(from).unwrap());
        if entry.file_type().is_dir() {
            fs::create_dir_all(target).unwrap();
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[test]
fn frozen_facts_only_grow() {
    let mut site = Site::new();
    site.build();
    site.network.organizations[0] = example::peers_of("Org1", 1);
    site.network.version = semver::Version::new(1, 1, 0);
    let removed = site.build().lock;
    let nodes = &removed.organizations["Org1"].nodes;
    assert!(nodes["peer1"].removed && !nodes["peer0"].removed);
    let mut peer = site.network.organizations[0].peers[0].clone();
    (peer.name, peer.index) = ("peer2".to_owned(), 2);
    site.network.organizations[0].peers.push(peer);
    identities(site.root.path(), &site.network, 9);
    let added = site.build().lock;
    assert_eq!(
        added.organizations["Org1"].nodes.keys().collect::<Vec<_>>(),
        ["peer0", "peer1", "peer2"]
    );
    assert!(added.organizations["Org1"].nodes["peer1"].removed);
}

#[test]
fn a_new_sequence_remembers_the_one_before() {
    let mut site = Site::new();
    let first = site.build().lock.chaincodes["canary"].clone();
    site.network.version = semver::Version::new(1, 1, 0);
    let chaincode = &mut site.network.chaincodes[0];
    chaincode.sequence = 2;
    chaincode.image.tag = "0.2.0".to_owned();
    chaincode.previous = first.previous_for(2, &site.network.version);
    let frozen = site.build();
    let second = frozen.lock.chaincodes["canary"].clone();
    assert_eq!(frozen.material.packages["canary"].keys().copied().collect::<Vec<_>>(), [1, 2]);
    let previous = second.previous.clone().unwrap();
    assert_eq!((previous.sequence, &previous.package_id), (1, &first.package_id));
    assert_eq!(previous.image.tag, "0.1.0");
    assert_eq!(second.previous_for(2, &site.network.version), site.network.chaincodes[0].previous);
    assert_eq!(site.freeze().unwrap().lock, frozen.lock, "built again");
}

#[test]
fn a_curated_chart_that_changed_needs_a_decision() {
    let mut site = Site::new();
    site.build();
    site.charts.get_mut("fabric-org").unwrap().sha256 = "b".repeat(64);
    let found = site.findings();
    assert_eq!((found.len(), found[0].0), (1, codes::CHANGED_CHART));
    assert!(found[0].1.contains("--update-charts"), "{}", found[0].1);
    let public = site.public();
    let updated = freeze(&Inputs {
        network: &site.network,
        lock: &site.lock,
        public: &public,
        charts: &site.charts,
        update_charts: true,
    });
    assert_eq!(updated.unwrap().lock.charts["fabric-org"].sha256, "b".repeat(64));
}

/// What a policy says, in the words of configtx.yaml.
fn words(rule: &fabric_artifacts::block::PolicyRule) -> String {
    // common.ImplicitMetaPolicy: field 1 is the name of the policies below, field 2 the quantity; 0 is left out.
    const IMPLICIT_META: i32 = 3;
    assert_eq!(rule.kind, IMPLICIT_META);
    let (name, quantity) = match rule.value.as_slice() {
        [0x0a, length, rest @ ..] => rest.split_at(usize::from(*length)),
        other => panic!("{other:?}"),
    };
    let quantity = match quantity {
        [] => "ANY",
        [0x10, 1] => "ALL",
        [0x10, 2] => "MAJORITY",
        other => panic!("{other:?}"),
    };
    format!("{quantity} {}", String::from_utf8_lossy(name))
}

#[test]
fn the_lock_has_the_policies_of_the_block() {
    let frozen = Site::new().build();
    let genesis = &frozen.material.channels["mychannel"].genesis;
    let tree = fabric_artifacts::block::ConfigTree::of_block(genesis).unwrap();
    let mut policies = BTreeMap::new();
    for path in [&[][..], &["Application"], &["Orderer"]] {
        for (name, policy) in &tree.group(path).unwrap().policies {
            let group = [&["", "Channel"], path].concat().join("/");
            policies.insert(format!("{group}/{name}"), words(policy.rule.as_ref().unwrap()));
        }
    }
    assert_eq!(frozen.lock.channels["mychannel"].made_from.policies, policies);
}

#[test]
fn every_code_is_listed_once() {
    assert!(CODES.is_sorted_by(|(left, _), (right, _)| left < right));
}
