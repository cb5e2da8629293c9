//! What an organization's MSP says: its roots, and that roles are read from organizational units (`NodeOUs`).
//!
//! Left out: intermediate authorities, revocation lists, admin certificates (`NodeOUs` replace
//! them from the capability `V1_4_3` on).

use prost::Message as _;

use crate::block::messages::{
    FabricCryptoConfig, FabricMspConfig, FabricNodeOus, FabricOuIdentifier, MspConfig,
};
use crate::x509::Role;

/// Hash family of signatures: the only one that Fabric knows beside SHA3.
const SIGNATURE_HASH_FAMILY: &str = "SHA2";
/// Hash of identity identifiers.
const IDENTITY_HASH: &str = "SHA256";

/// The public side of an organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Msp {
    /// MSP id, for example `Org1MSP`.
    pub id: String,
    /// Roots of signing identities, PEM.
    pub roots: Vec<String>,
    /// Roots of TLS certificates, PEM.
    pub tls_roots: Vec<String>,
}

impl Msp {
    /// The `MSPConfig` message that stands in a channel's configuration.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let config = FabricMspConfig {
            name: self.id.clone(),
            root_certs: self.roots.iter().map(|root| root.clone().into_bytes()).collect(),
            crypto_config: Some(FabricCryptoConfig {
                signature_hash_family: SIGNATURE_HASH_FAMILY.to_owned(),
                identity_identifier_hash_function: IDENTITY_HASH.to_owned(),
            }),
            tls_root_certs: self.tls_roots.iter().map(|root| root.clone().into_bytes()).collect(),
            fabric_node_ous: Some(FabricNodeOus {
                enable: true,
                client_ou_identifier: Some(self.unit(Role::Client)),
                peer_ou_identifier: Some(self.unit(Role::Peer)),
                admin_ou_identifier: Some(self.unit(Role::Admin)),
                orderer_ou_identifier: Some(self.unit(Role::Orderer)),
            }),
            ..FabricMspConfig::default()
        };
        MspConfig { r#type: 0, config: config.encode_to_vec() }.encode_to_vec()
    }

    /// The unit is bound to the root if there is one; with several, each of them may vouch for each role.
    fn unit(&self, role: Role) -> FabricOuIdentifier {
        let certificate = match self.roots.as_slice() {
            [root] => root.clone().into_bytes(),
            _ => Vec::new(),
        };
        FabricOuIdentifier {
            certificate,
            organizational_unit_identifier: role.organizational_unit().to_owned(),
        }
    }
}

/// The text of `msp/config.yaml`; `certificate` is the root's path within the MSP, for example `cacerts/ca.pem`.
///
/// Fabric only warns when the path is wrong and takes the role from any root then, so the caller names a file that exists.
pub fn config_yaml(certificate: &str) -> String {
    let unit = |name: &str, role: Role| {
        format!(
            "  {name}OUIdentifier:\n    Certificate: {certificate}\n    OrganizationalUnitIdentifier: {}\n",
            role.organizational_unit()
        )
    };
    [
        "NodeOUs:\n  Enable: true\n".to_owned(),
        unit("Client", Role::Client),
        unit("Peer", Role::Peer),
        unit("Admin", Role::Admin),
        unit("Orderer", Role::Orderer),
    ]
    .concat()
}
