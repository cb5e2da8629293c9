//! A Fabric CA with a `PostgreSQL` that somebody else runs: here a pod in a namespace of its own.

use serde_json::json;

use super::certificate_authority::{enroll, registrations_outlive_the_pod};
use crate::cluster::Cluster;
use crate::network::{Network, SETTLE};
use crate::poll;
use crate::settings::Case;
use crate::stopwatch::timed;
use crate::topology::Topology;

/// Name of the pod and of its Service.
const DATABASE: &str = "database";

/// Of the only user.
const PASSWORD: &str = "a-trial";

pub(super) fn run(cluster: &Cluster, case: &Case) {
    let Some(image) = &cluster.settings.postgres_image else {
        println!("  not run: POSTGRES_IMAGE is not set");
        return;
    };
    let topology = Topology {
        org1_more: ", ca: {db: postgres}, cli: true".to_owned(),
        ..Topology::new(cluster, case, "postgres")
    };
    let database = Database::new(cluster, &topology.name, image);
    let network = Network::new(cluster, case, topology);
    network.apply_identities();
    let source = format!(
        "host={DATABASE}.{} port=5432 user=ca password={PASSWORD} dbname=postgres sslmode=disable",
        database.namespace
    );
    cluster.apply(&json!({
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "ca-database", "namespace": network.namespace("org1")},
        "stringData": {"datasource": source},
    }));
    network.build().success();
    timed("install", || network.install()).success();
    timed("helm test", || network.test()).success();
    timed("register and enroll", || enroll(&network));
    database.knows("ann");
    registrations_outlive_the_pod(&network);
}

/// Dropping it deletes its namespace.
struct Database<'a> {
    cluster: &'a Cluster,
    namespace: String,
}

impl<'a> Database<'a> {
    fn new(cluster: &'a Cluster, network: &str, image: &str) -> Self {
        let database = Self { cluster, namespace: format!("{network}-{DATABASE}") };
        let namespace = &database.namespace;
        cluster.kubectl(&["create", "namespace", namespace]).success();
        cluster.apply(&json!({
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": DATABASE, "namespace": namespace},
            "spec": {"selector": {"app": DATABASE}, "ports": [{"port": 5432, "protocol": "TCP"}]},
        }));
        cluster.apply(&pod(namespace, image));
        poll::until("the database answers", SETTLE, || {
            let outcome = database.ask("select 1");
            if outcome.code == 0 { Ok(()) } else { Err(outcome.to_string()) }
        });
        database
    }

    fn ask(&self, statement: &str) -> suite::process::Outcome {
        let exec = ["exec", DATABASE, "--namespace", &self.namespace, "--"];
        let query = ["psql", "-h", "/tmp", "-U", "ca", "-d", "postgres", "-Atc", statement];
        self.cluster.kubectl(&[&exec[..], &query].concat())
    }

    /// The user is registered there, and a certificate of theirs is known.
    fn knows(&self, user: &str) {
        for statement in ["select id from users", "select id from certificates"] {
            let found = self.ask(statement).success();
            assert!(found.stdout.lines().any(|line| line == user), "{statement}\n{found}");
        }
    }
}

impl Drop for Database<'_> {
    fn drop(&mut self) {
        let delete = ["delete", "namespace", &self.namespace, "--timeout=60s"];
        let outcome = self.cluster.kubectl(&delete);
        if outcome.code != 0 {
            println!("left over: {outcome}");
        }
    }
}

fn pod(namespace: &str, image: &str) -> serde_json::Value {
    let script = format!(
        "echo {PASSWORD} >/tmp/password
initdb -D /data/db -U ca -A scram-sha-256 --auth-local trust --pwfile /tmp/password
echo 'host all all all scram-sha-256' >>/data/db/pg_hba.conf
exec postgres -D /data/db -c listen_addresses='*' -c unix_socket_directories=/tmp"
    );
    json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": DATABASE, "namespace": namespace, "labels": {"app": DATABASE}},
        "spec": {
            "securityContext": {"runAsUser": 999, "fsGroup": 999},
            "containers": [{
                "name": DATABASE,
                "image": image,
                "command": ["sh", "-ec", script],
                "volumeMounts": [{"name": "data", "mountPath": "/data"}],
            }],
            "volumes": [{"name": "data", "emptyDir": {}}],
        },
    })
}
