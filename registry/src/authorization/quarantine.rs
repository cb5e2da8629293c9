//! What may be asked and said about packages that are not served.

use chart_format::digest::Sha256;

use super::{Administer, Authorized};
use crate::committer::Decided;
use crate::quarantine::Shown;
use crate::refusal::PublishError;

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
