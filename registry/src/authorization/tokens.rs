//! What callers hear of themselves, and the tokens that administrators give.

use super::{Administer, Authorized, Enter};
use crate::access::{Identity, Permission};
use crate::committer::Decided;
use crate::identity::{self, Anonymous, Order, Secret, Shown};
use crate::refusal::PublishError;

impl Authorized<Enter> {
    /// Who the caller is.
    pub(crate) fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Whether somebody chose that everybody may read, and nothing else.
    pub(crate) fn everybody_reads(&self) -> bool {
        self.registry.anonymous() == Anonymous::Read
    }

    /// What the caller may do in the repository.
    pub(crate) fn permissions(&self) -> Vec<Permission> {
        let may = |permission: &Permission| self.identity.may(*permission, &self.target.repository);
        Permission::ALL.into_iter().filter(may).collect()
    }
}

impl Authorized<Administer> {
    /// Issues a token for the repository's path or what lies below it.
    pub(crate) async fn issue_token(self, order: Order) -> Result<(Secret, Decided), PublishError> {
        if self.identity.is_anonymous() {
            let what = "a token is not given to somebody of whom nothing is known";
            return Err(identity::unauthorized(what).into());
        }
        let path = self.target.repository.clone();
        let (registry, origin) = self.origin();
        registry.issue_token(order, &path, origin).await
    }

    /// Makes a token worthless that reaches no further than the repository's path.
    pub(crate) async fn revoke_token(self, id: String) -> Result<Decided, PublishError> {
        let path = self.target.repository.clone();
        let (registry, origin) = self.origin();
        registry.revoke_token(id, &path, origin).await
    }

    /// The tokens that reach no further than the repository's path.
    pub(crate) fn tokens(&self) -> Vec<Shown> {
        self.registry.tokens(&self.target.repository)
    }
}
