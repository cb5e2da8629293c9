//! Directories on an NFS server or on a Kubernetes node, made by a pod: a network never makes what it finds there.

use serde_json::{Value, json};

use crate::cluster::Cluster;
use crate::network::{Network, SETTLE};
use crate::poll;

/// Name of the pod.
const POD: &str = "files";

/// Where the pod sees the volume.
const MOUNT: &str = "/files";

/// What a network keeps on a volume of somebody else, all of it in one directory named after the network. Dropping it
/// deletes that directory and the network's `PersistentVolumes`: make it before the network, so that it goes after it.
pub(crate) struct Files<'a> {
    cluster: &'a Cluster,
    network: String,
    namespace: String,
}

impl<'a> Files<'a> {
    /// A pod of root with this volume, in a namespace of its own: networks admit neither.
    pub(crate) fn new(cluster: &'a Cluster, network: &str, volume: &Value) -> Self {
        let namespace = format!("{network}-files");
        let files = Self { cluster, network: network.to_owned(), namespace };
        let namespace = &files.namespace;
        cluster.kubectl(&["create", "namespace", namespace]).success();
        let mut source = volume.clone();
        source["name"] = json!("files");
        let pod = json!({
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": POD, "namespace": namespace},
            "spec": {
                "terminationGracePeriodSeconds": 0,
                "containers": [{
                    "name": POD,
                    "image": "busybox:1.36.1",
                    "command": ["tail", "-f", "/dev/null"],
                    "volumeMounts": [{"name": "files", "mountPath": MOUNT}],
                }],
                "volumes": [source],
            },
        });
        cluster.apply(&pod);
        poll::until("the pod with the files runs", SETTLE, || {
            let pod = cluster.get(&["pod", POD, "--namespace", namespace]);
            let phase = &pod["status"]["phase"];
            if phase == "Running" { Ok(()) } else { Err(pod["status"].to_string()) }
        });
        files
    }

    /// The directory of an NFS server that the settings name; `None`, and a word about it, if they name none.
    pub(crate) fn nfs(cluster: &'a Cluster, network: &str) -> Option<Self> {
        let Some((server, path)) = &cluster.settings.nfs else {
            println!("  not run: NFS_SERVER is not set");
            return None;
        };
        Some(Self::new(cluster, network, &json!({"nfs": {"server": server, "path": path}})))
    }

    /// Makes directories, given below the network's own, and gives all that is there to the user of nodes.
    pub(crate) fn make(&self, directories: &[&str]) {
        let own = format!("{MOUNT}/{}", self.network);
        let paths: Vec<String> = directories.iter().map(|it| format!("'{own}/{it}'")).collect();
        self.run(&format!("mkdir -p {} && chown -R 1000:1000 '{own}'", paths.join(" ")));
    }

    /// Copies a directory of the network's, `private/crypto-config`, into one of these.
    pub(crate) fn copy(&self, network: &Network<'_>, from: &str, to: &str) {
        let own = format!("{MOUNT}/{}/{to}", self.network);
        let (parent, name) = from.rsplit_once('/').expect("a path with a parent");
        self.run(&format!("mkdir -p '{own}'"));
        let unpack = format!("kubectl exec -i {POD} --namespace {} -- tar -x", self.namespace);
        let line = format!("tar -C '{parent}' -c '{name}' | {unpack} -C '{own}'");
        network.shell(&line).success();
        self.make(&[to]);
    }

    fn run(&self, script: &str) {
        let exec = ["exec", POD, "--namespace", &self.namespace, "--", "sh", "-c", script];
        self.cluster.kubectl(&exec).success();
    }
}

impl Drop for Files<'_> {
    fn drop(&mut self) {
        // Nothing here may panic: a scenario that failed is unwinding.
        let Self { cluster, network, namespace } = self;
        let remove = format!("rm -rf '{MOUNT}/{network}'");
        let exec = ["exec", POD, "--namespace", namespace, "--", "sh", "-c", &remove];
        let removed = cluster.kubectl(&exec);
        let deleted = cluster.kubectl(&["delete", "namespace", namespace, "--timeout=60s"]);
        let listed = cluster.kubectl(&["get", "persistentvolumes", "-o", "name"]).stdout;
        let own = format!("persistentvolume/{network}.");
        let volumes: Vec<&str> = listed.lines().filter(|name| name.starts_with(&own)).collect();
        for outcome in [removed, deleted] {
            if outcome.code != 0 {
                println!("left over: {outcome}");
            }
        }
        if !volumes.is_empty() {
            cluster.kubectl(&[&["delete", "--wait=false"], &volumes[..]].concat());
        }
    }
}
