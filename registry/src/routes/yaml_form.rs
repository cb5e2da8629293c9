//! The index as block YAML, for tools that do not read JSON under the name `index.yaml`.

use bytes::Bytes;
use chart_format::yaml::{Node, write};

use crate::refusal::Fault;

/// Writes the whole JSON index again as YAML. Costs time and memory for every version: clients that
/// read JSON get the ready text instead.
pub(super) fn render(frames: impl Iterator<Item = Bytes>) -> Result<String, Fault> {
    let json: Vec<u8> = frames.flatten().collect();
    let failed = |reason: String| Fault::Index { reason };
    let value: serde_json::Value =
        serde_json::from_slice(&json).map_err(|error| failed(error.to_string()))?;
    let node = Node::from_json(&value).map_err(|error| failed(error.to_string()))?;
    Ok(write(&node))
}
