//! Who may do what where: the only door from a route to the storage.
//!
//! A handler receives the server's state as a [`Gate`], which shows nothing. Only the extractor
//! [`Authorized`] opens it, after it has turned the request into a repository once and asked the
//! policy about that repository and the action. So no handler can touch a repository other than the
//! one that was authorized.
//!
//! Left out: tokens, passwords, several repositories. Everybody may read; `Options::writable`
//! decides about the rest.

use std::marker::PhantomData;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use bytes::Bytes;
use chart_registry_catalog::{Entry, Repository, State};
use chart_registry_store::{Actor, ObjectReader, PackageRef};
use futures_util::Stream;

use crate::contents::Contents;
use crate::provenance::MAX_PROVENANCE_BYTES;
use crate::refusal::{Code, Fault, PublishError, Refusal};
use crate::registry::{Condition, Origin, Receipt, Registry};
use crate::request_id::RequestId;
use crate::spool::{self, Received};

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
}

/// Something that a caller may be allowed to do.
pub(crate) trait Action: Send + Sync + 'static {
    /// Its name in the route table and in refusals.
    const NAME: &'static str;
    /// Whether it changes the repository.
    const WRITES: bool;
}

/// Reading the index, packages and descriptions.
pub(crate) struct Read;
/// Adding a version.
pub(crate) struct Publish;
/// Taking a version away.
pub(crate) struct Delete;

impl Action for Read {
    const NAME: &'static str = "read";
    const WRITES: bool = false;
}

impl Action for Publish {
    const NAME: &'static str = "publish";
    const WRITES: bool = true;
}

impl Action for Delete {
    const NAME: &'static str = "delete";
    const WRITES: bool = true;
}

/// The permission to do `A` in one repository, and the means to do it.
pub(crate) struct Authorized<A> {
    registry: Registry,
    repository: String,
    actor: Actor,
    request: String,
    action: PhantomData<A>,
}

impl<A: Action> FromRequestParts<Gate> for Authorized<A> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, gate: &Gate) -> Result<Self, Refusal> {
        let Gate(registry) = gate.clone();
        if A::WRITES && !registry.options().writable {
            let what = format!("this server does not let anybody {}", A::NAME);
            let fix = "publish through a server that was started without --read-only";
            return Err(Refusal::new(Code::Forbidden, &what, parts.uri.path(), fix));
        }
        let actor = Actor { sub: "anonymous".to_owned(), via: "http".to_owned() };
        let request = RequestId::of(&parts.extensions);
        // The root is the only repository so far; its path is the empty text.
        Ok(Self { registry, repository: String::new(), actor, request, action: PhantomData })
    }
}

impl<A> Authorized<A> {
    fn origin(self) -> (Registry, Origin) {
        let Self { registry, repository, actor, request, .. } = self;
        (registry, Origin { actor, request, repository })
    }
}

impl Authorized<Read> {
    /// The repository as it is now; it does not change while it is read.
    pub(crate) fn repository(&self) -> Arc<Repository> {
        self.registry.state().repository(&self.repository)
    }

    /// The repository as it is now, or after a look at the journal when it does not have something.
    pub(crate) async fn repository_with(
        &self,
        has: impl Fn(&Repository) -> bool,
    ) -> Arc<Repository> {
        let has = |state: &State| has(&state.repository(&self.repository));
        self.registry.state_with(has).await.repository(&self.repository)
    }

    /// The repository with the newest `count` versions of each chart.
    pub(crate) async fn latest(&self, count: usize) -> Result<Arc<Repository>, Fault> {
        self.registry.latest(&self.repository, count).await
    }

    /// The files of a package that the API shows.
    pub(crate) async fn contents(&self, entry: &Entry) -> Result<Contents, Fault> {
        self.registry.contents(entry).await
    }

    /// Counters and gauges as text.
    pub(crate) fn metrics(&self) -> String {
        self.registry.metrics_text(&self.repository)
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
