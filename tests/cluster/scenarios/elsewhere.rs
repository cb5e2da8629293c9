//! One network of two directories: the first builds `Org1` and the orderers, the second `Org2`, and each knows the other's
//! part only by certificates, endpoints and block 0.

use std::fs;
use std::path::Path;

use suite::process::Outcome;

use crate::cluster::Cluster;
use crate::network::{INSTALL, Network};
use crate::observation;
use crate::poll;
use crate::settings::Case;
use crate::stopwatch::timed;
use crate::topology::{CHANNEL, Topology};

pub(super) fn run(cluster: &Cluster, case: &Case) {
    let (here, there) = (name(cluster, case, "here"), name(cluster, case, "there"));
    let org2 = format!("{{name: Org2, external: {{anchors: [\"peer0.{there}-org2:7051\"]}}}}");
    let org1 = format!("{{name: Org1, external: {{anchors: [\"peer0.{here}-org1:7051\"]}}}}");
    let hosts: Vec<String> =
        (0..3).map(|index| format!("\"orderer{index}.{here}-orderer:7050\"")).collect();
    let orderer = format!("{{name: Orderer, external: {{orderers: [{}]}}}}", hosts.join(", "));
    let here = Topology {
        organizations: &["org1", "orderer"],
        org2_peers: 0,
        entries: [None, Some(org2), None],
        ..Topology::new(cluster, case, "here")
    };
    let there = Topology {
        organizations: &["org2"],
        org1_peers: 0,
        entries: [Some(org1), None, Some(orderer)],
        ..Topology::new(cluster, case, "there")
    };
    let (here, there) = (Network::new(cluster, case, here), Network::new(cluster, case, there));
    here.apply_identities();
    there.apply_identities();
    // What owners send each other: public roots, and block 0.
    copy(&there, &here, "Org2/msp");
    here.build().success();
    for part in ["Org1/msp", "Orderer/msp", &format!("channels/{CHANNEL}")] {
        copy(&here, &there, part);
    }
    there.build().success();
    timed("install there, where nothing orders yet", || install(&there)).success();
    timed("install here", || install(&here)).success();
    timed("until both have the definition", || {
        for namespace in [here.namespace("org1"), there.namespace("org2")] {
            poll::until("everything is as desired", INSTALL, || {
                let logs = ["logs", "deployment/converge", "--container=converge"];
                let of = ["--namespace", &namespace];
                let all = cluster.kubectl(&[&logs[..], &of].concat());
                let done = all.stdout.contains("everything is as desired");
                if done { Ok(()) } else { Err(all.to_string()) }
            });
            let definition = observation::definition(cluster, &namespace);
            assert!(definition["sequence"] == 1, "{definition}");
        }
    });
    timed("helm test here", || here.test()).success();
    timed("helm test there", || there.test()).success();
    assert_eq!(here.settled_height(), there.settled_height(), "one channel");
}

/// Outside names are Services of the other release here, so they are not there before both are: nobody can check them.
fn install(network: &Network<'_>) -> Outcome {
    let command = network.printed("helm upgrade --install ");
    network.shell(&format!("{command} --set fabric-dns.preflight.enabled=false"))
}

fn name(cluster: &Cluster, case: &Case, scenario: &str) -> String {
    Topology::new(cluster, case, scenario).name
}

/// Copies a directory below `public/`.
fn copy(from: &Network<'_>, to: &Network<'_>, part: &str) {
    copy_directory(&from.path().join("public").join(part), &to.path().join("public").join(part));
}

fn copy_directory(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a directory");
    for entry in fs::read_dir(from).expect("a directory").flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_directory(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("a file");
        }
    }
}
