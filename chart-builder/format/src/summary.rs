//! files/network.json: what a network consists of, in a few kilobytes.
//!
//! chart-builder writes it into the network's chart; the registry reads it to draw and compare
//! networks without knowing the compiler. Unknown fields are passed over, so that an old registry
//! reads what a newer builder writes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Where the summary stands in a chart.
pub const PATH: &str = "files/network.json";

/// Annotation of a chart that says of which network it is: the registry shows a network's charts by it.
pub const NETWORK_ANNOTATION: &str = "fabric.network";

/// Value of [`NetworkSummary::format`] in this version.
pub const FORMAT: &str = "fabric-network-summary/v1";

/// Most bytes of a summary that are read.
pub const MAX_BYTES: usize = 1 << 20;

/// A network at one version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NetworkSummary {
    /// [`FORMAT`].
    pub format: String,
    /// The network's name.
    pub network: String,
    /// The network's version, which is its chart's.
    pub version: String,
    /// Version of Hyperledger Fabric.
    pub fabric: String,
    /// By name.
    #[serde(default)]
    pub organizations: BTreeMap<String, Organization>,
    /// By name.
    #[serde(default)]
    pub channels: BTreeMap<String, Channel>,
    /// By name.
    #[serde(default)]
    pub chaincodes: BTreeMap<String, Chaincode>,
}

/// One organization.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Organization {
    /// Kubernetes namespace.
    pub namespace: String,
    /// MSP id.
    pub msp_id: String,
    /// Names of its peers, sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub peers: Vec<String>,
    /// Names of its orderers, sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub orderers: Vec<String>,
}

/// One channel.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Channel {
    /// Names of the member organizations.
    #[serde(default)]
    pub members: Vec<String>,
    /// Consenters as `<node>.<namespace>`.
    #[serde(default)]
    pub consenters: Vec<String>,
    /// Kind of consensus, as in `etcdraft`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consensus: Option<String>,
    /// Lower-case hexadecimal SHA-256 of block 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub genesis_sha256: Option<String>,
}

/// One chaincode.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Chaincode {
    /// The chaincode's own version.
    pub version: String,
    /// Sequence of the committed definition.
    pub sequence: u64,
    /// Channels on which it runs.
    #[serde(default)]
    pub channels: Vec<String>,
    /// Package id, `<label>:<sha256>`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub package_id: Option<String>,
}

/// Why a text is no summary.
#[derive(Debug, thiserror::Error)]
pub enum SummaryError {
    /// More than [`MAX_BYTES`].
    #[error("a network summary of {0} bytes: at most {MAX_BYTES} are read")]
    TooLong(usize),
    /// No JSON of this shape.
    #[error("`{PATH}` is no network summary: {0}")]
    Malformed(#[from] serde_json::Error),
    /// Another format, perhaps of a later version.
    #[error("`{PATH}` has the format `{0}`: only `{FORMAT}` is known")]
    UnknownFormat(String),
}

impl NetworkSummary {
    /// Reads files/network.json.
    pub fn parse(text: &str) -> Result<Self, SummaryError> {
        if text.len() > MAX_BYTES {
            return Err(SummaryError::TooLong(text.len()));
        }
        let summary: Self = serde_json::from_str(text)?;
        if summary.format == FORMAT {
            Ok(summary)
        } else {
            Err(SummaryError::UnknownFormat(summary.format))
        }
    }

    /// The file's content: indented JSON, keys in fixed order, a final newline.
    pub fn to_json(&self) -> Result<String, SummaryError> {
        let mut text = serde_json::to_string_pretty(self)?;
        text.push('\n');
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary() -> NetworkSummary {
        let organization = Organization {
            namespace: "org1".to_owned(),
            msp_id: "Org1MSP".to_owned(),
            peers: vec!["peer0".to_owned(), "peer1".to_owned()],
            orderers: Vec::new(),
        };
        let channel = Channel {
            members: vec!["Org1".to_owned()],
            consenters: vec!["orderer0.orderer-org".to_owned()],
            consensus: Some("etcdraft".to_owned()),
            genesis_sha256: None,
        };
        NetworkSummary {
            format: FORMAT.to_owned(),
            network: "demo".to_owned(),
            version: "1.0.0".to_owned(),
            fabric: "2.5".to_owned(),
            organizations: BTreeMap::from([("Org1".to_owned(), organization)]),
            channels: BTreeMap::from([("main".to_owned(), channel)]),
            chaincodes: BTreeMap::new(),
        }
    }

    #[test]
    fn writes_and_reads_back() {
        let text = summary().to_json().unwrap();
        assert!(text.ends_with("}\n"));
        assert_eq!(NetworkSummary::parse(&text).unwrap(), summary());
    }

    #[test]
    fn passes_over_fields_of_later_builders() {
        let text = summary().to_json().unwrap().replacen('{', "{\"later\": [1],", 1);
        assert_eq!(NetworkSummary::parse(&text).unwrap(), summary());
    }

    #[test]
    fn refuses_another_format_and_other_files() {
        let text = summary().to_json().unwrap().replace("summary/v1", "summary/v2");
        assert!(matches!(NetworkSummary::parse(&text), Err(SummaryError::UnknownFormat(_))));
        assert!(matches!(NetworkSummary::parse("{}"), Err(SummaryError::Malformed(_))));
        assert!(matches!(
            NetworkSummary::parse(&" ".repeat(MAX_BYTES + 1)),
            Err(SummaryError::TooLong(_))
        ));
    }
}
