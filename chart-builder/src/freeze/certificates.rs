//! Reads the certificates of every organization and checks what Fabric would find out only at run time.
//!
//! Validity is not compared with today: a build has no clock. Preflight and monitoring do that.

use std::collections::BTreeMap;

use fabric_artifacts::x509::{Certificate, Role};

use super::configuration::knows_by_certificate;
use super::{Inputs, Words, codes, finding};
use crate::diagnostic::{Diagnostics, KeyPath};
use crate::directory::{PublicFiles, paths};
use crate::identities::{has_frozen_tls, installed_chaincodes, tls_names};
use crate::lock::LockedOrganization;
use crate::material::{NodeMaterial, OrganizationMaterial};
use crate::model::{Organization, names};

/// The certificates of all organizations whose files are complete and right.
pub(super) fn read(
    inputs: &Inputs<'_>,
    diagnostics: &mut Diagnostics,
) -> BTreeMap<String, OrganizationMaterial> {
    let mut organizations = BTreeMap::new();
    for (index, organization) in inputs.network.organizations.iter().enumerate() {
        let mut reader = Reader {
            public: inputs.public,
            path: KeyPath::root().key("organizations").index(index),
            named_admin: inputs
                .public
                .contains(&paths::named_admin_certificate(&organization.name)),
            missing: Vec::new(),
            diagnostics,
        };
        let material = if organization.is_external() {
            reader.external(inputs, organization)
        } else {
            reader.organization(inputs, organization)
        };
        reader.report_missing(organization);
        if let Some(material) = material {
            organizations.insert(organization.name.clone(), material);
        }
    }
    organizations
}

struct Reader<'a> {
    public: &'a PublicFiles,
    path: KeyPath,
    /// No organizational unit says who is what: administrators are known by certificate.
    named_admin: bool,
    missing: Vec<String>,
    diagnostics: &'a mut Diagnostics,
}

/// What a leaf has to be.
struct Wanted<'a> {
    file: String,
    root: Option<&'a Certificate>,
    role: Option<Role>,
    names: Vec<String>,
}

impl Reader<'_> {
    fn organization(
        &mut self,
        inputs: &Inputs<'_>,
        organization: &Organization,
    ) -> Option<OrganizationMaterial> {
        let name = &organization.name;
        let locked = inputs.lock.organizations.get(name);
        let (ca, tls_ca) = self.roots(name, locked);
        let enrollment_ca = self.enrollment_ca(organization);
        let intermediate_ca = self.intermediate_ca(organization, (enrollment_ca.as_ref(), locked));
        let ca_server_tls = self.ca_server(inputs, organization, tls_ca.as_ref());
        let admin = self.leaf(&Wanted {
            file: paths::admin_certificate(name),
            root: ca.as_ref(),
            role: Some(Role::Admin),
            names: Vec::new(),
        });
        let nodes = self.nodes(inputs, organization, (ca.as_ref(), tls_ca.as_ref()));
        for chaincode in installed_chaincodes(inputs.network, name) {
            self.leaf(&Wanted {
                file: paths::chaincode_certificate(name, &chaincode.name),
                root: tls_ca.as_ref(),
                role: None,
                names: chaincode_names(chaincode),
            });
        }
        Some(OrganizationMaterial {
            ca: pem(ca)?,
            tls_ca: pem(tls_ca)?,
            enrollment_ca: pem(enrollment_ca),
            intermediate_ca: pem(intermediate_ca),
            ca_server_tls: pem(ca_server_tls),
            admin: pem(admin)?,
            named_admin: self.named_admin,
            nodes,
        })
    }

    /// The roots, and the administrator where no unit says who that is: whoever runs the nodes looks after the rest.
    fn external(
        &mut self,
        inputs: &Inputs<'_>,
        organization: &Organization,
    ) -> Option<OrganizationMaterial> {
        let name = &organization.name;
        let (ca, tls_ca) = self.roots(name, inputs.lock.organizations.get(name));
        let named = paths::named_admin_certificate(name);
        let admin = self.public.text(&named).map(str::to_owned);
        if admin.is_none() && knows_by_certificate(inputs.network, name) {
            self.missing.push(named);
        }
        Some(OrganizationMaterial {
            ca: pem(ca)?,
            tls_ca: pem(tls_ca)?,
            enrollment_ca: None,
            intermediate_ca: None,
            ca_server_tls: None,
            // Nobody reads it where a unit says who administers.
            admin: admin.unwrap_or_default(),
            named_admin: self.named_admin,
            nodes: BTreeMap::new(),
        })
    }

    /// The roots of identities and of TLS, which every organization has.
    fn roots(
        &mut self,
        name: &str,
        locked: Option<&LockedOrganization>,
    ) -> (Option<Certificate>, Option<Certificate>) {
        let ca = self.root(&paths::ca_certificate(name), locked.map(|it| &it.ca_sha256));
        let tls_ca =
            self.root(&paths::tls_ca_certificate(name), locked.map(|it| &it.tls_ca_sha256));
        (ca, tls_ca)
    }

    fn enrollment_ca(&mut self, organization: &Organization) -> Option<Certificate> {
        organization.ca.as_ref().filter(|ca| ca.is_intermediate())?;
        self.root(&paths::enrollment_ca_certificate(&organization.name), None)
    }

    /// The authority of the Fabric CA server; `None` also where it signs with the root, or is not there.
    fn intermediate_ca(
        &mut self,
        organization: &Organization,
        (root, locked): (Option<&Certificate>, Option<&LockedOrganization>),
    ) -> Option<Certificate> {
        organization.ca.as_ref().filter(|ca| ca.is_intermediate())?;
        let file = paths::intermediate_ca_certificate(&organization.name);
        let frozen = locked.and_then(|locked| locked.intermediate_ca_sha256.as_ref());
        let authority = self.root(&file, frozen)?;
        if let Some(root) = root
            && let Err(error) = authority.verify_issued_by(root)
        {
            self.refuse(&file, &error.to_string());
        }
        Some(authority)
    }

    fn ca_server(
        &mut self,
        inputs: &Inputs<'_>,
        organization: &Organization,
        root: Option<&Certificate>,
    ) -> Option<Certificate> {
        organization.ca.as_ref()?;
        let namespace = &organization.namespace;
        let inside =
            names::subject_alternative_names(names::CA, namespace, &inputs.network.cluster_domain);
        let aliased = names::aliased_host(inputs.network, names::CA, namespace);
        let outside = inputs.network.outside_host(names::CA, namespace);
        self.leaf(&Wanted {
            file: paths::ca_server_certificate(&organization.name),
            root,
            role: None,
            names: inside.into_iter().chain(aliased).chain(outside).collect(),
        })
    }

    fn nodes(
        &mut self,
        inputs: &Inputs<'_>,
        organization: &Organization,
        (ca, tls_ca): (Option<&Certificate>, Option<&Certificate>),
    ) -> BTreeMap<String, NodeMaterial> {
        let peers = organization.peers.iter().map(|peer| (&peer.name, Role::Peer));
        let orderers = organization.orderers.iter().map(|orderer| (&orderer.name, Role::Orderer));
        let mut nodes = BTreeMap::new();
        for (node, role) in peers.chain(orderers) {
            let sign = self.leaf(&Wanted {
                file: paths::sign_certificate(&organization.name, node),
                root: ca,
                role: Some(role),
                names: Vec::new(),
            });
            let tls = self.leaf(&Wanted {
                file: paths::tls_certificate(&organization.name, node),
                root: tls_ca,
                role: None,
                names: tls_names(
                    inputs.network,
                    organization,
                    (node, has_frozen_tls(inputs.lock, (&organization.name, node))),
                ),
            });
            if let (Some(sign), Some(tls)) = (pem(sign), tls) {
                let (tls_names, tls) = (tls.dns_names().to_vec(), tls.pem().to_owned());
                nodes.insert(node.clone(), NodeMaterial { sign, tls, tls_names });
            }
        }
        nodes
    }

    fn root(&mut self, file: &str, frozen: Option<&String>) -> Option<Certificate> {
        let root = self.certificate(file)?;
        if let Err(error) = root.check_authority() {
            self.refuse(file, &error.to_string());
        }
        if let Some(frozen) = frozen.filter(|frozen| **frozen != root.sha256()) {
            self.changed(file, &root, frozen);
        }
        Some(root)
    }

    fn leaf(&mut self, wanted: &Wanted<'_>) -> Option<Certificate> {
        let leaf = self.certificate(&wanted.file)?;
        if let Some(root) = wanted.root
            && let Err(error) = leaf.verify_issued_by(root)
        {
            self.refuse(&wanted.file, &error.to_string());
        }
        if leaf.is_authority() {
            self.refuse(&wanted.file, "it is a certificate authority, which no node may be");
        }
        match wanted.role {
            Some(role) if !self.named_admin => self.check_role(&wanted.file, &leaf, role),
            Some(_) => {}
            None => self.check_tls(wanted, &leaf),
        }
        Some(leaf)
    }

    fn check_role(&mut self, file: &str, leaf: &Certificate, role: Role) {
        let units: Vec<&str> = leaf.organizational_units().iter().map(String::as_str).collect();
        let roles = [Role::Peer, Role::Orderer, Role::Admin, Role::Client];
        let own = roles.into_iter().filter(|role| units.contains(&role.organizational_unit()));
        if own.collect::<Vec<_>>() != [role] {
            let wanted = role.organizational_unit();
            self.refuse(
                file,
                &format!(
                    "its organizational units are `{}`, and `{wanted}` has to be the only role among them",
                    units.join("`, `")
                ),
            );
        }
    }

    fn check_tls(&mut self, wanted: &Wanted<'_>, leaf: &Certificate) {
        if !(leaf.authenticates_servers() && leaf.authenticates_clients()) {
            self.refuse(
                &wanted.file,
                "it has to be for servers and clients (extended key usage): nodes dial each other",
            );
        }
        let missing = leaf.missing_names(&wanted.names);
        if !missing.is_empty() {
            self.refuse(&wanted.file, &format!("it does not cover `{}`", missing.join("`, `")));
        }
    }

    /// Reads a certificate; remembers a missing one, reports an unreadable one.
    fn certificate(&mut self, file: &str) -> Option<Certificate> {
        let Some(text) = self.public.text(file) else {
            if self.public.contains(file) {
                self.refuse(file, "it is not PEM text");
            } else {
                self.missing.push(file.to_owned());
            }
            return None;
        };
        match Certificate::from_pem(text) {
            Ok(certificate) => Some(certificate),
            Err(error) => {
                self.refuse(file, &error.to_string());
                None
            }
        }
    }

    fn refuse(&mut self, file: &str, reason: &str) {
        self.diagnostics.push(finding(
            codes::CERTIFICATE,
            self.path.clone(),
            Words {
                message: format!("`{file}` cannot be used: {reason}"),
                why: "nodes of Fabric would refuse it when they start or are dialled".to_owned(),
                fix: format!(
                    "restore the file, or remove it and run `chart-builder identities`: a key that is there stays, \
                     and `{file}` is issued for it"
                ),
            },
        ));
    }

    fn changed(&mut self, file: &str, certificate: &Certificate, frozen: &str) {
        self.diagnostics.push(finding(
            codes::CHANGED_CERTIFICATE,
            self.path.clone(),
            Words {
                message: format!(
                    "`{file}` has SHA-256 {}, and network.lock freezes {frozen}",
                    certificate.sha256()
                ),
                why: "running channels know the frozen one; an update for another one is not built yet"
                    .to_owned(),
                fix: format!("restore `{file}` from version control"),
            },
        ));
    }

    fn report_missing(&mut self, organization: &Organization) {
        if self.missing.is_empty() {
            return;
        }
        if organization.is_external() {
            return self.report_missing_msp(organization);
        }
        self.diagnostics.push(finding(
            codes::MISSING_IDENTITIES,
            self.path.clone(),
            Words {
                message: format!(
                    "organization `{}` has no identities for all of its nodes: `{}` {} not there",
                    organization.name,
                    self.missing.join("`, `"),
                    if self.missing.len() == 1 { "is" } else { "are" }
                ),
                why: "charts carry the digests of these certificates, and keys are made outside of a build"
                    .to_owned(),
                fix: format!(
                    "run `chart-builder identities`, or let its owner run `chart-builder identities --owner {}` and \
                     send `public/{}`",
                    organization.name, organization.name
                ),
            },
        ));
    }
}

impl Reader<'_> {
    fn report_missing_msp(&mut self, organization: &Organization) {
        let name = &organization.name;
        self.diagnostics.push(finding(
            codes::MISSING_IDENTITIES,
            self.path.clone(),
            Words {
                message: format!(
                    "the MSP of external organization `{name}` is not whole: `{}` {} not there",
                    self.missing.join("`, `"),
                    if self.missing.len() == 1 { "is" } else { "are" }
                ),
                why: "its members and nodes are recognized by them, on channels and when they are dialled"
                    .to_owned(),
                fix: format!(
                    "ask its owner for the MSP directory (`cacerts`, `tlscacerts`, and for channels below V1_4_3 an administrator's \
                     `admincerts`) and put the certificates there; a `chart-builder` of its own has them in `public/{name}`"
                ),
            },
        ));
    }
}

/// The server of the wanted sequence, and of the one before while it stays.
fn chaincode_names(chaincode: &crate::model::Chaincode) -> Vec<String> {
    let previous = chaincode.previous.as_ref().map(|previous| previous.sequence);
    let sequences = previous.into_iter().chain([chaincode.sequence]);
    sequences.map(|sequence| names::chaincode_server(&chaincode.name, sequence)).collect()
}

fn pem(certificate: Option<Certificate>) -> Option<String> {
    certificate.map(|certificate| certificate.pem().to_owned())
}
