//! The one place that gives things their names: hosts, Secrets, claims, Services.
//!
//! Organization = namespace and node = Service, so `peer0` of `org1` is `peer0.org1` (the scheme of 2017). Hosts in
//! channel configurations are `<node>.<namespace>` for ever. Nobody else formats a host name.

use super::Layout;

/// Port of a peer's gRPC listener.
pub const PEER_PORT: u16 = 7051;
/// Port of an orderer's gRPC listener.
pub const ORDERER_PORT: u16 = 7050;
/// Listener of orderers for other consenters, where clients come without TLS.
pub const ORDERER_CLUSTER_PORT: u16 = 7060;
/// Port of a peer's operations endpoint.
pub const PEER_OPERATIONS_PORT: u16 = 9443;
/// Port of an orderer's operations endpoint.
pub const ORDERER_OPERATIONS_PORT: u16 = 8443;
/// Container, and middle of the names, of a peer's state database.
pub const COUCHDB: &str = "couchdb";
/// Name of an organization's Fabric CA server: `ca.org1`.
pub const CA: &str = "ca";
/// Port of a Fabric CA server.
pub const CA_PORT: u16 = 7054;
/// Name of the Secret with the name and password of a Fabric CA server's first registrar.
pub const CA_ADMIN_SECRET: &str = "ca-admin";
/// Port of a chaincode server.
pub const CHAINCODE_PORT: u16 = 9999;
/// Port of a Kafka broker.
pub const KAFKA_PORT: u16 = 9092;
/// Namespace of Kafka and ZooKeeper unless the topology says another one, without the network's prefix.
pub const KAFKA_NAMESPACE: &str = "kafka";
/// Key of the values of the Kafka cluster.
pub const KAFKA_ALIAS: &str = "kafka";
/// Name of the Secret with the signing identity of an organization's administrator.
pub const ADMIN_SECRET: &str = "admin-sign";

/// `peer0`, `peer1`, …
pub fn peer(index: u32) -> String {
    format!("peer{index}")
}

/// `orderer0`, `orderer1`, …
pub fn orderer(index: u32) -> String {
    format!("orderer{index}")
}

/// `kafka0`, `kafka1`, …
pub fn broker(index: u32) -> String {
    format!("kafka{index}")
}

/// `zookeeper0`, `zookeeper1`, …
pub fn zookeeper(index: u32) -> String {
    format!("zookeeper{index}")
}

/// `peer0.org1`: what stands in channel configurations and certificates.
pub fn host(node: &str, namespace: &str) -> String {
    format!("{node}.{namespace}")
}

/// Every name by which a node is dialled: all of them stand in its TLS certificate, in this order.
pub fn subject_alternative_names(node: &str, namespace: &str, cluster_domain: &str) -> Vec<String> {
    let host = host(node, namespace);
    vec![
        host.clone(),
        node.to_owned(),
        format!("{host}.svc"),
        format!("{host}.svc.{cluster_domain}"),
        "localhost".to_owned(),
    ]
}

/// The names that a node's TLS certificate has to have: all of them in ours; in a tree of cryptogen the one by which other
/// nodes and clients of the network dial it.
pub fn needed_alternative_names(
    network: &super::Network,
    node: &str,
    namespace: &str,
) -> Vec<String> {
    match network.crypto {
        super::Crypto::Generated => {
            let mut names = subject_alternative_names(node, namespace, &network.cluster_domain);
            let rewritten = network.rewritten_domains().filter(|(_, own)| *own == namespace);
            names.extend(rewritten.map(|(domain, _)| host(node, domain)));
            names.extend(aliased_host(network, node, namespace));
            names
        }
        super::Crypto::Files { .. } => {
            vec![aliased_host(network, node, namespace).unwrap_or_else(|| host(node, namespace))]
        }
    }
}

/// The host of a node of an organization with host aliases.
pub fn aliased_host(network: &super::Network, node: &str, namespace: &str) -> Option<String> {
    let organization = network.organizations.iter().find(|it| it.namespace == namespace)?;
    organization.has_aliases().then(|| organization.host(node))
}

impl super::Organization {
    /// The host of its node: what stands in channel configurations and certificates.
    pub fn host(&self, node: &str) -> String {
        host(node, &self.host_domain)
    }

    /// Its hosts have dots that cluster DNS does not know: pods are told their addresses.
    pub fn has_aliases(&self) -> bool {
        self.host_domain != self.namespace
    }
}

/// Secret with a node's TLS key pair and its root.
pub fn tls_secret(node: &str) -> String {
    format!("{node}-tls")
}

/// Secret with a node's signing key pair and its root.
pub fn sign_secret(node: &str) -> String {
    format!("{node}-sign")
}

/// Claim of a node's data volume.
pub fn data_claim(node: &str) -> String {
    format!("data-{node}")
}

/// Claim of a log of an orderer that has a volume of its own: `wal-orderer0`.
pub fn log_claim(log: super::Log, orderer: &str) -> String {
    format!("{}-{orderer}", log.key())
}

/// Claim of the `CouchDB` of a peer.
pub fn couchdb_claim(peer: &str) -> String {
    format!("{COUCHDB}-{peer}")
}

/// Secret with the credentials of a peer's `CouchDB`.
pub fn couchdb_secret(peer: &str) -> String {
    format!("{peer}-{COUCHDB}")
}

/// `PersistentVolume` of a claim. Volumes lie in no namespace, so network and namespace stand in the name; dots keep them
/// apart, because neither has one.
pub fn volume(network: &str, namespace: &str, claim: &str) -> String {
    format!("{network}.{namespace}.{claim}")
}

/// Claim of an organization's part of a share: `crypto-peers`, `crypto-orderers`.
pub fn crypto_claim(nodes: &str) -> String {
    format!("crypto-{nodes}")
}

/// Service and Deployment of a chaincode server: `<chaincode>-<sequence>`.
pub fn chaincode_server(chaincode: &str, sequence: u64) -> String {
    format!("{chaincode}-{sequence}")
}

/// Sequences that one TLS certificate of a chaincode's servers covers.
pub const SEQUENCES_PER_CERTIFICATE: u64 = 32;

/// Every name by which the servers of a chaincode are dialled while its sequence lies in the same block of
/// [`SEQUENCES_PER_CERTIFICATE`], and the last one of the block before: that server runs on for one release.
pub fn chaincode_alternative_names(chaincode: &str, sequence: u64) -> Vec<String> {
    let before =
        (sequence.saturating_sub(1) / SEQUENCES_PER_CERTIFICATE) * SEQUENCES_PER_CERTIFICATE;
    let sequences = before.max(1)..=before.saturating_add(SEQUENCES_PER_CERTIFICATE);
    let servers = sequences.map(|sequence| chaincode_server(chaincode, sequence));
    servers.chain(["localhost".to_owned()]).collect()
}

/// Secret with the TLS key pair of an organization's servers of a chaincode.
pub fn chaincode_tls_secret(chaincode: &str) -> String {
    format!("{chaincode}-tls")
}

/// Name of the only consortium of a system channel.
pub const CONSORTIUM: &str = "Organizations";

/// Name of the system channel of an ordering group that names none; `None` is the only group of a network.
pub fn system_channel(group: Option<&str>) -> String {
    group.map_or_else(|| "system-channel".to_owned(), |group| format!("{group}-system-channel"))
}

/// Namespace of an organization.
pub fn namespace(network: &str, base: &str, prefixed: bool) -> String {
    if prefixed { format!("{network}-{base}") } else { base.to_owned() }
}

/// Release and chart of an owner's part of a network: `<network>-<organization>`. Charts have no dots in their names.
pub fn owner_release(network: &str, owner: &str) -> String {
    format!("{network}-{}", owner.to_lowercase().replace('.', "-"))
}

/// The release that holds the objects of an organization.
pub fn release_of(network: &str, layout: Layout, organization: &str) -> String {
    match layout {
        Layout::Umbrella => network.to_owned(),
        Layout::PerOwner => owner_release(network, organization),
    }
}

/// Keys of the chart's values that no part of a network may have, with whose they are.
pub const RESERVED_ALIASES: &[(&str, &str)] = &[
    ("global", "Helm"),
    ("tests", "the tests of the network"),
    ("fabric-network", "the chart of that name"),
    (DNS_ALIAS, "the checks of names"),
    (MONITORING_ALIAS, "monitoring"),
    ("fabric-common", "the library of that name"),
    ("enabled", "conditions of a chart that includes this one"),
];

/// Reserved keys that parts of a network have.
pub const ALIASES_OF_PARTS: &[&str] = &[DNS_ALIAS, MONITORING_ALIAS];

/// Key of the values of monitoring.
pub const MONITORING_ALIAS: &str = "fabric-monitoring";

/// Key of the values of the checks of names.
pub const DNS_ALIAS: &str = "fabric-dns";

/// Key of the values of an organization's peers: its namespace without the network's prefix, `org1`.
pub fn peers_alias(base_namespace: &str) -> String {
    base_namespace.to_owned()
}

/// Key of the values of an organization's orderers: `orderer-orderers`.
pub fn orderers_alias(base_namespace: &str) -> String {
    format!("{base_namespace}-orderers")
}

/// Key of the values of a chaincode: `chaincode-canary`.
pub fn chaincode_alias(chaincode: &str) -> String {
    format!("chaincode-{chaincode}")
}

/// The namespace of an organization without the prefix of its network, if it has one: what people call it in values.
pub fn base_namespace<'a>(network: &str, namespace: &'a str, prefixed: bool) -> &'a str {
    let base = namespace.strip_prefix(network).and_then(|rest| rest.strip_prefix('-'));
    base.filter(|_| prefixed).unwrap_or(namespace)
}
