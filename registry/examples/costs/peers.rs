//! The same packages published to and read from other servers: `ChartMuseum` for the classic API, and
//! docker-registry for OCI.
//!
//! `COSTS_CHARTMUSEUM` and `COSTS_DOCKER_REGISTRY` name their programs; one that is not named is not
//! measured, and the record says so. Both store in a directory beside the registry's. Neither syncs
//! what it writes; the registry does.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use bytes::Bytes;
use chart_format::digest::Sha256;
use serde_json::{Value, json};

use crate::beside::{median, spent};
use crate::client::Client;
use crate::packages::{chart_json, package};
use crate::programs::{Server, free_address};

/// Packages that each server gets, in batches.
const PACKAGES: (u32, u32) = (20, 50);

/// Charts that the packages are versions of.
const CHARTS: u32 = 100;

/// Connections that read.
const CONNECTIONS: u32 = 16;

/// Rounds of reads: the servers take turns.
const ROUNDS: usize = 3;

pub(crate) async fn peers(storage: &Path) -> Value {
    let folder = storage.with_extension("peers");
    std::fs::create_dir_all(&folder).unwrap();
    let classic = match peer("COSTS_CHARTMUSEUM") {
        Some(program) => classic(&program, &folder).await,
        None => json!("not run: `COSTS_CHARTMUSEUM` names no program"),
    };
    let oci = match peer("COSTS_DOCKER_REGISTRY") {
        Some(program) => oci(&program, &folder).await,
        None => json!("not run: `COSTS_DOCKER_REGISTRY` names no program"),
    };
    std::fs::remove_dir_all(&folder).unwrap();
    json!({ "beside_chartmuseum": classic, "beside_docker_registry": oci })
}

fn peer(variable: &str) -> Option<PathBuf> {
    std::env::var_os(variable).map(PathBuf::from).filter(|program| program.is_file())
}

/// Name and version of package `number`.
fn name_and_version(number: u32) -> (String, String) {
    (format!("chart-{}", number % CHARTS), format!("1.{}.0", number / CHARTS))
}

/// Processor time of one operation in milliseconds, for each batch of packages.
async fn batches<F>(server: &Server, work: impl Fn(u32) -> F) -> Vec<f64>
where
    F: Future<Output = ()>,
{
    let (count, size) = PACKAGES;
    let mut spent = Vec::new();
    for batch in 0..count {
        let began = server.processor_ms();
        for number in 0..size {
            work(batch * size + number).await;
        }
        spent.push((server.processor_ms() - began) / f64::from(size));
    }
    spent
}

/// Processor time of one read of each server in milliseconds, in turns, and the ratio.
fn reads((ours, theirs): (&Server, &Server), request: (&str, &str)) -> Value {
    let (mut own, mut other) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        own.push(spent(ours, request, CONNECTIONS, None));
        other.push(spent(theirs, request, CONNECTIONS, None));
    }
    compared(&own, &other)
}

fn compared(ours: &[f64], theirs: &[f64]) -> Value {
    let ratio = median(ours) / median(theirs);
    json!({ "registry_ms": ours, "peer_ms": theirs, "ratio": ratio })
}

async fn classic(program: &Path, folder: &Path) -> Value {
    let (address, storage) = (free_address(), folder.join("chartmuseum"));
    std::fs::create_dir_all(&storage).unwrap();
    let mut command = Command::new(program);
    command
        .args(["--storage", "local", "--disable-statefiles", "--storage-local-rootdir"])
        .arg(&storage)
        .args(["--listen-host", "127.0.0.1", "--port", &address.port().to_string()])
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let peer = Server::start(&mut command, address);
    let own = Server::registry(&folder.join("classic"));
    let publish = |server: &Server| {
        let address = server.address;
        move |number| async move {
            let (name, version) = name_and_version(number);
            let mut client = Client::connect(address).await;
            let answer = client.post("/api/charts", &package(&name, &version)).await;
            assert_eq!(answer.status, 201, "{name} {version}");
        }
    };
    let published = batches(&own, publish(&own)).await;
    let published = compared(&published, &batches(&peer, publish(&peer)).await);
    let same = |path| reads((&own, &peer), (path, ""));
    json!({
        "packages": PACKAGES.0 * PACKAGES.1,
        "publish": published,
        "package": same("/charts/chart-7-1.3.0.tgz"),
        "index": same("/index.yaml"),
        "version": same("/api/charts/chart-7/1.3.0"),
        "resident_mib": { "registry": own.resident_mib(), "peer": peer.resident_mib() },
    })
}

async fn oci(program: &Path, folder: &Path) -> Value {
    let (address, storage) = (free_address(), folder.join("docker-registry"));
    let config = folder.join("docker-registry.yaml");
    std::fs::write(
        &config,
        format!(
            "version: 0.1\nlog:\n  level: error\n  accesslog:\n    disabled: true\nstorage:\n  \
             filesystem:\n    rootdirectory: {}\nhttp:\n  addr: {address}\n",
            storage.display()
        ),
    )
    .unwrap();
    let mut command = Command::new(program);
    command.arg("serve").arg(&config).stdout(Stdio::null()).stderr(Stdio::null());
    let peer = Server::start(&mut command, address);
    let own = Server::registry(&folder.join("oci"));
    let push = |server: &Server| {
        let address = server.address;
        move |number| async move {
            let (name, version) = name_and_version(number);
            push(&mut Client::connect(address).await, &name, &version).await;
        }
    };
    let pushed = batches(&own, push(&own)).await;
    let pushed = compared(&pushed, &batches(&peer, push(&peer)).await);
    // Without it the peer says that it has no such manifest.
    let accept = format!("accept: {MANIFEST_TYPE}\r\n");
    let same = |path: &str| reads((&own, &peer), (path, &accept));
    let blob = Sha256::of(&package("chart-7", "1.3.0")).prefixed();
    json!({
        "packages": PACKAGES.0 * PACKAGES.1,
        "push": pushed,
        "manifest": same("/v2/chart-7/manifests/1.3.0"),
        "blob": same(&format!("/v2/chart-7/blobs/{blob}")),
        "resident_mib": { "registry": own.resident_mib(), "peer": peer.resident_mib() },
    })
}

/// Pushes a package as `helm push` does: config, package, manifest.
async fn push(client: &mut Client, name: &str, version: &str) {
    let config = Bytes::from(chart_json(name, version).to_string());
    let package = package(name, version);
    for blob in [&config, &package] {
        let begun = client.send(("POST", &format!("/v2/{name}/blobs/uploads/")), "", &[]).await;
        assert_eq!(begun.status, 202);
        let place = begun.location.unwrap();
        // Some servers say a whole URL, some have a query already.
        let place = place
            .split_once("//")
            .map_or(place.as_str(), |(_, rest)| &rest[rest.find('/').unwrap()..]);
        let joint = if place.contains('?') { '&' } else { '?' };
        let place = format!("{place}{joint}digest={}", Sha256::of(blob).prefixed());
        let header = "content-type: application/octet-stream\r\n";
        assert_eq!(client.send(("PUT", &place), header, blob).await.status, 201);
    }
    let described = |media_type: &str, bytes: &Bytes| json!({ "mediaType": media_type, "digest": Sha256::of(bytes).prefixed(), "size": bytes.len() });
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST_TYPE,
        "config": described("application/vnd.cncf.helm.config.v1+json", &config),
        "layers": [described("application/vnd.cncf.helm.chart.content.v1.tar+gzip", &package)],
    });
    let header = format!("content-type: {MANIFEST_TYPE}\r\n");
    let place = format!("/v2/{name}/manifests/{version}");
    let put = client.send(("PUT", &place), &header, manifest.to_string().as_bytes()).await;
    assert_eq!(put.status, 201, "{}", String::from_utf8_lossy(&put.body));
}

const MANIFEST_TYPE: &str = "application/vnd.oci.image.manifest.v1+json";
