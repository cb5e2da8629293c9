//! The definition of an MSP.

use prost::Message;

/// `msp.MSPConfig`; type 0 is Fabric's own kind.
#[derive(Clone, PartialEq, Eq, Hash, Message)]
pub(crate) struct MspConfig {
    #[prost(int32, tag = "1")]
    pub(crate) r#type: i32,
    #[prost(bytes = "vec", tag = "2")]
    pub(crate) config: Vec<u8>,
}

/// `msp.FabricMSPConfig`.
#[derive(Clone, PartialEq, Eq, Hash, Message)]
pub(crate) struct FabricMspConfig {
    #[prost(string, tag = "1")]
    pub(crate) name: String,
    #[prost(bytes = "vec", repeated, tag = "2")]
    pub(crate) root_certs: Vec<Vec<u8>>,
    #[prost(bytes = "vec", repeated, tag = "3")]
    pub(crate) intermediate_certs: Vec<Vec<u8>>,
    #[prost(bytes = "vec", repeated, tag = "4")]
    pub(crate) admins: Vec<Vec<u8>>,
    #[prost(bytes = "vec", repeated, tag = "5")]
    pub(crate) revocation_list: Vec<Vec<u8>>,
    #[prost(message, repeated, tag = "7")]
    pub(crate) organizational_unit_identifiers: Vec<FabricOuIdentifier>,
    #[prost(message, optional, tag = "8")]
    pub(crate) crypto_config: Option<FabricCryptoConfig>,
    #[prost(bytes = "vec", repeated, tag = "9")]
    pub(crate) tls_root_certs: Vec<Vec<u8>>,
    #[prost(bytes = "vec", repeated, tag = "10")]
    pub(crate) tls_intermediate_certs: Vec<Vec<u8>>,
    #[prost(message, optional, tag = "11")]
    pub(crate) fabric_node_ous: Option<FabricNodeOus>,
}

/// `msp.FabricCryptoConfig`.
#[derive(Clone, PartialEq, Eq, Hash, Message)]
pub(crate) struct FabricCryptoConfig {
    #[prost(string, tag = "1")]
    pub(crate) signature_hash_family: String,
    #[prost(string, tag = "2")]
    pub(crate) identity_identifier_hash_function: String,
}

/// `msp.FabricOUIdentifier`.
#[derive(Clone, PartialEq, Eq, Hash, Message)]
pub(crate) struct FabricOuIdentifier {
    #[prost(bytes = "vec", tag = "1")]
    pub(crate) certificate: Vec<u8>,
    #[prost(string, tag = "2")]
    pub(crate) organizational_unit_identifier: String,
}

/// `msp.FabricNodeOUs`.
#[derive(Clone, PartialEq, Eq, Hash, Message)]
pub(crate) struct FabricNodeOus {
    #[prost(bool, tag = "1")]
    pub(crate) enable: bool,
    #[prost(message, optional, tag = "2")]
    pub(crate) client_ou_identifier: Option<FabricOuIdentifier>,
    #[prost(message, optional, tag = "3")]
    pub(crate) peer_ou_identifier: Option<FabricOuIdentifier>,
    #[prost(message, optional, tag = "4")]
    pub(crate) admin_ou_identifier: Option<FabricOuIdentifier>,
    #[prost(message, optional, tag = "5")]
    pub(crate) orderer_ou_identifier: Option<FabricOuIdentifier>,
}

/// `msp.SerializedIdentity`: here the principal of a policy that names one certificate.
#[derive(Clone, PartialEq, Eq, Hash, Message)]
pub(crate) struct SerializedIdentity {
    #[prost(string, tag = "1")]
    pub(crate) mspid: String,
    #[prost(bytes = "vec", tag = "2")]
    pub(crate) id_bytes: Vec<u8>,
}
