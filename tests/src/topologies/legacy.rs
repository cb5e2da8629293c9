//! What a topology says for chaincodes that are instantiated, as before Fabric 2.0.

use serde_json::{Value, json};

use super::Row;

/// What a chaincode is instantiated with.
pub(super) const ARGUMENTS: &str = r#"{"Args":["init","a","100","b","200"]}"#;

/// Channels of this row have no definitions.
pub(super) fn is_legacy(row: &Row) -> bool {
    row.is("chaincode", "legacy")
}

/// Fabric 1 has the legacy lifecycle alone; later ones have it on channels with an older capability.
pub(super) fn capabilities(row: &Row, document: &mut Value) {
    if !row.value("line").starts_with('1') {
        document["fabric"]["capabilities"] = json!({"application": "V1_4_2"});
    }
}
