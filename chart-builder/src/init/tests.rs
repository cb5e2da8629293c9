use semver::Version;

use super::{Choices, Started, from_files, from_nothing};
use crate::check::check;
use crate::diagnostic::report::{self, Style};
use crate::lock::Lock;
use crate::model::{ExposureKind, Network};
use crate::source::Source;

const CLUSTER: &str = "\
OrdererOrgs:
  - Name: Orderer1
    Domain: orgorderer1
    Template:
      Count: 1
PeerOrgs:
  - Name: Org1
    Domain: org1
    Template:
      Count: 2
    Users:
      Count: 1
  - Name: Org2
    Domain: org2
    Template: {Count: 2}
";

/// Aliases before their anchors, merges, a section that is empty: as such files were written.
const CONFIGTX: &str = "\
---
Profiles:

    OrdererGenesis:
        Orderer:
            <<: *OrdererDefaults  # all of it
            Organizations:
                - *OrdererOrg
    TwoOrgsChannel:
        Consortium: SampleConsortium
        Application:
            <<: *ApplicationDefaults
            Organizations:
                - *Org2
                - *Org1
Organizations:
    - &OrdererOrg
        Name: Orgorderer1MSP
        ID: Orgorderer1MSP
        MSPDir: crypto-config/ordererOrganizations/orgorderer1/msp
    - &Org1
        # a comment with & and *
        Name: Org1MSP
        ID: Org1MSP
        MSPDir: crypto-config/peerOrganizations/org1/msp
        AnchorPeers:
            - Host: peer0.org1
              Port: 7051
    - &Org2
        Name: Org2MSP
        ID: SecondMSP
        MSPDir: crypto-config/peerOrganizations/org2/msp
        AnchorPeers:
            - {Host: peer1.org2, Port: 7051}
Orderer: &OrdererDefaults
    OrdererType: solo
    Addresses:
        - orderer0.orgorderer1:7050
    BatchTimeout: 2s
    BatchSize:
        MaxMessageCount: 10
        AbsoluteMaxBytes: 98 MB
        PreferredMaxBytes: 512 KB
    Organizations:
Application: &ApplicationDefaults
    Organizations:
";

const VALUES: &str = "\
clusterName: cluster
consensusType: solo
ordererOrgs:
  - name: orderer
    domain: orderer.com
    template: {count: 1}
peerOrgs:
  - name: org1
    domain: org1.com
    template: {count: 2}
    users: {count: 1}
nfs:
  ip: 10.0.0.5
  basePath: /opt/share
";

fn choices(fabric: Option<Version>) -> Choices {
    Choices { name: "article".to_owned(), fabric }
}

fn started(first: &str, configtx: Option<&str>, fabric: Option<Version>) -> Started {
    let configtx = configtx.map(|text| Source::new("configtx.yaml", text));
    from_files(&Source::new("first.yaml", first), configtx.as_ref(), &choices(fabric)).unwrap()
}

fn decided(started: &Started) -> Network {
    let source = Source::new("network.yaml", started.topology.as_str());
    let checked = check(&source, &Lock::default());
    let report = report::text(&source, &checked.diagnostics, Style::Plain);
    checked.network.unwrap_or_else(|| panic!("{report}\n{}", started.topology))
}

fn faults(first: &str, configtx: Option<&str>) -> String {
    let configtx = configtx.map(|text| Source::new("configtx.yaml", text));
    let first = Source::new("first.yaml", first);
    let error = from_files(&first, configtx.as_ref(), &choices(None)).unwrap_err();
    report::text(&error.source_file, &error.diagnostics, Style::Plain)
}

#[test]
fn the_files_of_2017_become_the_network_of_the_article() {
    let network = decided(&started(CLUSTER, Some(CONFIGTX), None));
    let organizations: Vec<_> = network
        .organizations
        .iter()
        .map(|it| (it.name.as_str(), it.namespace.as_str(), it.msp_id.as_str(), it.peers.len()))
        .collect();
    assert_eq!(
        organizations,
        [
            ("Org1", "org1", "Org1MSP", 2),
            ("Org2", "org2", "SecondMSP", 2),
            ("Orderer1", "orgorderer1", "Orgorderer1MSP", 0),
        ]
    );
    assert_eq!(network.organizations[2].orderers.len(), 1);
    let channel = &network.channels[0];
    assert_eq!(channel.members[1].anchors[0].host, "peer1.org2");
    assert_eq!(channel.batch.absolute_max_bytes, 98 << 20);
    assert!(network.organizations[0].peers[0].state_database.storage().is_some());
    assert!(network.organizations[0].cli && network.organizations[0].ca.is_some());
}

#[test]
fn a_newer_fabric_is_ordered_by_raft() {
    let started = started(CLUSTER, Some(CONFIGTX), Some(Version::new(2, 5, 16)));
    assert!(started.topology.contains("type: etcdraft"), "{}", started.topology);
    assert!(started.notes[0].contains("`solo` of the files becomes `etcdraft`"));
    assert_eq!(decided(&started).fabric, Version::new(2, 5, 16));
}

#[test]
fn the_values_of_2018_keep_their_namespaces_domains_and_share() {
    let started = started(VALUES, None, None);
    let network = decided(&started);
    let org1 = &network.organizations[0];
    assert_eq!((org1.namespace.as_str(), org1.domain.as_str()), ("org1-cluster", "org1.com"));
    assert_eq!((network.name.as_str(), org1.msp_id.as_str()), ("cluster", "Org1MSP"));
    assert!(started.topology.contains("shared: {type: nfs, path: /opt/share/cluster/resources}"));
}

#[test]
fn a_topology_from_nothing_has_no_faults() {
    let network = decided(&from_nothing(&choices(None)));
    assert_eq!((network.name.as_str(), network.organizations.len()), ("article", 3));
}

#[test]
fn what_has_no_equivalent_is_named_with_its_place() {
    let report = faults(&CLUSTER.replace("      Count: 1\nPeer", "      Start: 5\nPeer"), None);
    assert!(report.contains("first.yaml:5:14"), "{report}");
    assert!(report.contains("nodes begin at 5") && report.contains("has no nodes"), "{report}");
    let report = faults(&VALUES.replace("solo", "pbft").replace("nfs:", "efs:"), None);
    assert!(report.contains("`pbft` is no consensus of 2018"), "{report}");
    assert!(report.contains("`efs` has no equivalent"), "{report}");
}

#[test]
fn a_fault_of_configtx_stands_at_its_place_in_spite_of_aliases() {
    let other = CONFIGTX.replace("peerOrganizations/org2/msp", "peerOrganizations/org3/msp");
    let report = faults(CLUSTER, Some(&other));
    let line = 1 + other.lines().position(|line| line.contains("org3")).unwrap();
    assert!(report.contains(&format!("configtx.yaml:{line}:17")), "{report}");
    assert!(report.contains("is of no organization of the other file"), "{report}");
}

#[test]
fn names_that_are_no_labels_are_mapped_and_said() {
    let started = started(&CLUSTER.replace("Domain: org1", "Domain: Org1.Example"), None, None);
    assert!(started.notes[0].contains("the namespace of `Org1` is `org1-example`"));
    assert!(started.topology.contains("domain: Org1.Example"), "{}", started.topology);
}

#[test]
fn other_hosts_become_nodes_by_index_and_are_said() {
    let specs = CLUSTER.replacen(
        "    Template:\n      Count: 1\n",
        "    Specs: [{Hostname: orderer}]\n",
        1,
    );
    let started = started(&specs, None, None);
    assert!(started.notes[0].contains("`orderer` of `Orderer1` becomes `orderer0`"));
    assert!(started.topology.contains("    orderers: 1\n"), "{}", started.topology);
}

/// The file of 2017 with other organizations.
fn organizations(peers: &[(&str, u64)], orderers: &[&str]) -> String {
    let list = |key: &str, items: &[(&str, u64)]| {
        let item = |(domain, count): &(&str, u64)| {
            format!("  - {{Name: {domain}-name, Domain: {domain}, Template: {{Count: {count}}}}}\n")
        };
        format!("{key}:\n{}", items.iter().map(item).collect::<String>())
    };
    let orderers: Vec<_> = orderers.iter().map(|domain| (*domain, 1)).collect();
    list("OrdererOrgs", &orderers) + &list("PeerOrgs", peers)
}

#[test]
fn node_ports_of_2017_are_written_where_its_file_implies_them() {
    let kind = |started: &Started| decided(started).exposure.kind;
    assert_eq!(kind(&started(CLUSTER, Some(CONFIGTX), None)), ExposureKind::NodePort);
    assert_eq!(kind(&started(VALUES, None, None)), ExposureKind::None, "2018 had an Ingress");
    let fits = started(&organizations(&[("org1", 1), ("org20", 49)], &["orgorderer1"]), None, None);
    assert_eq!((kind(&fits), fits.notes.len()), (ExposureKind::NodePort, 0), "{:?}", fits.notes);
    let other = started(&CLUSTER.replace("Domain: org1", "Domain: org1.example.com"), None, None);
    assert_eq!(kind(&other), ExposureKind::None, "the generator of 2017 stopped at such a name");
}

#[test]
fn node_ports_that_would_meet_are_left_out_with_the_reason_and_are_refused_when_asked_for() {
    let two = [("org1", 1), ("org2", 1)];
    for (file, reason, refused) in [
        (organizations(&[("org21", 1)], &["orgorderer1"]), "`org21` has no block", "from 1 to 20"),
        (organizations(&[("org2", 50)], &["orgorderer1"]), "after peer48", "`peer49`"),
        (organizations(&two, &["orgorderer1", "orgorderer2"]), "both have port 32000", "are taken"),
    ] {
        let started = started(&file, None, Some(Version::new(2, 5, 16)));
        assert_eq!(decided(&started).exposure.kind, ExposureKind::None);
        let said = started.notes.iter().any(|note| note.contains(reason));
        assert!(
            said && started.notes.iter().any(|it| it.contains("type: loadBalancer")),
            "{started:?}"
        );
        let asked =
            started.topology.replace("channels:\n", "exposure: {type: nodePort}\nchannels:\n");
        let source = Source::new("network.yaml", asked);
        let checked = check(&source, &Lock::default());
        let report = report::text(&source, &checked.diagnostics, Style::Plain);
        assert!(report.contains("FT700") && report.contains(refused), "{report}");
    }
}
