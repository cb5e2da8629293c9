//! What peers and chaincodes say where peers start chaincodes themselves.

use serde_json::{Map, Value, json};

use super::Row;

/// Which `runtime` a chaincode has that peers of this row build or start; `None` for a service.
fn runtime(row: &Row) -> Option<&'static str> {
    match row.value("runtime") {
        "ccaas" | "none" => None,
        "k8s-builder" => Some("k8s"),
        _ => Some("docker"),
    }
}

/// A chaincode with an image, or with a package in its place.
pub(super) fn chaincode(row: &Row, mut chaincode: Value) -> Value {
    if let Some(runtime) = runtime(row) {
        let name = chaincode["name"].as_str().unwrap_or_default();
        let version = chaincode["version"].as_str().unwrap_or_default();
        let package = json!(format!("packages/{name}-{version}.tar.gz"));
        if let Some(said) = chaincode.as_object_mut() {
            said.remove("image");
            said.insert("runtime".to_owned(), json!(runtime));
            said.insert("package".to_owned(), package);
        }
    }
    chaincode
}

/// Addresses at which chaincodes find each peer of an organization, where a peer needs one of its own.
pub(super) fn reach(row: &Row, organization: &mut Value) {
    let count = organization["peers"]["count"].as_u64().unwrap_or(0);
    let name = organization["name"].as_str().unwrap_or_default().to_owned();
    let number: u64 = name.trim_start_matches("Org").parse().unwrap_or(0);
    let each = |address: &dyn Fn(u64) -> String| -> Map<String, Value> {
        (0..count).map(|it| (format!("peer{it}"), Value::from(address(it)))).collect()
    };
    let said = match row.value("runtime") {
        "extra-hosts" => json!({"clusterIPs": each(&|it| format!("10.96.{number}.{}", it + 10))}),
        "docker-remote" => json!({"addresses":
            each(&|it| format!("peer{it}.org{number}.example.org:30052"))}),
        _ => return,
    };
    if count > 0 {
        organization["chaincode"] = said;
    }
}
