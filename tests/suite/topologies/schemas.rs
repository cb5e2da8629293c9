//! Every object against the schemas of every version of Kubernetes that the charts are for.

use std::collections::BTreeMap;

use serde_json::Value;
use suite::oracles::Oracle;
use suite::oracles::schemas::{VERSIONS, directory};
use suite::schema::{Schemas, TLS_ROUTE};

use super::renders::{RENDERS, name};
use super::{assert_none, parallel};

/// Objects of the Prometheus operator, whose schemas are no part of Kubernetes; `tests/suite/monitoring` looks at their rules.
pub(super) fn is_custom(object: &Value) -> bool {
    object["apiVersion"] == "monitoring.coreos.com/v1"
}

#[test]
fn every_object_fits_the_schemas_of_kubernetes_without_unknown_fields() {
    let Some(folder) = Oracle::data("the schemas of Kubernetes", directory()) else { return };
    // Equal objects are checked once; networks differ in fewer of them than they share.
    let mut objects = BTreeMap::new();
    for render in RENDERS.iter() {
        let rendered = render.first.iter().chain(&render.second);
        for object in rendered.filter(|it| !is_custom(it)) {
            let place = format!("{}: {}", render.sample.row.name, name(object));
            objects.entry(object.to_string()).or_insert((place, object));
        }
    }
    let faults = parallel(VERSIONS, |version| {
        let file = folder.join(format!("{version}.json"));
        let schemas = Schemas::parse(&std::fs::read_to_string(&file).expect("definitions"));
        let schemas = schemas.and(Schemas::parse(TLS_ROUTE));
        let mut faults = Vec::new();
        for (place, object) in objects.values() {
            let found = schemas.faults(object).into_iter();
            faults.extend(found.map(|fault| format!("{version}: {place}: {fault}")));
        }
        faults
    });
    assert_none("objects are what Kubernetes takes", &faults.concat());
}
