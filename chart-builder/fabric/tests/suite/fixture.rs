//! A network made from a seed: the same certificates in every run.

use std::convert::Infallible;

use fabric_artifacts::block::{
    AnchorPeer, ApplicationOrganization, BatchLimits, Capabilities, ChannelGenesis, Consensus,
    OrdererOrganization, RaftConsenter, RaftOptions,
};
use fabric_artifacts::msp::{Msp, OrganizationalUnits};
use fabric_artifacts::x509::{
    Authority, AuthorityKind, Issuance, Issued, Leaf, Role, Subject, TEN_YEARS,
};
use rand::{TryCryptoRng, TryRng};
use sha2::{Digest as _, Sha256};
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

/// When everything begins to be valid.
pub(crate) const BEGIN: OffsetDateTime = datetime!(2026-11-25 12:00 UTC);

/// Randomness that is none: SHA-256 of a seed and a counter, fixed whatever the libraries do.
pub(crate) struct Seeded {
    seed: String,
    counter: u64,
}

impl Seeded {
    pub(crate) fn new(seed: &str) -> Self {
        Self { seed: seed.to_owned(), counter: 0 }
    }
}

impl TryRng for Seeded {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(32) {
            let block = Sha256::digest(format!("{}/{}", self.seed, self.counter));
            chunk.copy_from_slice(&block[..chunk.len()]);
            self.counter += 1;
        }
        Ok(())
    }
}

impl TryCryptoRng for Seeded {}

/// Ten years from [`BEGIN`].
pub(crate) fn issuance(random: &mut Seeded) -> Issuance<'_> {
    Issuance { not_before: BEGIN, lifetime: TEN_YEARS, random }
}

pub(crate) struct Organization {
    pub(crate) name: String,
    pub(crate) domain: String,
    pub(crate) ca: Authority,
    pub(crate) tls_ca: Authority,
    pub(crate) peers: Vec<Node>,
    pub(crate) orderers: Vec<Node>,
    pub(crate) admin: Issued,
    pub(crate) admin_tls: Issued,
}

pub(crate) struct Node {
    pub(crate) name: String,
    pub(crate) host: String,
    pub(crate) sign: Issued,
    pub(crate) tls: Issued,
}

impl Organization {
    /// `Org1` with so many peers and orderers, in cryptogen's default place.
    pub(crate) fn new(name: &str, peers: usize, orderers: usize) -> Self {
        Self::issue(name, (peers, orderers), None, issuance(&mut Seeded::new(name)))
    }

    /// The same with certificates that real nodes accept today, on this machine.
    pub(crate) fn valid_now(name: &str, peers: usize, orderers: usize) -> Self {
        let not_before = OffsetDateTime::now_utc() - Duration::minutes(5);
        let mut random = Seeded::new(name);
        let issuance = Issuance { not_before, ..issuance(&mut random) };
        Self::issue(name, (peers, orderers), Some("localhost"), issuance)
    }

    fn issue(
        name: &str,
        (peers, orderers): (usize, usize),
        more: Option<&str>,
        mut issuance: Issuance<'_>,
    ) -> Self {
        let domain = name.to_lowercase();
        let subject = |kind: AuthorityKind| Subject {
            country: Some("US".to_owned()),
            province: Some("California".to_owned()),
            locality: Some("San Francisco".to_owned()),
            ..kind.subject(&domain, &domain)
        };
        let ca = Authority::create(&subject(AuthorityKind::Signing), &mut issuance).unwrap();
        let tls_ca = Authority::create(&subject(AuthorityKind::Tls), &mut issuance).unwrap();
        let mut node = |name: String, role: Role| {
            let host = format!("{name}.{domain}");
            let sign = Leaf::Identity { common_name: host.clone(), role };
            let names = [host.as_str(), name.as_str()].into_iter().chain(more);
            let names = names.map(str::to_owned).collect();
            let tls = Leaf::Tls { common_name: host.clone(), names };
            Node {
                sign: ca.issue(&sign, &mut issuance).unwrap(),
                tls: tls_ca.issue(&tls, &mut issuance).unwrap(),
                name,
                host,
            }
        };
        let peers = (0..peers).map(|index| node(format!("peer{index}"), Role::Peer)).collect();
        let orderers =
            (0..orderers).map(|index| node(format!("orderer{index}"), Role::Orderer)).collect();
        let common_name = format!("Admin@{domain}");
        let identity = Leaf::Identity { common_name: common_name.clone(), role: Role::Admin };
        let admin = ca.issue(&identity, &mut issuance).unwrap();
        let client = Leaf::Tls { common_name, names: Vec::new() };
        let admin_tls = tls_ca.issue(&client, &mut issuance).unwrap();
        Self { name: name.to_owned(), domain, ca, tls_ca, peers, orderers, admin, admin_tls }
    }

    pub(crate) fn msp(&self) -> Msp {
        Msp {
            id: format!("{}MSP", self.name),
            roots: vec![self.ca.certificate().pem().to_owned()],
            tls_roots: vec![self.tls_ca.certificate().pem().to_owned()],
            ..Msp::default()
        }
    }

    /// The MSP of channels whose capability does not know the unit `admin`.
    pub(crate) fn msp_with_admin(&self) -> Msp {
        Msp {
            admins: vec![self.admin.certificate.pem().to_owned()],
            units: OrganizationalUnits::None,
            ..self.msp()
        }
    }
}

/// A channel of these organizations: each with peers is a member, each with orderers orders.
pub(crate) fn genesis(organizations: &[Organization]) -> ChannelGenesis {
    let consenters = organizations
        .iter()
        .flat_map(|organization| &organization.orderers)
        .map(|node| RaftConsenter {
            host: node.host.clone(),
            port: 7050,
            client_tls: node.tls.certificate.pem().to_owned(),
            server_tls: node.tls.certificate.pem().to_owned(),
        })
        .collect();
    ChannelGenesis {
        channel: "mychannel".to_owned(),
        capabilities: Capabilities {
            channel: "V2_0".to_owned(),
            orderer: "V2_0".to_owned(),
            application: "V2_5".to_owned(),
        },
        batch: BatchLimits {
            timeout: "2s".to_owned(),
            max_messages: 500,
            absolute_max_bytes: 10 * 1024 * 1024,
            preferred_max_bytes: 2 * 1024 * 1024,
        },
        consensus: Consensus::Etcdraft { consenters, options: RaftOptions::default() },
        orderers: organizations
            .iter()
            .filter(|organization| !organization.orderers.is_empty())
            .map(|organization| OrdererOrganization {
                name: organization.name.clone(),
                msp: organization.msp(),
                endpoints: organization
                    .orderers
                    .iter()
                    .map(|node| format!("{}:7050", node.host))
                    .collect(),
            })
            .collect(),
        applications: organizations
            .iter()
            .filter(|organization| !organization.peers.is_empty())
            .map(|organization| ApplicationOrganization {
                name: organization.name.clone(),
                msp: organization.msp(),
                anchors: vec![AnchorPeer { host: organization.peers[0].host.clone(), port: 7051 }],
            })
            .collect(),
        timestamp: BEGIN,
    }
}

/// The article's network: two organizations with two peers, one with orderers.
pub(crate) fn article(orderers: usize) -> Vec<Organization> {
    vec![
        Organization::new("Org1", 2, 0),
        Organization::new("Org2", 2, 0),
        Organization::new("Orderers", 0, orderers),
    ]
}

/// An authority below the organization's, and a client that it has issued.
pub(crate) fn intermediate(organization: &Organization) -> (Authority, Issued) {
    let mut random = Seeded::new("intermediate");
    let mut issuance = issuance(&mut random);
    let subject = AuthorityKind::Signing.subject(&organization.name, "below");
    let authority = organization.ca.subordinate(&subject, &mut issuance).unwrap();
    let leaf = Leaf::Identity { common_name: "user".to_owned(), role: Role::Client };
    let issued = authority.issue(&leaf, &mut issuance).unwrap();
    (authority, issued)
}

/// A certificate that administers where administrators are clients.
pub(crate) fn client_admin(organization: &Organization) -> String {
    let leaf = Leaf::Identity {
        common_name: format!("Admin@{}", organization.domain),
        role: Role::Client,
    };
    let mut random = Seeded::new("client admin");
    let issued = organization.ca.issue(&leaf, &mut issuance(&mut random)).unwrap();
    issued.certificate.pem().to_owned()
}
