//! Lowering the article's network, with certificates and blocks that only have to be told apart.

use chart_format::digest::Sha256;
use chart_format::summary::NetworkSummary;
use chart_format::yaml::{Node, go_json};

use super::*;
use crate::example;
use crate::material::{ChaincodePackage, FrozenChannel, NodeMaterial, OrganizationMaterial};
use crate::model::{Image, Layout, NamespaceMode, Network, PreviousChaincode, Storage, names};

mod aliases;
mod docker;
mod exposure;
mod nodes;
mod storage;

/// Public material for every part of a network.
fn material(network: &Network) -> Material {
    let mut material = Material::default();
    for organization in &network.organizations {
        let peers = organization.peers.iter().map(|peer| peer.name.clone());
        let orderers = organization.orderers.iter().map(|orderer| orderer.name.clone());
        let node = |name: String| {
            let sign = format!("{name} sign of {}\n", organization.name);
            let tls = format!("{name} tls of {}\n", organization.name);
            (name, NodeMaterial { sign, tls, tls_names: Vec::new() })
        };
        let certificates = OrganizationMaterial {
            ca: format!("ca of {}\n", organization.name),
            tls_ca: format!("tls ca of {}\n", organization.name),
            enrollment_ca: None,
            intermediate_ca: None,
            ca_server_tls: None,
            admin: format!("admin of {}\n", organization.name),
            named_admin: false,
            nodes: peers.chain(orderers).map(node).collect(),
        };
        material.organizations.insert(organization.name.clone(), certificates);
    }
    for channel in &network.channels {
        let frozen = FrozenChannel { genesis: b"block".to_vec(), genesis_sha256: "5".repeat(64) };
        material.channels.insert(channel.name.clone(), frozen);
    }
    for chaincode in &network.chaincodes {
        let package = |sequence: u64| {
            let label = names::chaincode_server(&chaincode.name, sequence);
            let package = ChaincodePackage {
                id: format!("{label}:id"),
                label,
                bytes: b"package".to_vec(),
                indexes_sha256: None,
            };
            (sequence, package)
        };
        let sequences = (1..=chaincode.sequence).map(package).collect();
        material.packages.insert(chaincode.name.clone(), sequences);
    }
    material
}

fn chart_of(network: &Network) -> NetworkChart {
    lower(network, &material(network)).unwrap().remove(0)
}

fn text<'a>(chart: &'a NetworkChart, path: &str) -> &'a str {
    std::str::from_utf8(&chart.files[path]).unwrap()
}

/// What a path of keys leads to in the lowered values.
fn value(network: &Network, path: &[&str]) -> Node {
    let material = material(network);
    let release = &network.releases()[0];
    let view = View { network, material: &material, release };
    let global = global::facts(&view).unwrap();
    let parts = parts(&view).unwrap();
    let mut node = Node::from(values(&view, &global, &parts).unwrap());
    for key in path {
        node = node.as_map().and_then(|map| map.get(key)).cloned().unwrap_or_default();
    }
    node
}

#[test]
fn every_organization_and_chaincode_is_a_part_of_its_own() {
    let chart = chart_of(&example::article());
    let components: Vec<_> = chart
        .components
        .iter()
        .map(|it| (it.chart.as_str(), it.alias.as_deref().unwrap_or("-")))
        .collect();
    assert_eq!(
        components,
        [
            ("fabric-network", "-"),
            ("fabric-org", "org1"),
            ("fabric-org", "org2"),
            ("fabric-orderer", "orderer-orderers"),
            ("fabric-chaincode", "chaincode-canary"),
            ("fabric-dns", "fabric-dns"),
        ]
    );
}

#[test]
fn an_organization_with_both_roles_is_two_parts() {
    let mut network = example::article();
    let orderers = network.organizations.remove(2).orderers;
    network.organizations[0].orderers = orderers;
    network.channels.clear();
    network.chaincodes.clear();
    let aliases: Vec<_> =
        chart_of(&network).components.into_iter().filter_map(|it| it.alias).collect();
    assert_eq!(aliases, ["org1", "org1-orderers", "org2", "fabric-dns"]);
}

#[test]
fn only_charts_that_are_used_are_pinned() {
    let mut network = example::article();
    assert_eq!(
        charts_of(&network),
        ["fabric-network", "fabric-dns", "fabric-org", "fabric-orderer", "fabric-chaincode"]
    );
    network.chaincodes.clear();
    assert_eq!(
        charts_of(&network),
        ["fabric-network", "fabric-dns", "fabric-org", "fabric-orderer"]
    );
}

#[test]
fn aliases_leave_out_the_prefix_of_namespaces() {
    let mut network = example::article();
    network.namespaces = NamespaceMode::Prefixed;
    for organization in &mut network.organizations {
        organization.namespace = format!("article-{}", organization.namespace);
    }
    let namespace = value(&network, &["org1", "facts", "namespace"]);
    assert_eq!(namespace, "article-org1".into());
}

#[test]
fn a_key_for_two_parts_is_refused() {
    let mut network = example::article();
    network.organizations[0].namespace = "chaincode-canary".to_owned();
    let error = lower(&network, &material(&network)).unwrap_err();
    assert!(matches!(error, LowerError::AliasTaken { .. }), "{error}");
    network.organizations[0].namespace = "tests".to_owned();
    let error = lower(&network, &material(&network)).unwrap_err();
    assert!(matches!(error, LowerError::AliasTaken { .. }), "{error}");
}

#[test]
fn per_owner_is_a_chart_for_each_owner_with_the_parts_of_the_umbrella() {
    let mut network = example::article();
    let umbrella = chart_of(&network);
    network.layout = Layout::PerOwner;
    let charts = lower(&network, &material(&network)).unwrap();
    let seen = charts.iter().map(|chart| {
        let aliases = chart.components.iter().filter_map(|it| it.alias.as_deref());
        (chart.name.as_str(), aliases.collect::<Vec<_>>())
    });
    assert_eq!(
        seen.collect::<Vec<_>>(),
        [
            ("article-org1", vec!["org1", "chaincode-canary", "fabric-dns"]),
            ("article-org2", vec!["org2", "chaincode-canary", "fabric-dns"]),
            ("article-orderer", vec!["orderer-orderers", "fabric-dns"]),
        ]
    );
    let schema = text(&charts[2], "values.schema.json");
    assert!(!schema.contains("canary"), "an orderer's owner tests no chaincode");
    assert!(text(&umbrella, "values.schema.json").contains("canary"));
}

#[test]
fn an_owner_runs_the_servers_of_its_own_namespace_alone() {
    let mut network = example::article();
    network.layout = Layout::PerOwner;
    let namespaces = value(&network, &["chaincode-canary", "facts", "namespaces"]);
    assert_eq!(namespaces, vec![Node::from("org1")].into());
    let release = value(&network, &["global", "fabric", "release"]);
    assert_eq!(
        release,
        Map::new()
            .with("layout", "per-owner")
            .with_comment("alone", "Others have a part in what the release is for.", true)
            .with("name", "article-org1")
            .with("namespace", "org1")
            .with("mspId", "Org1MSP")
            .into()
    );
}

#[test]
fn missing_material_is_named_with_the_command_that_makes_it() {
    let network = example::article();
    let mut without_node = material(&network);
    without_node.organizations.get_mut("Org1").unwrap().nodes.remove("peer1");
    let error = lower(&network, &without_node).unwrap_err().to_string();
    assert!(error.contains("`peer1` of organization `Org1`"), "{error}");
    assert!(error.contains("chart-builder identities"), "{error}");
    let mut without_block = material(&network);
    without_block.channels.clear();
    let error = lower(&network, &without_block).unwrap_err();
    assert!(matches!(error, LowerError::NoGenesis { .. }), "{error}");
    let mut without_package = material(&network);
    without_package.packages.clear();
    let error = lower(&network, &without_package).unwrap_err();
    assert!(matches!(error, LowerError::NoPackage { sequence: 1, .. }), "{error}");
}

#[test]
fn every_fact_has_its_digest_in_the_guard() {
    let network = example::article();
    let chart = chart_of(&network);
    let compiled = text(&chart, "templates/_compiled.tpl");
    for (alias, fact) in [("org1", "peers"), ("orderer-orderers", "channels"), ("org2", "mspId")] {
        let json = go_json(&value(&network, &[alias, "facts", fact]));
        let digest = Sha256::of(json.as_bytes()).to_string();
        assert!(compiled.contains(&format!("\"{fact}\":\"{digest}\"")), "{alias}.{fact}");
    }
}

#[test]
fn another_peer_changes_no_fact_of_the_other_organizations() {
    let before = example::article();
    let mut after = example::article();
    after.organizations[0] = example::peers_of("Org1", 3);
    after.channels[0].members[0].peers.push("peer2".to_owned());
    for alias in ["org2", "orderer-orderers", "chaincode-canary"] {
        assert_eq!(value(&before, &[alias]), value(&after, &[alias]), "{alias}");
    }
    assert_ne!(value(&before, &["org1"]), value(&after, &["org1"]));
}

#[test]
fn the_sequence_before_keeps_its_server() {
    let mut network = example::article();
    let image = Image { tag: "0.0.9".to_owned(), ..network.chaincodes[0].image.clone() };
    network.chaincodes[0].sequence = 2;
    network.chaincodes[0].previous = Some(PreviousChaincode { sequence: 1, image });
    let facts = value(&network, &["chaincode-canary", "facts", "previous"]);
    assert_eq!(go_json(&facts), r#"{"packageId":"canary-1:id","sequence":1}"#);
    let tag = value(&network, &["chaincode-canary", "previousImage", "tag"]);
    assert_eq!(tag, "0.0.9".into());
}

#[test]
fn a_claim_of_somebody_else_is_not_made_by_the_chart() {
    let mut network = example::article();
    network.organizations[0].peers[0].storage = Storage::ExistingClaim { claim: "old".to_owned() };
    network.organizations[0].peers[1].storage = Storage::EmptyDir;
    let claim = |peer| go_json(&value(&network, &["org1", "facts", "peers", peer, "claim"]));
    assert_eq!(claim("peer0"), r#"{"create":false,"name":"old"}"#);
    assert_eq!(claim("peer1"), r#"{"create":false}"#);
}

#[test]
fn consenters_and_anchors_witness_a_lost_log() {
    let network = example::article();
    let channel = ["orderer-orderers", "facts", "channels", "mychannel"];
    let json = go_json(&value(&network, &channel));
    assert!(json.contains("orderer2.orderer:8443"), "{json}");
    assert!(json.contains("peer0.org2:9443"), "{json}");
}

#[test]
fn the_schema_knows_the_nodes_of_this_network() {
    let chart = chart_of(&example::article());
    let schema: serde_json::Value =
        serde_json::from_str(text(&chart, "values.schema.json")).unwrap();
    assert_eq!(schema["additionalProperties"], false);
    let peers = &schema["properties"]["org1"]["properties"]["peers"];
    assert_eq!(peers["additionalProperties"], false);
    assert!(peers["properties"].get("peer1").is_some(), "{peers}");
    assert!(peers["properties"].get("peer2").is_none(), "{peers}");
}

#[test]
fn a_registry_reads_the_summary_of_the_network() {
    let network = example::article();
    let chart = chart_of(&network);
    let summary = NetworkSummary::parse(text(&chart, chart_format::summary::PATH)).unwrap();
    assert_eq!(summary.network, network.name);
    assert_eq!(summary.organizations["Org1"].peers, ["peer0", "peer1"]);
    assert_eq!(summary.channels["mychannel"].genesis_sha256, Some("5".repeat(64)));
    assert_eq!(summary.chaincodes["canary"].package_id.as_deref(), Some("canary-1:id"));
}

#[test]
fn lowering_twice_gives_the_same_files() {
    let network = example::article();
    assert_eq!(chart_of(&network), chart_of(&network));
}

#[test]
fn every_namespace_checks_the_names_that_its_components_use() {
    let network = example::article();
    let names = value(&network, &["fabric-dns", "facts", "names"]);
    let json: serde_json::Value = serde_json::from_str(&go_json(&names)).unwrap();
    assert_eq!(
        json["org1"],
        serde_json::json!([
            "canary-1 org1 9999",
            "orderer0 orderer 7050",
            "orderer1 orderer 7050",
            "orderer2 orderer 7050",
            "peer0 org1 7051",
            "peer0 org2 7051",
            "peer1 org1 7051",
            "peer1 org2 7051",
        ])
    );
    assert_eq!(json["orderer"].as_array().map(Vec::len), Some(7), "no chaincode there: {json}");
}

#[test]
fn names_are_checked_before_secrets() {
    let network = example::article();
    let weight = |alias| value(&network, &[alias, "preflight", "weight"]);
    assert_eq!(weight("fabric-dns"), (-1010_i64).into());
    assert_eq!(weight("org1"), (-1000_i64).into());
}
