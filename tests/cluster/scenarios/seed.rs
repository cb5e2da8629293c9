//! The files of 2017 and 2018, unchanged: `init --from` begins a network, whose user adds a chaincode and the article's test.

use std::path::Path;

use crate::cluster::Cluster;
use crate::files::Files;
use crate::network::{Network, SETTLE};
use crate::poll;
use crate::settings::Case;
use crate::stopwatch::timed;
use crate::topology::{CHANNEL, Topology};

/// What a user writes in place of the last line: everything else is as `init` has left it.
fn chaincode(image: &str) -> String {
    format!(
        "chaincodes:
  - name: mycc
    version: \"1.0\"
    image: {image}
    test: {{invoke: '{{\"Args\":[\"init\",\"a\",\"100\",\"b\",\"200\"]}}', query: '{{\"Args\":[\"query\",\"a\"]}}', expect: \"100\"}}
"
    )
}

pub(super) fn run(cluster: &Cluster, case: &Case) {
    let Some(inputs) = &cluster.settings.seed_inputs else {
        println!("  not run: SEED_INPUTS is not set");
        return;
    };
    println!("  cluster-config.yaml and configtx.yaml of 2017");
    of_2017(cluster, case, inputs);
    println!("  values.yaml of 2018");
    of_2018(cluster, case, inputs);
}

fn of_2017(cluster: &Cluster, case: &Case, inputs: &Path) {
    let inputs = inputs.join("2017");
    let files = ["cluster-config.yaml", "configtx.yaml"].map(|name| inputs.join(name));
    let from = files.map(|file| file.display().to_string()).join(" ");
    let topology = Topology {
        organizations: &["org1", "org2", "orgorderer1"],
        ..topology(cluster, case, "seed17")
    };
    let mut network = Network::new(cluster, case, topology);
    begin(&mut network, &from);
    network.prepare();
    timed("install", || network.install()).success();
    smoke_test(&network, ["org1", "org2"]);
}

fn of_2018(cluster: &Cluster, case: &Case, inputs: &Path) {
    let from = inputs.join("2018/values.yaml").display().to_string();
    let topology = Topology {
        organizations: &["org1-cluster", "org2-cluster", "orderer-cluster"],
        ..topology(cluster, case, "seed18")
    };
    let Some(files) = Files::nfs(cluster, &topology.name) else { return };
    let mut network = Network::new(cluster, case, topology);
    begin(&mut network, &from);
    network.apply_identities();
    files.copy(&network, "private/crypto-config", "resources");
    network.build().success();
    // The chart makes no directory of its own accord: it says which ones there have to be.
    let refused = timed("install is refused", || network.install()).failure();
    let said = format!("{}{}", refused.stdout, refused.stderr);
    let name = &network.topology.name;
    let missing = said.match_indices("storage: directory ").map(|(at, words)| {
        let path = said[at + words.len()..].split(' ').next().unwrap_or_default();
        path.strip_prefix(&format!("{name}/")).unwrap_or(path)
    });
    let missing: Vec<&str> = missing.collect();
    println!("             missing: {}", missing.join(", "));
    assert!(missing.len() == 5, "four peers and an orderer\n{refused}");
    files.make(&missing);
    timed("install", || network.install()).success();
    smoke_test(&network, ["org1-cluster", "org2-cluster"]);
}

fn topology(cluster: &Cluster, case: &Case, scenario: &str) -> Topology {
    Topology {
        version: "0.1.0".to_owned(),
        org1_peers: 2,
        org2_peers: 2,
        orderers: 1,
        consensus: "solo",
        profile: "dev",
        ..Topology::new(cluster, case, scenario)
    }
}

/// `init --from`, and what a user has to add. The suite needs two things more: names of its own, to stand beside other
/// networks, and its own place on the NFS server.
fn begin(network: &mut Network<'_>, from: &str) {
    let name = network.topology.name.clone();
    let file = network.path().join("network.yaml");
    std::fs::remove_file(&file).expect("a file to remove");
    network.shell(&format!("chart-builder init --from {from} --name {name}")).success();
    let mut text = std::fs::read_to_string(&file).expect("a topology");
    let edit = |text: &mut String, from: &str, to: &str| {
        assert!(text.contains(from), "`init` has written no `{from}`\n{text}");
        *text = text.replace(from, to);
    };
    let image = network.cluster.settings.canary_image.clone();
    edit(&mut text, "chaincodes: []\n", &chaincode(&image));
    edit(&mut text, "{profile: dev}", "{profile: dev, namespaces: prefixed}");
    // Node ports of the article are there once in a cluster, where other networks may have them.
    text = text.replace("exposure: {type: nodePort}\n", "");
    if text.contains("metadata: {name: cluster,") {
        edit(&mut text, "{name: cluster,", &format!("{{name: {name},"));
        let (server, path) = network.cluster.settings.nfs.clone().expect("a server");
        edit(&mut text, "10.112.122.230", &server);
        edit(&mut text, "/opt/share/cluster/resources", &format!("{path}/{name}/resources"));
        edit(&mut text, "basePath: /opt/share", &format!("basePath: {path}"));
    }
    network.topology.written = Some(text);
    network.write_topology();
}

/// The article's: a = 100 and b = 200, and both organizations say so; `helm test` has asked each for a.
fn smoke_test(network: &Network<'_>, organizations: [&str; 2]) {
    timed("helm test", || network.test()).success();
    network.settled_height();
    for namespace in organizations.map(|it| network.namespace(it)) {
        for (account, balance) in [("a", "100"), ("b", "200")] {
            let query = format!(
                "peer chaincode query -C {CHANNEL} -n mycc -c '{{\"Args\":[\"query\",\"{account}\"]}}'"
            );
            // The pod in which the article's commands are typed.
            let exec = ["exec", "deployment/cli", "--namespace", &namespace, "--", "sh", "-c"];
            poll::until("the balance is there", SETTLE, || {
                let outcome = network.cluster.kubectl(&[&exec[..], &[&query]].concat());
                let found = outcome.code == 0 && outcome.stdout.trim() == balance;
                if found { Ok(()) } else { Err(outcome.to_string()) }
            });
        }
    }
}
