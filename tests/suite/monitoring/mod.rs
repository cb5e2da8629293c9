//! Alerts and dashboards: Prometheus' own program reads and tests the rules, and every metric that they name is one that
//! a real node answers with.

mod metrics;
mod rules;

use serde::Deserialize as _;
use serde_json::Value;
use suite::oracles::Oracle;
use suite::process::run;
use suite::workspace;

/// What `charts/fabric-monitoring` renders of its example, if a Helm is there.
fn rendered() -> Option<Vec<Value>> {
    let helm = Oracle::helm4()?;
    let home = tempfile::tempdir().expect("a directory");
    let path = |relative: &str| workspace::path(relative).to_string_lossy().into_owned();
    let chart = path("charts/fabric-monitoring");
    let values = path("charts/fabric-monitoring/ci/example-values.yaml");
    let mut command = helm.command(home.path());
    let output = run(command.args(["template", "example", &chart, "--values", &values])).success();
    let documents = yaml_serde::Deserializer::from_str(&output.stdout);
    let documents = documents.map(|it| Value::deserialize(it).expect("Helm writes YAML"));
    Some(documents.filter(|document| !document.is_null()).collect())
}

/// The groups of rules in the rendered objects, as a rule file of Prometheus.
fn rule_file(objects: &[Value]) -> Value {
    let rules = objects.iter().find(|object| object["kind"] == "PrometheusRule");
    let groups = &rules.expect("the example has rules")["spec"]["groups"];
    serde_json::json!({ "groups": groups })
}
