//! What may be asked and said about packages that are not served.

use chart_format::digest::Sha256;

use super::{Administer, Authorized, Read};
use crate::access::Permission;
use crate::committer::Decided;
use crate::quarantine::{self, Shown, Waiting};
use crate::refusal::PublishError;

impl Authorized<Read> {
    /// The packages at and below the repository's path that nobody has dealt with yet; none for those
    /// who could not deal with them.
    pub(crate) fn waiting(&self) -> Vec<Waiting> {
        if !self.identity.may(Permission::Administer, &self.target.repository) {
            return Vec::new();
        }
        quarantine::waiting(&self.state(), self.path())
    }
}

impl Authorized<Administer> {
    /// The packages of the repository that are not served.
    pub(crate) fn quarantined(&self) -> Vec<Shown> {
        self.registry.quarantined(&self.target.repository)
    }

    /// Says how a package was dealt with.
    pub(crate) async fn settle(
        self,
        package: Sha256,
        reason: String,
    ) -> Result<Decided, PublishError> {
        let (registry, origin) = self.origin();
        registry.settle(origin, package, reason).await
    }
}
