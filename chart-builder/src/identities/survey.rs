//! What is there and what is missing: reads every key pair, finds contradictions, decides what has to be made.
//!
//! Nothing is written here, so a contradiction anywhere leaves everything as it was.

use std::collections::BTreeMap;

use fabric_artifacts::x509::{AuthorityKind, Certificate, Leaf, PrivateKey};
use time::OffsetDateTime;

use super::error::{IdentitiesError, IdentityFault};
use super::plan::{AuthorityPlan, CredentialPlan, OrganizationPlan, Place};
use super::validity::{Ending, ending};
use crate::directory::{MAX_PUBLIC_FILE_BYTES, NetworkDirectory, optional_file};

/// What to do about one key pair.
#[derive(Debug)]
pub(super) enum Action {
    /// Both are there and fit: nothing.
    Keep,
    /// The certificate is there, its key is somewhere else: nothing.
    KeepWithoutKey,
    /// The key is there: issue a certificate for it.
    Certify(PrivateKey),
    /// Both are there, but the certificate lacks names: issue it again for the same key.
    Renew(PrivateKey),
    /// Nothing is there: make both.
    Create,
}

impl Action {
    /// A certificate will be issued.
    fn issues(&self) -> bool {
        match self {
            Self::Keep | Self::KeepWithoutKey => false,
            Self::Certify(_) | Self::Renew(_) | Self::Create => true,
        }
    }
}

/// What is to be done for one organization.
#[derive(Debug)]
pub(super) struct Survey<'plan> {
    pub(super) authorities: BTreeMap<AuthorityKind, SurveyedAuthority<'plan>>,
    pub(super) credentials: Vec<(&'plan CredentialPlan, Action)>,
}

/// A root as it was found.
#[derive(Debug)]
pub(super) struct SurveyedAuthority<'plan> {
    pub(super) plan: &'plan AuthorityPlan,
    pub(super) action: Action,
    pub(super) certificate: Option<Certificate>,
    pub(super) key: Option<PrivateKey>,
}

/// Looks at everything that an organization has; adds every contradiction to `faults`.
pub(super) fn survey<'plan>(
    directory: &NetworkDirectory,
    plan: &'plan OrganizationPlan,
    faults: &mut Vec<IdentityFault>,
    (now, endings): (OffsetDateTime, &mut Vec<Ending>),
) -> Result<Survey<'plan>, IdentitiesError> {
    let mut surveyor = Surveyor { directory, now, faults, endings };
    let mut authorities = BTreeMap::new();
    for authority in &plan.authorities {
        authorities.insert(authority.kind, surveyor.authority(authority)?);
    }
    let mut credentials = Vec::new();
    for credential in &plan.credentials {
        let Some(authority) = authorities.get(&credential.issuer) else { continue };
        credentials.push((credential, surveyor.credential(credential, authority)?));
    }
    Ok(Survey { authorities, credentials })
}

struct Surveyor<'a> {
    directory: &'a NetworkDirectory,
    now: OffsetDateTime,
    faults: &'a mut Vec<IdentityFault>,
    endings: &'a mut Vec<Ending>,
}

/// What lies at a place, as far as it can be read.
struct Found {
    certificate: Option<Certificate>,
    key: Option<PrivateKey>,
    /// A file is there that cannot be used; said already.
    unusable: bool,
}

impl Surveyor<'_> {
    fn authority<'plan>(
        &mut self,
        plan: &'plan AuthorityPlan,
    ) -> Result<SurveyedAuthority<'plan>, IdentitiesError> {
        let found = self.find(&plan.place)?;
        if let Some(certificate) = &found.certificate
            && let Err(error) = certificate.check_authority()
        {
            self.fault(&plan.place.certificate, error.to_string(), RESTORE);
        }
        let action = match (&found.certificate, &found.key) {
            _ if found.unusable => Action::Keep,
            (Some(_), Some(_)) => Action::Keep,
            (Some(_), None) => Action::KeepWithoutKey,
            (None, Some(key)) => Action::Certify(key.clone()),
            (None, None) => Action::Create,
        };
        Ok(SurveyedAuthority { plan, action, certificate: found.certificate, key: found.key })
    }

    fn credential(
        &mut self,
        plan: &CredentialPlan,
        authority: &SurveyedAuthority<'_>,
    ) -> Result<Action, IdentitiesError> {
        let found = self.find(&plan.place)?;
        if let Some(certificate) = &found.certificate {
            self.check_issuer(&plan.place.certificate, certificate, authority);
        }
        let action = match (found.certificate, found.key) {
            _ if found.unusable => Action::Keep,
            (Some(certificate), key) => self.existing(plan, &certificate, key),
            (None, Some(key)) => Action::Certify(key),
            (None, None) => Action::Create,
        };
        let authority_key_is_elsewhere = matches!(authority.action, Action::KeepWithoutKey);
        if action.issues() && authority_key_is_elsewhere {
            self.fault(
                &plan.place.certificate,
                format!(
                    "it has to be issued, and the root's key `{}` is not here",
                    authority.plan.place.key
                ),
                "run `chart-builder identities --owner` where that key is kept, or bring it here for this run",
            );
        }
        Ok(action)
    }

    /// What to do about a certificate that is there.
    fn existing(
        &mut self,
        plan: &CredentialPlan,
        certificate: &Certificate,
        key: Option<PrivateKey>,
    ) -> Action {
        let missing = match &plan.leaf {
            Leaf::Tls { names, .. } => certificate.missing_names(names),
            Leaf::Identity { .. } | Leaf::Client { .. } | Leaf::Authority { .. } => Vec::new(),
        };
        match (missing.is_empty(), plan.renewable, key) {
            (true, _, Some(_)) => Action::Keep,
            (true, _, None) => Action::KeepWithoutKey,
            (false, true, Some(key)) => Action::Renew(key),
            (false, true, None) => {
                self.fault(
                    &plan.place.certificate,
                    format!(
                        "it does not cover `{}`, and its key `{}` is not here",
                        missing.join("`, `"),
                        plan.place.key
                    ),
                    "run `chart-builder identities --owner` where that key is kept",
                );
                Action::KeepWithoutKey
            }
            (false, false, _) => {
                self.fault(
                    &plan.place.certificate,
                    format!("it does not cover `{}`", missing.join("`, `")),
                    "undo the change of namespace or cluster domain, or remove this file and run again: a new \
                     certificate is issued for the same key",
                );
                Action::Keep
            }
        }
    }

    fn check_issuer(
        &mut self,
        file: &str,
        certificate: &Certificate,
        authority: &SurveyedAuthority<'_>,
    ) {
        match (&authority.certificate, &authority.key) {
            (Some(root), _) => {
                if let Err(error) = certificate.verify_issued_by(root) {
                    self.fault(file, error.to_string(), RESTORE);
                }
            }
            (None, Some(_)) => {}
            (None, None) => self.fault(
                file,
                format!(
                    "its root `{}` is gone, and a new one would not have issued it",
                    authority.plan.place.certificate
                ),
                RESTORE,
            ),
        }
    }

    /// Reads both files and checks that they belong together and are the ones that are frozen.
    fn find(&mut self, place: &Place) -> Result<Found, IdentitiesError> {
        let certificate_text = self.text(&place.certificate)?;
        let key_text = self.text(&place.key)?;
        let mut found = Found { certificate: None, key: None, unusable: false };
        if let Some(text) = &certificate_text {
            match Certificate::from_pem(text) {
                Ok(certificate) => found.certificate = Some(certificate),
                Err(error) => {
                    found.unusable = true;
                    self.fault(&place.certificate, error.to_string(), RESTORE);
                }
            }
        }
        if let Some(text) = &key_text {
            match PrivateKey::from_pem(text) {
                Ok(key) => found.key = Some(key),
                Err(error) => {
                    found.unusable = true;
                    self.fault(&place.key, error.to_string(), RESTORE);
                }
            }
        }
        self.check_frozen(place, found.certificate.as_ref(), &mut found.unusable);
        if let Some(certificate) = &found.certificate {
            let file = (place.certificate.as_str(), place.frozen.is_some());
            self.endings.extend(ending(file, certificate, self.now));
        }
        if let (Some(certificate), Some(key)) = (&found.certificate, &found.key)
            && let Err(error) = certificate.check_key(key)
        {
            self.fault(
                &place.key,
                format!("{error}, which lies in `{}`", place.certificate),
                RESTORE,
            );
        }
        Ok(found)
    }

    fn check_frozen(
        &mut self,
        place: &Place,
        certificate: Option<&Certificate>,
        unusable: &mut bool,
    ) {
        let Some(frozen) = &place.frozen else { return };
        match certificate {
            None if *unusable => {}
            None => {
                *unusable = true;
                self.fault(
                    &place.certificate,
                    format!("it is gone, and network.lock freezes it with SHA-256 {frozen}"),
                    RESTORE,
                );
            }
            Some(certificate) if certificate.sha256() != *frozen => self.fault(
                &place.certificate,
                format!(
                    "its SHA-256 is {}, and network.lock freezes {frozen}",
                    certificate.sha256()
                ),
                RESTORE,
            ),
            Some(_) => {}
        }
    }

    fn text(&mut self, relative: &str) -> Result<Option<String>, IdentitiesError> {
        let path = self.directory.path(relative);
        let Some(bytes) = optional_file(&path, MAX_PUBLIC_FILE_BYTES)? else { return Ok(None) };
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Some(text)),
            Err(_) => Ok(Some(String::new())),
        }
    }

    fn fault(&mut self, file: &str, message: String, fix: &str) {
        self.faults.push(IdentityFault { file: file.to_owned(), message, fix: fix.to_owned() });
    }
}

/// The fix for everything that was right once.
const RESTORE: &str = "restore the files that belong together, from version control or a backup";
