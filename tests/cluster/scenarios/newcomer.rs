//! A network of a release for each owner goes on: a channel is added, then an organization joins the channel in use.

use suite::process::Outcome;

use super::joining::{WITH_ORG3, expected_changes, is_a_member};
use super::owners::{Owner, converges, install, prepare, test_all};
use crate::cluster::Cluster;
use crate::network::{Network, SETTLE, commands_within};
use crate::observation::assert_changed;
use crate::poll;
use crate::settings::Case;
use crate::stopwatch::timed;
use crate::topology::{LATER_CHANNEL, Topology};
use crate::writer::Writer;

/// A member signs where its keys are, and of the others there is what is public.
const SIGN_ELSEWHERE: &str = "set -e
mkdir -p member/private
cp -R network.yaml network.lock public member
cp -R private/Org2 member/private
chart-builder sign member
cp member/public/channels/mychannel/*.Org2.signature public/channels/mychannel";

pub(super) fn run(cluster: &Cluster, case: &Case) {
    let topology = Topology { per_owner: true, ..Topology::new(cluster, case, "newcomer") };
    let mut network = Network::new(cluster, case, topology);
    let mut owners = prepare(&network);
    release(&network, &owners, &["orderer", "org1", "org2"]);
    for organization in ["org1", "org2"] {
        converges(&network, organization);
    }
    a_channel_is_added(&mut network, &owners);
    an_organization_joins(&mut network, &mut owners);
    test_all(&network, &owners);
    is_not_taken_back(&network, owner_of(&owners, "org1"));
}

/// When the owner of the orderers has upgraded, they have joined: nothing of their pods changes, so the upgrade itself waits.
fn a_channel_is_added(network: &mut Network<'_>, owners: &[Owner]) {
    let before = network.node_uids();
    network.topology.later_channel = true;
    next_version(network, "1.1.0");
    network.build().success();
    release(network, owners, &["orderer"]);
    let orderers = (0..network.topology.orderers).map(|number| format!("orderer{number}"));
    for orderer in orderers {
        let namespace = network.namespace("orderer");
        let path = format!("/api/v1/namespaces/{namespace}/pods/{orderer}-0:8443/proxy/metrics");
        let metrics = network.cluster.kubectl(&["get", "--raw", &path]).success().stdout;
        let joined = format!("participation_status{{channel=\"{LATER_CHANNEL}\"}} 1");
        assert!(metrics.contains(&joined), "{orderer}: no `{joined}` in\n{metrics}");
    }
    release(network, owners, &["org2", "org1"]);
    poll::until("every peer has joined the new channel", SETTLE, || {
        let heights = network.peer_heights_on(LATER_CHANNEL)?;
        if heights.len() == 2 { Ok(()) } else { Err(format!("{heights:?}")) }
    });
    assert_changed(&before, &network.node_uids(), Vec::new());
}

/// Its own release comes first, before anybody else knows of it.
fn an_organization_joins(network: &mut Network<'_>, owners: &mut Vec<Owner>) {
    let before = network.pod_uids();
    network.topology.organizations = &WITH_ORG3;
    next_version(network, "1.2.0");
    network.build().failure().says("chart-builder identities");
    super::owners::identities(network, owners, &["org3"]);
    network.build().failure().says("0 of 2 members have signed");
    network.shell("chart-builder sign --owner Org1").success().says("1 of 2 have signed");
    network.build().failure().says("1 of 2 members have signed");
    network.shell(SIGN_ELSEWHERE).success().says("2 of 2 have signed");
    network.build().success();
    let writer = Writer::start(network);
    release(network, owners, &["org3", "org1", "orderer", "org2"]);
    timed("until everything is as desired", || {
        for organization in ["org1", "org2", "org3"] {
            converges(network, organization);
        }
    });
    let record = writer.stop();
    record.tell();
    network.settled_height();
    assert_changed(&before, &network.pod_uids(), expected_changes(network));
    is_a_member(network);
}

/// An owner who goes back to the version before would forget the member.
fn is_not_taken_back(network: &Network<'_>, owner: &Owner) {
    let before = network.pod_uids();
    let release = network.namespace(owner.organization);
    let rollback = format!("helm rollback {release} 2 --namespace {release} --wait --timeout 120s");
    let refused: Outcome = timed("rollback is refused", || owner.run(network, &rollback));
    let refused = refused.failure().says("would be forgotten");
    let commands = commands_within(&refused, "kubectl delete secret ");
    assert!(commands.len() == 1, "no command unlocks the release\n{refused}");
    owner.run(network, &commands[0]).success();
    assert_changed(&before, &network.pod_uids(), Vec::new());
}

fn next_version(network: &mut Network<'_>, version: &str) {
    version.clone_into(&mut network.topology.version);
    network.write_topology();
}

/// These owners, one after the other.
fn release(network: &Network<'_>, owners: &[Owner], order: &[&str]) {
    let version = network.topology.version.clone();
    for organization in order {
        let owner = owner_of(owners, organization);
        timed(&format!("{version} of {organization}"), || install(network, owner)).success();
    }
}

fn owner_of<'o>(owners: &'o [Owner], organization: &str) -> &'o Owner {
    owners.iter().find(|it| it.organization == organization).expect("an owner")
}
