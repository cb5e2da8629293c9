//! The open registry: store, journal, snapshot, and the way a package takes through them.

use std::path::Path;
use std::sync::Arc;

use arc_swap::ArcSwap;
use bytes::Bytes;
use chart_format::archive::Limits;
use chart_registry_catalog::{Entry, State};
use chart_registry_store::{Actor, Delete, Event, Journal, Location, ObjectReader, Store};
use serde::Serialize;
use tokio::sync::{mpsc, oneshot, watch};

use crate::bodies::{self, Bodies};
use crate::clock::Clocks;
use crate::committer::{self, Committer, Decided, MAX_GROUP_BYTES, Request};
use crate::contents::{self, Contents};
use crate::draining::Draining;
use crate::identity::Limiter;
use crate::inspection::{self, Inspected};
use crate::inspectors::{Inspectors, Turn};
use crate::looks::{Asking, looks};
use crate::merged::Virtuals;
use crate::metrics::Metrics;
use crate::opening::{self, Opened};
use crate::operations::gc;
pub use crate::options::{Options, Versions};
use crate::outbound::Outbound;
use crate::publishing::{Release, Wish};
use crate::recent::Recent;
use crate::refusal::{Code, Fault, PublishError, Refusal};
use crate::routes;
use crate::shown::Kept;
use crate::spool::{Received, too_large};
use crate::turns::Turns;
use crate::upkeep::{self, Upkeep};
use crate::upstream::Proxies;
use crate::views::{self, Views};
use crate::webhooks::{Surroundings, Webhooks};

/// Requests that wait for the committer before others wait for them.
const WAITING_COMMITS: usize = 256;

/// An open registry; cloning it is cheap and gives another handle on the same one.
#[derive(Clone)]
pub struct Registry {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    state: Arc<ArcSwap<State>>,
    commits: mpsc::Sender<Request>,
    asking: Asking,
    inspectors: Inspectors,
    options: Options,
    metrics: Arc<Metrics>,
    views: Arc<Views>,
    kept: Arc<Kept>,
    /// Tells the number of every commit after it was applied.
    applied: watch::Receiver<u64>,
    clocks_at_start: Clocks,
    bodies: Arc<Bodies>,
    recent: Recent,
    outbound: Outbound,
    logins: Limiter,
    lookups: Limiter,
    webhooks: Webhooks,
    upkeep: upkeep::Running,
    draining: Draining,
    others: Others,
    /// Why nothing can be written, when the journal holds what this program does not know.
    blocked: Option<PublishError>,
}

/// The repositories that show what others have.
type Others = (Arc<Proxies>, Arc<Virtuals>);

/// What a publish answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Receipt {
    /// Name of the chart.
    pub name: String,
    /// Version of the chart.
    pub version: String,
    /// Hex SHA-256 of the stored package: equal to the digest in the index.
    pub digest: String,
    /// `sha256:` digest of the files inside the package, whatever compressor packed them.
    pub content: String,
    /// Number of the journal entry after which the answer holds.
    pub seq: u64,
    /// True when this call stored the version; false when the same content was there already.
    pub created: bool,
    /// Path of the package, relative to the repository.
    pub location: String,
    /// What people should look at; it hindered nothing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// How an open registry is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Condition {
    /// It serves and writes.
    Writable,
    /// It serves; the storage takes no writes until an operator has looked at it.
    ReadOnly,
    /// A part of the program has died: only a restart helps.
    Stopped,
}

/// Who publishes or deletes, for the journal.
#[derive(Debug, Clone)]
pub(crate) struct Origin {
    pub(crate) actor: Actor,
    pub(crate) request: String,
    pub(crate) repository: String,
}

impl Registry {
    /// Opens the registry on `directory`, creating it when it does not exist.
    ///
    /// Must be called inside of a tokio runtime, which then runs the committer.
    pub async fn open(directory: &Path) -> Result<Self, Fault> {
        Self::open_with(directory, Options::default()).await
    }

    /// Like [`Self::open`], with chosen options.
    pub async fn open_with(directory: &Path, options: Options) -> Result<Self, Fault> {
        Self::on(Store::open(directory).await?, options).await
    }

    /// Like [`Self::open_with`], in a directory or a bucket.
    pub async fn open_at(location: &Location, options: Options) -> Result<Self, Fault> {
        let store = Store::open_at(location, options.writable).await?;
        Self::on(store, options).await
    }

    /// Opens the registry on a store: reads its journal and starts the tasks behind it.
    pub async fn on(store: Store, options: Options) -> Result<Self, Fault> {
        let outbound = Outbound::new(options.outbound.clone()).map_err(Fault::Outbound)?;
        let others = others(&options, &outbound).await?;
        let journal = Journal::new(store.clone());
        let Opened { state, checkpoint, blocked } = opening::open(&store, &journal).await?;
        let (applied, watching) = watch::channel(state.head().seq);
        let state = Arc::new(ArcSwap::from_pointee(state));
        let (commits, requests) = mpsc::channel(WAITING_COMMITS);
        let (asking, looks) = looks();
        let surroundings = Surroundings::new((&store, &state), &watching, &outbound);
        let webhooks = Webhooks::start(&options, surroundings).await?;
        let mut upkeep = upkeep::Running::default();
        if options.writable {
            gc::start((&store, &journal), &options, &state, watching.clone());
            let (watched, after) = ((&state, &watching), options.checkpoint_after);
            upkeep = Upkeep::start((&store, &journal), watched, (checkpoint, after));
        }
        let committer = Committer {
            state: Arc::clone(&state),
            journal,
            requests,
            looks,
            applied,
            told: blocked.is_some(),
            aside: None,
            turns: Turns::new(),
        };
        tokio::spawn(committer.run());
        let (metrics, views, bodies) = (Arc::default(), Arc::default(), Arc::default());
        watch((&state, &views), &others, &bodies);
        let inner = Inner {
            store,
            state,
            commits,
            asking,
            inspectors: Inspectors::start().map_err(no_threads)?,
            options,
            metrics,
            views,
            bodies,
            recent: Recent::default(),
            applied: watching,
            kept: Arc::default(),
            clocks_at_start: Clocks::now(),
            outbound,
            logins: Limiter::default(),
            lookups: Limiter::default(),
            webhooks,
            upkeep,
            draining: Draining::default(),
            others,
            blocked,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Publishes one package. When this returns, the version is durable and every reader sees it.
    ///
    /// The same content under the same version is a success that writes nothing.
    pub async fn publish(&self, package: Bytes) -> Result<Receipt, PublishError> {
        if package.len() as u64 > self.inner.options.max_upload_bytes {
            return Err(too_large(self.inner.options.max_upload_bytes).into());
        }
        let actor = Actor { sub: "local".to_owned(), via: "embedded".to_owned() };
        let origin = Origin { actor, request: String::new(), repository: String::new() };
        let packages = vec![Received::from_memory(package)];
        let release = Release { packages, provenances: Vec::new() };
        self.publish_one(&origin, release, Wish::default()).await
    }

    /// The snapshot that a reader uses from its first to its last byte.
    pub fn state(&self) -> Arc<State> {
        self.inner.state.load_full()
    }

    /// The routes of this registry, to be served or nested elsewhere.
    pub fn router(&self) -> axum::Router {
        routes::router(self.clone())
    }

    pub(crate) fn options(&self) -> &Options {
        &self.inner.options
    }

    /// Hears the number of every commit after it was applied.
    pub(crate) fn applied(&self) -> watch::Receiver<u64> {
        self.inner.applied.clone()
    }

    /// What asks other servers; see [`crate::outbound`].
    pub fn outbound(&self) -> &Outbound {
        &self.inner.outbound
    }

    /// Passwords of all sources that were wrong.
    pub(crate) fn logins(&self) -> &Limiter {
        &self.inner.logins
    }

    /// Tokens of all sources that nobody knows. They have a budget of their own, so that a client with
    /// an old token holds up no login from the same address.
    pub(crate) fn lookups(&self) -> &Limiter {
        &self.inner.lookups
    }

    /// Where readers ask for looks at the journal.
    pub(crate) fn asking(&self) -> &Asking {
        &self.inner.asking
    }

    pub(crate) fn proxies(&self) -> &Proxies {
        &self.inner.others.0
    }

    pub(crate) fn virtuals(&self) -> &Virtuals {
        &self.inner.others.1
    }

    pub(crate) fn webhooks(&self) -> &Webhooks {
        &self.inner.webhooks
    }

    pub(crate) fn upkeep(&self) -> &upkeep::Running {
        &self.inner.upkeep
    }

    pub(crate) fn draining(&self) -> &Draining {
        &self.inner.draining
    }

    pub(crate) fn clocks_at_start(&self) -> Clocks {
        self.inner.clocks_at_start
    }

    pub(crate) fn store(&self) -> &Store {
        &self.inner.store
    }

    /// Whether reading and writing work as far as the registry knows.
    pub(crate) fn condition(&self) -> Condition {
        if self.inner.commits.is_closed() {
            return Condition::Stopped;
        }
        if self.inner.blocked.is_some() || self.inner.store.is_read_only() {
            return Condition::ReadOnly;
        }
        Condition::Writable
    }

    /// Takes a version away; it may come back only with the same content.
    pub(crate) async fn delete(
        &self,
        origin: Origin,
        name: String,
        version: String,
    ) -> Result<(), PublishError> {
        self.refuse_when_blocked()?;
        let Origin { actor, request, repository: repo } = origin;
        // Another process may have published it a moment ago.
        self.state_with(|state| state.repository(&repo).find(&name, &version).is_some()).await?;
        self.commit(Event::Delete(Delete { repo, name, version, actor, request })).await.map(drop)
    }

    pub(crate) async fn open_package(&self, package: &Entry) -> Result<ObjectReader, Fault> {
        let digest = package.package.sha256;
        self.open_object(digest).await?.ok_or_else(|| Fault::LostPackage {
            file: package.file_name(),
            digest: digest.prefixed(),
        })
    }

    pub(crate) async fn contents(&self, entry: &Entry) -> Result<Contents, Fault> {
        let turn = self.inspector().await?;
        let reader = self.open_package(entry).await?;
        let package = reader.read_all().await.map_err(|e| Fault::io("read a package", e))?;
        let contents = turn.run(move || contents::read(&package)).await?;
        contents.map_err(|error| Fault::io("unpack a package", error))
    }

    pub(crate) fn views(&self) -> &Arc<Views> {
        &self.inner.views
    }

    /// Bytes that were read lately.
    pub(crate) fn recent(&self) -> &Recent {
        &self.inner.recent
    }

    pub(crate) fn bodies(&self) -> &Arc<Bodies> {
        &self.inner.bodies
    }

    pub(crate) fn shown_packages(&self) -> &Arc<Kept> {
        &self.inner.kept
    }

    pub(crate) fn metrics(&self) -> Arc<Metrics> {
        Arc::clone(&self.inner.metrics)
    }

    /// Waits for the right to open a package or to check a signature.
    pub(crate) async fn inspector(&self) -> Result<Turn, Fault> {
        self.inner.inspectors.turn().await
    }

    pub(crate) async fn inspect(&self, received: Received) -> Result<Inspected, PublishError> {
        let turn = self.inspector().await?;
        let package_bytes = self.inner.options.max_upload_bytes;
        let limits = Limits { package_bytes, ..Limits::HELM };
        turn.run(move || inspection::inspect(&received, &limits)).await?
    }

    pub(crate) async fn commit(&self, event: Event) -> Result<Decided, PublishError> {
        let stopped = || Fault::Stopped { part: "committer" };
        let decided = self.commit_all(vec![event]).await?;
        decided.into_iter().next().ok_or_else(|| stopped().into())
    }

    /// Writes events in one commit: all of them, or none.
    pub(crate) async fn commit_all(
        &self,
        events: Vec<Event>,
    ) -> Result<Vec<Decided>, PublishError> {
        if committer::size(&events) > MAX_GROUP_BYTES {
            let what =
                format!("the release's Chart.yaml files are larger than {MAX_GROUP_BYTES} bytes");
            let fix = "make them smaller, or publish fewer charts together";
            return Err(Refusal::new(Code::TooLarge, &what, "request", fix).into());
        }
        let stopped = || Fault::Stopped { part: "committer" };
        let (answer, decided) = oneshot::channel();
        self.inner.commits.send(Request { events, answer }).await.map_err(|_| stopped())?;
        decided.await.map_err(|_| stopped())?
    }

    pub(crate) fn refuse_when_blocked(&self) -> Result<(), PublishError> {
        self.inner.blocked.clone().map_or(Ok(()), Err)
    }
}

async fn others(options: &Options, outbound: &Outbound) -> Result<Others, Fault> {
    let proxies = Proxies::new(&options.proxies, outbound).await?;
    let virtuals = Virtuals::new(&options.virtuals, &options.proxies)?;
    Ok((Arc::new(proxies), Arc::new(virtuals)))
}

fn watch(
    (state, views): (&Arc<ArcSwap<State>>, &Arc<Views>),
    others: &Others,
    bodies: &Arc<Bodies>,
) {
    tokio::spawn(views::forget_unused(Arc::downgrade(views)));
    let present = bodies::present(state, views, others);
    tokio::spawn(bodies::watch(Arc::downgrade(bodies), present));
}

fn no_threads(error: std::io::Error) -> Fault {
    Fault::io("start the inspectors' threads", error)
}
