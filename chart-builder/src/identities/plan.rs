//! Which keys and certificates a network needs, and where they lie: a function of the model and the lock.

use fabric_artifacts::x509::{AuthorityKind, Leaf, Role, Subject};

use super::passwords::{self, PasswordPlan};
use crate::directory::paths;
use crate::lock::{Lock, LockedConsenter};
use crate::model::{self, Network, names};

/// The longest part of a namespace that stands in a common name, which has 64 characters at most. Nothing compares
/// common names; hosts are compared with alternative names.
const MAX_DOMAIN_CHARACTERS: usize = 44;

/// Everything that one organization needs.
#[derive(Debug)]
pub(super) struct OrganizationPlan {
    pub(super) name: String,
    pub(super) namespace: String,
    pub(super) authorities: Vec<AuthorityPlan>,
    pub(super) credentials: Vec<CredentialPlan>,
    pub(super) passwords: Vec<PasswordPlan>,
}

/// A root that signs certificates.
#[derive(Debug)]
pub(super) struct AuthorityPlan {
    pub(super) kind: AuthorityKind,
    pub(super) subject: Subject,
    pub(super) place: Place,
    /// The Secret that carries it: only where a topology acknowledges that the key leaves its offline place.
    pub(super) secret: Option<String>,
}

/// A key with the certificate for it.
#[derive(Debug)]
pub(super) struct CredentialPlan {
    pub(super) issuer: AuthorityKind,
    pub(super) leaf: Leaf,
    pub(super) place: Place,
    /// Names that changed are no fault: the certificate is issued again for the same key.
    pub(super) renewable: bool,
    /// The Secret that carries it.
    pub(super) secret: Option<String>,
}

/// Files of a key pair.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) certificate: String,
    pub(super) key: String,
    /// Lower-case hex SHA-256 of the certificate's file, if the lock knows it.
    pub(super) frozen: Option<String>,
}

impl Place {
    fn new(certificate: String, key: String) -> Self {
        Self { certificate, key, frozen: None }
    }

    fn frozen(mut self, sha256: Option<String>) -> Self {
        self.frozen = sha256;
        self
    }
}

/// What the organizations need: all of them, or the one with the name `owner`.
pub(super) fn plan(network: &Network, lock: &Lock, owner: Option<&str>) -> Vec<OrganizationPlan> {
    let organizations = network.organizations.iter();
    organizations
        .filter(|organization| !organization.is_external())
        .filter(|organization| owner.is_none_or(|owner| owner == organization.name))
        .map(|organization| Planner { network, lock, organization }.plan())
        .collect()
}

struct Planner<'a> {
    network: &'a Network,
    lock: &'a Lock,
    organization: &'a model::Organization,
}

impl Planner<'_> {
    fn plan(&self) -> OrganizationPlan {
        let organization = self.organization;
        let mut credentials = vec![self.admin()];
        for peer in &organization.peers {
            credentials.extend(self.node(&peer.name, Role::Peer));
        }
        for orderer in &organization.orderers {
            credentials.extend(self.node(&orderer.name, Role::Orderer));
        }
        credentials.extend(self.ca_server());
        credentials.extend(self.chaincodes());
        OrganizationPlan {
            name: organization.name.clone(),
            namespace: organization.namespace.clone(),
            authorities: self.authorities(),
            credentials,
            passwords: passwords::plan(organization),
        }
    }

    fn domain(&self) -> String {
        let short: String =
            self.organization.namespace.chars().take(MAX_DOMAIN_CHARACTERS).collect();
        short.trim_end_matches('-').to_owned()
    }

    fn authorities(&self) -> Vec<AuthorityPlan> {
        let name = &self.organization.name;
        let frozen = self.lock.organizations.get(name);
        let authority = |kind: AuthorityKind, place: Place| AuthorityPlan {
            kind,
            subject: kind.subject(name, &self.domain()),
            place,
            secret: None,
        };
        let server = self.organization.ca.as_ref();
        let root_server = server.filter(|ca| !ca.is_intermediate());
        let intermediate_server = server.filter(|ca| ca.is_intermediate());
        let signing = authority(
            AuthorityKind::Signing,
            Place::new(paths::ca_certificate(name), paths::ca_key(name))
                .frozen(frozen.map(|frozen| frozen.ca_sha256.clone())),
        );
        let mut authorities = vec![
            AuthorityPlan { secret: root_server.map(|_| names::sign_secret(names::CA)), ..signing },
            authority(
                AuthorityKind::Tls,
                Place::new(paths::tls_ca_certificate(name), paths::tls_ca_key(name))
                    .frozen(frozen.map(|frozen| frozen.tls_ca_sha256.clone())),
            ),
        ];
        if intermediate_server.is_some() {
            let certificate = paths::enrollment_ca_certificate(name);
            let place = Place::new(certificate, paths::enrollment_ca_key(name));
            authorities.push(authority(AuthorityKind::Enrollment, place));
        }
        authorities
    }

    fn admin(&self) -> CredentialPlan {
        let name = &self.organization.name;
        CredentialPlan {
            issuer: AuthorityKind::Signing,
            leaf: Leaf::Identity {
                common_name: format!("Admin@{}", self.domain()),
                role: Role::Admin,
            },
            place: Place::new(paths::admin_certificate(name), paths::admin_key(name)),
            renewable: false,
            secret: Some(names::ADMIN_SECRET.to_owned()),
        }
    }

    fn node(&self, node: &str, role: Role) -> [CredentialPlan; 2] {
        let name = &self.organization.name;
        let common_name = names::host(node, &self.domain());
        // Nodes mount these pairs from the share then.
        let on_share = self.network.storage.share.is_some();
        let sign = CredentialPlan {
            issuer: AuthorityKind::Signing,
            leaf: Leaf::Identity { common_name: common_name.clone(), role },
            place: Place::new(paths::sign_certificate(name, node), paths::sign_key(name, node))
                .frozen(frozen_consenter(self.lock, (name, node), |it| it.sign_sha256.as_ref())),
            renewable: false,
            secret: (!on_share).then(|| names::sign_secret(node)),
        };
        let frozen = frozen_consenter(self.lock, (name, node), |it| it.tls_sha256.as_ref());
        let hosts = tls_names(self.network, self.organization, (node, frozen.is_some()));
        let tls = CredentialPlan {
            issuer: AuthorityKind::Tls,
            leaf: Leaf::Tls { common_name, names: hosts },
            place: Place::new(paths::tls_certificate(name, node), paths::tls_key(name, node))
                .frozen(frozen.clone()),
            // A name outside may come later, to nodes whose certificate stands in no channel.
            renewable: frozen.is_none() && self.network.exposure.domain.is_some(),
            secret: (!on_share).then(|| names::tls_secret(node)),
        };
        [sign, tls]
    }

    /// The Fabric CA server: its TLS certificate, and an authority of its own below the root of enrolment.
    fn ca_server(&self) -> Vec<CredentialPlan> {
        let (name, domain) = (&self.organization.name, self.domain());
        let Some(server) = &self.organization.ca else { return Vec::new() };
        let inside = names::subject_alternative_names(
            names::CA,
            &self.organization.namespace,
            &self.network.cluster_domain,
        );
        let outside = self.network.outside_host(names::CA, &self.organization.namespace);
        let aliased = names::aliased_host(self.network, names::CA, &self.organization.namespace);
        let hosts = inside.into_iter().chain(aliased).chain(outside).collect();
        let tls = CredentialPlan {
            issuer: AuthorityKind::Tls,
            leaf: Leaf::Tls { common_name: names::host(names::CA, &domain), names: hosts },
            place: Place::new(paths::ca_server_certificate(name), paths::ca_server_key(name)),
            renewable: self.network.exposure.domain.is_some(),
            secret: Some(names::tls_secret(names::CA)),
        };
        let locked = self.lock.organizations.get(name);
        let subject = Subject {
            common_name: format!("intermediate-ca.{domain}"),
            ..AuthorityKind::Enrollment.subject(name, &domain)
        };
        let intermediate = server.is_intermediate().then(|| CredentialPlan {
            issuer: AuthorityKind::Enrollment,
            leaf: Leaf::Authority { subject },
            place: Place::new(
                paths::intermediate_ca_certificate(name),
                paths::intermediate_ca_key(name),
            )
            .frozen(locked.and_then(|locked| locked.intermediate_ca_sha256.clone())),
            renewable: false,
            secret: Some(names::sign_secret(names::CA)),
        });
        [tls].into_iter().chain(intermediate).collect()
    }

    fn chaincodes(&self) -> impl Iterator<Item = CredentialPlan> {
        let name = &self.organization.name;
        installed_chaincodes(self.network, name).map(move |chaincode| CredentialPlan {
            issuer: AuthorityKind::Tls,
            leaf: Leaf::Tls {
                common_name: format!("chaincode.{}", self.domain()),
                names: names::chaincode_alternative_names(&chaincode.name, chaincode.sequence),
            },
            place: Place::new(
                paths::chaincode_certificate(name, &chaincode.name),
                paths::chaincode_key(name, &chaincode.name),
            ),
            renewable: true,
            secret: Some(names::chaincode_tls_secret(&chaincode.name)),
        })
    }
}

/// The chaincodes whose servers an organization runs: those on channels that its peers are members of.
pub(crate) fn installed_chaincodes<'network>(
    network: &'network Network,
    organization: &str,
) -> impl Iterator<Item = &'network model::Chaincode> {
    network.chaincodes.iter().filter(move |chaincode| {
        let service = chaincode.package.is_none();
        let channel = network.channel(&chaincode.channel).filter(|_| service);
        channel.is_some_and(|channel| {
            channel.members.iter().any(|member| member.organization == organization)
        })
    })
}

/// The TLS certificate of an orderer stands in a channel's configuration.
pub(crate) fn has_frozen_tls(lock: &Lock, orderer: (&str, &str)) -> bool {
    frozen_consenter(lock, orderer, |it| it.tls_sha256.as_ref()).is_some()
}

/// The names in a node's TLS certificate. One that stands in a channel's configuration keeps those that it has.
pub(crate) fn tls_names(
    network: &Network,
    organization: &model::Organization,
    (node, frozen): (&str, bool),
) -> Vec<String> {
    let namespace = &organization.namespace;
    let inside = names::needed_alternative_names(network, node, namespace);
    let outside = network.outside_host(node, namespace).filter(|_| !frozen);
    inside.into_iter().chain(outside).collect()
}

/// Digest of a certificate of an orderer, if a channel's configuration holds it.
fn frozen_consenter(
    lock: &Lock,
    (organization, orderer): (&str, &str),
    digest: fn(&LockedConsenter) -> Option<&String>,
) -> Option<String> {
    let channels = lock.system_channels.values().chain(lock.channels.values());
    let consenters = channels.flat_map(|channel| &channel.made_from.consenters);
    let mut own = consenters
        .filter(|consenter| consenter.organization == organization && consenter.orderer == orderer);
    own.find_map(digest).cloned()
}
