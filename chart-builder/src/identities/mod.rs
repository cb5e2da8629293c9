//! Keys and certificates of a network: keeps what exists, adds what is missing, never overwrites a key.
//!
//! Public things go to `public/`, which is committed; keys go to `private/`, which is not. This is the only module of the
//! compiler that opens `private/`, and the only one that uses time and randomness, both of which come in from outside.
//! Left out: enrolment with a Fabric CA, renewal of certificates that expire (remove the certificate and run again: the
//! key stays).

mod cryptogen;
mod error;
mod ignore;
mod import;
mod issue;
mod manifest;
mod passwords;
mod plan;
mod sign;
mod survey;
mod validity;

pub use error::{IdentitiesError, IdentityFault};
pub(crate) use plan::{has_frozen_tls, installed_chaincodes, tls_names};
pub use sign::{Signed, SignedUpdate, sign};
pub use validity::Ending;

use fabric_artifacts::x509::Issuance;
use time::OffsetDateTime;

use crate::directory::{
    Access, MAX_PUBLIC_FILE_BYTES, NetworkDirectory, Writer, optional_file, paths,
};
use crate::model::{self, Crypto, Network};

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Request {
    /// Only this organization; `None` for all of them.
    pub owner: Option<String>,
    /// What is made of the key pairs.
    pub format: Format,
}

/// The form in which key pairs are handed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// Kubernetes manifests, `private/<organization>/manifest.yaml`.
    #[default]
    Manifests,
    /// The directory layout of Fabric's cryptogen, `private/crypto-config`, beside the manifests.
    Cryptogen,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provided {
    /// Files that were written, relative to the network directory, in that order. Manifests are not among them.
    pub written: Vec<String>,
    /// Certificates whose keys are somewhere else: their Secrets are in no manifest.
    pub without_key: Vec<String>,
    /// Certificates that have ended or end within a month.
    pub endings: Vec<Ending>,
    /// What to copy where, in words; none where the identities of nodes are Secrets.
    pub share: Option<String>,
    /// Commands to run next.
    pub commands: Vec<String>,
}

/// Provides the identities of a network.
///
/// Everything that is there is checked first, and any contradiction ends it before something is written. The directory
/// has to be taken ([`NetworkDirectory::take`]) by the caller for as long as this runs.
pub fn provide(
    directory: &NetworkDirectory,
    network: &Network,
    request: &Request,
    issuance: Issuance<'_>,
) -> Result<Provided, IdentitiesError> {
    let writer = Writer::new(directory.root());
    provide_with(&Site { directory, network, writer: &writer }, request, issuance)
}

/// Where identities are made, and for which network.
struct Site<'a> {
    directory: &'a NetworkDirectory,
    network: &'a Network,
    writer: &'a Writer,
}

fn provide_with(
    site: &Site<'_>,
    request: &Request,
    issuance: Issuance<'_>,
) -> Result<Provided, IdentitiesError> {
    check_owner(site.network, request)?;
    let lock = site.directory.lock()?;
    let mut written = ignore::protect(site)?;
    written.extend(import::take_over(site, request.owner.as_deref(), issuance.not_before)?);
    let plans = plan::plan(site.network, &lock, request.owner.as_deref());
    let mut endings = Vec::new();
    let surveys = survey_all(site, &plans, (issuance.not_before, &mut endings))?;
    settle(site, &plans)?;
    let without_key = without_key(&surveys);
    let mut issuer = issue::Issuer { writer: site.writer, issuance, written: Vec::new() };
    for survey in surveys {
        issuer.provide(survey)?;
    }
    for plan in &plans {
        passwords::provide(site, plan, &mut issuer)?;
    }
    written.extend(issuer.written);
    written.extend(write_msp_configs(site, &plans)?);
    write_manifests(site, &plans)?;
    let share = site.network.storage.share.as_ref();
    let made_here = site.network.crypto == Crypto::Generated;
    if made_here && (request.format == Format::Cryptogen || share.is_some()) {
        cryptogen::write(site, &plans)?;
    }
    let manifests = manifest::places(site.network, &plans);
    let commands = manifest::commands(site.directory, &manifests);
    let share = share.map(|share| {
        let tree = match &site.network.crypto {
            Crypto::Generated => paths::CRYPTO_CONFIG,
            Crypto::Files { path } => path,
        };
        format!("nodes read their identities from {}: copy {tree} there as `crypto-config`, owned by user 1000", share.describe())
    });
    Ok(Provided { written, without_key, endings, share, commands })
}

fn check_owner(network: &Network, request: &Request) -> Result<(), IdentitiesError> {
    match &request.owner {
        Some(owner) if network.organization(owner).is_none() => {
            let known = network.organizations.iter().map(|it| format!("`{}`", it.name)).collect();
            Err(IdentitiesError::UnknownOwner { owner: owner.clone(), known })
        }
        Some(_) | None => Ok(()),
    }
}

fn survey_all<'plan>(
    site: &Site<'_>,
    plans: &'plan [plan::OrganizationPlan],
    (now, endings): (OffsetDateTime, &mut Vec<Ending>),
) -> Result<Vec<survey::Survey<'plan>>, IdentitiesError> {
    let mut faults = Vec::new();
    let mut surveys = Vec::new();
    for plan in plans {
        surveys.push(survey::survey(site.directory, plan, &mut faults, (now, endings))?);
        passwords::survey(site, plan, &mut faults)?;
    }
    if faults.is_empty() { Ok(surveys) } else { Err(IdentitiesError::Faults(faults)) }
}

/// Clears up after a run that crashed, and closes keys that somebody opened up.
fn settle(site: &Site<'_>, plans: &[plan::OrganizationPlan]) -> Result<(), IdentitiesError> {
    for plan in plans {
        let authorities = plan.authorities.iter().map(|authority| &authority.place);
        let credentials = plan.credentials.iter().map(|credential| &credential.place);
        for place in authorities.chain(credentials) {
            site.writer.settle(&place.certificate, issue::access_of(&place.certificate))?;
            site.writer.settle(&place.key, Access::Private)?;
        }
        for password in &plan.passwords {
            site.writer.settle(&password.file, Access::Private)?;
        }
    }
    Ok(())
}

fn without_key(surveys: &[survey::Survey<'_>]) -> Vec<String> {
    let credentials = surveys.iter().flat_map(|survey| &survey.credentials);
    credentials
        .filter(|(plan, action)| {
            plan.secret.is_some() && matches!(action, survey::Action::KeepWithoutKey)
        })
        .map(|(plan, _)| plan.place.certificate.clone())
        .collect()
}

/// `config.yaml` beside the roots: which certificate vouches for which role.
fn write_msp_configs(
    site: &Site<'_>,
    plans: &[plan::OrganizationPlan],
) -> Result<Vec<String>, IdentitiesError> {
    let mut written = Vec::new();
    for plan in plans {
        let file = paths::msp_config(&plan.name);
        if site.directory.path(&paths::named_admin_certificate(&plan.name)).exists() {
            // No unit is read.
            continue;
        }
        let server = site.network.organization(&plan.name).and_then(|it| it.ca.as_ref());
        let units = fabric_artifacts::msp::OrganizationalUnits::All;
        // Identities of an intermediate have another chain than the root's own.
        let text = if server.is_some_and(model::CertificateAuthority::is_intermediate) {
            units.config_yaml_of_any_authority()
        } else if site.directory.path(&file).exists() {
            None
        } else {
            units.config_yaml("cacerts/ca.pem")
        };
        let Some(text) = text else { continue };
        let present = optional_file(&site.directory.path(&file), MAX_PUBLIC_FILE_BYTES)?;
        if present.is_none_or(|present| present != text.as_bytes()) {
            site.writer.replace(&file, text.as_bytes(), Access::Public)?;
            written.push(file);
        }
    }
    Ok(written)
}

fn write_manifests(
    site: &Site<'_>,
    plans: &[plan::OrganizationPlan],
) -> Result<(), IdentitiesError> {
    if let Some(text) = manifest::umbrella(site.network) {
        site.writer.replace(paths::NAMESPACE_MANIFEST, text.as_bytes(), Access::Private)?;
    }
    for plan in plans {
        if let Some(text) = manifest::owner_namespace(site.network, plan) {
            let file = paths::owner_namespace_manifest(&plan.name);
            site.writer.replace(&file, text.as_bytes(), Access::Private)?;
        }
        let text = manifest::organization(site, plan)?;
        site.writer.replace(&paths::manifest(&plan.name), text.as_bytes(), Access::Private)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
