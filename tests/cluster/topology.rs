//! The networks of the suite: two organizations with peers, one with orderers, a channel and the canary on it.

use crate::cluster::Cluster;
use crate::settings::Case;

/// Name of the first channel.
pub(crate) const CHANNEL: &str = "mychannel";

/// Name of the channel that a later version adds.
pub(crate) const LATER_CHANNEL: &str = "laterchannel";

/// Name of the only chaincode.
pub(crate) const CHAINCODE: &str = "canary";

/// The organizations by their part of namespaces.
pub(crate) const ORGANIZATIONS: [&str; 3] = ["org1", "org2", "orderer"];

/// What differs between the networks and their versions.
#[derive(Debug, Clone)]
pub(crate) struct Topology {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) fabric: String,
    pub(crate) image: String,
    /// Where every node keeps its ledger, as it is written.
    pub(crate) node_storage: String,
    pub(crate) org1_peers: u32,
    pub(crate) org2_peers: u32,
    pub(crate) orderers: u32,
    /// How they agree.
    pub(crate) consensus: &'static str,
    /// Development admits what has no second copy.
    pub(crate) profile: &'static str,
    /// Memory limit of `peer0` of `Org2`, where it has one of its own.
    pub(crate) org2_peer0_memory: Option<&'static str>,
    /// Memory limit of every node.
    pub(crate) node_memory: &'static str,
    /// Servers of the chaincode in each organization.
    pub(crate) servers: u32,
    /// Of the chaincode's definition.
    pub(crate) sequence: u64,
    /// Whether there is a second channel.
    pub(crate) later_channel: bool,
    /// More that all peers share, as it is written within the mapping.
    pub(crate) peer_defaults: String,
    /// More about `Org1`, as it is written within the mapping.
    pub(crate) org1_more: String,
    /// More about the chaincode, as it is written within the mapping.
    pub(crate) chaincode_more: String,
    /// A release for each organization.
    pub(crate) per_owner: bool,
    /// `prefixed`; `plain` for what a cluster has once: two networks of this kind exclude each other.
    pub(crate) namespaces: &'static str,
    /// The organizations whose nodes are built, where the others are elsewhere.
    pub(crate) organizations: &'static [&'static str],
    /// The entries of the organizations, in their order, where they are others than the numbers above make.
    pub(crate) entries: [Option<String>; 3],
    /// Whether the chaincode is there: Fabric before 2.0 has no chaincodes as a service.
    pub(crate) has_chaincode: bool,
    /// More blocks of the file, each line with its end.
    pub(crate) more: String,
    /// The whole file, where something else has written it; the numbers above then only say what is in it.
    pub(crate) written: Option<String>,
}

impl Topology {
    /// Version 1.0.0 of a network, as small as two organizations and a majority of consenters can be.
    pub(crate) fn new(cluster: &Cluster, case: &Case, scenario: &str) -> Self {
        Self {
            name: format!("{scenario}-{}", case.suffix()),
            version: "1.0.0".to_owned(),
            fabric: case.fabric.clone(),
            image: cluster.settings.canary_image.clone(),
            node_storage: format!("{{class: {}, size: 1Gi}}", cluster.settings.storage_class),
            org1_peers: 1,
            org2_peers: 1,
            orderers: 3,
            consensus: "etcdraft",
            profile: "production",
            org2_peer0_memory: None,
            node_memory: "1Gi",
            servers: 1,
            sequence: 1,
            later_channel: false,
            peer_defaults: String::new(),
            org1_more: String::new(),
            chaincode_more: String::new(),
            per_owner: false,
            namespaces: "prefixed",
            organizations: &ORGANIZATIONS,
            entries: [None, None, None],
            has_chaincode: true,
            more: String::new(),
            written: None,
        }
    }

    /// The namespace of the umbrella, if there is one, then those of the organizations.
    pub(crate) fn namespaces(&self) -> Vec<String> {
        let umbrella = (!self.per_owner).then(|| self.name.clone());
        let kafka = (self.consensus == "kafka").then_some("kafka");
        let parts = self.organizations.iter().copied().chain(kafka);
        umbrella.into_iter().chain(parts.map(|it| self.namespace(it))).collect()
    }

    /// The namespace of an organization, or of Kafka.
    pub(crate) fn namespace(&self, organization: &str) -> String {
        if self.namespaces == "plain" {
            return organization.to_owned();
        }
        format!("{}-{organization}", self.name)
    }

    /// Whether `Org3` is there, a member of the first channel.
    pub(crate) fn has_org3(&self) -> bool {
        self.organizations.contains(&"org3")
    }

    /// network.yaml.
    pub(crate) fn text(&self) -> String {
        self.written.clone().unwrap_or_else(|| self.made())
    }

    fn made(&self) -> String {
        let Self { name, version, fabric, node_storage, more, .. } = self;
        let (consensus, profile) = (self.consensus, self.profile);
        let (org1, org2, orderers) = (self.org1_peers, self.org2_peers, self.orderers);
        let overrides = self.org2_peer0_memory.map_or_else(String::new, |memory| {
            format!(", overrides: {{peer0: {{resources: {{limits: {{memory: {memory}}}}}}}}}")
        });
        let later = if self.later_channel {
            format!("\n  - {{name: {LATER_CHANNEL}, members: [Org1, Org2]}}")
        } else {
            String::new()
        };
        let (third, joined) =
            if self.has_org3() { ("  - {name: Org3, peers: 1}\n", ", Org3") } else { ("", "") };
        let layout = if self.per_owner { ", layout: per-owner" } else { "" };
        let resources =
            format!("{{requests: {{cpu: 20m}}, limits: {{memory: {}}}}}", self.node_memory);
        let Self { peer_defaults, org1_more, .. } = self;
        let namespaces = self.namespaces;
        let entries = [
            format!("{{name: Org1, peers: {org1}{org1_more}}}"),
            format!("{{name: Org2, peers: {{count: {org2}{overrides}}}}}"),
            format!("{{name: Orderer, orderers: {orderers}}}"),
        ];
        let entries = entries.into_iter().zip(&self.entries);
        let entries = entries.map(|(made, other)| other.clone().unwrap_or(made));
        let organizations: String = entries.map(|entry| ["  - ", &entry, "\n"].concat()).collect();
        format!(
            "\
apiVersion: fabric-topology/v1
kind: FabricNetwork
metadata: {{name: {name}, version: {version}}}
release: {{namespaces: {namespaces}, profile: {profile}{layout}}}
fabric: {{version: {fabric}}}
defaults:
  peer: {{storage: {node_storage}, resources: {resources}{peer_defaults}}}
  orderer: {{storage: {node_storage}, resources: {resources}}}
organizations:
{organizations}{third}ordering: {{type: {consensus}}}
channels:
  - {{name: {CHANNEL}, members: [Org1, Org2{joined}]}}{later}
{}{more}",
            self.chaincodes()
        )
    }

    fn chaincodes(&self) -> String {
        if !self.has_chaincode {
            return String::new();
        }
        let Self { servers, sequence, image, chaincode_more, .. } = self;
        format!(
            "\
chaincodes:
  - {{name: {CHAINCODE}, channel: {CHANNEL}, version: \"{sequence}.0\", sequence: {sequence}, image: {image}, replicas: {servers}{chaincode_more}}}
"
        )
    }
}
