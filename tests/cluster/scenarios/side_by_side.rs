//! Two networks, dev and test, of one topology with other names: neither notices the other.

use crate::cluster::Cluster;
use crate::network::Network;
use crate::observation;
use crate::settings::Case;
use crate::stopwatch::timed;
use crate::topology::Topology;

pub(super) fn run(cluster: &Cluster, case: &Case) {
    let dev = Network::running(cluster, case, Topology::new(cluster, case, "dev"));
    let height = dev.settled_height();
    let pods = dev.pod_uids();
    let objects = objects(cluster, &dev);
    {
        let test = Network::running(cluster, case, Topology::new(cluster, case, "test"));
        let outside = cluster_scoped(cluster, &test);
        assert!(outside.is_empty(), "nothing lies outside of namespaces: {outside:?}");
        let foreign = test.pods().into_keys().filter(|key| pods.contains_key(key));
        assert_eq!(foreign.count(), 0, "namespaces are apart");
        assert_eq!(dev.pod_uids(), pods, "no pod of the first network was replaced");
        timed("helm uninstall of the second", || test.helm("uninstall {} --wait")).success();
    }
    assert_eq!(objects, self::objects(cluster, &dev), "objects of the first network are as before");
    assert_eq!(dev.pod_uids(), pods, "and its pods");
    assert_eq!(dev.settled_height(), height, "no block of the second network came here");
    timed("helm test of the first", || dev.test()).success();
}

/// UIDs of what a release makes in the namespaces of a network.
fn objects(cluster: &Cluster, network: &Network<'_>) -> Vec<(String, String)> {
    let namespaces = network.topology.namespaces();
    let kinds =
        ["services", "statefulsets", "deployments", "configmaps", "secrets", "networkpolicies"];
    let of = |kind: &&str| observation::uids(cluster, kind, &namespaces);
    kinds.iter().flat_map(of).collect()
}

/// Names of things in no namespace that a network has made; those of volumes are the provisioner's.
fn cluster_scoped(cluster: &Cluster, network: &Network<'_>) -> Vec<String> {
    let kinds = "clusterroles,clusterrolebindings,storageclasses,priorityclasses";
    let found = cluster.kubectl(&["get", kinds, "-o", "name"]).success();
    let own = found.stdout.lines().filter(|name| name.contains(&network.topology.name));
    own.map(str::to_owned).collect()
}
