//! The shape of `network.lock` on disk, read strictly: unknown and missing keys are errors with a position.
//!
//! The facts themselves are in [`super`]; this is only how they are spelled in YAML.

use std::collections::BTreeMap;

use super::{Origin, consensus};
use crate::model::Consensus;
use serde::{Deserialize, Deserializer, de::Error as _};

/// The only version of the format.
pub(super) const API_VERSION: &str = "fabric-lock/v1";
/// The only kind of the format.
pub(super) const KIND: &str = "FabricNetworkLock";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct File {
    #[serde(deserialize_with = "api_version", rename = "apiVersion")]
    _api_version: (),
    #[serde(deserialize_with = "kind", rename = "kind")]
    _kind: (),
    pub(super) network: Network,
    #[serde(default)]
    pub(super) organizations: BTreeMap<String, Organization>,
    #[serde(default)]
    pub(super) addresses: BTreeMap<String, std::net::IpAddr>,
    pub(super) kafka: Option<super::kafka::Shape>,
    #[serde(default)]
    pub(super) system_channels: BTreeMap<String, Channel>,
    #[serde(default)]
    pub(super) channels: BTreeMap<String, Channel>,
    #[serde(default)]
    pub(super) chaincodes: BTreeMap<String, Chaincode>,
    #[serde(default)]
    pub(super) charts: BTreeMap<String, Chart>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Network {
    pub(super) name: String,
    pub(super) layout: LayoutWord,
    pub(super) namespaces: NamespaceWord,
    pub(super) cluster_domain: String,
    pub(super) release: String,
    pub(super) fabric_line: String,
    /// Without TLS; a network that has it does not say so.
    #[serde(default)]
    pub(super) plain: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum LayoutWord {
    Umbrella,
    PerOwner,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum NamespaceWord {
    Plain,
    Prefixed,
}

#[derive(Deserialize, Clone, Copy, PartialEq)]
#[serde(rename_all = "camelCase")]
pub(super) enum KindWord {
    Peer,
    Orderer,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Organization {
    pub(super) msp_id: String,
    pub(super) namespace: String,
    pub(super) release: String,
    pub(super) roles: Vec<KindWord>,
    #[serde(deserialize_with = "sha256")]
    pub(super) ca_sha256: String,
    #[serde(deserialize_with = "sha256")]
    pub(super) tls_ca_sha256: String,
    /// Earlier versions froze an authority of administration clients, which no orderer asks for: read, and not kept.
    #[serde(default, deserialize_with = "optional_sha256", rename = "ordererAdminCaSha256")]
    _orderer_admin_ca_sha256: Option<String>,
    #[serde(default, deserialize_with = "optional_sha256")]
    pub(super) intermediate_ca_sha256: Option<String>,
    pub(super) ca_storage: Option<StorageWord>,
    #[serde(default)]
    pub(super) nodes: BTreeMap<String, Node>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Node {
    pub(super) kind: KindWord,
    pub(super) index: u32,
    pub(super) host: String,
    pub(super) storage: StorageWord,
    pub(super) gossip_bootstrap: Option<String>,
    pub(super) couchdb: Option<StorageWord>,
    pub(super) wal: Option<StorageWord>,
    pub(super) snapshots: Option<StorageWord>,
    #[serde(default)]
    pub(super) removed: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum StorageWord {
    Claim(Claim),
    Directory(DirectoryClaim),
    ExistingClaim(ExistingClaim),
    EmptyDir,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Claim {
    pub(super) name: String,
    pub(super) class: Option<String>,
    pub(super) size: String,
}

/// A claim of a directory: `nfs`, `hostPath` or `local`, with its path.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct DirectoryClaim {
    pub(super) name: String,
    #[serde(rename = "type")]
    pub(super) kind: DirectoryWord,
    pub(super) server: Option<String>,
    pub(super) path: String,
    pub(super) node: Option<String>,
    pub(super) size: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum DirectoryWord {
    Nfs,
    HostPath,
    Local,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ExistingClaim {
    pub(super) name: String,
}

#[derive(Deserialize)]
#[serde(try_from = "ChannelOnDisk")]
pub(super) struct Channel {
    pub(super) origin: Origin,
    pub(super) sequence: u64,
    pub(super) updates: Vec<Update>,
    pub(super) made_from: Facts,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Update {
    pub(super) adds: Vec<String>,
    #[serde(deserialize_with = "sha256")]
    pub(super) sha256: String,
    pub(super) signatures: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ChannelOnDisk {
    #[serde(default, deserialize_with = "optional_sha256")]
    genesis_sha256: Option<String>,
    system_channel: Option<String>,
    #[serde(default, deserialize_with = "optional_sha256")]
    creation_sha256: Option<String>,
    sequence: u64,
    #[serde(default)]
    updates: Vec<Update>,
    made_from: Facts,
}

impl TryFrom<ChannelOnDisk> for Channel {
    type Error = &'static str;

    fn try_from(it: ChannelOnDisk) -> Result<Self, Self::Error> {
        let origin = match (it.genesis_sha256, it.system_channel, it.creation_sha256) {
            (Some(sha256), None, None) => Origin::Genesis { sha256 },
            (None, Some(system_channel), Some(sha256)) => {
                Origin::Creation { system_channel, sha256 }
            }
            _ => {
                return Err(
                    "a channel has either `genesisSha256`, or `systemChannel` and `creationSha256`",
                );
            }
        };
        let (sequence, updates) = (it.sequence, it.updates);
        Ok(Self { origin, sequence, updates, made_from: it.made_from })
    }
}

#[derive(Deserialize)]
#[serde(try_from = "FactsOnDisk")]
pub(super) struct Facts {
    pub(super) members: Vec<Member>,
    pub(super) orderers: Vec<OrdererOrganization>,
    pub(super) consensus: Consensus,
    pub(super) consenters: Vec<Consenter>,
    pub(super) batch: Batch,
    pub(super) capabilities: CapabilityNames,
    pub(super) policies: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct FactsOnDisk {
    members: Vec<Member>,
    orderers: Vec<OrdererOrganization>,
    consensus: String,
    consenters: Vec<Consenter>,
    batch: Batch,
    raft: Option<consensus::Raft>,
    bft: Option<consensus::Bft>,
    kafka: Option<consensus::Kafka>,
    capabilities: CapabilityNames,
    policies: BTreeMap<String, String>,
}

impl TryFrom<FactsOnDisk> for Facts {
    type Error = String;

    fn try_from(it: FactsOnDisk) -> Result<Self, Self::Error> {
        let consensus =
            consensus::OnDisk { word: it.consensus, raft: it.raft, bft: it.bft, kafka: it.kafka };
        Ok(Self {
            members: it.members,
            orderers: it.orderers,
            consensus: consensus.try_into()?,
            consenters: it.consenters,
            batch: it.batch,
            capabilities: it.capabilities,
            policies: it.policies,
        })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Member {
    pub(super) organization: String,
    pub(super) anchors: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct OrdererOrganization {
    pub(super) organization: String,
    pub(super) endpoints: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Consenter {
    pub(super) id: u64,
    pub(super) organization: String,
    pub(super) orderer: String,
    pub(super) host: String,
    pub(super) port: u16,
    #[serde(default, deserialize_with = "optional_sha256")]
    pub(super) tls_sha256: Option<String>,
    #[serde(default, deserialize_with = "optional_sha256")]
    pub(super) sign_sha256: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Batch {
    pub(super) timeout: String,
    pub(super) max_messages: u32,
    pub(super) absolute_max_bytes: u32,
    pub(super) preferred_max_bytes: u32,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct CapabilityNames {
    pub(super) channel: String,
    pub(super) orderer: String,
    pub(super) application: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Chaincode {
    pub(super) channel: String,
    pub(super) version: String,
    pub(super) sequence: u64,
    pub(super) endorsement: Option<String>,
    pub(super) label: String,
    pub(super) package_id: String,
    #[serde(default, deserialize_with = "optional_sha256")]
    pub(super) indexes_sha256: Option<String>,
    pub(super) image: ImageReference,
    pub(super) since: semver::Version,
    pub(super) previous: Option<Previous>,
    #[serde(default)]
    pub(super) collections: Vec<super::collections::Shape>,
    #[serde(default)]
    pub(super) replaced: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Previous {
    pub(super) sequence: u64,
    pub(super) label: String,
    pub(super) package_id: String,
    #[serde(default, deserialize_with = "optional_sha256")]
    pub(super) indexes_sha256: Option<String>,
    pub(super) image: ImageReference,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ImageReference {
    pub(super) registry: String,
    pub(super) repository: String,
    pub(super) tag: String,
    pub(super) digest: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Chart {
    pub(super) version: semver::Version,
    #[serde(deserialize_with = "sha256")]
    pub(super) sha256: String,
}

fn expect_word<'de, D: Deserializer<'de>>(deserializer: D, word: &str) -> Result<(), D::Error> {
    let text = String::deserialize(deserializer)?;
    if text == word {
        Ok(())
    } else {
        Err(D::Error::custom(format!(
            "`{text}` is not `{word}`: another version of chart-builder wrote this lock"
        )))
    }
}

fn api_version<'de, D: Deserializer<'de>>(deserializer: D) -> Result<(), D::Error> {
    expect_word(deserializer, API_VERSION)
}

fn kind<'de, D: Deserializer<'de>>(deserializer: D) -> Result<(), D::Error> {
    expect_word(deserializer, KIND)
}

fn sha256<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    if text.len() == 64 && text.bytes().all(hex) {
        Ok(text)
    } else {
        Err(D::Error::custom(format!("`{text}` is not a SHA-256 in 64 lower-case hex digits")))
    }
}

fn optional_sha256<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    sha256(deserializer).map(Some)
}
