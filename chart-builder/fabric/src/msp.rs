//! What an organization's MSP says: its roots, and how roles are known.
//!
//! From the channel capability `V1_4_3` on roles are read from organizational units; before, each administrator is named by
//! certificate. Left out: revocation lists, other words for the units.

use prost::Message as _;

use crate::Error;
use crate::block::Level;
use crate::block::messages::{
    FabricCryptoConfig, FabricMspConfig, FabricNodeOus, FabricOuIdentifier, MspConfig,
};
use crate::x509::Role;

/// Hash family of signatures: the only one that Fabric knows beside SHA3.
const SIGNATURE_HASH_FAMILY: &str = "SHA2";
/// Hash of identity identifiers.
const IDENTITY_HASH: &str = "SHA256";

/// The public side of an organization.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Msp {
    /// MSP id, for example `Org1MSP`.
    pub id: String,
    /// Roots of signing identities, PEM.
    pub roots: Vec<String>,
    /// Roots of TLS certificates, PEM.
    pub tls_roots: Vec<String>,
    /// Authorities below the roots of signing identities, PEM.
    pub intermediates: Vec<String>,
    /// Authorities below the TLS roots, PEM.
    pub tls_intermediates: Vec<String>,
    /// Certificates of administrators, PEM: needed where the units do not say who is one.
    pub admins: Vec<String>,
    /// Which roles are read from organizational units.
    pub units: OrganizationalUnits,
}

/// Which roles are read from the organizational units of certificates: Fabric's `NodeOUs`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum OrganizationalUnits {
    /// None: a certificate of the organization is a member, and those in `admins` administer.
    None,
    /// `client` and `peer`, as known from `V1_1` to `V1_4_2`; administrators are clients that stand in `admins`.
    ///
    /// A certificate with neither unit is no member then, so organizations with orderers read no units at that level.
    ClientAndPeer,
    /// `client`, `peer`, `admin` and `orderer`, from `V1_4_3` on.
    #[default]
    All,
}

impl OrganizationalUnits {
    /// The units of a channel with this capability, empty for none, whatever nodes its organizations have: below `V1_4_3` a
    /// certificate of an orderer has none that counts.
    pub fn of_channel(capability: &str) -> Self {
        if Level::of(capability) >= Level::V1_4_3 { Self::All } else { Self::None }
    }

    /// The roles that are read.
    pub fn roles(self) -> &'static [Role] {
        match self {
            Self::None => &[],
            Self::ClientAndPeer => &[Role::Client, Role::Peer],
            Self::All => &[Role::Client, Role::Peer, Role::Admin, Role::Orderer],
        }
    }

    /// The text of `msp/config.yaml`, nothing where there are no units; `certificate` is the root's path within the MSP, for
    /// example `cacerts/ca.pem`.
    ///
    /// Fabric only warns when the path is wrong and takes the role from any root then, so the caller names a file that exists.
    pub fn config_yaml(self, certificate: &str) -> Option<String> {
        self.yaml(&format!("    Certificate: {certificate}\n"))
    }

    /// The same where every authority of the MSP may vouch for every role: for an MSP with intermediates, whose identities
    /// have another chain than those of the root.
    pub fn config_yaml_of_any_authority(self) -> Option<String> {
        self.yaml("")
    }

    fn yaml(self, certificate: &str) -> Option<String> {
        if self.roles().is_empty() {
            return None;
        }
        let mut text = "NodeOUs:\n  Enable: true\n".to_owned();
        for role in self.roles() {
            let name = match role {
                Role::Client => "Client",
                Role::Peer => "Peer",
                Role::Admin => "Admin",
                Role::Orderer => "Orderer",
            };
            let unit = role.organizational_unit();
            let lines = format!(
                "  {name}OUIdentifier:\n{certificate}    OrganizationalUnitIdentifier: {unit}\n"
            );
            text.push_str(&lines);
        }
        Some(text)
    }

    fn read(units: Option<&FabricNodeOus>) -> Result<Self, &'static str> {
        let Some(units) = units.filter(|units| units.enable) else { return Ok(Self::None) };
        let says = |unit: &Option<FabricOuIdentifier>, role: Role| {
            unit.as_ref().map(|unit| unit.organizational_unit_identifier.as_str())
                == Some(role.organizational_unit())
        };
        let client_and_peer = says(&units.client_ou_identifier, Role::Client)
            && says(&units.peer_ou_identifier, Role::Peer);
        let absent = units.admin_ou_identifier.is_none() && units.orderer_ou_identifier.is_none();
        let admin_and_orderer = says(&units.admin_ou_identifier, Role::Admin)
            && says(&units.orderer_ou_identifier, Role::Orderer);
        match (client_and_peer, admin_and_orderer, absent) {
            (true, true, _) => Ok(Self::All),
            (true, false, true) => Ok(Self::ClientAndPeer),
            _ => Err(
                "its organizational units are not `client`, `peer`, `admin` and `orderer`, and not `client` and `peer`",
            ),
        }
    }
}

impl Msp {
    /// An MSP with one authority for each purpose, and all roles from organizational units.
    pub fn with_roots(id: String, root: String, tls_root: String) -> Self {
        Self { id, roots: vec![root], tls_roots: vec![tls_root], ..Self::default() }
    }

    /// The `MSPConfig` message that stands in a channel's configuration.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let units = self.units.roles();
        let unit = |role: Role| units.contains(&role).then(|| self.unit(role));
        let config = FabricMspConfig {
            name: self.id.clone(),
            root_certs: bytes(&self.roots),
            intermediate_certs: bytes(&self.intermediates),
            admins: bytes(&self.admins),
            crypto_config: Some(FabricCryptoConfig {
                signature_hash_family: SIGNATURE_HASH_FAMILY.to_owned(),
                identity_identifier_hash_function: IDENTITY_HASH.to_owned(),
            }),
            tls_root_certs: bytes(&self.tls_roots),
            tls_intermediate_certs: bytes(&self.tls_intermediates),
            fabric_node_ous: (!units.is_empty()).then(|| FabricNodeOus {
                enable: true,
                client_ou_identifier: unit(Role::Client),
                peer_ou_identifier: unit(Role::Peer),
                admin_ou_identifier: unit(Role::Admin),
                orderer_ou_identifier: unit(Role::Orderer),
            }),
            ..FabricMspConfig::default()
        };
        MspConfig { r#type: 0, config: config.encode_to_vec() }.encode_to_vec()
    }

    /// Bytes that stand in every block of a configuration with this MSP, its id and its roots: a sign for those who cannot
    /// decode it.
    pub fn mark(&self) -> Vec<u8> {
        let (name, root_certs) = (self.id.clone(), bytes(&self.roots));
        FabricMspConfig { name, root_certs, ..FabricMspConfig::default() }.encode_to_vec()
    }

    /// Reads an `MSPConfig`; `fault` makes an error from words.
    pub(crate) fn read(message: &MspConfig, fault: impl Fn(&str) -> Error) -> Result<Self, Error> {
        if message.r#type != 0 {
            return Err(fault("only MSPs of X.509 certificates are supported"));
        }
        let config = FabricMspConfig::decode(message.config.as_slice())
            .map_err(|error| fault(&error.to_string()))?;
        let units = OrganizationalUnits::read(config.fabric_node_ous.as_ref()).map_err(&fault)?;
        let texts = |certificates: Vec<Vec<u8>>| {
            certificates
                .into_iter()
                .map(|bytes| {
                    String::from_utf8(bytes).map_err(|_| fault("a certificate is not PEM text"))
                })
                .collect::<Result<Vec<String>, Error>>()
        };
        Ok(Self {
            id: config.name,
            roots: texts(config.root_certs)?,
            tls_roots: texts(config.tls_root_certs)?,
            intermediates: texts(config.intermediate_certs)?,
            tls_intermediates: texts(config.tls_intermediate_certs)?,
            admins: texts(config.admins)?,
            units,
        })
    }

    /// The unit is bound to the authority if there is one; with several, each of them may vouch for each role.
    fn unit(&self, role: Role) -> FabricOuIdentifier {
        let certificate = match (self.roots.as_slice(), self.intermediates.as_slice()) {
            ([root], []) => root.clone().into_bytes(),
            _ => Vec::new(),
        };
        FabricOuIdentifier {
            certificate,
            organizational_unit_identifier: role.organizational_unit().to_owned(),
        }
    }
}

/// The text of `msp/config.yaml` with all units; see [`OrganizationalUnits::config_yaml`].
pub fn config_yaml(certificate: &str) -> String {
    OrganizationalUnits::All.config_yaml(certificate).unwrap_or_default()
}

fn bytes(certificates: &[String]) -> Vec<Vec<u8>> {
    certificates.iter().map(|certificate| certificate.clone().into_bytes()).collect()
}
