//! The chart that installs the registry: plain Helm, safe as it comes, and a configuration that the program takes.

use serde::Deserialize as _;
use serde_json::Value;
use suite::oracles::Oracle;
use suite::oracles::schemas::{VERSIONS, directory};
use suite::process::{Outcome, run};
use suite::schema::Schemas;
use suite::workspace;

use crate::programs;

const CHART: &str = "registry/chart";

/// Values files that the chart is tried with; the first is none.
fn values() -> Vec<Option<String>> {
    let files = workspace::files_like(&format!("{CHART}/ci/"), "-values.yaml");
    assert!(files.len() >= 2, "the examples are not where they belong: {files:?}");
    std::iter::once(None).chain(files.into_iter().map(Some)).collect()
}

fn absolute(relative: &str) -> String {
    workspace::path(relative).to_str().expect("a path in UTF-8").to_owned()
}

fn helm(oracle: &Oracle, command: &[&str], values: Option<&str>, settings: &[&str]) -> Outcome {
    let home = tempfile::tempdir().expect("a home");
    let mut process = oracle.command(home.path());
    process.args(command).arg(absolute(CHART));
    if let Some(values) = values {
        process.arg("--values").arg(absolute(values));
    }
    run(process.args(settings))
}

fn objects(text: &str) -> Vec<Value> {
    let documents = yaml_serde::Deserializer::from_str(text);
    let objects = documents.map(|document| Value::deserialize(document).expect("YAML"));
    objects.filter(|object| !object.is_null()).collect()
}

fn rendered(oracle: &Oracle, values: Option<&str>) -> Vec<Value> {
    objects(&helm(oracle, &["template", "charts"], values, &[]).success().stdout)
}

fn of_kind<'a>(objects: &'a [Value], kind: &str) -> Option<&'a Value> {
    objects.iter().find(|object| object["kind"] == kind)
}

#[test]
fn it_passes_strict_lint_and_kubernetes_takes_its_objects() {
    let schemas = Oracle::data("the schemas of Kubernetes", directory());
    for oracle in Oracle::helms() {
        for values in values() {
            helm(&oracle, &["lint", "--strict"], values.as_deref(), &[]).success();
            let objects = rendered(&oracle, values.as_deref());
            for version in VERSIONS.iter().filter(|_| schemas.is_some()) {
                let folder = schemas.clone().unwrap_or_default();
                let text = std::fs::read_to_string(folder.join(format!("{version}.json")));
                let schemas = Schemas::parse(&text.expect("definitions"));
                for object in &objects {
                    let faults = schemas.faults(object);
                    assert!(faults.is_empty(), "{version}: {values:?}: {faults:?}");
                }
            }
        }
    }
}

#[test]
fn its_pod_has_no_rights_and_its_claim_stays() {
    for oracle in Oracle::helms() {
        let objects = rendered(&oracle, None);
        let pod =
            &of_kind(&objects, "Deployment").expect("a Deployment")["spec"]["template"]["spec"];
        assert_eq!(pod["automountServiceAccountToken"], false);
        assert_eq!(pod["securityContext"]["runAsNonRoot"], true);
        assert_eq!(pod["securityContext"]["seccompProfile"]["type"], "RuntimeDefault");
        let container = &pod["containers"][0];
        let security = &container["securityContext"];
        assert_eq!(security["readOnlyRootFilesystem"], true);
        assert_eq!(security["allowPrivilegeEscalation"], false);
        assert_eq!(security["capabilities"]["drop"][0], "ALL");
        let probes = [
            ("startupProbe", "/health"),
            ("readinessProbe", "/readyz"),
            ("livenessProbe", "/health"),
        ];
        for (probe, path) in probes {
            assert_eq!(container[probe]["httpGet"]["path"], path, "{probe}: {container}");
        }
        // The drain's delay and limit, and a while for the end itself.
        assert_eq!(pod["terminationGracePeriodSeconds"], 55);
        assert!(container["lifecycle"].is_null(), "the program itself waits: {container}");
        let claim = of_kind(&objects, "PersistentVolumeClaim").expect("a claim");
        assert_eq!(claim["metadata"]["annotations"]["helm.sh/resource-policy"], "keep");
        let policy = of_kind(&objects, "NetworkPolicy").expect("a policy");
        assert!(policy["spec"]["egress"].is_null(), "the pod may connect out: {policy}");
        assert!(of_kind(&objects, "Secret").is_none() && of_kind(&objects, "Role").is_none());
    }
}

#[test]
fn the_program_takes_the_configuration_that_it_writes() {
    for oracle in Oracle::helms() {
        for values in values() {
            let objects = rendered(&oracle, values.as_deref());
            let map = of_kind(&objects, "ConfigMap").expect("a ConfigMap");
            let text = map["data"]["registry.yaml"].as_str().expect("the configuration");
            let folder = tempfile::tempdir().expect("a directory");
            let file = folder.path().join("registry.yaml");
            std::fs::write(&file, text).expect("a file");
            let mut program = programs::command("chart-registry", folder.path());
            let shown = run(program.args(["config", "show", "--config"]).arg(&file)).success();
            shown.says("0.0.0.0:8080").says("/data");
        }
    }
}

#[test]
fn what_cannot_work_is_refused_in_words() {
    for oracle in Oracle::helms() {
        let refused = |settings: &[&str], words: &str| {
            helm(&oracle, &["template", "charts"], None, settings).failure().says(words);
        };
        refused(&["--set", "replicas=2"], "several replicas share one volume");
        refused(&["--set", "settings.data=elsewhere"], "settings.data is the chart's");
        refused(&["--set", "tls.clientAuthoritiesSecret=x"], "needs tls.secret");
        refused(&["--set", "ingress.enabled=true"], "ingress.host is missing");
        refused(&["--set", "replica=2"], "replica");
    }
}
