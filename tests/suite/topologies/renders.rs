//! Every topology as both Helms render it, and the successors as the newer one does.

use std::path::PathBuf;
use std::sync::LazyLock;

use chart_builder::model::Network;
use serde::Deserialize as _;
use serde_json::Value;
use suite::oracles::Oracle;
use suite::process::{Outcome, run};
use suite::topologies::Row;
use tempfile::TempDir;

use super::samples::{Package, SAMPLES, Sample};
use super::{assert_none, parallel};

/// A sample and its objects.
pub(super) struct Render {
    pub(super) sample: &'static Sample,
    /// Of the first version.
    pub(super) first: Vec<Value>,
    /// How many of them each package has.
    sizes: Vec<usize>,
    /// Of the successor.
    pub(super) second: Vec<Value>,
    /// What Helm 3 and Helm 4 do not agree about, and what lint complains about.
    complaints: Vec<String>,
}

impl Render {
    /// Objects of one package of the first version.
    pub(super) fn of_package(&self, index: usize) -> &[Value] {
        let before: usize = self.sizes[..index].iter().sum();
        &self.first[before..before + self.sizes[index]]
    }
}

/// All of them; nothing when a Helm is missing.
pub(super) static RENDERS: LazyLock<Vec<Render>> = LazyLock::new(|| {
    let (Some(helm3), Some(helm4)) = (Oracle::helm3(), Oracle::helm4()) else { return Vec::new() };
    let samples: Vec<&'static Sample> = SAMPLES.iter().collect();
    parallel(&samples, |sample| render(sample, [&helm3, &helm4]))
});

fn render(sample: &'static Sample, [helm3, helm4]: [&Oracle; 2]) -> Render {
    let home = tempfile::tempdir().expect("a directory");
    let mut complaints = Vec::new();
    let (mut first, mut older) = (Vec::new(), Vec::new());
    let mut sizes = Vec::new();
    let paths: Vec<_> = sample.first.packages.iter().map(|it| write(&home, it)).collect();
    for helm in [helm3, helm4] {
        let mut command = helm.command(home.path());
        let outcome = run(command.args(["lint", "--strict", "--with-subcharts"]).args(&paths));
        if outcome.code != 0 {
            complaints.push(format!("{}: {outcome}", sample.row.name));
        }
    }
    for package in &sample.first.packages {
        for (helm, objects) in [(helm4, &mut first), (helm3, &mut older)] {
            match template(helm, &home, (&sample.row, package)) {
                Ok(found) => objects.extend(found),
                Err(outcome) => complaints.push(format!("{}: {outcome}", sample.row.name)),
            }
        }
        sizes.push(first.len() - sizes.iter().sum::<usize>());
    }
    complaints.extend(differences(&sample.row.name, &older, &first));
    let mut second = Vec::new();
    for package in &sample.second.packages {
        write(&home, package);
        match template(helm4, &home, (&sample.row, package)) {
            Ok(found) => second.extend(found),
            Err(outcome) => complaints.push(format!("{} later: {outcome}", sample.row.name)),
        }
    }
    Render { sample, first, sizes, second, complaints }
}

fn write(home: &TempDir, package: &Package) -> PathBuf {
    let path = home.path().join(format!("{}.tgz", package.release));
    std::fs::write(&path, &package.bytes).expect("a package");
    path
}

/// What Helm renders of a package that was written, with the settings of its topology.
fn template(
    helm: &Oracle,
    home: &TempDir,
    (row, package): (&Row, &Package),
) -> Result<Vec<Value>, Outcome> {
    let mut command = helm.command(home.path());
    command.args(["template", &package.release, &format!("{}.tgz", package.release)]);
    // A network behind a gateway asks the cluster whether it knows such routes.
    command.args(["--api-versions", "gateway.networking.k8s.io/v1/TLSRoute"]);
    command.args(["--namespace", &package.namespace]);
    for setting in row.settings() {
        command.args(["--set", &setting]);
    }
    let outcome = run(&mut command);
    if outcome.code == 0 { Ok(objects(&outcome.stdout)) } else { Err(outcome) }
}

/// Every object of a rendered chart.
pub(super) fn objects(text: &str) -> Vec<Value> {
    let documents = yaml_serde::Deserializer::from_str(text);
    let mut values: Vec<Value> =
        documents.map(|document| Value::deserialize(document).expect("YAML")).collect();
    values.retain(|value| !value.is_null());
    values.iter_mut().for_each(read_modes);
    values
}

/// Kubernetes reads YAML 1.1, where 0440 is an octal number; the reader at hand takes it for text.
fn read_modes(value: &mut Value) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                let mode = value.as_str().filter(|_| key == "defaultMode" || key == "mode");
                match mode.and_then(|text| u32::from_str_radix(text, 8).ok()) {
                    Some(mode) => *value = Value::from(mode),
                    None => read_modes(value),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(read_modes),
        _ => {}
    }
}

/// `<kind> <namespace>/<name>` of an object.
pub(super) fn name(object: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or("?").to_owned();
    let metadata = &object["metadata"];
    format!(
        "{} {}/{}",
        text(&object["kind"]),
        text(&metadata["namespace"]),
        text(&metadata["name"])
    )
}

fn differences(network: &str, helm3: &[Value], helm4: &[Value]) -> Vec<String> {
    let sorted = |objects: &[Value]| {
        let mut objects: Vec<(String, Value)> =
            objects.iter().map(|it| (name(it), it.clone())).collect();
        objects.sort_by(|left, right| left.0.cmp(&right.0));
        objects
    };
    let (helm3, helm4) = (sorted(helm3), sorted(helm4));
    let mut complaints: Vec<String> = helm3
        .iter()
        .zip(&helm4)
        .filter(|(left, right)| left != right)
        .map(|(left, right)| {
            format!("{network}: {} of Helm 3, {} of Helm 4 differ", left.0, right.0)
        })
        .collect();
    if helm3.len() != helm4.len() {
        complaints.push(format!("{network}: {} objects and {}", helm3.len(), helm4.len()));
    }
    complaints
}

#[test]
fn both_helms_lint_every_topology_without_a_word_and_render_the_same_objects() {
    let complaints: Vec<String> =
        RENDERS.iter().flat_map(|render| render.complaints.clone()).collect();
    assert_none("Helm 3 and Helm 4 are of one mind", &complaints);
}

/// What the cluster's owner asked for: rights on cluster DNS and on nodes, and volumes. They bear the network's name.
fn is_of_cluster(network: &Network, object: &Value) -> bool {
    let kinds: &[&str] = match object["metadata"]["namespace"].as_str() {
        Some("kube-system") if network.rewrites_domains => &["Role", "RoleBinding"],
        None => &["ClusterRole", "ClusterRoleBinding", "PersistentVolume"],
        Some(_) => &[],
    };
    let own = object["metadata"]["name"].as_str().is_some_and(|it| it.starts_with(&network.name));
    own && kinds.iter().any(|kind| object["kind"] == *kind)
}

#[test]
fn an_object_stands_in_one_explicit_namespace_of_the_network() {
    let mut faults = Vec::new();
    for render in RENDERS.iter() {
        let network = &render.sample.first.network;
        let shared = network.kafka.iter().map(|kafka| kafka.namespace.as_str());
        let own = network.organizations.iter().map(|it| it.namespace.as_str());
        let releases = render.sample.first.packages.iter().map(|it| it.namespace.as_str());
        let namespaces: Vec<&str> = own.chain(shared).chain(releases).collect();
        let mut seen = std::collections::BTreeSet::new();
        for object in &render.first {
            let namespace = object["metadata"]["namespace"].as_str().unwrap_or_default();
            if !namespaces.contains(&namespace) && !is_of_cluster(network, object) {
                faults.push(format!("{}: {} is outside", network.name, name(object)));
            }
            if !seen.insert(name(object)) {
                faults.push(format!("{}: {} is there twice", network.name, name(object)));
            }
        }
    }
    assert_none("every object has one place in a namespace of its network", &faults);
}
