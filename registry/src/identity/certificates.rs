//! Callers by their certificates: names that an authority of clients has signed, and rules over them.
//!
//! TLS has proven before that the client has the key, that an authority of `tls.client-authorities`
//! signed the certificate for clients, and that it was neither expired nor revoked when the connection
//! began. The end is looked at again with every request.
//!
//! Left out: certificates that a proxy tells of in headers.

use std::collections::BTreeMap;
use std::sync::Arc;

use chart_registry_store::{Timestamp, TokenGrant};
use serde::Deserialize;

use super::check_subject;
use super::rule::{self, Rule};
use crate::access::Identity;
use crate::tls::ClientCertificate;

/// Callers with a certificate, as they are declared.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct DeclaredCertificate {
    /// Names that the certificate must have, by kind; a `*` at the end of one stands for anything.
    pub names: BTreeMap<String, String>,
    /// The name under which the caller acts, instead of one of the certificate.
    #[serde(default)]
    pub subject: Option<String>,
    /// What it gives.
    pub grants: Vec<TokenGrant>,
}

impl DeclaredCertificate {
    fn read(&self) -> Result<Rule, Vec<(String, String)>> {
        Rule::parse(("names", &self.names), self.subject.as_deref(), &self.grants)
    }

    /// Fields with what is wrong in them.
    pub(super) fn faults(&self) -> Vec<(String, String)> {
        let mut faults = self.read().err().unwrap_or_default();
        let known = ClientCertificate::KINDS;
        for kind in self.names.keys().filter(|kind| !known.contains(&kind.as_str())) {
            let reason =
                format!("certificates have no such name: choose from {}", known.join(", "));
            faults.push((format!("names.{kind}"), reason));
        }
        faults
    }
}

/// Rules over certificates; cloning gives another handle on the same ones.
#[derive(Debug, Clone, Default)]
pub(crate) struct Certificates(Arc<[Rule]>);

/// A caller whom rules mean because of its certificate.
#[derive(Debug, Clone)]
pub(crate) struct Certified {
    identity: Identity,
    /// Second since 1970 at which the certificate ends.
    ends: i64,
}

impl Certified {
    /// The caller, as long as the certificate has not ended.
    pub(crate) fn identity(&self, now: Timestamp) -> Option<&Identity> {
        (now.milliseconds() / 1_000 <= self.ends).then_some(&self.identity)
    }
}

impl Certificates {
    /// The rules of a declaration without faults.
    pub(crate) fn new(declared: &[DeclaredCertificate]) -> Self {
        Self(rule::all(declared.iter().map(DeclaredCertificate::read)))
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The caller with a certificate; `None` when no rule means it, and it says nothing then.
    pub(crate) fn identify(&self, certificate: &ClientCertificate) -> Option<Certified> {
        let decision = rule::decide(&self.0, |kind, wanted| {
            certificate.names(kind).any(|name| wanted.fits(name))
        });
        // No declared user has a colon in the name.
        let own = format!("certificate:{}", certificate.main_name());
        let by_digest = || format!("certificate:{}", certificate.digest());
        let own = if check_subject(&own).is_ok() { own } else { by_digest() };
        let via = by_digest();
        decision.meant.then(|| Certified {
            identity: Identity::new(&decision.subject.unwrap_or(own), &via, decision.grants),
            ends: certificate.ends(),
        })
    }
}
