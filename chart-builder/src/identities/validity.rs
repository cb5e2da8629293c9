//! Certificates that have ended, or soon will: a build has no clock, so this is where it is noticed before nodes notice.
//!
//! Left out: renewing what a network has frozen, which is an update of its channels.

use fabric_artifacts::x509::Certificate;
use time::{Duration, OffsetDateTime};

/// How long before its end a certificate is named.
const NOTICE: Duration = Duration::days(30);

/// A certificate that is there, and when it ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// The file, relative to the network directory.
    pub file: String,
    /// Whether it has ended already.
    pub ended: bool,
    /// Its last second.
    pub at: OffsetDateTime,
    /// `network.lock` freezes it: no other one may take its place.
    pub frozen: bool,
}

impl Ending {
    /// What to say about it, and what can be done.
    pub fn sentence(&self) -> String {
        let ends = if self.ended { "ended" } else { "ends" };
        let fix = if self.frozen {
            "network.lock freezes it, because channels name it: replacing it is an update of channels, which is not built yet"
        } else {
            "remove the file where its root's key is and run `chart-builder identities` again: a new certificate is issued for \
             the same key"
        };
        format!("{} {ends} on {}; {fix}", self.file, self.at.date())
    }
}

/// The certificate has ended.
pub(super) fn has_ended(certificate: &Certificate, now: OffsetDateTime) -> bool {
    certificate.not_after() < now
}

/// A certificate that is worth a word.
pub(super) fn ending(
    (file, frozen): (&str, bool),
    certificate: &Certificate,
    now: OffsetDateTime,
) -> Option<Ending> {
    let at = certificate.not_after();
    let ended = has_ended(certificate, now);
    (ended || at < now + NOTICE).then(|| Ending { file: file.to_owned(), ended, at, frozen })
}
