//! The directory layout of Fabric's own `cryptogen`, for tools and people who expect it.
//!
//! An organization with both roles is given twice, once for each tree. Nothing is written or read here: the caller gets and
//! gives relative paths, bytes and modes. [`import`] takes a tree that the tool made, of any version. Left out: what only a
//! wallet needs.

mod fault;
mod import;
mod units;

use std::collections::{BTreeMap, BTreeSet};

use crate::msp::config_yaml;

pub use fault::TreeFault;
pub use import::{Imported, import};

/// Mode of certificates and configuration.
const PUBLIC: u32 = 0o644;
/// Mode of keys.
const PRIVATE: u32 = 0o600;

/// Which of the two trees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TreeKind {
    /// `peerOrganizations/<domain>/peers/…`
    Peers,
    /// `ordererOrganizations/<domain>/orderers/…`
    Orderers,
}

impl TreeKind {
    /// Names of the directories of organizations and of their nodes.
    fn directories(self) -> (&'static str, &'static str) {
        match self {
            Self::Peers => ("peerOrganizations", "peers"),
            Self::Orderers => ("ordererOrganizations", "orderers"),
        }
    }
}

/// A certificate and, where the caller has it, its key, both PEM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// The certificate.
    pub certificate: String,
    /// PKCS#8; without it the key's file is left out.
    pub key: Option<String>,
}

/// One organization in one role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organization {
    /// Which tree it stands in.
    pub kind: TreeKind,
    /// Name of its directory and last part of its nodes' names, for example `org1`.
    pub domain: String,
    /// Root of signing identities.
    pub ca: Pair,
    /// Root of TLS certificates.
    pub tls_ca: Pair,
    /// Its peers or its orderers.
    pub nodes: Vec<Node>,
    /// Its administrator and other users.
    pub users: Vec<User>,
}

/// A peer or an orderer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// First part of its name, for example `peer0` of `peer0.org1`.
    pub name: String,
    /// Its signing identity.
    pub sign: Pair,
    /// Its TLS pair.
    pub tls: Pair,
}

/// A person or program that signs for the organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// First part of its name, for example `Admin` of `Admin@org1`.
    pub name: String,
    /// Its signing identity.
    pub sign: Pair,
    /// Its TLS client pair, if it has one.
    pub tls: Option<Pair>,
}

/// A file of the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its content.
    pub content: Vec<u8>,
    /// Its permissions: 0644, or 0600 for keys.
    pub mode: u32,
}

/// Everything to write; paths are relative and use `/`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tree {
    /// Files by path.
    pub files: BTreeMap<String, File>,
    /// Directories that have to be there though they are empty: `admincerts`, because roles come from `NodeOUs`.
    pub empty_directories: BTreeSet<String>,
}

impl Tree {
    /// Lays out these organizations.
    pub fn of(organizations: &[Organization]) -> Self {
        let mut tree = Self::default();
        for organization in organizations {
            tree.add_organization(organization);
        }
        tree
    }

    fn add_organization(&mut self, organization: &Organization) {
        let domain = &organization.domain;
        let (trees, nodes) = organization.kind.directories();
        let root = format!("{trees}/{domain}");
        self.add_authority(&format!("{root}/ca"), &ca_file(domain), &organization.ca);
        self.add_authority(&format!("{root}/tlsca"), &tls_ca_file(domain), &organization.tls_ca);
        self.add_msp(&format!("{root}/msp"), organization);
        for node in &organization.nodes {
            let name = format!("{}.{domain}", node.name);
            let directory = format!("{root}/{nodes}/{name}");
            self.add_identity(&directory, &name, (organization, &node.sign));
            self.add_tls(&directory, "server", (organization, &node.tls));
        }
        for user in &organization.users {
            let name = format!("{}@{domain}", user.name);
            let directory = format!("{root}/users/{name}");
            self.add_identity(&directory, &name, (organization, &user.sign));
            if let Some(tls) = &user.tls {
                self.add_tls(&directory, "client", (organization, tls));
            }
        }
    }

    fn add_authority(&mut self, directory: &str, file: &str, pair: &Pair) {
        self.add(format!("{directory}/{file}"), &pair.certificate, PUBLIC);
        self.add_key(format!("{directory}/priv_sk"), pair);
    }

    fn add_msp(&mut self, directory: &str, organization: &Organization) {
        let ca = format!("cacerts/{}", ca_file(&organization.domain));
        let tls_ca = format!("tlscacerts/{}", tls_ca_file(&organization.domain));
        self.add(format!("{directory}/config.yaml"), &config_yaml(&ca), PUBLIC);
        self.add(format!("{directory}/{ca}"), &organization.ca.certificate, PUBLIC);
        self.add(format!("{directory}/{tls_ca}"), &organization.tls_ca.certificate, PUBLIC);
        self.empty_directories.insert(format!("{directory}/admincerts"));
    }

    fn add_identity(
        &mut self,
        directory: &str,
        name: &str,
        (organization, pair): (&Organization, &Pair),
    ) {
        let msp = format!("{directory}/msp");
        self.add_msp(&msp, organization);
        self.add(format!("{msp}/signcerts/{name}-cert.pem"), &pair.certificate, PUBLIC);
        self.add_key(format!("{msp}/keystore/priv_sk"), pair);
    }

    fn add_tls(
        &mut self,
        directory: &str,
        stem: &str,
        (organization, pair): (&Organization, &Pair),
    ) {
        self.add(format!("{directory}/tls/ca.crt"), &organization.tls_ca.certificate, PUBLIC);
        self.add(format!("{directory}/tls/{stem}.crt"), &pair.certificate, PUBLIC);
        self.add_key(format!("{directory}/tls/{stem}.key"), pair);
    }

    fn add_key(&mut self, path: String, pair: &Pair) {
        if let Some(key) = &pair.key {
            self.add(path, key, PRIVATE);
        }
    }

    fn add(&mut self, path: String, text: &str, mode: u32) {
        self.files.insert(path, File { content: text.as_bytes().to_vec(), mode });
    }
}

fn ca_file(domain: &str) -> String {
    format!("ca.{domain}-cert.pem")
}

fn tls_ca_file(domain: &str) -> String {
    format!("tlsca.{domain}-cert.pem")
}
