//! Peers with a CouchDB each: rich queries through an index of the chaincode's package, and volumes that outlive pods.

use suite::process::Outcome;

use crate::cluster::Cluster;
use crate::network::{Network, SETTLE};
use crate::observation;
use crate::poll;
use crate::settings::Case;
use crate::stopwatch::timed;
use crate::topology::{CHAINCODE, CHANNEL, Topology};

/// A chaincode with `put KEY VALUE` and `query SELECTOR` that answers with CouchDB's.
const IMAGE: &str = "kv-chaincode:local";

const INDEX: &str = r#"{"index":{"fields":["owner"]},"ddoc":"owner","name":"owner","type":"json"}"#;

pub(super) fn run(cluster: &Cluster, case: &Case) {
    let class = &cluster.settings.storage_class;
    let topology = Topology {
        image: IMAGE.to_owned(),
        peer_defaults: format!(
            ", stateDB: couchdb, couchdb: {{storage: {{class: {class}, size: 1Gi}}, resources: {{requests: {{cpu: 20m}}}}}}"
        ),
        chaincode_more: ", indexes: ./indexes".to_owned(),
        ..Topology::new(cluster, case, "couchdb")
    };
    let network = Network::new(cluster, case, topology);
    std::fs::create_dir(network.path().join("indexes")).expect("a directory");
    std::fs::write(network.path().join("indexes/owner.json"), INDEX).expect("an index");
    network.prepare();
    timed("install", || network.install()).success();
    timed("helm test", || network.test()).success();
    network.assert_committed(1);
    for organization in ["org1", "org2"] {
        has_index(&network, organization);
    }
    invoke(&network, r#"{"Args":["put","painting","{\"owner\":\"ann\",\"size\":3}"]}"#);
    finds_the_painting(&network, "org1");
    finds_the_painting(&network, "org2");
    state_outlives_the_pod(&network);
}

/// The peer says so when the definition is committed.
fn has_index(network: &Network<'_>, organization: &str) {
    let namespace = network.namespace(organization);
    poll::until("the peer has made the index", SETTLE, || {
        let logs = ["logs", "peer0-0", "--container=peer", "--namespace", &namespace];
        let outcome = network.cluster.kubectl(&logs).success();
        let made = outcome.stdout.contains("Created CouchDB index");
        if made { Ok(()) } else { Err("no line says `Created CouchDB index`".to_owned()) }
    });
}

fn invoke(network: &Network<'_>, arguments: &str) {
    let prefix = &network.topology.name;
    let root = |msp: &str| format!("/etc/fabric/roots/{msp}.pem");
    let peer = |organization: &str, msp: &str| {
        format!(
            "--peerAddresses peer0.{prefix}-{organization}:7051 --tlsRootCertFiles {}",
            root(msp)
        )
    };
    let command = format!(
        "peer chaincode invoke -C {CHANNEL} -n {CHAINCODE} -c '{arguments}' -o orderer0.{prefix}-orderer:7050 --tls \
         --cafile {} {} {} --waitForEvent",
        root("OrdererMSP"),
        peer("org1", "Org1MSP"),
        peer("org2", "Org2MSP")
    );
    in_converge(network, "org1", &command).success();
}

fn in_converge(network: &Network<'_>, organization: &str, command: &str) -> Outcome {
    let namespace = network.namespace(organization);
    let exec = ["exec", "deployment/converge", "--container=converge", "--namespace", &namespace];
    network.cluster.kubectl(&[&exec[..], &["--", "sh", "-c", command]].concat())
}

/// `LevelDB` refuses such a query. A Service that has just become ready may still refuse, too.
fn finds_the_painting(network: &Network<'_>, organization: &str) {
    let selector = r#"{"Args":["query","{\"selector\":{\"owner\":\"ann\"},\"use_index\":[\"owner\",\"owner\"]}"]}"#;
    let query = format!(
        "CORE_PEER_ADDRESS=peer0:7051 peer chaincode query -C {CHANNEL} -n {CHAINCODE} -c '{selector}'"
    );
    poll::until("the rich query finds the painting", SETTLE, || {
        let outcome = in_converge(network, organization, &query);
        let found = outcome.code == 0 && outcome.stdout.contains("painting");
        if found { Ok(()) } else { Err(format!("{organization}: {outcome}")) }
    });
}

/// A killed pod comes back with both volumes.
fn state_outlives_the_pod(network: &Network<'_>) {
    let namespace = network.namespace("org1");
    let claims = observation::uids(
        network.cluster,
        "persistentvolumeclaims",
        std::slice::from_ref(&namespace),
    );
    assert!(claims.contains_key(&format!("{namespace}/couchdb-peer0")), "{claims:?}");
    let before = network.pods()[&network.key("org1", "peer0")].uid.clone();
    let kill =
        ["delete", "pod", "peer0-0", "--namespace", &namespace, "--grace-period=0", "--force"];
    network.cluster.kubectl(&kill).success();
    timed("peer and CouchDB are back", || {
        poll::until("a new pod is ready", SETTLE, || {
            let pods = network.pods();
            match pods.get(&network.key("org1", "peer0")) {
                Some(pod) if pod.uid != before && pod.ready => Ok(()),
                pod => Err(format!("{pod:?}")),
            }
        });
    });
    finds_the_painting(network, "org1");
}
