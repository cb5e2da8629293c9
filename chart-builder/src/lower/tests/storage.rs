//! Volumes over directories.

use chart_format::yaml::go_json;

use super::{material, value};
use crate::bundle::NetworkChart;
use crate::example;
use crate::lower::lower;
use crate::model::{Directory, Layout, Network, Place, Share, Storage};

/// The article's network with ledgers and keys on an NFS server that nobody names.
fn on_nfs() -> Network {
    let mut network = example::article();
    let nfs = |path: &str| Directory { place: Place::Nfs { server: None }, path: path.to_owned() };
    network.storage.base = Some(nfs("/opt/share"));
    network.storage.share = Some(Share::Directory(nfs("/opt/keys")));
    let claim = "data-peer0".to_owned();
    let directory = nfs("/opt/share/article/org1/peer0");
    network.organizations[0].peers[0].storage =
        Storage::Directory { claim, directory, size: "10Gi".to_owned() };
    network
}

#[test]
fn a_volume_of_a_directory_is_for_one_claim_and_its_claim_for_that_volume() {
    let network = on_nfs();
    let claim = value(&network, &["org1", "facts", "peers", "peer0", "claim"]);
    let json =
        r#"{"create":true,"name":"data-peer0","size":"10Gi","volume":"article.org1.data-peer0"}"#;
    assert_eq!(go_json(&claim), json);
    let volumes = ["fabric-storage", "facts", "volumes"];
    let volume = value(&network, &[&volumes[..], &["article.org1.data-peer0"]].concat());
    let json = r#"{"access":"ReadWriteOnce","claim":{"name":"data-peer0","namespace":"org1"},"size":"10Gi","source":{"nfs":{"path":"/opt/share/article/org1/peer0"}}}"#;
    assert_eq!(go_json(&volume), json);
    let share = value(&network, &["org2", "facts", "share", "volume"]);
    assert_eq!(share, "article.org2.crypto-peers".into());
}

#[test]
fn directories_and_identities_are_looked_at_below_what_holds_them() {
    let checks = go_json(&value(&on_nfs(), &["fabric-storage", "facts", "checks"]));
    assert!(checks.contains(r#""lines":"directory article/org1/peer0 peer0.org1\n""#), "{checks}");
    let key = "file crypto-config/peerOrganizations/org2/peers/peer1.org2/tls/server.key any";
    assert!(checks.contains(key), "{checks}");
    let orderer =
        "keys crypto-config/ordererOrganizations/orderer/orderers/orderer2.orderer/msp/keystore";
    assert!(checks.contains(orderer), "{checks}");
}

#[test]
fn volumes_of_owners_are_a_release_of_the_clusters_owner() {
    let network = Network { layout: Layout::PerOwner, ..on_nfs() };
    let charts = lower(&network, &material(&network)).unwrap();
    let with_volumes = |chart: &&NetworkChart| {
        chart.components.iter().any(|component| component.chart == "fabric-storage")
    };
    let names: Vec<_> = charts.iter().filter(with_volumes).map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["article-storage"]);
}
