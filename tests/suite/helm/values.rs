//! What a user may set, and what is refused: by the schema for types and unknown keys, by the guard for topology facts.

use suite::kube::ApiServer;
use suite::process::Outcome;

use super::objects::objects;
use super::{Helm, text};
use crate::network::{Network, replaced};

/// Renders the network's package with these settings.
fn rendered(helm: &Helm, network: &Network, settings: &[&str]) -> Outcome {
    let package = network.package("dist");
    let release = ["template", "article", text(&package), "--namespace", "article"];
    helm.run(&[&release[..], settings].concat())
}

#[test]
fn a_setting_for_one_node_changes_that_node_alone() {
    let network = Network::article();
    for helm in Helm::each() {
        let plain = rendered(&helm, &network, &[]).success().stdout;
        let setting = ["--set", "org1.peers.peer0.resources.limits.memory=3333Mi"];
        let changed = rendered(&helm, &network, &setting).success().stdout;
        let differing: Vec<(&str, &str)> =
            plain.lines().zip(changed.lines()).filter(|(left, right)| left != right).collect();
        assert_eq!(plain.lines().count(), changed.lines().count());
        // The roller of the namespace begins anew: Helm waits for it while it replaces the node.
        let (rolled, nodes): (Vec<_>, Vec<_>) = differing
            .into_iter()
            .partition(|(left, _)| left.trim_start().starts_with("fabric.network/pods: "));
        assert_eq!((rolled.len(), nodes.len()), (1, 1), "{rolled:#?} {nodes:#?}");
        assert!(nodes[0].1.contains("3333Mi"), "{nodes:#?}");
    }
}

#[test]
fn the_schema_refuses_wrong_types_unknown_keys_and_unknown_nodes() {
    let network = Network::article();
    for (setting, word) in [
        ("org1.peers.peer0.resources=5", "/peers/peer0/resources"),
        ("org1.defaults.terminationGracePeriodSeconds=soon", "terminationGracePeriodSeconds"),
        ("org1.colour=red", "colour"),
        ("org1.peers.peer7.resources.limits.memory=1Gi", "peer7"),
        ("nothing.of.ours=1", "nothing"),
    ] {
        for helm in Helm::each() {
            let refused = rendered(&helm, &network, &["--set", setting]).failure();
            refused.says("values don't meet the specifications of the schema").says(word);
        }
    }
}

#[test]
fn the_guard_refuses_changed_removed_and_added_facts_and_names_them() {
    let network = Network::article();
    for (setting, words) in [
        ("org1.facts.mspId=OtherMSP", "topology fact `org1.facts.mspId` is not what"),
        ("org1.facts.mspId=null", "topology fact `org1.facts.mspId` is missing"),
        ("org1.facts.more=1", "topology fact `org1.facts.more` is unknown"),
        ("global.fabric.network=other", "topology fact `global.fabric.network` is not what"),
        (
            "global.fabric.organizations=null",
            "topology fact `global.fabric.organizations` is missing",
        ),
    ] {
        for helm in Helm::each() {
            let refused = rendered(&helm, &network, &["--set", setting]).failure();
            refused.says(words).says("edit network.yaml");
        }
    }
}

#[test]
fn an_upgrade_that_reuses_old_values_is_refused_and_the_way_out_keeps_the_settings() {
    let network = Network::article();
    let topology =
        std::fs::read_to_string(network.path().join("network.yaml")).expect("a topology");
    let grown = replaced(&topology, "{name: Org1, peers: 2}", "{name: Org1, peers: 3}");
    network.write(&replaced(&grown, "version: 1.0.0", "version: 1.1.0"));
    network.builder(&["identities"]).success();
    network.builder(&["build", "--out", "second"]).success();
    let (first, second) = (network.package("dist"), network.package("second"));
    for helm in Helm::each() {
        let server = ApiServer::start();
        let upgrade = |package, options: &[&str]| {
            let release =
                ["upgrade", "--install", "article", text(package), "--namespace", "article"];
            helm.run_at(&server, &[&release[..], &["--no-hooks"], options].concat())
        };
        upgrade(&first, &["--set", "org1.peers.peer0.resources.limits.memory=3333Mi"]).success();
        let refused = upgrade(&second, &["--reuse-values"]).failure();
        refused.says("topology fact").says("--reset-then-reuse-values");
        upgrade(&second, &["--reset-then-reuse-values"]).success();
        let peers = server.objects("StatefulSet");
        let peer = |name: &str, namespace: &str| {
            let named = peers.iter().find(|it| {
                it["metadata"]["name"] == name && it["metadata"]["namespace"] == namespace
            });
            named.unwrap_or_else(|| panic!("{name}.{namespace} was not installed"))
        };
        peer("peer2", "org1");
        let memory = "/spec/template/spec/containers/0/resources/limits/memory";
        assert_eq!(peer("peer0", "org1").pointer(memory), Some(&"3333Mi".into()));
    }
}

#[test]
fn variables_that_nobody_reads_or_that_the_topology_decides_are_refused_in_words() {
    let network = Network::article();
    let helms = Helm::each();
    for (setting, words) in [
        ("org1.defaults.env.CORE_PEER_ID=other", "follows from the topology"),
        ("org1.defaults.env.CORE_PEER_TLS_ENABLED=false", "contradicts what follows"),
        ("org1.peers.peer0.env.ORDERER_GENERAL_LOGLEVEL=debug", "no peer reads it"),
        ("org1.defaults.env.CORE_LOGGING_LEVEL=debug", "write FABRIC_LOGGING_SPEC"),
        ("org1.defaults.env.CORE_VM_DOCKER_ATTACHSTDOUT=", "is empty"),
        (
            "org1.defaults.env.CORE_PEER_GOSSIP_USELEADERELECTION=true,\
             org1.defaults.env.CORE_PEER_GOSSIP_ORGLEADER=true",
            "are both true",
        ),
        ("orgorderer1-orderers.defaults.env.CORE_PEER_ID=x", "no orderer reads it"),
        ("orgorderer1-orderers.defaults.env.ORDERER_CONSENSUS_WALDIR=/tmp", "contradicts what"),
    ] {
        for helm in &helms {
            let refused = rendered(helm, &network, &["--set", setting]).failure();
            refused.says("environment variable").says(words);
        }
    }
    for setting in [
        "org1.defaults.env.FABRIC_LOGGING_SPEC=debug",
        "org1.defaults.env.CORE_PEER_GOSSIP_STATE_BLOCKBUFFERSIZE=40",
        "org1.defaults.env.CORE_PEER_GOSSIP_ORGLEADER=true",
        "orgorderer1-orderers.defaults.env.ORDERER_GENERAL_KEEPALIVE_SERVERINTERVAL=1h",
    ] {
        for helm in &helms {
            rendered(helm, &network, &["--set", setting]).success();
        }
    }
}

/// Without a new roller Helm would call a release done whose nodes are still the old ones.
#[test]
fn a_roller_begins_anew_exactly_when_its_nodes_change() {
    let network = Network::article();
    let Some(helm) = Helm::each().pop() else { return };
    let of = |settings: &[&str]| {
        let rendered = objects(&rendered(&helm, &network, settings).success().stdout);
        let template = |name: &str, kind: &str| {
            let found = rendered.iter().filter(|it| {
                it["kind"] == kind
                    && it["metadata"]["name"].as_str().is_some_and(|it| it.starts_with(name))
            });
            found.map(|it| it["spec"]["template"].clone()).collect::<Vec<_>>()
        };
        let digests = |name: &str| {
            let rollers = template(name, "Deployment").into_iter();
            rollers
                .map(|it| it["metadata"]["annotations"]["fabric.network/pods"].clone())
                .collect::<Vec<_>>()
        };
        [
            (template("peer", "StatefulSet"), digests("peers-roller")),
            (template("orderer", "StatefulSet"), digests("orderers-roller")),
        ]
    };
    let plain = of(&[]);
    assert!(plain.iter().all(|(nodes, rollers)| !nodes.is_empty() && !rollers.is_empty()));
    for setting in [
        "org1.defaults.podAnnotations.example\\.org/a=b",
        "org1.defaults.nodeSelector.disk=ssd",
        "org1.defaults.terminationGracePeriodSeconds=40",
        "org1.peers.peer1.env.FABRIC_LOGGING_SPEC=debug",
        "orgorderer1-orderers.defaults.priorityClassName=high",
        "orgorderer1-orderers.orderers.orderer2.resources.limits.memory=2Gi",
        "global.images.tools.tag=1.37.0",
        "global.images.peer.tag=2.5.15",
        "global.images.pullSecrets[0]=mirror",
        "global.images.pullPolicy=Always",
        "org1.converge.idleSeconds=30",
        "org1.exposure.service.externalTrafficPolicy=Local",
        "global.networkPolicy.mode=off",
        "tests.deadlineSeconds=60",
    ] {
        for (old, new) in plain.iter().zip(of(&["--set", setting])) {
            assert_eq!(old.0 != new.0, old.1 != new.1, "{setting}");
        }
    }
}
