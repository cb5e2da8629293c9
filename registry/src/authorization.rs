//! Who may do what where: the only door from a route to the storage.
//!
//! A handler receives the server's state as a [`Gate`], which shows nothing. Only the extractor
//! [`Authorized`] opens it, with what the router left in the request: the target, read once, and the
//! caller, who was asked for the permission in the row of the table of routes. So no handler can touch
//! a repository other than the one that was authorized.
//!
//! Left out: how callers show who they are. Everybody is anonymous, and `Options::writable` decides
//! what that allows.

use std::marker::PhantomData;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use bytes::Bytes;
use chart_registry_catalog::{Entry, Repository, State};
use chart_registry_store::{Actor, ObjectReader, PackageRef, RepositoryPath};
use futures_util::Stream;

use crate::access::{Identity, Permission};
use crate::contents::Contents;
use crate::provenance::MAX_PROVENANCE_BYTES;
use crate::refusal::{Code, Fault, PublishError, Refusal};
use crate::registry::{Condition, Origin, Receipt, Registry};
use crate::request_id::RequestId;
use crate::spool::{self, Received};
use crate::target::Target;

/// The server's state as handlers get it: closed.
#[derive(Clone)]
pub(crate) struct Gate(Registry);

impl Gate {
    pub(crate) fn new(registry: Registry) -> Self {
        Self(registry)
    }

    /// How the registry is doing; says nothing about a repository.
    pub(crate) fn condition(&self) -> Condition {
        self.0.condition()
    }

    /// The path that the registry is served under, without slashes at its ends.
    pub(crate) fn base_path(&self) -> &str {
        &self.0.options().base_path
    }

    /// Asks whether the caller of a request may do something in a repository.
    pub(crate) fn permit(
        &self,
        permission: Permission,
        repository: &RepositoryPath,
    ) -> Result<Identity, Refusal> {
        let Self(registry) = self;
        let all =
            [Permission::Read, Permission::Publish, Permission::Delete, Permission::Administer];
        let allowed = if registry.options().writable { &all[..] } else { &all[..1] };
        let identity = Identity::anonymous(allowed);
        if identity.may(permission, repository) {
            return Ok(identity);
        }
        let what = format!("this server does not let anybody {}", permission.name());
        let fix = "publish through a server that was started without --read-only";
        let place = format!("repository `{repository}`");
        Err(Refusal::new(Code::Forbidden, &what, &place, fix))
    }
}

/// What the router found out about a request before its handler runs.
#[derive(Clone)]
pub(crate) struct Permitted {
    pub(crate) target: Arc<Target>,
    pub(crate) identity: Identity,
    pub(crate) permission: Permission,
}

/// Something that a caller may be allowed to do, as a type.
pub(crate) trait Action: Send + Sync + 'static {
    /// The permission that it takes.
    const PERMISSION: Permission;
}

/// Reading the index, packages and descriptions.
pub(crate) struct Read;
/// Adding a version.
pub(crate) struct Publish;
/// Taking a version away.
pub(crate) struct Delete;

impl Action for Read {
    const PERMISSION: Permission = Permission::Read;
}

impl Action for Publish {
    const PERMISSION: Permission = Permission::Publish;
}

impl Action for Delete {
    const PERMISSION: Permission = Permission::Delete;
}

/// The permission to do `A` in one repository, and the means to do it.
pub(crate) struct Authorized<A> {
    registry: Registry,
    target: Arc<Target>,
    actor: Actor,
    request: String,
    action: PhantomData<A>,
}

impl<A: Action> FromRequestParts<Gate> for Authorized<A> {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, gate: &Gate) -> Result<Self, Fault> {
        let Gate(registry) = gate.clone();
        // The row of the route names the permission that was asked for: another one is our mistake.
        let permitted = parts.extensions.get::<Permitted>();
        let permitted = permitted.filter(|it| it.permission == A::PERMISSION).cloned();
        let Permitted { target, identity, .. } =
            permitted.ok_or(Fault::Unpermitted { needed: A::PERMISSION.name() })?;
        let (sub, via) = (identity.subject.to_string(), identity.via.to_string());
        let request = RequestId::of(&parts.extensions);
        let actor = Actor { sub, via };
        Ok(Self { registry, target, actor, request, action: PhantomData })
    }
}

impl<A> Authorized<A> {
    fn path(&self) -> &str {
        self.target.repository.as_str()
    }

    /// The path of the repository on the host, without a slash at its end.
    pub(crate) fn place(&self) -> String {
        let base = &self.registry.options().base_path;
        let mut place = String::new();
        for part in [base.as_str(), self.path()].into_iter().filter(|part| !part.is_empty()) {
            place.push('/');
            place.push_str(part);
        }
        place
    }

    fn origin(self) -> (Registry, Origin) {
        let Self { registry, target, actor, request, .. } = self;
        let repository = target.repository.as_str().to_owned();
        (registry, Origin { actor, request, repository })
    }
}

impl Authorized<Read> {
    /// The repository as it is now; it does not change while it is read.
    pub(crate) fn repository(&self) -> Arc<Repository> {
        self.registry.state().repository(self.path())
    }

    /// The repository as it is now, or after a look at the journal when it does not have something.
    pub(crate) async fn repository_with(
        &self,
        has: impl Fn(&Repository) -> bool,
    ) -> Arc<Repository> {
        let has = |state: &State| has(&state.repository(self.path()));
        self.registry.state_with(has).await.repository(self.path())
    }

    /// The segment that chooses a view, if there is one.
    pub(crate) fn view(&self) -> Option<&str> {
        self.target.view.as_deref()
    }

    /// The repository with the newest `count` versions of each chart.
    pub(crate) async fn latest(&self, count: usize) -> Result<Arc<Repository>, Fault> {
        self.registry.latest(self.path(), count).await
    }

    /// The files of a package that the API shows.
    pub(crate) async fn contents(&self, entry: &Entry) -> Result<Contents, Fault> {
        self.registry.contents(entry).await
    }

    /// Counters and gauges as text.
    pub(crate) fn metrics(&self) -> String {
        self.registry.metrics_text()
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
    /// Largest package in bytes.
    pub(crate) fn max_upload_bytes(&self) -> u64 {
        self.registry.options().max_upload_bytes
    }

    /// Receives a package without looking into it.
    pub(crate) async fn receive<E: std::fmt::Display>(
        &self,
        body: impl Stream<Item = Result<Bytes, E>> + Unpin,
    ) -> Result<Received, PublishError> {
        spool::receive(self.registry.store(), body, self.max_upload_bytes()).await
    }

    /// Receives a provenance file without looking into it.
    pub(crate) async fn receive_provenance<E: std::fmt::Display>(
        &self,
        body: impl Stream<Item = Result<Bytes, E>> + Unpin,
    ) -> Result<Received, PublishError> {
        spool::receive(self.registry.store(), body, MAX_PROVENANCE_BYTES).await
    }

    /// Publishes a received package, with its provenance file if there is one.
    pub(crate) async fn publish(
        self,
        received: Received,
        provenance: Option<Received>,
    ) -> Result<Receipt, PublishError> {
        let (registry, origin) = self.origin();
        registry.publish_received(origin, received, provenance).await
    }

    /// Publishes a received provenance file.
    pub(crate) async fn publish_provenance(self, received: Received) -> Result<(), PublishError> {
        let (registry, origin) = self.origin();
        registry.publish_provenance(origin, received).await
    }
}

impl Authorized<Delete> {
    /// Takes a version away.
    pub(crate) async fn delete(self, name: String, version: String) -> Result<(), PublishError> {
        let (registry, origin) = self.origin();
        registry.delete(origin, name, version).await
    }
}
