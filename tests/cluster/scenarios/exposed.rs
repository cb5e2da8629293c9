//! Access from outside: Services with addresses of a load balancer, then Ingresses in their place. The scenario stands in for
//! the load balancer's controller; an ingress controller is not tried, only that the API server accepts what it would read.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::cluster::Cluster;
use crate::network::{Network, SETTLE};
use crate::observation::{assert_changed, text};
use crate::poll;
use crate::settings::Case;
use crate::stopwatch::timed;
use crate::topology::{CHAINCODE, CHANNEL, Topology};
use crate::writer::beside_converge;

const DOMAIN: &str = "example.net";

/// Name of the client's pod.
const CLIENT: &str = "outside";

pub(super) fn run(cluster: &Cluster, case: &Case) {
    let topology =
        Topology { more: exposure("loadBalancer"), ..Topology::new(cluster, case, "exposed") };
    let mut network = Network::new(cluster, case, topology);
    network.prepare();
    // Helm waits for addresses, too, and here is nothing that gives them.
    timed("install without waiting", || network.install_without_waiting()).success();
    let addresses = give_addresses(&network);
    network.wait_ready(network.pod_count());
    timed("helm test", || network.test()).success();
    timed("a transaction from outside", || writes_from_outside(&network, &addresses));
    ingresses_instead(&mut network);
}

fn exposure(kind: &str) -> String {
    format!("exposure: {{type: {kind}, domain: {DOMAIN}}}\n")
}

/// The names outside with the addresses that they get, out of a range that is nobody's.
fn give_addresses(network: &Network<'_>) -> BTreeMap<String, String> {
    let mut addresses = BTreeMap::new();
    for namespace in network.topology.namespaces() {
        for service in network.cluster.list("services", &namespace) {
            if service["spec"]["type"] != "LoadBalancer" {
                continue;
            }
            let name = text(&service["metadata"]["name"]);
            let address = format!("198.51.100.{}", 10 + addresses.len());
            let status = json!({"status": {"loadBalancer": {"ingress": [{"ip": address}]}}});
            let patch = ["patch", "service", &name, "--namespace", &namespace, "--type=merge"];
            let status =
                ["--subresource=status", "--patch", &status.to_string()].map(str::to_owned);
            let status = status.each_ref().map(String::as_str);
            network.cluster.kubectl(&[&patch[..], &status].concat()).success();
            let node = name.strip_suffix("-external").expect("the name of an outside Service");
            addresses.insert(format!("{node}.{namespace}.{DOMAIN}"), address);
        }
    }
    assert!(addresses.len() == 5, "two peers and three orderers: {addresses:?}");
    addresses
}

/// A client that knows nothing but names outside, and their addresses as a resolver would tell them.
fn writes_from_outside(network: &Network<'_>, addresses: &BTreeMap<String, String>) {
    let mut pod = beside_converge(network, "org1", CLIENT, "exec tail -f /dev/null");
    let aliases = addresses.iter().map(|(name, ip)| json!({"ip": ip, "hostnames": [name]}));
    pod["spec"]["hostAliases"] = aliases.collect::<Vec<Value>>().into();
    network.cluster.apply(&pod);
    let name = |node: &str, organization: &str| {
        format!("{node}.{}.{DOMAIN}", network.namespace(organization))
    };
    let (peer1, peer2) = (name("peer0", "org1"), name("peer0", "org2"));
    let root = |msp: &str| format!("--tlsRootCertFiles /etc/fabric/roots/{msp}.pem");
    let write = format!(
        "CORE_PEER_ADDRESS={peer1}:7051 peer chaincode invoke -C {CHANNEL} -n {CHAINCODE} \
         -c '{{\"Args\":[\"put\",\"from\",\"outside\"]}}' --waitForEvent \
         -o {}:7050 --tls --cafile /etc/fabric/roots/OrdererMSP.pem \
         --peerAddresses {peer1}:7051 {} --peerAddresses {peer2}:7051 {}",
        name("orderer1", "orderer"),
        root("Org1MSP"),
        root("Org2MSP")
    );
    let read = format!(
        "CORE_PEER_ADDRESS={peer2}:7051 CORE_PEER_TLS_ROOTCERT_FILE=/etc/fabric/roots/Org2MSP.pem \
         peer chaincode query -C {CHANNEL} -n {CHAINCODE} -c '{{\"Args\":[\"get\",\"from\"]}}'"
    );
    let namespace = network.namespace("org1");
    let exec = ["exec", CLIENT, "--namespace", &namespace, "--", "sh", "-c"];
    poll::until("a transaction from outside is read back", SETTLE, || {
        let outcome =
            network.cluster.kubectl(&[&exec[..], &[&format!("{write} && {read}")]].concat());
        let found = outcome.code == 0 && outcome.stdout.trim() == "outside";
        if found { Ok(()) } else { Err(outcome.to_string()) }
    });
    let delete = ["delete", "pod", CLIENT, "--namespace", &namespace, "--grace-period=0"];
    network.cluster.kubectl(&delete).success();
}

fn ingresses_instead(network: &mut Network<'_>) {
    let before = network.pod_uids();
    network.topology.more = exposure("ingress");
    "1.1.0".clone_into(&mut network.topology.version);
    network.write_topology();
    network.build().success();
    timed("upgrade to Ingresses", || network.install()).success();
    assert_changed(&before, &network.pod_uids(), Vec::new());
    for (organization, nodes) in [("org1", 1), ("org2", 1), ("orderer", 3)] {
        let namespace = network.namespace(organization);
        let services = network.cluster.list("services", &namespace);
        let outside = services.iter().filter(|it| it["spec"]["type"] == "LoadBalancer");
        assert_eq!(outside.count(), 0, "Services of the load balancer are gone");
        let ingresses = network.cluster.list("ingresses", &namespace);
        assert!(ingresses.len() == nodes, "{ingresses:?}");
        for ingress in ingresses {
            let rule = &ingress["spec"]["rules"][0];
            let node = text(&rule["http"]["paths"][0]["backend"]["service"]["name"]);
            assert!(rule["host"] == format!("{node}.{namespace}.{DOMAIN}"), "{rule}");
        }
    }
    timed("helm test", || network.test()).success();
}
