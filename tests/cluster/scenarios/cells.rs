//! Each consensus of today on each kind of storage: claims of a class, and a server's directories for ledgers and keys.

use crate::cluster::Cluster;
use crate::files::Files;
use crate::network::Network;
use crate::settings::Case;
use crate::stopwatch::timed;
use crate::topology::Topology;

pub(super) fn run(cluster: &Cluster, case: &Case) {
    let mut kinds = vec![("etcdraft", 3)];
    if case.fabric.starts_with("3.") {
        kinds.push(("bft", 4));
    }
    for (consensus, orderers) in kinds {
        let topology = |storage: &str| Topology {
            orderers,
            consensus,
            ..Topology::new(cluster, case, &format!("{storage}-{consensus}"))
        };
        println!("  {consensus}, claims of a StorageClass");
        Network::running(cluster, case, topology("class")).committed_everywhere();
        println!("  {consensus}, ledgers and keys on NFS");
        on_nfs(cluster, case, topology("nfs"));
    }
}

fn on_nfs(cluster: &Cluster, case: &Case, topology: Topology) {
    let Some(files) = Files::nfs(cluster, &topology.name) else { return };
    let (server, path) = cluster.settings.nfs.as_ref().expect("a server");
    let name = &topology.name;
    let more = format!(
        "storage:
  server: {server}
  volumes: {{type: nfs, basePath: {path}}}
  shared: {{type: nfs, path: {path}/{name}/keys}}
"
    );
    let orderers = topology.orderers;
    let topology = Topology { node_storage: "1Gi".to_owned(), more, ..topology };
    let network = Network::new(cluster, case, topology);
    network.apply_identities();
    let orderers = (0..orderers).map(|index| format!("orderer/orderer{index}"));
    let nodes: Vec<String> =
        ["org1/peer0", "org2/peer0"].map(str::to_owned).into_iter().chain(orderers).collect();
    files.make(&nodes.iter().map(String::as_str).collect::<Vec<_>>());
    files.copy(&network, "private/crypto-config", "keys");
    network.build().success();
    timed("install", || network.install()).success();
    timed("helm test", || network.test()).success();
    network.committed_everywhere();
    for namespace in ["org1", "org2", "orderer"].map(|it| network.namespace(it)) {
        for claim in cluster.list("persistentvolumeclaims", &namespace) {
            let volume = claim["spec"]["volumeName"].as_str().unwrap_or_default();
            assert!(volume.starts_with(&format!("{}.", network.topology.name)), "{claim}");
        }
    }
}
