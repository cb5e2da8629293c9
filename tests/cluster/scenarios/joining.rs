//! An organization joins a channel that is in use: the topology is edited, its members sign, and only new objects appear.

use std::collections::BTreeMap;

use crate::cluster::Cluster;
use crate::network::{Network, commands_within};
use crate::observation::{self, assert_changed, uids};
use crate::settings::Case;
use crate::stopwatch::timed;
use crate::topology::{CHAINCODE, CHANNEL, Topology};
use crate::writer::Writer;

/// The organizations by their part of namespaces, with the one that joins.
pub(super) const WITH_ORG3: [&str; 4] = ["org1", "org2", "org3", "orderer"];

/// What is the network's for ever, as files of the network directory.
const FROZEN: [&str; 3] = [
    "public/channels/mychannel/genesis.block",
    "public/Org1/msp/cacerts/ca.pem",
    "public/Org2/admin/sign.pem",
];

pub(super) fn run(cluster: &Cluster, case: &Case) {
    let mut network = Network::running(cluster, case, Topology::new(cluster, case, "joining"));
    let (before, claims) = (network.pod_uids(), claims(&network));
    let frozen = frozen(&network);
    Writer::start(&network).stop();
    "1.1.0".clone_into(&mut network.topology.version);
    network.topology.organizations = &WITH_ORG3;
    network.write_topology();
    network.build().failure().says("chart-builder identities");
    network.apply_identities();
    network.build().failure().says("0 of 2 members have signed").says("chart-builder sign");
    network.shell("chart-builder sign").success().says("2 of 2 have signed");
    network.build().success();
    timed("upgrade with an organization more", || network.install()).success();
    let height = network.settled_height();
    println!("             its peer has height {height}");
    let after = network.pod_uids();
    assert_changed(&before, &after, expected_changes(&network));
    assert!(before.keys().all(|key| after.contains_key(key)), "{before:?}\n{after:?}");
    for (claim, uid) in claims {
        assert!(self::claims(&network).get(&claim) == Some(&uid), "`{claim}` is another one");
    }
    assert!(self::frozen(&network) == frozen, "something of the old identities was made anew");
    is_a_member(&network);
    network.test().success();
    is_not_taken_back(&network);
}

/// What is new, and converge of those who have a member more to talk to.
pub(super) fn expected_changes(network: &Network<'_>) -> Vec<String> {
    let new = ["peer0", "converge", "canary-1", "peers-roller"];
    let mut changes: Vec<_> = new.iter().map(|workload| network.key("org3", workload)).collect();
    changes.extend(["org1", "org2"].map(|organization| network.key(organization, "converge")));
    changes
}

/// It has approved what was committed before it came, and a transaction that it endorses is read back from its peer.
pub(super) fn is_a_member(network: &Network<'_>) {
    let namespace = network.namespace("org3");
    let definition = observation::definition(network.cluster, &namespace);
    assert!(definition["approvals"]["Org3MSP"] == true, "{definition}");
    let name = &network.topology.name;
    let call = format!("-C {CHANNEL} -n {CHAINCODE} -c");
    let script = format!(
        "export CORE_PEER_ADDRESS=peer0:7051
peer chaincode invoke {call} '{{\"Args\":[\"put\",\"joined\",\"Org3\"]}}' --waitForEvent \\
  -o orderer0.{name}-orderer:7050 --tls --cafile /etc/fabric/roots/OrdererMSP.pem \\
  --peerAddresses peer0:7051 --tlsRootCertFiles /etc/fabric/roots/Org3MSP.pem \\
  --peerAddresses peer0.{name}-org2:7051 --tlsRootCertFiles /etc/fabric/roots/Org2MSP.pem
peer chaincode query {call} '{{\"Args\":[\"get\",\"joined\"]}}'"
    );
    let exec = ["exec", "deployment/converge", "--container=converge", "--namespace", &namespace];
    let outcome = network.cluster.kubectl(&[&exec[..], &["--", "sh", "-c", &script]].concat());
    let outcome = outcome.success();
    assert!(outcome.stdout.trim().ends_with("Org3"), "{outcome}");
}

/// The version before knows nothing of the member: going back to it is refused, and nothing moves.
fn is_not_taken_back(network: &Network<'_>) {
    let before = network.pod_uids();
    let rollback = || network.helm("rollback {} 1 --wait --timeout 120s");
    let refused = timed("rollback is refused", rollback).failure().says("would be forgotten");
    let commands = commands_within(&refused, "kubectl delete secret ");
    assert!(commands.len() == 1, "no command unlocks the release\n{refused}");
    network.shell(&commands[0]).success();
    assert_changed(&before, &network.pod_uids(), Vec::new());
}

fn claims(network: &Network<'_>) -> BTreeMap<String, String> {
    uids(network.cluster, "pvc", &network.topology.namespaces())
}

fn frozen(network: &Network<'_>) -> Vec<Vec<u8>> {
    let read = |file: &&str| std::fs::read(network.path().join(file)).expect("a frozen file");
    FROZEN.iter().map(read).collect()
}
