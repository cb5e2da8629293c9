//! A Fabric CA that certifies users, and the CLI in which people act as them.

use crate::cluster::Cluster;
use crate::network::Network;
use crate::settings::Case;
use crate::stopwatch::timed;
use crate::topology::{CHAINCODE, CHANNEL, Topology};

/// The directory of the CLI's pod that stays while the pod lives.
const WORK: &str = "/work";

pub(super) fn run(cluster: &Cluster, case: &Case) {
    let class = &cluster.settings.storage_class;
    let topology = Topology {
        // The article's own test.
        chaincode_more: r#", test: {invoke: '{"Args":["init","a","100","b","200"]}', query: '{"Args":["query","a"]}', expect: "100"}"#
            .to_owned(),
        org1_more: format!(", ca: {{storage: {{class: {class}, size: 1Gi}}}}, cli: true"),
        ..Topology::new(cluster, case, "ca")
    };
    let network = Network::running(cluster, case, topology);
    the_cli_knows_peer_and_orderer(&network);
    timed("register and enroll", || enroll(&network));
    acts_as_the_user(&network);
    registrations_outlive_the_pod(&network);
    profile_names_what_clients_need(&network);
}

/// `peer` with nothing but the chaincode's name: everything else is in the pod's environment.
fn the_cli_knows_peer_and_orderer(network: &Network<'_>) {
    let listed = in_cli(network, "peer channel list");
    assert!(listed.contains(CHANNEL), "{listed}");
    let height = in_cli(network, &format!("peer channel getinfo -c {CHANNEL}"));
    assert!(height.contains("height"), "{height}");
    in_cli(
        network,
        &format!(
            "peer channel fetch newest {WORK}/newest.block -c {CHANNEL} -o $ORDERER_ADDRESS --tls --cafile $ORDERER_CA"
        ),
    );
}

/// The registrar registers `ann`, who enrolls: both through `ca.<namespace>:7054`.
pub(super) fn enroll(network: &Network<'_>) {
    let host = format!("ca.{}", network.namespace("org1"));
    let password = registrar_password(network);
    let client = "FABRIC_CA_CLIENT_TLS_CERTFILES=/etc/fabric-ca/tls/ca.crt fabric-ca-client";
    in_ca(
        network,
        &format!(
            "FABRIC_CA_CLIENT_HOME=/tmp/admin {client} enroll -u https://admin:{password}@{host}:7054"
        ),
    );
    in_ca(
        network,
        &format!(
            "FABRIC_CA_CLIENT_HOME=/tmp/admin {client} register -u https://{host}:7054 --id.name ann --id.secret annpw --id.type client"
        ),
    );
    in_ca(
        network,
        &format!("FABRIC_CA_CLIENT_HOME=/tmp/ann {client} enroll -u https://ann:annpw@{host}:7054"),
    );
}

/// The Secret that `identities` made.
fn registrar_password(network: &Network<'_>) -> String {
    let file = network.path().join("private/Org1/ca/admin.password");
    std::fs::read_to_string(file).expect("the registrar's password").trim_end().to_owned()
}

/// Brings the user's certificate and key into the CLI; her transaction commits, and a peer of the other organization shows it.
pub(super) fn acts_as_the_user(network: &Network<'_>) {
    let copy = |from: &str, to: &str| {
        let text = in_ca(network, &format!("cat {from}"));
        in_cli(
            network,
            &format!("mkdir -p {WORK}/ann/{to} && printf '%s' '{text}' >{WORK}/ann/{to}/0.pem"),
        );
    };
    copy("/tmp/ann/msp/signcerts/*", "signcerts");
    copy("/tmp/ann/msp/keystore/*", "keystore");
    in_cli(
        network,
        &format!(
            "cd /etc/fabric/msp
for part in cacerts intermediatecerts tlscacerts config.yaml; do
  if [ -e $part ]; then cp -rL $part {WORK}/ann/ || exit 1; fi
done"
        ),
    );
    let prefix = &network.topology.name;
    let as_ann = format!("CORE_PEER_MSPCONFIGPATH={WORK}/ann");
    let peer = |organization: &str, msp: &str| {
        format!(
            "--peerAddresses peer0.{prefix}-{organization}:7051 --tlsRootCertFiles /etc/fabric/roots/{msp}.pem"
        )
    };
    in_cli(
        network,
        &format!(
            "{as_ann} peer chaincode invoke -C {CHANNEL} -n {CHAINCODE} -c '{{\"Args\":[\"put\",\"signed-by\",\"ann\"]}}' \
             -o $ORDERER_ADDRESS --tls --cafile $ORDERER_CA {} {} --waitForEvent",
            peer("org1", "Org1MSP"),
            peer("org2", "Org2MSP")
        ),
    );
    let query = format!(
        "peer chaincode query -C {CHANNEL} -n {CHAINCODE} -c '{{\"Args\":[\"get\",\"signed-by\"]}}'"
    );
    let own = in_cli(network, &format!("{as_ann} {query}"));
    assert!(own.contains("ann"), "{own}");
    let other = in_cli(
        network,
        &format!(
            "{as_ann} CORE_PEER_ADDRESS=peer0.{prefix}-org2:7051 CORE_PEER_TLS_ROOTCERT_FILE=/etc/fabric/roots/Org2MSP.pem {query}"
        ),
    );
    assert!(other.contains("ann"), "{other}");
}

pub(super) fn registrations_outlive_the_pod(network: &Network<'_>) {
    let namespace = network.namespace("org1");
    network.cluster.kubectl(&["delete", "pod", "ca-0", "--namespace", &namespace]).success();
    timed("the Fabric CA is back", || network.wait_ready(network.pod_count() + 2));
    let host = format!("ca.{namespace}");
    in_ca(
        network,
        &format!(
            "FABRIC_CA_CLIENT_HOME=/tmp/again FABRIC_CA_CLIENT_TLS_CERTFILES=/etc/fabric-ca/tls/ca.crt fabric-ca-client enroll -u https://ann:annpw@{host}:7054"
        ),
    );
}

fn profile_names_what_clients_need(network: &Network<'_>) {
    let namespace = network.namespace("org1");
    let map = network.cluster.get(&["configmap", "connection-profile", "--namespace", &namespace]);
    let text = map["data"]["connection.json"].as_str().expect("a profile");
    let profile: serde_json::Value = serde_json::from_str(text).expect("JSON");
    let peer = format!("peer0.{namespace}");
    assert!(profile["peers"][&peer]["url"] == format!("grpcs://{peer}:7051"), "{profile}");
    let server = format!("ca.{namespace}");
    assert!(profile["certificateAuthorities"][&server]["caName"] == server, "{profile}");
}

fn in_cli(network: &Network<'_>, command: &str) -> String {
    in_pod(network, "deployment/cli", command)
}

fn in_ca(network: &Network<'_>, command: &str) -> String {
    in_pod(network, "statefulset/ca", command)
}

fn in_pod(network: &Network<'_>, pod: &str, command: &str) -> String {
    let namespace = network.namespace("org1");
    let exec = ["exec", pod, "--namespace", &namespace, "--", "sh", "-c", command];
    network.cluster.kubectl(&exec).success().stdout
}
