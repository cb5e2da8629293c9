//! Builds of networks of which a part has another owner: layouts, organizations elsewhere, names outside.

use super::*;

/// Every package of a build by its file's name.
fn packages(built: &Built) -> Vec<(String, Vec<u8>)> {
    built.charts.iter().map(|it| (it.file_name(), it.packed.bytes.clone())).collect()
}

#[test]
fn a_layout_that_the_command_names_is_frozen_where_the_topology_says_none() {
    let site = Site::new();
    let per_owner = Options { layout: Some(Layout::PerOwner), ..Options::default() };
    let first = site.build(per_owner).unwrap();
    let names: Vec<_> = packages(&first).into_iter().map(|(name, _)| name).collect();
    assert_eq!(
        names,
        ["article-org1-1.0.0.tgz", "article-org2-1.0.0.tgz", "article-orderer-1.0.0.tgz"]
    );
    assert_eq!(first.frozen.lock.organizations["Org1"].release, "article-org1");
    assert_eq!(packages(&site.first_build()), packages(&first), "the lock remembers");
    site.topology(&TOPOLOGY.replace("fabric:", "release: {layout: umbrella}\nfabric:"));
    let findings = site.findings();
    assert!(findings[0].starts_with("FT401 the layout was built as `per-owner`"), "{findings:?}");
    assert!(findings[0].contains("--change-layout"), "{findings:?}");
}

#[test]
fn a_layout_changes_when_it_is_asked_for_and_nothing_else_of_the_lock_does() {
    let site = Site::new();
    let before = site.first_build();
    let moved =
        Options { layout: Some(Layout::PerOwner), change_layout: true, ..Options::default() };
    let after = site.build(moved).unwrap();
    assert_eq!(after.moved_from, Some(Layout::Umbrella));
    assert_eq!(after.charts.len(), 3);
    assert_eq!(after.frozen.lock, before.frozen.lock.with_layout(Layout::PerOwner));
    assert_eq!(site.build(moved).unwrap().moved_from, None, "it has moved");
}

/// Copies files of `public/` whose paths begin with one of these.
fn copy_public(from: &Site, to: &Site, beginnings: &[&str]) {
    let public = from.directory.public().unwrap();
    for (path, bytes) in public.iter() {
        if beginnings.iter().any(|beginning| path.starts_with(beginning)) {
            let target = to.root.path().join(path);
            fs::create_dir_all(target.parent().unwrap()).unwrap();
            fs::write(target, bytes).unwrap();
        }
    }
}

/// The article's network seen by the owner of Org2: everybody else is elsewhere.
fn seen_by_org2() -> String {
    TOPOLOGY
        .replace(
            "{name: Org1, peers: 2}",
            "{name: Org1, external: {anchors: [\"peer0.example.net:443\"]}}",
        )
        .replace(
            "{name: Orderer, orderers: 3}",
            "{name: Orderer, external: {orderers: [\"orderer0.example.net:7050\"]}}",
        )
}

#[test]
fn a_member_elsewhere_is_on_the_channel_and_in_no_chart() {
    let elsewhere = Site::new();
    let site = Site::empty();
    site.topology(&TOPOLOGY.replace(
        "{name: Org2, peers: 2}",
        "{name: Org2, external: {anchors: [\"peer0.example.net:443\"]}}",
    ));
    site.identities();
    let missing = site.findings();
    assert!(
        missing[0].contains("FT901 the MSP of external organization `Org2` is not whole"),
        "{missing:?}"
    );
    let own = site.root.path().join("public");
    fs::create_dir_all(own.join("Org2/msp")).unwrap();
    for folder in ["cacerts/ca.pem", "tlscacerts/tlsca.pem"] {
        let target = own.join("Org2/msp").join(folder);
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(own.join("Org1/msp").join(folder), target).unwrap();
    }
    let shared = site.findings();
    assert!(shared[0].contains("FT912 the signing root of `Org2` is that of `Org1`"), "{shared:?}");
    copy_public(&elsewhere, &site, &["public/Org2/msp/"]);
    let built = site.first_build();
    let names = built.charts[0].chart.metadata.dependencies.iter().map(|it| it.key().to_owned());
    assert!(names.collect::<Vec<_>>().iter().all(|alias| alias != "org2"));
    let block = built.frozen.material.channels["mychannel"].genesis.clone();
    let block = fabric_artifacts::block::Block::read(&block).unwrap();
    let org2 = block.configuration.applications.iter().find(|it| it.name == "Org2").unwrap();
    assert_eq!((org2.anchors[0].host.as_str(), org2.anchors[0].port), ("peer0.example.net", 443));
    assert!(!site.root.path().join("private/Org2").exists(), "no key is made for it");
}

#[test]
fn a_member_elsewhere_brings_its_administrator_where_no_unit_says_who_that_is() {
    let old = "\
apiVersion: fabric-topology/v1
kind: FabricNetwork
metadata: {name: old, version: 1.0.0}
release: {profile: dev}
fabric: {version: 1.2.1}
organizations:
  - {name: Org1, peers: 1}
  - {name: Org2, peers: 1}
  - {name: Orderer, orderers: 1}
ordering: {type: solo}
channels:
  - {name: mychannel, members: [Org1, Org2]}
";
    let elsewhere = Site::empty();
    elsewhere.topology(old);
    elsewhere.identities();
    let site = Site::empty();
    site.topology(&old.replace(
        "{name: Org2, peers: 1}",
        "{name: Org2, external: {anchors: [\"peer0.example.net:443\"]}}",
    ));
    site.identities();
    copy_public(&elsewhere, &site, &["public/Org2/msp/cacerts/", "public/Org2/msp/tlscacerts/"]);
    let findings = site.findings();
    assert!(
        findings[0].starts_with("FT901")
            && findings[0].contains("`public/Org2/msp/admincerts/admin.pem` is"),
        "{findings:?}"
    );
    let named = site.root.path().join("public/Org2/msp/admincerts");
    fs::create_dir_all(&named).unwrap();
    let admin = elsewhere.root.path().join("public/Org2/admin/sign.pem");
    fs::copy(admin, named.join("admin.pem")).unwrap();
    site.first_build();
}

#[test]
fn a_channel_that_is_ordered_elsewhere_begins_with_the_block_that_was_given() {
    let whole = Site::new();
    let block = whole.first_build().frozen.material.channels["mychannel"].genesis.clone();
    let site = Site::empty();
    site.topology(&seen_by_org2());
    site.identities();
    copy_public(&whole, &site, &["public/Org1/msp/", "public/Orderer/msp/"]);
    let missing = site.findings();
    assert!(
        missing[0].starts_with("FT904") && missing[0].contains("peer channel fetch 0"),
        "{missing:?}"
    );
    let file = site.root.path().join(paths::genesis_block("mychannel"));
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, b"no block").unwrap();
    assert!(site.findings()[0].starts_with("FT906"));
    copy_public(&whole, &site, &["public/channels/"]);
    let built = site.first_build();
    assert_eq!(built.frozen.material.channels["mychannel"].genesis, block);
    let aliases = built.charts[0].chart.metadata.dependencies.iter().map(|it| it.key().to_owned());
    assert_eq!(
        aliases.collect::<Vec<_>>(),
        ["fabric-network", "org2", "chaincode-canary", "fabric-dns"]
    );
    assert_eq!(packages(&site.first_build()), packages(&built), "and stays");
    fs::remove_file(&file).unwrap();
    assert!(site.findings()[0].starts_with("FT904"), "the lock wants this block");
}

#[test]
fn a_domain_that_comes_later_is_in_the_certificates_of_peers_and_not_of_frozen_consenters() {
    let site = Site::new();
    site.first_build();
    site.topology(
        &TOPOLOGY.replace(
            "channels:",
            "exposure: {type: ingress, domain: fabric.example.net}\nchannels:",
        ),
    );
    assert!(site.findings()[0].contains("does not cover `peer0.org1.fabric.example.net`"));
    site.identities();
    let built = site.first_build();
    let certificate = |organization: &str, node: &str| {
        let pem = &built.frozen.material.organizations[organization].nodes[node].tls;
        fabric_artifacts::x509::Certificate::from_pem(pem).unwrap()
    };
    let outside = |host: &str| vec![host.to_owned()];
    let peer = certificate("Org1", "peer1");
    assert!(peer.missing_names(&outside("peer1.org1.fabric.example.net")).is_empty());
    let orderer = certificate("Orderer", "orderer0");
    assert!(!orderer.missing_names(&outside("orderer0.orderer.fabric.example.net")).is_empty());
}
