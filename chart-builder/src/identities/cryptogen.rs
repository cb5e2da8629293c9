//! The same identities in the directory layout of Fabric's cryptogen, for tools that expect it.

use fabric_artifacts::cryptogen::{Node, Organization, Pair, Tree, TreeKind, User};

use super::Site;
use super::error::IdentitiesError;
use super::plan::OrganizationPlan;
use crate::directory::{Access, MAX_PUBLIC_FILE_BYTES, optional_file, paths};
use crate::model;

/// Writes `private/crypto-config` whole from what lies in `public/` and `private/`.
pub(super) fn write(site: &Site<'_>, plans: &[OrganizationPlan]) -> Result<(), IdentitiesError> {
    let mut organizations = Vec::new();
    for plan in plans {
        if let Some(organization) = site.network.organization(&plan.name) {
            organizations.extend(trees(site, organization)?);
        }
    }
    let tree = Tree::of(&organizations);
    for (path, file) in &tree.files {
        let relative = format!("{}/{path}", paths::CRYPTO_CONFIG);
        site.writer.replace(&relative, &file.content, Access::Private)?;
    }
    for directory in &tree.empty_directories {
        let relative = format!("{}/{directory}", paths::CRYPTO_CONFIG);
        site.writer.directory(&relative, Access::Private)?;
    }
    Ok(())
}

/// One tree for each role that the organization has.
fn trees(
    site: &Site<'_>,
    organization: &model::Organization,
) -> Result<Vec<Organization>, IdentitiesError> {
    let peers: Vec<&str> = organization.peers.iter().map(|peer| peer.name.as_str()).collect();
    let orderers: Vec<&str> =
        organization.orderers.iter().map(|orderer| orderer.name.as_str()).collect();
    let mut trees = Vec::new();
    for (kind, nodes) in [(TreeKind::Peers, peers), (TreeKind::Orderers, orderers)] {
        if !nodes.is_empty() {
            trees.extend(tree(site, organization, (kind, &nodes))?);
        }
    }
    Ok(trees)
}

/// `None` when the organization's roots are not here.
fn tree(
    site: &Site<'_>,
    organization: &model::Organization,
    (kind, names): (TreeKind, &[&str]),
) -> Result<Option<Organization>, IdentitiesError> {
    let name = &organization.name;
    let ca = pair(site, &paths::ca_certificate(name), &paths::ca_key(name))?;
    let tls_ca = pair(site, &paths::tls_ca_certificate(name), &paths::tls_ca_key(name))?;
    let (Some(ca), Some(tls_ca)) = (ca, tls_ca) else { return Ok(None) };
    let mut nodes = Vec::new();
    for node in names {
        let sign = pair(site, &paths::sign_certificate(name, node), &paths::sign_key(name, node))?;
        let tls = pair(site, &paths::tls_certificate(name, node), &paths::tls_key(name, node))?;
        if let (Some(sign), Some(tls)) = (sign, tls) {
            nodes.push(Node { name: (*node).to_owned(), sign, tls });
        }
    }
    let admin = pair(site, &paths::admin_certificate(name), &paths::admin_key(name))?;
    let admin = admin.map(|sign| User { name: "Admin".to_owned(), sign, tls: None });
    let domain = organization.domain.clone();
    let users = admin.into_iter().collect();
    Ok(Some(Organization { kind, domain, ca, tls_ca, nodes, users }))
}

fn pair(site: &Site<'_>, certificate: &str, key: &str) -> Result<Option<Pair>, IdentitiesError> {
    let Some(certificate) = text(site, certificate)? else { return Ok(None) };
    Ok(Some(Pair { certificate, key: text(site, key)? }))
}

fn text(site: &Site<'_>, relative: &str) -> Result<Option<String>, IdentitiesError> {
    let bytes = optional_file(&site.directory.path(relative), MAX_PUBLIC_FILE_BYTES)?;
    Ok(bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
}
