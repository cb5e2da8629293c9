//! Networks whose identities the real cryptogen made: keys named after their content, as the 1.x did, and `priv_sk`.

use std::process::Command;

use suite::process;

use super::certificate_authority::{acts_as_the_user, enroll};
use crate::cluster::Cluster;
use crate::network::Network;
use crate::settings::Case;
use crate::stopwatch::timed;
use crate::topology::{ORGANIZATIONS, Topology};

/// Versions of cryptogen, and how they name a key.
const CRYPTOGENS: [(&str, &str); 2] = [("1.4.12", "_sk"), ("2.5.16", "priv_sk")];

pub(super) fn run(cluster: &Cluster, case: &Case) {
    let Some(programs) = &cluster.settings.fabric_programs else {
        println!("  not run: FABRIC_PROGRAMS is not set");
        return;
    };
    for (version, key) in CRYPTOGENS {
        let program = programs.join(version).join("bin/cryptogen");
        if !program.is_file() {
            println!("  not run: FABRIC_PROGRAMS has no cryptogen {version}");
            continue;
        }
        println!("  a tree of cryptogen {version}");
        let scenario = format!("imported{}", version.replace('.', ""));
        let network = Network::new(cluster, case, topology(cluster, case, &scenario));
        std::fs::write(network.path().join("cluster-config.yaml"), configuration(&network))
            .expect("a file");
        let mut generate = Command::new(&program);
        generate.args(["generate", "--config=cluster-config.yaml", "--output=crypto-config"]);
        process::run(generate.current_dir(network.path())).success();
        assert_key_is_named(&network, key);
        network.prepare();
        timed("install", || network.install()).success();
        timed("helm test", || network.test()).success();
        network.assert_committed(1);
        // The Fabric CA signs with the root of the tree, which the topology has acknowledged.
        timed("register and enroll", || enroll(&network));
        acts_as_the_user(&network);
    }
}

/// A tree has no second authority for a server in the cluster: it gets the root itself.
fn topology(cluster: &Cluster, case: &Case, scenario: &str) -> Topology {
    let topology = Topology::new(cluster, case, scenario);
    let (name, class) = (&topology.name, &cluster.settings.storage_class);
    let ca = format!(
        "{{authority: root, acknowledge: [root-key-in-cluster], storage: {{class: {class}, size: 1Gi}}}}"
    );
    let [org1, org2, orderer] = ORGANIZATIONS.map(|organization| format!("{name}-{organization}"));
    let entries = [
        Some(format!("{{name: Org1, domain: {org1}, peers: 1, cli: true, ca: {ca}}}")),
        Some(format!("{{name: Org2, domain: {org2}, peers: 1}}")),
        Some(format!("{{name: Orderer, domain: {orderer}, orderers: 3}}")),
    ];
    let more = "crypto: {source: files}\n".to_owned();
    Topology { profile: "dev", entries, more, ..topology }
}

/// Domains are the namespaces, so that certificates name the nodes as the network does.
fn configuration(network: &Network<'_>) -> String {
    let [org1, org2, orderer] = ORGANIZATIONS.map(|organization| network.namespace(organization));
    format!(
        "\
OrdererOrgs:
  - Name: Orderer
    Domain: {orderer}
    EnableNodeOUs: true
    Template: {{Count: 3, Hostname: \"orderer{{{{.Index}}}}\"}}
PeerOrgs:
  - Name: Org1
    Domain: {org1}
    EnableNodeOUs: true
    Template: {{Count: 1}}
    Users: {{Count: 1}}
  - Name: Org2
    Domain: {org2}
    EnableNodeOUs: true
    Template: {{Count: 1}}
    Users: {{Count: 1}}
"
    )
}

fn assert_key_is_named(network: &Network<'_>, ending: &str) {
    let org1 = network.namespace("org1");
    let keys = format!("crypto-config/peerOrganizations/{org1}/peers/peer0.{org1}/msp/keystore");
    let keys = std::fs::read_dir(network.path().join(keys)).expect("a directory with keys");
    let names: Vec<String> =
        keys.flatten().map(|key| key.file_name().to_string_lossy().into_owned()).collect();
    assert!(names.len() == 1 && names[0].ends_with(ending), "{names:?}");
}
