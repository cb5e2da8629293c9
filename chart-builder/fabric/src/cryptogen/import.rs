//! Reading a tree that `cryptogen` made: keys as `priv_sk` (from 2.0 on) or `<key identifier>_sk` (before), roles from
//! `config.yaml` or administrators in `admincerts`.
//!
//! Everything is checked, because a mistake would otherwise show in a running network: authorities, who issued what, which
//! key belongs to which certificate, and that every MSP in the tree has the organization's own authorities. Files that an
//! identity does not need are not looked at. Left out: intermediate authorities, revocation lists.

use std::collections::{BTreeMap, BTreeSet};

use super::fault::TreeFault;
use super::units;
use super::{Node, Organization, Pair, TreeKind, User};
use crate::Error;
use crate::msp::{Msp, OrganizationalUnits};
use crate::x509::{Certificate, PrivateKey, Role};

/// An organization as the tree has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// Certificates and keys; a key that is not in the tree is left out.
    pub organization: Organization,
    /// Certificates of administrators in `msp/admincerts`, by file name.
    pub admins: Vec<String>,
    /// Roles that `msp/config.yaml` reads from organizational units.
    pub units: OrganizationalUnits,
}

impl Imported {
    /// The MSP of the organization in a channel's configuration.
    pub fn msp(&self, id: String) -> Msp {
        let own = &self.organization;
        Msp {
            admins: self.admins.clone(),
            units: self.units,
            ..Msp::with_roots(id, own.ca.certificate.clone(), own.tls_ca.certificate.clone())
        }
    }
}

/// Reads the organizations of a tree, peers first, by domain; `files` are by path below the tree's root, with `/`.
///
/// An organization in both trees comes twice. All faults come in one error.
pub fn import(files: &BTreeMap<String, Vec<u8>>) -> Result<Vec<Imported>, Error> {
    let mut reader = Reader { files, faults: Vec::new() };
    let mut found = Vec::new();
    for kind in [TreeKind::Peers, TreeKind::Orderers] {
        for domain in reader.directories(kind.directories().0) {
            found.extend(reader.organization(kind, &domain));
        }
    }
    if found.is_empty() && reader.faults.is_empty() {
        let reason = "neither `peerOrganizations` nor `ordererOrganizations` is there".to_owned();
        reader.faults.push(TreeFault { path: ".".to_owned(), reason });
    }
    if reader.faults.is_empty() { Ok(found) } else { Err(Error::Tree { faults: reader.faults }) }
}

/// The files, and what is wrong with them so far.
struct Reader<'a> {
    files: &'a BTreeMap<String, Vec<u8>>,
    faults: Vec<TreeFault>,
}

/// What every identity of an organization is checked against.
struct Authorities {
    ca: Certificate,
    tls_ca: Certificate,
    units: OrganizationalUnits,
}

impl Reader<'_> {
    fn organization(&mut self, kind: TreeKind, domain: &str) -> Option<Imported> {
        let (trees, nodes) = kind.directories();
        let root = format!("{trees}/{domain}");
        let ca = self.authority(&format!("{root}/ca"));
        let tls_ca = self.authority(&format!("{root}/tlsca"));
        let units = self.units(&format!("{root}/msp"));
        let (ca, tls_ca, units) = (ca?, tls_ca?, units?);
        let authorities = Authorities { ca: ca.1, tls_ca: tls_ca.1, units };
        self.check_msp(&format!("{root}/msp"), &authorities);
        let admins = self.admins(&format!("{root}/msp/admincerts"), &authorities);
        let role = match kind {
            TreeKind::Peers => Role::Peer,
            TreeKind::Orderers => Role::Orderer,
        };
        let mut organization = Organization {
            kind,
            domain: domain.to_owned(),
            ca: ca.0,
            tls_ca: tls_ca.0,
            nodes: Vec::new(),
            users: Vec::new(),
        };
        for directory in self.directories(&format!("{root}/{nodes}")) {
            let path = format!("{root}/{nodes}/{directory}");
            if let Some(name) = self.own_name(&path, &directory, &format!(".{domain}")) {
                organization.nodes.extend(self.node(&path, (name, role), &authorities));
            }
        }
        for directory in self.directories(&format!("{root}/users")) {
            let path = format!("{root}/users/{directory}");
            if let Some(name) = self.own_name(&path, &directory, &format!("@{domain}")) {
                organization.users.extend(self.user(&path, name, &authorities));
            }
        }
        Some(Imported { organization, admins, units })
    }

    fn node(
        &mut self,
        path: &str,
        (name, role): (String, Role),
        authorities: &Authorities,
    ) -> Option<Node> {
        let sign = self.identity(path, authorities);
        self.check_units(&format!("{path}/msp"), authorities);
        let tls = self.tls(path, &["server"], &authorities.tls_ca);
        let (sign, certificate) = sign?;
        if authorities.units.roles().contains(&role) {
            let unit = role.organizational_unit();
            if !certificate.organizational_units().iter().any(|own| own == unit) {
                let reason = format!("its certificate needs the organizational unit `{unit}`");
                self.fault(path, reason);
            }
        }
        Some(Node { name, sign, tls: tls? })
    }

    fn user(&mut self, path: &str, name: String, authorities: &Authorities) -> Option<User> {
        // Nobody reads roles from a user's MSP, and up to 1.3 it says none.
        let sign = self.identity(path, authorities);
        // Before 1.1 a user's files were named like a node's; a user without TLS is fine.
        let tls = if self.names(&format!("{path}/tls")).is_empty() {
            None
        } else {
            Some(self.tls(path, &["client", "server"], &authorities.tls_ca)?)
        };
        Some(User { name, sign: sign?.0, tls })
    }

    /// An authority's directory: one certificate, and a key or none.
    fn authority(&mut self, directory: &str) -> Option<(Pair, Certificate)> {
        let path = self.only_certificate(directory)?;
        let certificate = self.certificate(&path)?;
        let checked = certificate.check_authority().and(certificate.verify_issued_by(&certificate));
        if let Err(error) = checked {
            self.fault(&path, error.to_string());
        }
        let key = self.key(directory, &certificate)?;
        Some((Pair { certificate: certificate.pem().to_owned(), key }, certificate))
    }

    fn identity(&mut self, path: &str, authorities: &Authorities) -> Option<(Pair, Certificate)> {
        let msp = format!("{path}/msp");
        self.check_msp(&msp, authorities);
        let file = self.only_certificate(&format!("{msp}/signcerts"))?;
        let certificate = self.certificate(&file)?;
        self.check_issuer(&file, &certificate, &authorities.ca);
        let key = self.key(&format!("{msp}/keystore"), &certificate)?;
        Some((Pair { certificate: certificate.pem().to_owned(), key }, certificate))
    }

    /// The TLS pair of a node or user, under the first of these names that is there.
    fn tls(&mut self, path: &str, stems: &[&str], tls_ca: &Certificate) -> Option<Pair> {
        let directory = format!("{path}/tls");
        let present = |stem: &&&str| self.files.contains_key(&format!("{directory}/{stem}.crt"));
        let stem = stems.iter().find(present).or(stems.first()).copied().unwrap_or_default();
        let root = format!("{directory}/ca.crt");
        if let Some(other) = self.certificate(&root)
            && other.der() != tls_ca.der()
        {
            self.fault(&root, "it is not the organization's TLS authority".to_owned());
        }
        let file = format!("{directory}/{stem}.crt");
        let certificate = self.certificate(&file)?;
        self.check_issuer(&file, &certificate, tls_ca);
        let file = format!("{directory}/{stem}.key");
        let key = if self.files.contains_key(&file) {
            let pem = self.text(&file)?;
            if let Err(error) =
                PrivateKey::from_pem(&pem).and_then(|key| certificate.check_key(&key))
            {
                self.fault(&file, error.to_string());
            }
            Some(pem)
        } else {
            None
        };
        Some(Pair { certificate: certificate.pem().to_owned(), key })
    }

    /// The key of a certificate among the files `*_sk` of a directory. `None`: a fault; `Some(None)`: no key is there.
    #[expect(clippy::option_option, reason = "a missing key and a wrong one are two things")]
    fn key(&mut self, directory: &str, certificate: &Certificate) -> Option<Option<String>> {
        let names: Vec<String> =
            self.names(directory).into_iter().filter(|name| name.ends_with("_sk")).collect();
        for name in &names {
            let path = format!("{directory}/{name}");
            let pem = self.text(&path)?;
            match PrivateKey::from_pem(&pem) {
                Err(error) => {
                    self.fault(&path, error.to_string());
                    return None;
                }
                Ok(key) if certificate.check_key(&key).is_ok() => return Some(Some(pem)),
                Ok(_) => {}
            }
        }
        if names.is_empty() {
            return Some(None);
        }
        let name = &certificate.subject().common_name;
        self.fault(directory, format!("no key there belongs to certificate `{name}`"));
        None
    }

    /// Every MSP of the tree has the organization's authorities, and no others.
    fn check_msp(&mut self, msp: &str, authorities: &Authorities) {
        for (folder, authority) in
            [("cacerts", &authorities.ca), ("tlscacerts", &authorities.tls_ca)]
        {
            let directory = format!("{msp}/{folder}");
            if let Some(file) = self.only_certificate(&directory)
                && let Some(other) = self.certificate(&file)
                && other.der() != authority.der()
            {
                let name = &authority.subject().common_name;
                self.fault(&file, format!("it is not the organization's authority `{name}`"));
            }
        }
        for folder in ["intermediatecerts", "tlsintermediatecerts", "crls"] {
            let directory = format!("{msp}/{folder}");
            if !self.names(&directory).is_empty() {
                let reason = "intermediate authorities and revocation lists are not imported";
                self.fault(&directory, reason.to_owned());
            }
        }
    }

    /// Nodes of one organization read the same roles.
    fn check_units(&mut self, msp: &str, authorities: &Authorities) {
        if self.units(msp).is_some_and(|units| units != authorities.units) {
            let reason = "it reads other roles than the organization's own `config.yaml`";
            self.fault(msp, reason.to_owned());
        }
    }

    fn admins(&mut self, directory: &str, authorities: &Authorities) -> Vec<String> {
        let mut admins = Vec::new();
        for name in self.names(directory) {
            let path = format!("{directory}/{name}");
            if let Some(admin) = self.certificate(&path) {
                self.check_issuer(&path, &admin, &authorities.ca);
                admins.push(admin.pem().to_owned());
            }
        }
        if admins.is_empty() && authorities.units != OrganizationalUnits::All {
            let reason = "it needs the certificate of an administrator, because no organizational unit `admin` is read";
            self.fault(directory, reason.to_owned());
        }
        admins
    }

    fn units(&mut self, msp: &str) -> Option<OrganizationalUnits> {
        let path = format!("{msp}/config.yaml");
        if !self.files.contains_key(&path) {
            return Some(OrganizationalUnits::None);
        }
        let text = self.text(&path)?;
        match units::read(&text) {
            Err(reason) => {
                self.fault(&path, reason);
                None
            }
            Ok(read) => {
                for certificate in read.certificates {
                    if !self.files.contains_key(&format!("{msp}/{certificate}")) {
                        let reason = format!(
                            "`{certificate}` is not there, and Fabric would take the roles from any authority"
                        );
                        self.fault(&path, reason);
                    }
                }
                Some(read.units)
            }
        }
    }

    fn check_issuer(&mut self, path: &str, certificate: &Certificate, authority: &Certificate) {
        if let Err(error) = certificate.verify_issued_by(authority) {
            self.fault(path, error.to_string());
        }
    }

    fn own_name(&mut self, path: &str, directory: &str, suffix: &str) -> Option<String> {
        let name = directory.strip_suffix(suffix).filter(|name| !name.is_empty());
        if name.is_none() {
            self.fault(path, format!("its name has to end with `{suffix}`"));
        }
        name.map(str::to_owned)
    }

    /// The only PEM file of a directory.
    fn only_certificate(&mut self, directory: &str) -> Option<String> {
        let names: Vec<String> = self
            .names(directory)
            .into_iter()
            .filter(|name| [".pem", ".crt"].iter().any(|end| name.ends_with(end)))
            .collect();
        if let [name] = names.as_slice() {
            Some(format!("{directory}/{name}"))
        } else {
            let count = names.len();
            self.fault(directory, format!("expected one certificate (`*.pem`), found {count}"));
            None
        }
    }

    fn certificate(&mut self, path: &str) -> Option<Certificate> {
        let pem = self.text(path)?;
        Certificate::from_pem(&pem).map_err(|error| self.fault(path, error.to_string())).ok()
    }

    fn text(&mut self, path: &str) -> Option<String> {
        let text = match self.files.get(path) {
            None => Err("the file is missing"),
            Some(bytes) => std::str::from_utf8(bytes).map_err(|_| "the file is no text"),
        };
        text.map(str::to_owned).map_err(|reason| self.fault(path, reason.to_owned())).ok()
    }

    /// Names of the files right below a directory.
    fn names(&self, directory: &str) -> Vec<String> {
        self.below(directory).filter(|rest| !rest.contains('/')).map(str::to_owned).collect()
    }

    /// Names of the directories right below a directory.
    fn directories(&self, directory: &str) -> BTreeSet<String> {
        self.below(directory)
            .filter_map(|rest| rest.split_once('/'))
            .map(|(name, _)| name.to_owned())
            .collect()
    }

    fn below(&self, directory: &str) -> impl Iterator<Item = &str> {
        let prefix = format!("{directory}/");
        self.files.range(prefix.clone()..).map_while(move |(path, _)| {
            let matches = path.starts_with(&prefix);
            matches.then(|| path.get(prefix.len()..).unwrap_or_default())
        })
    }

    fn fault(&mut self, path: &str, reason: String) {
        let fault = TreeFault { path: path.to_owned(), reason };
        if !self.faults.contains(&fault) {
            self.faults.push(fault);
        }
    }
}
