//! Chaincodes that peers build or start themselves, in closed networks: as Jobs, in the engine of the node, and in an engine
//! on another machine.
//!
//! No public images are assumed: what a mode needs has to be in the cluster and in the engines, and the environment names
//! it. A mode that lacks something is said not to be run.

use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;

use super::policies::Prober;
use crate::cluster::Cluster;
use crate::network::{INSTALL, Network, SETTLE};
use crate::observation::Pod;
use crate::poll;
use crate::settings::Case;
use crate::stopwatch::timed;
use crate::topology::Topology;

/// The newest version whose peers talk to engines before Docker 25 and to those before Docker 29.
const FABRIC_OF_ENGINES: &str = "2.2.15";

/// Writes and reads accounts: the functions of the article's chaincode.
const TEST: &str = r#"{invoke: '{"Args":["init","a","100","b","200"]}', query: '{"Args":["query","a"]}', expect: "100"}"#;

pub(super) fn run(cluster: &Cluster, case: &Case) {
    let engines = &cluster.settings.engines;
    match (&engines.builder, &engines.job) {
        (Some(builder), Some(job)) => jobs(cluster, case, (builder, job)),
        _ => println!("  not run: K8S_BUILDER_IMAGE or K8S_CHAINCODE is not set"),
    }
    let Some(sources) = &engines.sources else {
        println!("  not run: DOCKER_CHAINCODE is not set");
        return;
    };
    let case = Case { fabric: FABRIC_OF_ENGINES.to_owned(), ..case.clone() };
    match &engines.socket {
        Some(socket) => of_the_node(cluster, &case, (sources, socket)),
        None => println!("  not run: DOCKER_SOCKET is not set"),
    }
    match (&engines.remote, &engines.certificates) {
        (Some(endpoint), Some(certificates)) => {
            elsewhere(cluster, &case, sources, (endpoint, certificates));
        }
        _ => println!("  not run: DOCKER_REMOTE or DOCKER_CERTIFICATES is not set"),
    }
}

/// The network of a mode; `chaincode` says how the runtime takes the package.
fn network<'a>(
    cluster: &'a Cluster,
    case: &'a Case,
    name: &str,
    (settings, runtime, package): (&str, &str, &str),
) -> Network<'a> {
    let topology = Topology {
        orderers: 1,
        consensus: "solo",
        profile: "dev",
        has_chaincode: false,
        more: format!(
            "{settings}\nchaincodes:\n  - {{name: account, version: \"1.0\", runtime: {runtime}, package: {package}, test: {TEST}}}\n"
        ),
        ..Topology::new(cluster, case, name)
    };
    let consensus = if case.fabric.starts_with("3.") { "etcdraft" } else { "solo" };
    // Node ports belong to the cluster: networks whose namespaces are prefixed have none.
    let namespaces = if settings.contains("nodePort") { "plain" } else { "prefixed" };
    Network::new(cluster, case, Topology { consensus, namespaces, ..topology })
}

fn jobs(cluster: &Cluster, case: &Case, (builder, job): (&str, &str)) {
    let settings = format!("images: {{k8sBuilder: {builder}}}\nchaincode: {{mode: k8s-builder}}");
    let network = network(cluster, case, "jobs", (&settings, "k8s", "account.tar.gz"));
    std::fs::write(network.path().join("account.tar.gz"), package(job)).expect("a package");
    network.prepare();
    timed("install: Jobs", || network.install()).success();
    timed("helm test", || network.test()).success();
    let stranger = Prober::start(&network, &network.topology.name, &json!({"from": "elsewhere"}));
    for organization in ["org1", "org2"] {
        stranger.assert_reaches(organization, &[("peer0-chaincode", 7052, false)]);
    }
    let neighbour = json!({"app.kubernetes.io/component": "chaincode"});
    let neighbour = Prober::start(&network, &network.namespace("org1"), &neighbour);
    neighbour.assert_reaches("org1", &[("peer0-chaincode", 7052, true)]);
    neighbour.assert_reaches("org2", &[("peer0-chaincode", 7052, false)]);
    timed("peers anew", || peers_anew(&network));
    timed("helm test", || network.test()).success();
}

/// A peer that starts launches its chaincodes before it is ready, and a Job that finds nobody is missed only after minutes.
fn peers_anew(network: &Network<'_>) {
    let before = network.peers();
    for Pod { name, namespace, .. } in before.values() {
        let delete = ["delete", "pod", name, "--namespace", namespace];
        network.cluster.kubectl(&delete).success();
    }
    poll::until("peers are new and ready", INSTALL, || {
        let now = network.peers();
        let new = |(key, pod): (&String, &Pod)| {
            pod.ready && before.get(key).is_some_and(|it| it.uid != pod.uid)
        };
        if now.iter().all(new) { Ok(()) } else { Err(format!("{now:?}")) }
    });
    for organization in ["org1", "org2"] {
        poll::until("a Job of the new peer runs", SETTLE, || running_job(network, organization));
    }
}

fn running_job(network: &Network<'_>, organization: &str) -> Result<(), String> {
    let namespace = network.namespace(organization);
    let builder = "app.kubernetes.io/managed-by=fabric-builder-k8s";
    let pods = ["pods", "--namespace", &namespace, "--selector", builder];
    let pods = network.cluster.get(&pods)["items"].clone();
    let running = |pod: &serde_json::Value| pod["status"]["phase"] == "Running";
    let some = pods.as_array().is_some_and(|pods| pods.iter().any(running));
    if some { Ok(()) } else { Err(pods.to_string()) }
}

/// What the Kubernetes builder starts: an image by its digest, in a package with a label.
fn package(image: &str) -> Vec<u8> {
    let (name, digest) = image.split_once('@').expect("K8S_CHAINCODE is an image with a digest");
    let image = json!({"name": name, "digest": digest}).to_string();
    let code = archive(&[("image.json", image.as_bytes())]);
    let metadata = json!({"path": "", "type": "k8s", "label": "account-1"}).to_string();
    archive(&[("metadata.json", metadata.as_bytes()), ("code.tar.gz", &code)])
}

fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (name, content) in files {
        let mut header = tar::Header::new_ustar();
        header.set_mode(0o644);
        header.set_size(content.len().try_into().expect("a length"));
        archive.append_data(&mut header, name, *content).expect("an entry");
    }
    archive.into_inner().and_then(GzEncoder::finish).expect("an archive")
}

/// Sources of a chaincode beside the topology.
fn copy_sources(network: &Network<'_>, sources: &Path) {
    let folder = network.path().join("account");
    std::fs::create_dir(&folder).expect("a directory");
    for entry in std::fs::read_dir(sources).expect("DOCKER_CHAINCODE is a directory") {
        let file = entry.expect("an entry").path();
        let name = file.file_name().expect("a name");
        std::fs::copy(&file, folder.join(name)).expect("a copy");
    }
}

fn of_the_node(cluster: &Cluster, case: &Case, (sources, socket): (&Path, &str)) {
    let settings =
        "cluster: {runtime: docker}\nchaincode: {mode: docker-host, acknowledge: [docker-socket]}";
    let network = network(cluster, case, "engine", (settings, "docker", "account"));
    copy_sources(&network, sources);
    network.prepare();
    let docker = json!({"docker": {"socket": socket, "socketGroup": 0}});
    let verify = json!({"verify": {"engine": {"socket": socket, "socketGroup": 0}}});
    let values = json!({"org1": docker, "org2": docker, "fabric-dns": verify});
    std::fs::write(network.path().join("values.yaml"), values.to_string()).expect("values");
    let install = format!("{} --values values.yaml", network.printed("helm upgrade --install "));
    timed("install: the engine of the node", || network.shell(&install)).success();
    timed("helm test", || network.test()).success();
}

/// The other machine reaches the peers by node ports of this one.
fn elsewhere(
    cluster: &Cluster,
    case: &Case,
    sources: &Path,
    (endpoint, certificates): (&str, &Path),
) {
    let nodes = cluster.get(&["nodes"]);
    let addresses = nodes["items"][0]["status"]["addresses"].as_array().expect("addresses");
    let internal = addresses.iter().find(|it| it["type"] == "InternalIP");
    let internal = internal.and_then(|it| it["address"].as_str()).expect("an address of a node");
    let settings = format!(
        "exposure: {{type: nodePort}}\nchaincode: {{mode: docker-remote, endpoint: \"{endpoint}\", tlsSecret: engine}}"
    );
    let entry = |organization: &str, port: u16| {
        format!(
            "{{name: {organization}, peers: 1, chaincode: {{addresses: {{peer0: \"{internal}:{port}\"}}}}}}"
        )
    };
    let mut network = network(cluster, case, "remote", (&settings, "docker", "account"));
    network.topology.entries = [Some(entry("Org1", 30002)), Some(entry("Org2", 30102)), None];
    network.write_topology();
    copy_sources(&network, sources);
    network.apply_identities();
    for organization in ["org1", "org2"] {
        let namespace = network.namespace(organization);
        let file = |name: &str| {
            let path = certificates.join(name);
            std::fs::read_to_string(&path)
                .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        };
        cluster.apply(&json!({
            "apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls",
            "metadata": {"name": "engine", "namespace": namespace},
            "stringData": {"ca.crt": file("ca.crt"), "tls.crt": file("tls.crt"), "tls.key": file("tls.key")},
        }));
    }
    network.build().success();
    timed("install: an engine elsewhere", || network.install()).success();
    timed("helm test", || network.test()).success();
}
