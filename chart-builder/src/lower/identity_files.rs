//! The files of a node's identity in a tree `crypto-config`: what is checked on a share before the node starts.

use super::LowerError;
use super::view::{View, sha256};
use crate::model::{CryptoTree, Organization};

/// The node stands in this tree.
pub(super) fn is_in(tree: CryptoTree, organization: &Organization, node: &str) -> bool {
    match tree {
        CryptoTree::Peers => organization.peer(node).is_some(),
        CryptoTree::Orderers => organization.orderer(node).is_some(),
    }
}

/// Directory of a node below its organization's: `peers/peer0.org1`.
pub(super) fn directory(organization: &Organization, tree: CryptoTree, node: &str) -> String {
    format!("{}/{node}.{}", tree.nodes(), organization.domain)
}

/// Lines `file PATH SHA256` (`any` where only being there counts) and `keys DIRECTORY`, below the organization's directory.
pub(super) fn lines(
    view: &View<'_>,
    (organization, tree): (&Organization, CryptoTree),
    node: &str,
) -> Result<String, LowerError> {
    let certificates = view.certificates(&organization.name)?;
    let of_node = certificates.nodes.get(node).ok_or_else(|| LowerError::NoNode {
        organization: organization.name.clone(),
        node: node.to_owned(),
    })?;
    let (ca, tls_ca) = (sha256(&certificates.ca), sha256(&certificates.tls_ca));
    let domain = &organization.domain;
    let root = directory(organization, tree, node);
    Ok(format!(
        "file {root}/msp/cacerts/ca.{domain}-cert.pem {ca}\n\
         file {root}/msp/tlscacerts/tlsca.{domain}-cert.pem {tls_ca}\n\
         file {root}/msp/signcerts/{node}.{domain}-cert.pem {}\n\
         keys {root}/msp/keystore\n\
         file {root}/tls/ca.crt {tls_ca}\n\
         file {root}/tls/server.crt {}\n\
         file {root}/tls/server.key any\n",
        sha256(&of_node.sign),
        sha256(&of_node.tls),
    ))
}
