//! A small network of a Fabric version, decided, and its certificates.

use chart_builder::diagnostic::Diagnostics;
use chart_builder::lock::Lock;
use chart_builder::model::Network;
use chart_builder::resolve::resolve;
use chart_builder::source::Source;
use chart_builder::spec;
use fabric_artifacts::msp::{Msp, OrganizationalUnits};
use fabric_artifacts::x509::{Authority, AuthorityKind, Issuance, Issued, Leaf, Role, TEN_YEARS};
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use time::{Duration, OffsetDateTime};

/// One organization with a peer and an orderer.
pub(crate) fn network(version: &str) -> Network {
    let text = format!(
        "apiVersion: fabric-topology/v1\nkind: FabricNetwork\nmetadata: {{name: lines, version: 1.0.0}}\n\
         fabric: {{version: {version}}}\norganizations: [{{name: Org1, peers: 1, orderers: 1}}]\n\
         channels: [{{name: mychannel, members: [Org1]}}]\n"
    );
    let mut found = Diagnostics::default();
    let parsed = spec::parse(&Source::new("network.yaml", text), &mut found);
    assert!(found.is_empty(), "{found:?}");
    resolve(&parsed.spec.unwrap(), &Lock::default())
}

/// Its certificates, good on this machine from now on.
pub(crate) struct Certificates {
    pub(crate) ca: Authority,
    pub(crate) tls_ca: Authority,
    pub(crate) peer: Issued,
    pub(crate) orderer: Issued,
    pub(crate) admin: Issued,
    pub(crate) tls: Issued,
}

impl Certificates {
    pub(crate) fn issue() -> Self {
        let mut random = StdRng::from_seed([4; 32]);
        let mut issuance = Issuance {
            not_before: OffsetDateTime::now_utc() - Duration::minutes(5),
            lifetime: TEN_YEARS,
            random: &mut random,
        };
        let subject = |kind: AuthorityKind| kind.subject("org1", "org1");
        let ca = Authority::create(&subject(AuthorityKind::Signing), &mut issuance).unwrap();
        let tls_ca = Authority::create(&subject(AuthorityKind::Tls), &mut issuance).unwrap();
        let mut identity = |name: &str, role| {
            let leaf = Leaf::Identity { common_name: format!("{name}.org1"), role };
            ca.issue(&leaf, &mut issuance).unwrap()
        };
        let peer = identity("peer0", Role::Peer);
        let orderer = identity("orderer0", Role::Orderer);
        let admin = identity("admin", Role::Admin);
        let names = vec!["localhost".to_owned()];
        let leaf = Leaf::Tls { common_name: "node.org1".to_owned(), names };
        let tls = tls_ca.issue(&leaf, &mut issuance).unwrap();
        Self { ca, tls_ca, peer, orderer, admin, tls }
    }

    /// What channels say about the organization, with the units that their capability knows.
    pub(crate) fn msp(&self, channel_capability: &str) -> Msp {
        let units = OrganizationalUnits::of_channel(channel_capability);
        let admins = match units {
            OrganizationalUnits::All => Vec::new(),
            _ => vec![self.admin.certificate.pem().to_owned()],
        };
        Msp {
            id: "Org1MSP".to_owned(),
            roots: vec![self.ca.certificate().pem().to_owned()],
            tls_roots: vec![self.tls_ca.certificate().pem().to_owned()],
            admins,
            units,
            ..Msp::default()
        }
    }
}
