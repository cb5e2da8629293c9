//! Makes what is missing: key first, then the certificate for it, each of them durable before the next.
//!
//! A crash leaves at most a key without a certificate, which the next run takes up. A key is never overwritten: it is
//! written with create-if-absent, whatever the survey found.

use std::collections::BTreeMap;

use fabric_artifacts::x509::{Authority, AuthorityKind, Certificate, Issuance, PrivateKey};

use super::error::IdentitiesError;
use super::plan::{CredentialPlan, Place};
use super::survey::{Action, Survey, SurveyedAuthority};
use crate::directory::{Access, Writer};

/// Makes things and remembers which.
pub(super) struct Issuer<'a, 'random> {
    pub(super) writer: &'a Writer,
    pub(super) issuance: Issuance<'random>,
    /// Relative paths of what was written, in that order.
    pub(super) written: Vec<String>,
}

impl Issuer<'_, '_> {
    /// Makes what one organization lacks.
    pub(super) fn provide(&mut self, survey: Survey<'_>) -> Result<(), IdentitiesError> {
        let mut authorities = BTreeMap::new();
        for (kind, surveyed) in survey.authorities {
            if let Some(authority) = self.authority(surveyed)? {
                authorities.insert(kind, authority);
            }
        }
        for (plan, action) in survey.credentials {
            self.credential(plan, action, &authorities)?;
        }
        Ok(())
    }

    /// The root, ready to issue; none if its key is somewhere else.
    fn authority(
        &mut self,
        surveyed: SurveyedAuthority<'_>,
    ) -> Result<Option<Authority>, IdentitiesError> {
        let place = &surveyed.plan.place;
        let key = match surveyed.action {
            Action::Keep | Action::KeepWithoutKey | Action::Renew(_) => {
                let (Some(certificate), Some(key)) = (surveyed.certificate, surveyed.key) else {
                    return Ok(None);
                };
                return Authority::new(certificate, key).map(Some).map_err(artifact(place));
            }
            Action::Certify(key) => key,
            Action::Create => self.key(place)?,
        };
        let authority = Authority::self_signed(&surveyed.plan.subject, key, &mut self.issuance)
            .map_err(artifact(place))?;
        self.certificate(place, authority.certificate())?;
        Ok(Some(authority))
    }

    fn credential(
        &mut self,
        plan: &CredentialPlan,
        action: Action,
        authorities: &BTreeMap<AuthorityKind, Authority>,
    ) -> Result<(), IdentitiesError> {
        let Some(authority) = authorities.get(&plan.issuer) else { return Ok(()) };
        let place = &plan.place;
        let (key, renew) = match action {
            Action::Keep | Action::KeepWithoutKey => return Ok(()),
            Action::Certify(key) => (key, false),
            Action::Renew(key) => (key, true),
            Action::Create => (self.key(place)?, false),
        };
        let certificate =
            authority.certify(&key, &plan.leaf, &mut self.issuance).map_err(artifact(place))?;
        if renew {
            let pem = with_one_newline(certificate.pem());
            self.writer.replace(&place.certificate, pem.as_bytes(), Access::Public)?;
            self.written.push(place.certificate.clone());
            return Ok(());
        }
        self.certificate(place, &certificate)
    }

    fn key(&mut self, place: &Place) -> Result<PrivateKey, IdentitiesError> {
        let key = PrivateKey::generate(self.issuance.random);
        let pem = key.to_pem().map_err(artifact(place))?;
        self.put(&place.key, &pem)?;
        Ok(key)
    }

    fn certificate(
        &mut self,
        place: &Place,
        certificate: &Certificate,
    ) -> Result<(), IdentitiesError> {
        self.put(&place.certificate, certificate.pem())
    }

    fn put(&mut self, relative: &str, pem: &str) -> Result<(), IdentitiesError> {
        self.writer.put_new(relative, with_one_newline(pem).as_bytes(), access_of(relative))?;
        self.written.push(relative.to_owned());
        Ok(())
    }
}

/// Most certificates are public; the client certificate of an orderer's administrator is of no use to others.
pub(super) fn access_of(relative: &str) -> Access {
    if relative.starts_with("private/") { Access::Private } else { Access::Public }
}

/// Digests of these bytes stand in charts and Secrets: they end in one way only.
pub(super) fn with_one_newline(pem: &str) -> String {
    format!("{}\n", pem.trim_end())
}

fn artifact(place: &Place) -> impl FnOnce(fabric_artifacts::Error) -> IdentitiesError {
    let path = place.certificate.clone();
    move |source| IdentitiesError::Artifact { path, source }
}
