//! The network and its material side by side: look-ups that name what is missing.

use chart_format::digest::Sha256;
use chart_format::yaml::Map;

use super::LowerError;
use crate::material::{
    ChaincodePackage, Creation, FrozenChannel, Material, NodeMaterial, OrganizationMaterial,
};
use crate::model::{
    Chaincode, Channel, Member, NamespaceMode, Network, Organization, Owner, Release, Storage,
    names,
};

/// Whole numbers up to this one survive Helm, which reads values as floating-point numbers.
const MAX_EXACT: u64 = 9_007_199_254_740_991;

/// Everything that lowering reads.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    pub(super) network: &'a Network,
    pub(super) material: &'a Material,
    /// The release whose chart is made.
    pub(super) release: &'a Release,
}

impl<'a> View<'a> {
    pub(super) fn organization(&self, name: &str) -> Result<&'a Organization, LowerError> {
        self.network
            .organization(name)
            .ok_or_else(|| LowerError::Unknown { kind: "organization", name: name.to_owned() })
    }

    /// Organizations whose nodes the release holds: none that runs its nodes somewhere else.
    pub(super) fn organizations(&self) -> impl Iterator<Item = &'a Organization> + use<'a> {
        let release = self.release;
        let organizations = self.network.organizations.iter();
        organizations.filter(move |it| !it.is_external() && release.holds_organization(&it.name))
    }

    /// Members with peers on the channel whose nodes the release holds.
    pub(super) fn members_here(
        &self,
        channel: &'a Channel,
    ) -> impl Iterator<Item = &'a Member> + use<'a> {
        let release = self.release;
        let members = channel.members.iter().filter(|member| !member.peers.is_empty());
        members.filter(move |member| release.holds_organization(&member.organization))
    }

    /// Chaincodes whose servers the release holds: those of an umbrella are all.
    pub(super) fn chaincodes(&self) -> Result<Vec<&'a Chaincode>, LowerError> {
        let mut chaincodes = Vec::new();
        for chaincode in &self.network.chaincodes {
            let channel = self.channel(&chaincode.channel)?;
            let all = self.release.owner == Owner::Network;
            if all || self.members_here(channel).next().is_some() {
                chaincodes.push(chaincode);
            }
        }
        Ok(chaincodes)
    }

    pub(super) fn channel(&self, name: &str) -> Result<&'a Channel, LowerError> {
        self.network
            .channel(name)
            .ok_or_else(|| LowerError::Unknown { kind: "channel", name: name.to_owned() })
    }

    /// Public certificates by which members of an organization are known.
    pub(super) fn trust(&self, organization: &str) -> Result<Map, LowerError> {
        let own = self.certificates(organization)?;
        let mut trust = Map::new().with("ca", &own.ca).with("tlsCa", &own.tls_ca);
        if let Some(root) = &own.enrollment_ca {
            trust.insert("enrollmentCa", root);
        }
        if let Some(intermediate) = &own.intermediate_ca {
            trust.insert("intermediateCa", intermediate);
        }
        if own.named_admin || !self.network.line().knows_admin_unit(&self.network.fabric) {
            trust.insert("admin", &own.admin);
        }
        Ok(trust)
    }

    pub(super) fn certificates(
        &self,
        organization: &str,
    ) -> Result<&'a OrganizationMaterial, LowerError> {
        self.material
            .organizations
            .get(organization)
            .ok_or_else(|| LowerError::NoOrganization { organization: organization.to_owned() })
    }

    pub(super) fn genesis(&self, channel: &str) -> Result<&'a FrozenChannel, LowerError> {
        self.material
            .channels
            .get(channel)
            .ok_or_else(|| LowerError::NoGenesis { channel: channel.to_owned() })
    }

    pub(super) fn system_genesis(&self, channel: &str) -> Result<&'a FrozenChannel, LowerError> {
        self.material
            .system_channels
            .get(channel)
            .ok_or_else(|| LowerError::NoGenesis { channel: channel.to_owned() })
    }

    /// How a channel is made from a system channel.
    pub(super) fn creation(&self, channel: &str) -> Result<&'a Creation, LowerError> {
        self.material
            .creations
            .get(channel)
            .ok_or_else(|| LowerError::NoGenesis { channel: channel.to_owned() })
    }

    pub(super) fn package(
        &self,
        chaincode: &str,
        sequence: u64,
    ) -> Result<&'a ChaincodePackage, LowerError> {
        self.material
            .packages
            .get(chaincode)
            .and_then(|packages| packages.get(&sequence))
            .ok_or_else(|| LowerError::NoPackage { chaincode: chaincode.to_owned(), sequence })
    }

    /// Digests of a node's certificates: a renewed certificate restarts this node and no other.
    pub(super) fn identity(&self, organization: &str, node: &str) -> Result<Map, LowerError> {
        let certificates = self.certificates(organization)?;
        let NodeMaterial { sign, tls, .. } = certificates.nodes.get(node).ok_or_else(|| {
            LowerError::NoNode { organization: organization.to_owned(), node: node.to_owned() }
        })?;
        Ok(Map::new().with("sign", sha256(sign)).with("tls", sha256(tls)))
    }

    /// The organization's namespace without the network's prefix: what people call it in values.
    pub(super) fn base_namespace(&self, organization: &'a Organization) -> &'a str {
        let prefixed = self.network.namespaces == NamespaceMode::Prefixed;
        names::base_namespace(&self.network.name, &organization.namespace, prefixed)
    }

    /// Members that have peers on the channel, in the channel's order: the first one commits.
    pub(super) fn active_members(channel: &'a Channel) -> impl Iterator<Item = &'a Member> {
        channel.members.iter().filter(|member| !member.peers.is_empty())
    }

    /// Where clients reach a member: its first anchor, or its first peer.
    pub(super) fn endpoint(&self, member: &Member) -> Result<(String, u16), LowerError> {
        if let Some(anchor) = member.anchors.first() {
            return Ok((anchor.host.clone(), anchor.port));
        }
        let organization = self.organization(&member.organization)?;
        let peer = member.peers.first().map_or("peer0", String::as_str);
        Ok((organization.host(peer), names::PEER_PORT))
    }

    /// Chaincodes on channels where this organization has peers.
    pub(super) fn chaincodes_of(
        &self,
        organization: &str,
    ) -> Result<Vec<&'a Chaincode>, LowerError> {
        let mut chaincodes = Vec::new();
        for chaincode in &self.network.chaincodes {
            let channel = self.channel(&chaincode.channel)?;
            if Self::active_members(channel).any(|member| member.organization == organization) {
                chaincodes.push(chaincode);
            }
        }
        Ok(chaincodes)
    }
}

/// Lower-case hex SHA-256 of a text's bytes.
pub(super) fn sha256(text: &str) -> String {
    Sha256::of(text.as_bytes()).to_string()
}

/// A count as a value.
pub(super) fn number(what: &'static str, number: u64) -> Result<i64, LowerError> {
    match i64::try_from(number) {
        Ok(value) if number <= MAX_EXACT => Ok(value),
        _ => Err(LowerError::TooLarge { what, number }),
    }
}

/// Where a node's data lives, as the charts read it; without a name it is an emptyDir.
pub(super) fn claim(storage: &Storage) -> Map {
    match storage {
        Storage::Directory { claim, size, .. } => {
            Map::new().with("name", claim).with("size", size).with("create", true)
        }
        Storage::Claim { claim, class, size } => {
            let mut map = Map::new().with("name", claim).with("size", size).with("create", true);
            if let Some(class) = class {
                map.insert("class", class);
            }
            map
        }
        Storage::ExistingClaim { claim } => Map::new().with("name", claim).with("create", false),
        Storage::EmptyDir => Map::new().with("create", false),
    }
}

/// The same for a node's data, which may lie in a directory: then the claim is for the volume of that directory.
pub(super) fn data_claim(network: &Network, namespace: &str, storage: &Storage) -> Map {
    match storage {
        Storage::Directory { claim: name, .. } => {
            claim(storage).with("volume", names::volume(&network.name, namespace, name))
        }
        Storage::Claim { .. } | Storage::ExistingClaim { .. } | Storage::EmptyDir => claim(storage),
    }
}
