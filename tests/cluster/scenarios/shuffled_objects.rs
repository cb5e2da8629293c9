//! No object relies on another one being there before it.

use crate::cluster::Cluster;
use crate::network::{Network, printed_commands};
use crate::random::Random;
use crate::settings::Case;
use crate::stopwatch::timed;
use crate::topology::Topology;

pub(super) fn run(cluster: &Cluster, case: &Case) {
    let topology = Topology { orderers: 1, ..Topology::new(cluster, case, "shuffled") };
    let network = Network::new(cluster, case, topology);
    let identities = printed_commands(&network.shell("chart-builder identities").success());
    network.build().success();
    let objects = network.objects();
    println!("             {} objects", objects.len());
    let mut random = Random::new(cluster.settings.seed);
    for round in 1..=cluster.settings.shuffles {
        let mut objects = objects.clone();
        random.shuffle(&mut objects);
        for command in &identities {
            network.shell(command).success();
        }
        timed(&format!("order {round} converges"), || converge(&network, &objects));
        network.delete_namespaces();
    }
}

fn converge(network: &Network<'_>, objects: &[String]) {
    std::fs::write(network.path().join("objects.yaml"), objects.join("\n---\n")).expect("objects");
    network.shell("kubectl apply --server-side -f objects.yaml").success();
    network.wait_ready(network.pod_count());
    let height = network.settled_height();
    // The genesis block, an approval of each organization, the commit: at least two blocks more.
    assert!(height >= 3, "height {height}: the definition is not committed");
}
