//! Credentials of servers that know names and passwords instead of certificates: state databases, and the registrar of a Fabric CA.
//!
//! A password is made once and kept in `private/`, so that a manifest written again has the same one. A server whose
//! password was changed by hand is not asked.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chart_format::yaml::{Map, Node};

use super::Site;
use super::error::{IdentitiesError, IdentityFault};
use super::issue::Issuer;
use super::plan::OrganizationPlan;
use crate::directory::{Access, MAX_PUBLIC_FILE_BYTES, optional_file, paths};
use crate::model::{self, names};

/// Random bytes of a password; it is written in hexadecimal digits, which every ini file, URL and shell takes as they are.
const BYTES: usize = 24;

/// A name with a password, and the Secret that carries both.
#[derive(Debug)]
pub(super) struct PasswordPlan {
    pub(super) user: String,
    /// The file with the password.
    pub(super) file: String,
    pub(super) secret: String,
}

/// The credentials that an organization needs.
pub(super) fn plan(organization: &model::Organization) -> Vec<PasswordPlan> {
    let peers = organization.peers.iter().filter(|peer| peer.has_couchdb());
    let databases = peers.map(|peer| PasswordPlan {
        user: peer.name.clone(),
        file: paths::couchdb_password(&organization.name, &peer.name),
        secret: names::couchdb_secret(&peer.name),
    });
    let registrar = organization.ca.as_ref().map(|_| PasswordPlan {
        user: "admin".to_owned(),
        file: paths::ca_admin_password(&organization.name),
        secret: names::CA_ADMIN_SECRET.to_owned(),
    });
    databases.chain(registrar).collect()
}

/// Looks at the passwords that are there; adds every one that no server takes to `faults`.
pub(super) fn survey(
    site: &Site<'_>,
    plan: &OrganizationPlan,
    faults: &mut Vec<IdentityFault>,
) -> Result<(), IdentitiesError> {
    for password in &plan.passwords {
        let fits = |text: &str| !text.is_empty() && text.chars().all(|it| it.is_ascii_graphic());
        if read(site, password)?.is_some_and(|text| !fits(&text)) {
            faults.push(IdentityFault {
                file: password.file.clone(),
                message: "it is not one word of visible ASCII characters".to_owned(),
                fix: "write the password that the server has, or remove the file and run again"
                    .to_owned(),
            });
        }
    }
    Ok(())
}

/// Makes the passwords that are missing.
pub(super) fn provide(
    site: &Site<'_>,
    plan: &OrganizationPlan,
    issuer: &mut Issuer<'_, '_>,
) -> Result<(), IdentitiesError> {
    for password in &plan.passwords {
        if read(site, password)?.is_some() {
            continue;
        }
        let mut bytes = [0_u8; BYTES];
        issuer.issuance.random.fill_bytes(&mut bytes);
        let mut line = String::with_capacity(2 * BYTES + 1);
        for byte in bytes {
            // Writing to a text never fails.
            let _ = write!(line, "{byte:02x}");
        }
        line.push('\n');
        site.writer.put_new(&password.file, line.as_bytes(), Access::Private)?;
        issuer.written.push(password.file.clone());
    }
    Ok(())
}

/// The Secrets of passwords that lie here, in the shape that Kubernetes has for a name with a password.
pub(super) fn secrets(
    site: &Site<'_>,
    plan: &OrganizationPlan,
    labels: &Map,
) -> Result<Vec<Node>, IdentitiesError> {
    let mut secrets = Vec::new();
    for password in &plan.passwords {
        let Some(text) = read(site, password)? else { continue };
        let metadata = Map::new()
            .with("name", password.secret.as_str())
            .with("namespace", plan.namespace.as_str())
            .with("labels", labels.clone());
        let data = Map::new()
            .with("username", STANDARD.encode(&password.user))
            .with("password", STANDARD.encode(text));
        let secret = Map::new()
            .with("apiVersion", "v1")
            .with("kind", "Secret")
            .with("metadata", metadata)
            .with("type", "kubernetes.io/basic-auth")
            .with("data", data);
        secrets.push(secret.into());
    }
    Ok(secrets)
}

/// The password without the end of its line.
fn read(site: &Site<'_>, plan: &PasswordPlan) -> Result<Option<String>, IdentitiesError> {
    let bytes = optional_file(&site.directory.path(&plan.file), MAX_PUBLIC_FILE_BYTES)?;
    Ok(bytes.map(|bytes| String::from_utf8_lossy(&bytes).trim_end().to_owned()))
}
