//! Identities that `cryptogen` made: the tree's certificates go to `public/` and its keys to `private/`, where everything
//! else finds them.
//!
//! The tree is compared with the whole topology first, and every fault of both is reported before something is written. A
//! file that is there already is never replaced by another one. Left out: users other than the administrator, who belong
//! into wallets.

use std::collections::BTreeMap;

use fabric_artifacts::cryptogen::{Imported, Pair, TreeKind, import};
use fabric_artifacts::msp::OrganizationalUnits;
use fabric_artifacts::x509::Certificate;
use time::OffsetDateTime;

use super::error::{IdentitiesError, IdentityFault};
use super::{Site, issue, validity};
use crate::directory::{self, DirectoryError, optional_file, paths};
use crate::model::{Crypto, Organization};

/// Largest file of a tree, in bytes.
const MAX_FILE_BYTES: u64 = 1 << 20;
/// Most files of a tree: a hundred organizations with a hundred nodes have some 150,000.
const MAX_FILES: usize = 500_000;
/// The two trees.
const TREES: [&str; 2] = ["peerOrganizations", "ordererOrganizations"];

/// Takes over what the topology needs of the tree that it names; the files that were written.
pub(super) fn take_over(
    site: &Site<'_>,
    owner: Option<&str>,
    now: OffsetDateTime,
) -> Result<Vec<String>, IdentitiesError> {
    let Crypto::Files { path } = &site.network.crypto else { return Ok(Vec::new()) };
    let mut importer = Importer { site, path, now, faults: Vec::new(), files: BTreeMap::new() };
    let tree = read(site, path)?;
    let found = match import(&tree) {
        Ok(found) => found,
        Err(fabric_artifacts::Error::Tree { faults }) => {
            for fault in faults {
                importer.fault(&fault.path, fault.reason, AGAIN);
            }
            Vec::new()
        }
        Err(source) => return Err(IdentitiesError::Artifact { path: path.clone(), source }),
    };
    let organizations = site.network.organizations.iter();
    let mine = organizations.filter(|it| owner.is_none_or(|owner| owner == it.name));
    if importer.faults.is_empty() {
        for organization in mine {
            importer.organization(organization, &found);
        }
    }
    let new = importer.new_files()?;
    if !importer.faults.is_empty() {
        return Err(IdentitiesError::Faults(importer.faults));
    }
    for (file, text) in &new {
        site.writer.put_new(file, text.as_bytes(), issue::access_of(file))?;
    }
    Ok(new.into_iter().map(|(file, _)| file).collect())
}

/// Every file of the tree by its path with `/`, as far as it belongs to an organization.
fn read(site: &Site<'_>, path: &str) -> Result<BTreeMap<String, Vec<u8>>, IdentitiesError> {
    let root = site.directory.path(path);
    let mut files = BTreeMap::new();
    for tree in TREES {
        let below = root.join(tree);
        if !below.is_dir() {
            continue;
        }
        for entry in walkdir::WalkDir::new(&below) {
            let entry = entry.map_err(|error| {
                let path = error.path().unwrap_or(&below).to_owned();
                DirectoryError::io("read", path)(error.into())
            })?;
            if entry.file_type().is_dir() {
                continue;
            }
            let name = entry.path().strip_prefix(&root).unwrap_or(entry.path());
            let parts: Option<Vec<&str>> =
                name.components().map(|part| part.as_os_str().to_str()).collect();
            let name =
                parts.ok_or_else(|| DirectoryError::NotText { path: entry.path().to_owned() })?;
            files.insert(name.join("/"), directory::file(entry.path(), MAX_FILE_BYTES)?);
            if files.len() > MAX_FILES {
                return Err(IdentitiesError::TreeTooLarge { path: path.to_owned() });
            }
        }
    }
    Ok(files)
}

struct Importer<'a> {
    site: &'a Site<'a>,
    /// Path of the tree as the topology says it.
    path: &'a str,
    now: OffsetDateTime,
    faults: Vec<IdentityFault>,
    /// What has to lie in the network directory.
    files: BTreeMap<String, String>,
}

impl Importer<'_> {
    fn organization(&mut self, organization: &Organization, found: &[Imported]) {
        let peers: Vec<&str> = organization.peers.iter().map(|it| it.name.as_str()).collect();
        let orderers: Vec<&str> = organization.orderers.iter().map(|it| it.name.as_str()).collect();
        let mut first: Option<&Imported> = None;
        for (kind, nodes) in [(TreeKind::Peers, peers), (TreeKind::Orderers, orderers)] {
            if nodes.is_empty() {
                continue;
            }
            let Some(own) = self.tree(organization, kind, found) else { continue };
            if first.is_some_and(|first| first.organization.ca != own.organization.ca) {
                let message = format!(
                    "organization `{}` has another authority for its orderers than for its peers",
                    organization.name
                );
                let fix = "an organization has one MSP: write two organizations, one with peers and one with orderers";
                self.fault(&directory_of(kind, &organization.domain), message, fix);
                continue;
            }
            if first.is_none() {
                self.authorities(organization, own);
                first = Some(own);
            }
            for node in nodes {
                self.node(organization, own, node);
            }
        }
    }

    /// The tree of an organization in one role.
    fn tree<'found>(
        &mut self,
        organization: &Organization,
        kind: TreeKind,
        found: &'found [Imported],
    ) -> Option<&'found Imported> {
        let of_kind = || found.iter().filter(|it| it.organization.kind == kind);
        let own = of_kind().find(|it| it.organization.domain == organization.domain);
        if own.is_none() {
            let known: Vec<_> =
                of_kind().map(|it| format!("`{}`", it.organization.domain)).collect();
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            let message =
                format!("organization `{}` is not there; there are {known}", organization.name);
            let fix = "write `domain:` of the organization as in cryptogen's configuration, or make the tree with it";
            self.fault(&directory_of(kind, &organization.domain), message, fix);
        }
        own
    }

    fn authorities(&mut self, organization: &Organization, own: &Imported) {
        let name = &organization.name;
        let tree = &own.organization;
        self.place(paths::ca_certificate(name), &tree.ca.certificate);
        self.place(paths::tls_ca_certificate(name), &tree.tls_ca.certificate);
        for (file, pair) in
            [(paths::ca_key(name), &tree.ca), (paths::tls_ca_key(name), &tree.tls_ca)]
        {
            if let Some(key) = &pair.key {
                self.place(file, key);
            }
        }
        let admin = tree.users.iter().find(|user| user.name == "Admin");
        let users = format!("{}/users", directory_of(tree.kind, &tree.domain));
        match admin {
            Some(admin) => {
                let files = (paths::admin_certificate(name), paths::admin_key(name));
                let place = format!("{users}/Admin@{}/msp", tree.domain);
                self.pair(&place, &admin.sign, files);
                if own.units != OrganizationalUnits::All {
                    self.named_admin(organization, own, &admin.sign);
                }
            }
            None => self.fault(
                &users,
                format!("there is no user `Admin@{}`", tree.domain),
                "make the tree again: cryptogen makes an administrator for each organization",
            ),
        }
        if let (OrganizationalUnits::All, Some(text)) =
            (own.units, own.units.config_yaml("cacerts/ca.pem"))
            && !self.vouches_any_authority(&paths::msp_config(name))
        {
            self.place(paths::msp_config(name), &text);
        }
    }

    /// Whether an earlier run let the intermediate of a Fabric CA vouch for roles as well. What cannot be read is reported
    /// when it is compared with the tree.
    fn vouches_any_authority(&self, file: &str) -> bool {
        let text = OrganizationalUnits::All.config_yaml_of_any_authority();
        let present = optional_file(&self.site.directory.path(file), MAX_FILE_BYTES);
        matches!((text, present), (Some(text), Ok(Some(present))) if present == text.as_bytes())
    }

    /// Without the unit `admin` an administrator is who stands in `admincerts`.
    fn named_admin(&mut self, organization: &Organization, own: &Imported, admin: &Pair) {
        if own.units == OrganizationalUnits::ClientAndPeer {
            self.fault(
                &format!("{}/msp/config.yaml", directory_of(own.organization.kind, &organization.domain)),
                "it reads the units `client` and `peer` only, as Fabric 1.1 to 1.4.2 did".to_owned(),
                "make the tree again with cryptogen 1.4.3 or later and `EnableNodeOUs: true`, or without it",
            );
        }
        if !own.admins.contains(&admin.certificate) {
            self.fault(
                &format!(
                    "{}/msp/admincerts",
                    directory_of(own.organization.kind, &organization.domain)
                ),
                "the certificate of user `Admin` is not among the administrators".to_owned(),
                AGAIN,
            );
        }
        self.place(paths::named_admin_certificate(&organization.name), &admin.certificate);
    }

    fn node(&mut self, organization: &Organization, own: &Imported, node: &str) {
        let tree = &own.organization;
        let directory = match tree.kind {
            TreeKind::Peers => "peers",
            TreeKind::Orderers => "orderers",
        };
        let root = directory_of(tree.kind, &tree.domain);
        let place = format!("{root}/{directory}/{node}.{}", tree.domain);
        let Some(found) = tree.nodes.iter().find(|it| it.name == node) else {
            let message = format!("`{node}` of organization `{}` is not there", organization.name);
            let fix =
                "add it to cryptogen's configuration and run `cryptogen extend`, or lower `count`";
            return self.fault(&place, message, fix);
        };
        let name = &organization.name;
        let sign = (paths::sign_certificate(name, node), paths::sign_key(name, node));
        let tls = (paths::tls_certificate(name, node), paths::tls_key(name, node));
        self.pair(&format!("{place}/msp"), &found.sign, sign);
        self.pair(&format!("{place}/tls"), &found.tls, tls);
        self.check_names(&format!("{place}/tls/server.crt"), &found.tls, (organization, node));
    }

    /// The host by which everybody dials the node has to stand in its TLS certificate.
    fn check_names(
        &mut self,
        file: &str,
        pair: &Pair,
        (organization, node): (&Organization, &str),
    ) {
        let wanted = vec![organization.host(node)];
        // A certificate that cannot be read is a fault of the tree.
        let Ok(certificate) = Certificate::from_pem(&pair.certificate) else { return };
        if certificate.missing_names(&wanted).is_empty() {
            return;
        }
        let message = format!(
            "it is for `{}`, and `{node}` is dialled as `{}`",
            certificate.dns_names().join("`, `"),
            wanted.join("`, `")
        );
        let fix = format!(
            "add `SANS: [\"{{{{.Hostname}}}}.{}\"]` to the `Template` of `{}` in cryptogen's configuration and make the \
             tree again; or write `namespace: {}`, if that is a DNS label; or in a network that is not built yet \
             `domains: {{resolve: host-aliases, addresses: …}}`",
            organization.namespace, organization.domain, organization.domain
        );
        self.fault(file, message, &fix);
    }

    fn pair(&mut self, place: &str, pair: &Pair, (certificate, key): (String, String)) {
        self.place(certificate, &pair.certificate);
        match &pair.key {
            Some(text) => self.place(key, text),
            None => self.fault(
                place,
                "its key is not there".to_owned(),
                "put the whole tree there; other owners' identities are theirs: run with `--owner`",
            ),
        }
    }

    fn place(&mut self, file: String, text: &str) {
        self.files.insert(file, issue::with_one_newline(text));
    }

    /// What is not there yet; a file that is there and differs is a fault.
    fn new_files(&mut self) -> Result<Vec<(String, String)>, IdentitiesError> {
        let mut new = Vec::new();
        for (file, text) in std::mem::take(&mut self.files) {
            match optional_file(&self.site.directory.path(&file), MAX_FILE_BYTES)? {
                None => {
                    self.faults.extend(self.ended(&file, &text));
                    new.push((file, text));
                }
                Some(present) if present == text.as_bytes() => {}
                Some(_) => self.faults.push(IdentityFault {
                    message: format!("it is not the one of `{}`", self.path),
                    fix: "put the tree back that it was taken from, or move the file away if nothing was built with it"
                        .to_owned(),
                    file,
                }),
            }
        }
        Ok(new)
    }

    /// A certificate of the tree that nodes would refuse from the first second on.
    fn ended(&self, file: &str, text: &str) -> Option<IdentityFault> {
        // Keys are no certificates, and what cannot be read is said elsewhere.
        let certificate = Certificate::from_pem(text).ok()?;
        validity::has_ended(&certificate, self.now).then(|| IdentityFault {
            file: file.to_owned(),
            message: format!(
                "the one of `{}` ended on {}",
                self.path,
                certificate.not_after().date()
            ),
            fix: "make the tree again with cryptogen, or take one whose certificates are valid"
                .to_owned(),
        })
    }

    fn fault(&mut self, below: &str, message: String, fix: &str) {
        let file = format!("{}/{below}", self.path.trim_end_matches('/'));
        self.faults.push(IdentityFault { file, message, fix: fix.to_owned() });
    }
}

/// The fix for a tree that cryptogen has not made like this.
const AGAIN: &str = "restore the tree as cryptogen made it, or make it again";

fn directory_of(kind: TreeKind, domain: &str) -> String {
    match kind {
        TreeKind::Peers => format!("peerOrganizations/{domain}"),
        TreeKind::Orderers => format!("ordererOrganizations/{domain}"),
    }
}
