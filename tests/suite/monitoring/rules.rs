//! The rules as Prometheus reads them.

use suite::oracles::Oracle;
use suite::process::run;
use suite::workspace;

use super::{rendered, rule_file};

/// Files of unit tests: months go by in some of them, which one look a minute would make long.
fn unit_tests() -> Vec<String> {
    workspace::files_like("tests/monitoring/", ".test.yaml")
}

#[test]
fn prometheus_accepts_the_rules_and_they_fire_when_they_should() {
    let (Some(promtool), Some(objects)) = (Oracle::elsewhere("promtool"), rendered()) else {
        return;
    };
    let home = tempfile::tempdir().expect("a directory");
    let file = |name: &str| home.path().join(name);
    // JSON is YAML.
    let rules = rule_file(&objects).to_string();
    std::fs::write(file("rules.yaml"), rules).expect("a file of rules");
    run(promtool.command(home.path()).args(["check", "rules", "rules.yaml"])).success();
    for tests in unit_tests() {
        std::fs::copy(workspace::path(&tests), file("test.yaml")).expect("a copy of the tests");
        run(promtool.command(home.path()).args(["test", "rules", "test.yaml"])).success();
    }
}

#[test]
fn every_alert_has_a_test_in_which_it_fires() {
    let Some(objects) = rendered() else { return };
    let read = |tests: String| std::fs::read_to_string(workspace::path(&tests)).expect("tests");
    let tests: String = unit_tests().into_iter().map(read).collect();
    let groups = rule_file(&objects)["groups"].clone();
    let rules = groups.as_array().expect("groups").iter().flat_map(|group| {
        group["rules"].as_array().expect("rules").iter().filter_map(|rule| rule["alert"].as_str())
    });
    for alert in rules {
        let fires = tests.split("alertname: ").any(|test| {
            let (name, rest) = test.split_once('\n').unwrap_or((test, ""));
            let expected = rest.split("- eval_time").next().unwrap_or_default();
            name.trim() == alert && expected.contains("exp_labels")
        });
        assert!(fires, "`{alert}` fires in no test");
    }
}
