//! The committed records of benchmarks keep what is promised.

use serde_json::Value;
use suite::{bench, workspace};

#[test]
fn a_build_costs_at_most_a_quarter_of_helm_package_and_lint() {
    let records = workspace::files_like("tests/bench/records/", ".json");
    let newest = records.last().expect("a record: run `cargo dev bench DAY` and commit it");
    let record: Value = serde_json::from_str(&workspace::read(newest)).expect("JSON");
    let ratios = record["ratio_build_to_helm_package_plus_lint"].as_object().expect("ratios");
    assert!(!ratios.is_empty(), "{newest} compares with no Helm");
    for (helm, ratio) in ratios {
        let ratio = ratio.as_f64().expect("a number");
        assert!(ratio <= bench::MAX_RATIO, "{newest}: {ratio} of {helm}");
    }
}
