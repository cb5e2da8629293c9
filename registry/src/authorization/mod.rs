//! Who may do what where: the only door from a route to the storage.
//!
//! A handler receives the server's state as a [`Gate`], which shows nothing. Only the extractor
//! [`Authorized`] opens it, with what the router left in the request: the target, read once, and the
//! caller, who was asked for the permission in the row of the table of routes. So no handler can touch
//! a repository other than the one that was authorized.
//!
//! Left out: how callers show who they are (`credentials`).

mod action;
mod oci;
mod pages;
mod quarantine;
mod receiving;
mod sight;
mod tokens;

pub(crate) use action::{Action, Administer, Delete, Enter, Publish, Read};
pub(crate) use pages::Below;

use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use bytes::Bytes;
use chart_registry_catalog::{Entry, Policy, Repository, State};
use chart_registry_store::{
    Actor, Change, Head, ObjectReader, PackageRef, RepositoryPath, Timestamp,
};

use crate::access::{Identity, Permission};
use crate::allowed_origin::AllowedOrigin;
use crate::changes::{Changes, Scope, Since};
use crate::committer::Decided;
use crate::credentials::{Caller, admit_caller};
use crate::external::External;
use crate::forwarded::Told;
use crate::identity::AuthorizationServer;
use crate::publishing::{Release, Wish};
use crate::refusal::{Code, Fault, PublishError, Refusal};
use crate::registry::{Condition, Options, Origin, Receipt, Registry};
use crate::request_id::RequestId;
use crate::retention::Plan;
use crate::routes::Seen;
use crate::spool::Received;
use crate::target::Target;
use crate::webhooks::Report;

/// The server's state as handlers get it: closed.
#[derive(Clone)]
pub(crate) struct Gate {
    registry: Registry,
}

/// What a request needs.
pub(crate) struct Need<'a> {
    pub(crate) permission: Permission,
    pub(crate) repository: &'a RepositoryPath,
    /// Whether it may change something.
    pub(crate) changes: bool,
}

impl Gate {
    pub(crate) fn new(registry: Registry) -> Self {
        Self { registry }
    }

    /// How the registry is doing; says nothing about a repository.
    pub(crate) fn condition(&self) -> Condition {
        self.registry.condition()
    }

    /// For how long nothing was heard of the journal, when that is too long.
    pub(crate) fn silence(&self) -> Option<Duration> {
        self.registry.silence()
    }

    /// Whether the server is about to stop.
    pub(crate) fn is_draining(&self) -> bool {
        self.registry.draining().has_begun()
    }

    /// Number of the last commit that readers see.
    pub(crate) fn sequence(&self) -> u64 {
        self.registry.state().head().seq
    }

    /// Waits until readers see a commit; false when it does not come in time.
    pub(crate) async fn reaches(&self, seq: u64) -> Result<bool, Fault> {
        self.registry.reaches(seq).await
    }

    /// The path that the registry is served under, without slashes at its ends.
    pub(crate) fn base_path(&self) -> &str {
        &self.registry.options().base_path
    }

    /// The URL that the registry is reached under, empty when nobody said one.
    pub(crate) fn external_url(&self) -> &str {
        &self.registry.options().external_url
    }

    /// Who gives tokens that say what their holders may do.
    pub(crate) fn authorization_server(&self) -> Option<&AuthorizationServer> {
        self.registry.options().identity.issuers().server()
    }

    /// The origin whose pages may read.
    pub(crate) fn allowed_origin(&self) -> Option<&AllowedOrigin> {
        self.registry.options().allowed_origin.as_ref()
    }

    /// Who sent a request.
    pub(crate) async fn identify(&self, caller: Caller) -> Result<Identity, PublishError> {
        self.registry.identify(caller).await
    }

    /// Asks whether the caller of a request may do what it needs.
    ///
    /// The answer says nothing about what is there: it is the same for a repository that nobody has
    /// published to.
    pub(crate) fn permit(&self, identity: &Identity, need: &Need<'_>) -> Result<(), Refusal> {
        admit_caller(identity, need)?;
        self.refuse_elsewhere(need, identity)?;
        let Options { writable, deletes, .. } = self.registry.options();
        let fix = match (need.changes, writable, need.permission) {
            (false, ..) => return Ok(()),
            (_, false, _) => "publish through a server that was started without --read-only",
            (_, true, Permission::Delete) if !deletes => {
                "ask a server whose setting `deletes` is not `false`"
            }
            (_, true, _) => return Ok(()),
        };
        let what = format!("this server does not let anybody {}", need.permission.name());
        let place = format!("repository `{}`", need.repository);
        Err(Refusal::new(Code::Forbidden, &what, &place, fix))
    }

    /// Refuses to write where only what others have is shown. Rules and tokens of such a path are the
    /// registry's own.
    fn refuse_elsewhere(&self, need: &Need<'_>, identity: &Identity) -> Result<(), Refusal> {
        let path = need.repository.as_str();
        if !need.changes || need.permission == Permission::Administer {
            return Ok(());
        }
        refuse_shown(&self.registry, need.permission, (path, identity))?;
        match self.registry.proxies().at(path) {
            Some(proxy) if need.permission == Permission::Publish => Err(proxy.refuse_write()),
            Some(_) | None => Ok(()),
        }
    }
}

/// Refuses to change versions of a repository that only shows others.
fn refuse_shown(
    registry: &Registry,
    permission: Permission,
    (path, identity): (&str, &Identity),
) -> Result<(), Refusal> {
    let Some(it) = registry.virtuals().at(path) else { return Ok(()) };
    let may_read = |it: &RepositoryPath| identity.may(Permission::Read, it);
    Err(it.refuse_write(registry, permission, may_read))
}

/// What the router found out about a request before its handler runs.
#[derive(Clone)]
pub(crate) struct Permitted {
    pub(crate) target: Arc<Target>,
    pub(crate) identity: Identity,
    pub(crate) permission: Permission,
    /// Where a handler tells which snapshot it used.
    pub(crate) seen: Seen,
}

/// The permission to do `A` in one repository, and the means to do it.
pub(crate) struct Authorized<A> {
    registry: Registry,
    target: Arc<Target>,
    identity: Identity,
    request: RequestId,
    seen: Seen,
    /// What trusted proxies say of the URL that was asked for.
    told: Told,
    action: PhantomData<A>,
}

impl<A: Action> FromRequestParts<Gate> for Authorized<A> {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, gate: &Gate) -> Result<Self, Fault> {
        let registry = gate.registry.clone();
        // The row of the route names the permission that was asked for: another one is our mistake.
        let permitted = parts.extensions.get::<Permitted>();
        let permitted = permitted.filter(|it| it.permission == A::PERMISSION).cloned();
        let Permitted { target, identity, seen, .. } =
            permitted.ok_or(Fault::Unpermitted { needed: A::PERMISSION.name() })?;
        let request = RequestId::of(&parts.extensions);
        let told = parts.extensions.get().cloned().unwrap_or_default();
        let action = PhantomData;
        Ok(Self { registry, target, identity, request, seen, told, action })
    }
}

impl<A> Authorized<A> {
    fn path(&self) -> &str {
        self.target.repository.as_str()
    }

    /// The path of the repository on the host as clients see it, without a slash at its end.
    pub(crate) fn place(&self) -> String {
        let Options { external_url, base_path, .. } = self.registry.options();
        let mut place = match External::configured(external_url) {
            Some(external) => external.path().to_owned(),
            None => self.told.place(base_path),
        };
        if !self.path().is_empty() {
            place.extend(["/", self.path()]);
        }
        place
    }

    /// The permission that a change of a version takes.
    fn needed(change: &Change) -> Permission {
        match change {
            Change::Promote { .. } | Change::Demote { .. } => Permission::Publish,
            Change::Yank { .. }
            | Change::Unyank { .. }
            | Change::Deprecate { .. }
            | Change::Undeprecate { .. } => Permission::Delete,
            Change::Purge { .. } | Change::Hold { .. } | Change::Unhold { .. } => {
                Permission::Administer
            }
        }
    }

    fn origin(self) -> (Registry, Origin) {
        let Self { registry, target, identity, request, .. } = self;
        let repository = target.repository.as_str().to_owned();
        let (sub, via) = (identity.subject.to_string(), identity.via.to_string());
        let request = request.as_str().to_owned();
        (registry, Origin { actor: Actor { sub, via }, request, repository })
    }
}

impl<A: Action> Authorized<A> {
    /// Changes what a version, given by name and version, is to readers.
    pub(crate) async fn change(
        self,
        version: (String, String),
        change: Change,
    ) -> Result<Decided, PublishError> {
        let needed = Self::needed(&change);
        if needed != A::PERMISSION {
            return Err(Fault::Unpermitted { needed: needed.name() }.into());
        }
        refuse_shown(&self.registry, needed, (self.path(), &self.identity))?;
        let (registry, origin) = self.origin();
        registry.change(origin, version, change).await
    }
}

impl Authorized<Administer> {
    /// Writes the policy of the repository's path, or takes it away.
    pub(crate) async fn put_policy(self, document: Option<&str>) -> Result<Decided, PublishError> {
        let (registry, origin) = self.origin();
        registry.put_policy(origin, document).await
    }

    /// How the webhooks are doing.
    pub(crate) fn webhooks(&self) -> Report {
        self.registry.webhooks().report(self.registry.state().head().seq)
    }

    /// What the rules let go now.
    pub(crate) fn retention_plan(&self) -> Result<Plan, Refusal> {
        self.registry.retention_plan(self.path())
    }

    /// Deletes what a plan names.
    pub(crate) async fn retain(self, plan: &str) -> Result<Plan, PublishError> {
        let (registry, origin) = self.origin();
        registry.retain(origin, plan).await
    }
}

impl Authorized<Read> {
    /// The present snapshot, which the answer is made from.
    fn state(&self) -> Arc<State> {
        let state = self.registry.state();
        self.seen.note(state.head().seq);
        state
    }

    /// The policy that decides here, with the path where it was written.
    pub(crate) fn policy(&self) -> (String, Arc<Policy>) {
        self.state().policy(self.path())
    }

    /// What happened here and below after a commit; administrators hear who did it.
    pub(crate) async fn changes(&self, since: Since) -> Result<Changes, Fault> {
        let administers = self.identity.may(Permission::Administer, &self.target.repository);
        let knows_actors = administers && !self.identity.is_anonymous();
        let below = self.identity.reads_below(&self.target.repository);
        self.registry.changes(self.path(), since, Scope { knows_actors, below }).await
    }

    /// Where the journal stands.
    pub(crate) fn journal(&self) -> (Head, Timestamp) {
        let state = self.state();
        (state.head(), state.time())
    }

    /// The segment that chooses a view, if there is one.
    pub(crate) fn view(&self) -> Option<&str> {
        self.target.view.as_deref()
    }

    /// A body made of what the caller may read; it is watched until it is sent.
    pub(crate) fn send(
        &self,
        repository: Arc<Repository>,
        frames: impl Iterator<Item = std::io::Result<Bytes>> + Send + 'static,
    ) -> Body {
        Body::from_stream(self.registry.bodies().send(self.path(), repository, frames))
    }

    /// Counters and gauges as text, unless the settings keep them back.
    pub(crate) fn metrics(&self) -> Option<String> {
        self.registry.options().serves_metrics.then(|| self.registry.metrics_text())
    }

    /// The bytes of a provenance file of this repository.
    pub(crate) async fn open_provenance(
        &self,
        file: String,
        provenance: PackageRef,
    ) -> Result<ObjectReader, Fault> {
        self.registry.open_provenance(file, provenance).await
    }

    /// The bytes of a package of this repository.
    pub(crate) async fn open_package(&self, entry: &Entry) -> Result<ObjectReader, Fault> {
        self.registry.open_package(entry).await
    }
}

impl Authorized<Publish> {
    /// Publishes a received package, with its provenance file if there is one.
    pub(crate) async fn publish_one(
        self,
        release: Release,
        wish: Wish,
    ) -> Result<Receipt, PublishError> {
        let (registry, origin) = self.origin();
        registry.publish_one(&origin, release, wish).await
    }

    /// Publishes several packages in one commit.
    pub(crate) async fn publish_all(
        self,
        release: Release,
        wish: Wish,
    ) -> Result<Vec<Receipt>, PublishError> {
        let (registry, origin) = self.origin();
        registry.publish_all(&origin, release, wish).await
    }

    /// Publishes a received provenance file.
    pub(crate) async fn publish_provenance(
        self,
        received: Received,
        dry_run: bool,
    ) -> Result<(), PublishError> {
        let (registry, origin) = self.origin();
        registry.publish_provenance(origin, received, dry_run).await
    }
}

impl Authorized<Delete> {
    /// Takes a version away.
    pub(crate) async fn delete(self, name: String, version: String) -> Result<(), PublishError> {
        let (registry, origin) = self.origin();
        registry.delete(origin, name, version).await
    }
}
