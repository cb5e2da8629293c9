//! What pods are told of hosts that cluster DNS does not know.

use chart_format::yaml::go_json;

use super::value;
use crate::example;
use crate::model::{HostAliases, Network, names};

/// The article's network with dotted hosts, each with an address.
fn aliased() -> Network {
    let mut network = example::article();
    network.host_aliases = Some(HostAliases::default());
    for organization in &mut network.organizations {
        organization.host_domain = format!("{}.example.com", organization.namespace);
    }
    let domain = |host: &str| format!("{host}.example.com");
    for channel in &mut network.channels {
        for consenter in &mut channel.consenters {
            consenter.host = domain(&consenter.host);
        }
        for anchor in channel.members.iter_mut().flat_map(|member| &mut member.anchors) {
            anchor.host = domain(&anchor.host);
        }
    }
    for group in &mut network.ordering {
        group.orderers.iter_mut().for_each(|it| it.host = domain(&it.host));
    }
    with_addresses(network)
}

fn with_addresses(mut network: Network) -> Network {
    let hosts: Vec<String> = network.aliased_hosts().collect();
    let addresses = (0_u8..).zip(hosts).map(|(index, host)| (host, [10, 96, 0, index].into()));
    network.host_aliases =
        Some(HostAliases { addresses: addresses.collect(), ..HostAliases::default() });
    network
}

fn dials(network: &Network, path: &[&str]) -> String {
    go_json(&value(network, path))
}

#[test]
fn a_pod_is_told_the_hosts_that_it_dials_and_no_other() {
    let network = aliased();
    let orderers = r#"["orderer0.orderer.example.com","orderer1.orderer.example.com","orderer2.orderer.example.com"]"#;
    assert_eq!(
        dials(&network, &["orderer-orderers", "facts", "orderers", "orderer1", "dials"]),
        orderers
    );
    let peers = r#""peer0.org1.example.com","peer0.org2.example.com","peer1.org1.example.com","peer1.org2.example.com"]"#;
    let all = orderers.replace(']', &format!(",{peers}"));
    assert_eq!(dials(&network, &["org2", "facts", "peers", "peer1", "dials"]), all);
    let converge = dials(&network, &["org2", "facts", "dials", "converge"]);
    assert!(converge.contains("peer0.org1.example.com"), "{converge}");
    assert!(!converge.contains("peer1.org1.example.com"), "nobody asks it: {converge}");
    assert_eq!(
        dials(&network, &["org2", "facts", "peers", "peer0", "clusterIP"]),
        r#""10.96.0.2""#
    );
}

#[test]
fn an_organization_on_a_channel_of_its_own_restarts_nobody() {
    let before = aliased();
    let mut after = before.clone();
    let mut newcomer = example::peers_of("Org3", 1);
    "org3.example.com".clone_into(&mut newcomer.host_domain);
    after.organizations.push(newcomer);
    let mut channel = after.channels[0].clone();
    "second".clone_into(&mut channel.name);
    channel.members.truncate(1);
    channel.members[0].organization = "Org3".to_owned();
    channel.members[0].peers = vec![names::peer(0)];
    channel.members[0].anchors.clear();
    after.channels.push(channel);
    let after = with_addresses(after);
    for path in [
        ["org1", "facts", "peers"].as_slice(),
        &["org1", "facts", "dials"],
        &["org2", "facts", "peers"],
        &["orderer-orderers", "facts", "orderers"],
    ] {
        assert_eq!(dials(&before, path), dials(&after, path), "{path:?}");
    }
    let own = dials(&after, &["org3", "facts", "peers", "peer0", "dials"]);
    assert!(own.contains("peer0.org3.example.com") && own.contains("orderer2"), "{own}");
    assert!(!own.contains("org1"), "{own}");
}

#[test]
fn orderers_ask_peers_by_names_that_cluster_dns_knows() {
    let anchors = ["orderer-orderers", "facts", "channels", "mychannel", "anchors"];
    assert_eq!(dials(&aliased(), &anchors), r#"["peer0.org1:9443","peer0.org2:9443"]"#);
}

#[test]
fn without_host_aliases_nobody_is_told_anything() {
    let facts = go_json(&value(&example::article(), &["org1", "facts"]));
    assert!(!facts.contains("dials") && !facts.contains("clusterIP\""), "{facts}");
}
