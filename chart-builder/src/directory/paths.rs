//! The one place that says where things lie in a network directory: relative paths with `/`.

/// The topology: the only file that a person writes.
pub const TOPOLOGY: &str = "network.yaml";
/// What is frozen.
pub const LOCK: &str = "network.lock";
/// Certificates and blocks: committed and exchanged.
pub const PUBLIC: &str = "public";
/// Keys: never committed, never read by a build.
pub const PRIVATE: &str = "private";
/// The preview's own copy of everything.
pub const PREVIEW: &str = ".preview";
/// What version control leaves out.
pub const GIT_IGNORE: &str = ".gitignore";
/// What version control must not convert.
pub const GIT_ATTRIBUTES: &str = ".gitattributes";
/// The manifest with the umbrella's own namespace.
pub const NAMESPACE_MANIFEST: &str = "private/namespace.yaml";
/// The manifest with the namespace of one owner, where the owner may have no right to make it.
pub fn owner_namespace_manifest(organization: &str) -> String {
    format!("{PRIVATE}/{organization}/namespace.yaml")
}

/// A tree in cryptogen's layout.
pub const CRYPTO_CONFIG: &str = "private/crypto-config";

/// A directory of sources beside the topology, as a build reads it: `./indexes/` is `indexes`. `None` when it leads out of the
/// network's directory, is the whole of it, or belongs to something else.
pub fn source_directory(said: &str) -> Option<String> {
    let parts: Vec<&str> = said.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    let (first, escapes) = (parts.first().copied()?, said.starts_with('/') || said.contains('\\'));
    // A name with a leading dot is of version control, of an editor, or of a preview.
    let own = !matches!(first, PUBLIC | PRIVATE) && !parts.iter().any(|part| part.starts_with('.'));
    (own && !escapes).then(|| parts.join("/"))
}

/// Root of an organization's signing identities.
pub fn ca_certificate(organization: &str) -> String {
    format!("{PUBLIC}/{organization}/msp/cacerts/ca.pem")
}

/// Root of an organization's TLS certificates.
pub fn tls_ca_certificate(organization: &str) -> String {
    format!("{PUBLIC}/{organization}/msp/tlscacerts/tlsca.pem")
}

/// Root above the authority of an organization's Fabric CA server.
pub fn enrollment_ca_certificate(organization: &str) -> String {
    format!("{PUBLIC}/{organization}/msp/cacerts/enrollment.pem")
}

/// The authority of an organization's Fabric CA server, below the root of enrolment.
pub fn intermediate_ca_certificate(organization: &str) -> String {
    format!("{PUBLIC}/{organization}/msp/intermediatecerts/ca.pem")
}

/// TLS certificate of an organization's Fabric CA server.
pub fn ca_server_certificate(organization: &str) -> String {
    format!("{PUBLIC}/{organization}/ca/tls.pem")
}

/// An organization's `NodeOUs` configuration.
pub fn msp_config(organization: &str) -> String {
    format!("{PUBLIC}/{organization}/msp/config.yaml")
}

/// Signing certificate of an organization's administrator.
pub fn admin_certificate(organization: &str) -> String {
    format!("{PUBLIC}/{organization}/admin/sign.pem")
}

/// The administrator's certificate where Fabric knows it by this file and by no organizational unit.
pub fn named_admin_certificate(organization: &str) -> String {
    format!("{PUBLIC}/{organization}/msp/admincerts/admin.pem")
}

/// Signing certificate of a node.
pub fn sign_certificate(organization: &str, node: &str) -> String {
    format!("{PUBLIC}/{organization}/nodes/{node}/sign.pem")
}

/// TLS certificate of a node.
pub fn tls_certificate(organization: &str, node: &str) -> String {
    format!("{PUBLIC}/{organization}/nodes/{node}/tls.pem")
}

/// TLS certificate of an organization's servers of a chaincode.
pub fn chaincode_certificate(organization: &str, chaincode: &str) -> String {
    format!("{PUBLIC}/{organization}/chaincodes/{chaincode}/tls.pem")
}

/// A channel's block 0.
pub fn genesis_block(channel: &str) -> String {
    format!("{PUBLIC}/channels/{channel}/genesis.block")
}

/// The transaction that makes a channel from a system channel, unsigned.
pub fn channel_creation(channel: &str) -> String {
    format!("{PUBLIC}/channels/{channel}/create.tx")
}

/// An update of a channel, unsigned.
pub fn channel_update(channel: &str, number: u64) -> String {
    format!("{PUBLIC}/channels/{channel}/update-{number}.pb")
}

/// An organization's signature over an update of a channel.
pub fn update_signature(channel: &str, number: u64, organization: &str) -> String {
    format!("{PUBLIC}/channels/{channel}/update-{number}.{organization}.signature")
}

/// Key of the root of signing identities: stays offline, in no manifest.
pub fn ca_key(organization: &str) -> String {
    format!("{PRIVATE}/{organization}/offline/ca.key")
}

/// Key of the root of TLS certificates: stays offline, in no manifest.
pub fn tls_ca_key(organization: &str) -> String {
    format!("{PRIVATE}/{organization}/offline/tlsca.key")
}

/// Signing key of an organization's administrator.
pub fn admin_key(organization: &str) -> String {
    format!("{PRIVATE}/{organization}/admin/sign.key")
}

/// Signing key of a node.
pub fn sign_key(organization: &str, node: &str) -> String {
    format!("{PRIVATE}/{organization}/nodes/{node}/sign.key")
}

/// TLS key of a node.
pub fn tls_key(organization: &str, node: &str) -> String {
    format!("{PRIVATE}/{organization}/nodes/{node}/tls.key")
}

/// Password of the `CouchDB` of a peer.
pub fn couchdb_password(organization: &str, peer: &str) -> String {
    format!("{PRIVATE}/{organization}/nodes/{peer}/couchdb.password")
}

/// TLS key of an organization's servers of a chaincode.
pub fn chaincode_key(organization: &str, chaincode: &str) -> String {
    format!("{PRIVATE}/{organization}/chaincodes/{chaincode}/tls.key")
}

/// Key of the root above the authority of a Fabric CA server: stays offline, in no manifest.
pub fn enrollment_ca_key(organization: &str) -> String {
    format!("{PRIVATE}/{organization}/offline/enrollment-ca.key")
}

/// Key of the authority of an organization's Fabric CA server.
pub fn intermediate_ca_key(organization: &str) -> String {
    format!("{PRIVATE}/{organization}/ca/sign.key")
}

/// TLS key of an organization's Fabric CA server.
pub fn ca_server_key(organization: &str) -> String {
    format!("{PRIVATE}/{organization}/ca/tls.key")
}

/// Password of the first registrar of an organization's Fabric CA server.
pub fn ca_admin_password(organization: &str) -> String {
    format!("{PRIVATE}/{organization}/ca/admin.password")
}

/// Namespace and Secrets of an organization.
pub fn manifest(organization: &str) -> String {
    format!("{PRIVATE}/{organization}/manifest.yaml")
}
