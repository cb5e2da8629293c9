//! The registry's part of credentials: telling callers apart, and tokens in the journal.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::http::{Extensions, HeaderMap};
use chart_registry_catalog::State;
use chart_registry_store::{Event, RepositoryPath, Timestamp, TokenChange, TokenEvent};
use tokio::time::{Instant, sleep_until};

use crate::access::Identity;
use crate::authorization::Need;
use crate::committer::Decided;
use crate::identity::{
    self, Anonymous, Certified, Credential, Login, Order, Password, Presented, Secret, Shown,
};
use crate::peer::Peer;
use crate::refusal::{Code, PublishError, Refusal};
use crate::registry::{Origin, Registry};

/// A wrong password is answered no earlier than this, so that nobody learns from the time whether a
/// user exists.
const WRONG_PASSWORD_TIME: Duration = Duration::from_millis(250);

/// What a request brings for the question who sent it.
pub(crate) struct Caller {
    credential: Credential,
    source: Option<IpAddr>,
    certified: Option<Arc<Certified>>,
}

impl Caller {
    /// Reads it from the head of a request.
    pub(crate) fn read(headers: &HeaderMap, extensions: &Extensions) -> Result<Self, Refusal> {
        let peer = extensions.get::<Peer>();
        let source = peer.map(|peer| peer.address);
        let certified = peer.and_then(|peer| peer.certified.clone());
        Ok(Self { credential: Credential::read(headers)?, source, certified })
    }
}

/// Asks whether a caller may do what a request needs.
pub(crate) fn admit_caller(identity: &Identity, need: &Need<'_>) -> Result<(), Refusal> {
    let Need { permission, repository, .. } = *need;
    if identity.may(permission, repository) {
        return Ok(());
    }
    if identity.is_anonymous() {
        return Err(identity::unauthorized("this needs a credential"));
    }
    let what = format!("`{}` may not {} here", identity.subject, permission.name());
    // Such a caller may get another token, and is told where.
    if &*identity.via == identity::ACCESS_TOKEN {
        return Err(identity::unauthorized(&what));
    }
    let place = format!("repository `{repository}`");
    let fix = "ask who administers the repository for a credential with this permission";
    Err(Refusal::new(Code::Forbidden, &what, &place, fix))
}

impl Registry {
    /// Who sent a request. Whoever is known may read where everybody may.
    pub(crate) async fn identify(&self, caller: Caller) -> Result<Identity, PublishError> {
        let identity = self.recognized(caller).await?;
        Ok(match self.anonymous() {
            Anonymous::None => identity,
            Anonymous::Read | Anonymous::All => identity.among_readers(),
        })
    }

    /// What has to wait for something is in a box, so that the many requests that do not are small.
    async fn recognized(&self, caller: Caller) -> Result<Identity, PublishError> {
        let Caller { credential, source, certified } = caller;
        match credential {
            Credential::None => match certified {
                None => Ok(self.anonymous().identity()),
                Some(certified) => Ok(by_certificate(&certified, self.moment_elsewhere())?),
            },
            Credential::Signed(token) => Box::pin(self.by_issuer(&token)).await,
            Credential::Password(name, password) => {
                Box::pin(self.by_password((&name, password), source)).await
            }
            Credential::Token(secret) => {
                let state = self.state();
                if identity::find(&state, &secret).is_some() || !self.lookups().take(source) {
                    return Ok(identity::by_token(&state, &secret, self.moment())?);
                }
                // Another process may have issued it a moment ago.
                let known = |state: &State| identity::find(state, &secret).is_some();
                let state = Box::pin(self.state_with(known)).await?;
                let found = identity::by_token(&state, &secret, self.moment());
                found.inspect(|_| self.lookups().give_back(source)).map_err(PublishError::from)
            }
        }
    }

    /// What callers may do of whom nothing is known.
    pub(crate) fn anonymous(&self) -> Anonymous {
        self.options().identity.anonymous(&self.state())
    }

    /// Whether somebody of whom nothing is known may publish, and nobody chose that.
    pub(crate) fn is_open_to_everybody(&self) -> bool {
        let options = self.options();
        let is_chosen = options.identity.anonymous.is_some() || !options.writable;
        !is_chosen && self.anonymous() == Anonymous::All
    }

    async fn by_issuer(&self, token: &Presented) -> Result<Identity, PublishError> {
        let seconds = self.moment_elsewhere().milliseconds() / 1_000;
        let found = self.options().identity.issuers().identify(token, self.outbound(), seconds);
        found.await.map_err(|fault| fault.refusal().into())
    }

    async fn by_password(
        &self,
        (name, password): (&str, Password),
        source: Option<IpAddr>,
    ) -> Result<Identity, PublishError> {
        let (users, limiter) = (self.options().identity.users(), self.logins());
        let answered = Instant::now() + WRONG_PASSWORD_TIME;
        let login = users.login(name, &password);
        // What was proven before is never held up by the failures of others.
        if let Login::Known(identity) = login {
            return Ok(identity);
        }
        if !limiter.take(source) {
            return Err(too_many_attempts().into());
        }
        if let Login::Unproven(hash) = login
            && let Some(identity) = users.prove(name, password, hash).await?
        {
            limiter.give_back(source);
            return Ok(identity);
        }
        sleep_until(answered).await;
        Err(identity::unauthorized("user name or password is wrong").into())
    }

    /// Issues a token below a path; its secret part is in the answer and nowhere else.
    pub(crate) async fn issue_token(
        &self,
        order: Order,
        path: &RepositoryPath,
        origin: Origin,
    ) -> Result<(Secret, Decided), PublishError> {
        self.refuse_when_blocked()?;
        let secret = Secret::random();
        let Origin { actor, request, .. } = origin;
        let issued = order.issued(&secret, path, self.moment())?;
        let (change, id) = (TokenChange::Issue(issued), secret.id().to_owned());
        let event = TokenEvent { id, change, actor, request };
        Ok((secret, self.commit(Event::Token(event)).await?))
    }

    /// Makes a token worthless that reaches no further than a path.
    pub(crate) async fn revoke_token(
        &self,
        id: String,
        path: &RepositoryPath,
        origin: Origin,
    ) -> Result<Decided, PublishError> {
        self.refuse_when_blocked()?;
        let Origin { actor, request, .. } = origin;
        let state = self.state_with(|state| state.token(&id).is_some()).await?;
        let token = state.token(&id).filter(|token| identity::is_within(token, path));
        if token.is_none() {
            return Err(no_such_token(&id).into());
        }
        let event = TokenEvent { id, change: TokenChange::Revoke, actor, request };
        self.commit(Event::Token(event)).await
    }

    /// The tokens that reach no further than a path.
    pub(crate) fn tokens(&self, path: &RepositoryPath) -> Vec<Shown> {
        Shown::within(&self.state(), path, self.moment())
    }
}

fn by_certificate(certified: &Certified, now: Timestamp) -> Result<Identity, Refusal> {
    let fix = "connect with a new certificate";
    let ended =
        || Refusal::new(Code::Unauthorized, "the certificate has expired", "connection", fix);
    certified.identity(now).cloned().ok_or_else(ended)
}

fn too_many_attempts() -> Refusal {
    let fix = "wait a minute, and correct the credential that the client has stored";
    let what = "too many logins from this address have failed";
    Refusal::new(Code::TooManyAttempts, what, "header authorization", fix)
}

fn no_such_token(id: &str) -> Refusal {
    let fix = "list the tokens of the path with GET /-/v1/tokens, and give an `id` of the list";
    Refusal::new(Code::NotFound, "there is no such token here", id, fix)
}

/// `None` when the event has to be written.
pub(crate) fn admit_token(state: &State, event: &TokenEvent) -> Result<Option<Decided>, Refusal> {
    let token = state.token(&event.id);
    let decided = Decided { seq: state.head().seq, package: None, written: false };
    match (&event.change, token) {
        (TokenChange::Issue(_), None) => Ok(None),
        (TokenChange::Revoke, Some(token)) => Ok(token.revoked.is_some().then_some(decided)),
        (TokenChange::Revoke, None) => Err(no_such_token(&event.id)),
        (TokenChange::Issue(_), Some(_)) => {
            let what = "a token of this name was issued before";
            Err(Refusal::new(Code::BadRequest, what, &event.id, "send the order again"))
        }
    }
}
