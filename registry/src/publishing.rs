//! The way of packages: inspect, decide early, store, commit, answer.
//!
//! Packages that come in one request are a release: all of them appear, each with its provenance
//! file, or none does. One package is a release of one.

use chart_registry_catalog::{Admission, Repository};
use chart_registry_store::{Event, Key, PackageRef, Timestamp};

use crate::admission::admit_publish;
use crate::committer::{self, Decided};
use crate::inspection::Inspected;
use crate::options::Versions;
use crate::refusal::{Code, Fault, PublishError, Refusal};
use crate::registry::{Origin, Receipt, Registry};
use crate::signing;
use crate::similar::{similar, warning};
use crate::spool::Received;

/// Most packages of a release.
pub(crate) const MAX_RELEASE: usize = 64;

/// What came in to be published together.
#[derive(Debug, Clone, Default)]
pub(crate) struct Release {
    pub(crate) packages: Vec<Received>,
    /// Provenance files of some or all of the packages, in any order.
    pub(crate) provenances: Vec<Received>,
}

/// How packages are to be published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Wish {
    /// Other content may take the place of what is there, where the policy lets it.
    pub(crate) force: bool,
    /// Everything is decided, nothing is stored.
    pub(crate) dry_run: bool,
    /// When it was first published elsewhere.
    pub(crate) created: Option<Timestamp>,
}

/// A package that was looked into, with the provenance file that came with it.
struct Prepared {
    package: Received,
    provenance: Option<Received>,
    inspected: Inspected,
    /// The bytes that are served from then on: those of an earlier upload of the same content.
    served: PackageRef,
    /// Whether the same content is there already.
    known: bool,
    events: Vec<Event>,
    warnings: Vec<String>,
}

impl Registry {
    /// Publishes packages together. When this returns, all are durable and every reader sees them.
    pub(crate) async fn publish_all(
        &self,
        origin: &Origin,
        release: Release,
        wish: Wish,
    ) -> Result<Vec<Receipt>, PublishError> {
        self.refuse_when_blocked()?;
        let mut prepared = Vec::with_capacity(release.packages.len());
        for package in release.packages {
            prepared.push(self.prepare(origin, package, wish).await?);
        }
        refuse_twice(&prepared)?;
        for file in release.provenances {
            self.attach(origin, &mut prepared, file).await?;
        }
        let events: Vec<Event> = prepared.iter().flat_map(|it| it.events.clone()).collect();
        // What is refused is refused before anything is stored.
        let early = committer::decide_now(&self.state(), &events)?;
        if wish.dry_run {
            return Ok(receipts(&prepared, early));
        }
        for Prepared { package, provenance, served, known, .. } in &prepared {
            self.store_package(package, *served, *known).await?;
            if let Some(file) = provenance {
                self.store().put_object(file.sha256, file.spool.clone()).await?;
            }
        }
        let needed = early.iter().any(|decided| decided.written);
        let decided = if needed { self.commit_all(events).await? } else { early };
        Ok(receipts(&prepared, decided))
    }

    /// The events that publish one package that is stored already, with its provenance file if there
    /// is one, and what the package says about itself.
    pub(crate) async fn events_of(
        &self,
        origin: &Origin,
        (package, provenance): (Received, Option<Received>),
        wish: Wish,
    ) -> Result<(Vec<Event>, Inspected), PublishError> {
        let mut prepared = [self.prepare(origin, package, wish).await?];
        if let Some(file) = provenance {
            self.attach(origin, &mut prepared, file).await?;
        }
        let [Prepared { events, inspected, .. }] = prepared;
        Ok((events, inspected))
    }

    /// Publishes one package, with its provenance file if there is one.
    pub(crate) async fn publish_one(
        &self,
        origin: &Origin,
        release: Release,
        wish: Wish,
    ) -> Result<Receipt, PublishError> {
        let receipts = self.publish_all(origin, release, wish).await?;
        let lost = || Fault::Stopped { part: "committer" };
        receipts.into_iter().next().ok_or_else(|| lost().into())
    }

    async fn prepare(
        &self,
        origin: &Origin,
        package: Received,
        wish: Wish,
    ) -> Result<Prepared, PublishError> {
        self.refuse_into_others(origin)?;
        let inspected = self.inspect(package.clone()).await?;
        // A proxy shows what its upstream has.
        if self.options().versions == Versions::Full
            && self.proxies().at(&origin.repository).is_none()
        {
            inspected.refuse_loose_version()?;
        }
        let mut publish = inspected.event(origin.clone(), &package);
        publish.force = wish.force;
        publish.created = wish.created;
        let state = self.state();
        let (served, known) = match state.admit(&publish) {
            Admission::Same { package } => (package, true),
            Admission::Returns { package } => (package, false),
            Admission::New
            | Admission::Conflict { .. }
            | Admission::Deleted { .. }
            | Admission::Purged
            | Admission::Twin { .. } => (publish.package, false),
        };
        // The package is judged before its signature, which says nothing without it.
        admit_publish(&state, &mut publish.clone())?;
        let warnings = warnings(&state.repository(&publish.repo), &publish.name);
        let events = vec![Event::Publish(publish)];
        Ok(Prepared { package, provenance: None, inspected, served, known, events, warnings })
    }

    /// Finds the package of a provenance file, and adds it there.
    async fn attach(
        &self,
        origin: &Origin,
        prepared: &mut [Prepared],
        file: Received,
    ) -> Result<(), PublishError> {
        let vouched = signing::read(&file)?;
        // With one package there is no doubt which one is meant: the file must say the same.
        let alone = prepared.len() == 1;
        let meant = prepared.iter_mut().find(|it| alone || it.file_name() == vouched.file_name);
        let Some(prepared) = meant else {
            let what =
                format!("it vouches for `{}`, which did not come with it", vouched.file_name);
            let fix = "send each provenance file with its package";
            return Err(Refusal::new(Code::BadProvenance, &what, "provenance file", fix).into());
        };
        vouched.agrees(&prepared.file_name(), prepared.served.sha256)?;
        if prepared.provenance.is_some() {
            let what = format!("there are two provenance files for `{}`", vouched.file_name);
            let fix = "send one: a version has one provenance file";
            return Err(Refusal::new(Code::BadProvenance, &what, "provenance file", fix).into());
        }
        let signer = self.signer(&origin.repository, &vouched).await?;
        let version = (prepared.inspected.name.clone(), prepared.inspected.version.clone());
        let event = signing::event(origin.clone(), version, (&file, prepared.served), signer);
        prepared.events.push(Event::Provenance(event));
        prepared.provenance = Some(file);
        Ok(())
    }

    /// Makes the bytes durable that are to be served, which may be those of an earlier upload, and
    /// sees to it that nobody takes them away before they are named.
    ///
    /// A package that a storage lost or damaged is healed by whoever sends it again.
    pub(crate) async fn store_package(
        &self,
        received: &Received,
        served: PackageRef,
        known: bool,
    ) -> Result<(), PublishError> {
        let same = served.sha256 == received.sha256;
        // A new package is not looked for first: storing it says whether it is there.
        if (known || !same) && self.store().renew(Key::Object(served.sha256)).await? {
            if !same || self.store().is_sound(served.sha256.into()).await? {
                return Ok(());
            }
            self.store().remove(Key::Object(served.sha256)).await?;
        }
        if same {
            self.store().put_object(received.sha256, received.spool.clone()).await?;
            return Ok(());
        }
        let (stored, sent) = (served.sha256, received.sha256);
        let what = format!(
            "the version's package sha256:{stored} is gone, and what was sent is sha256:{sent}: the \
             same files in other bytes"
        );
        let fix = "send the package that was published first, or raise the version in Chart.yaml";
        Err(Refusal::new(Code::VersionDeleted, &what, "package", fix).into())
    }
}

/// What people should look at when the first version under a name comes.
fn warnings(repository: &Repository, name: &str) -> Vec<String> {
    if repository.knows(name) {
        return Vec::new();
    }
    let similar = similar(repository, name);
    similar.map(|other| warning(name, &other)).into_iter().collect()
}

impl Prepared {
    fn file_name(&self) -> String {
        format!("{}-{}.tgz", self.inspected.name, self.inspected.version)
    }
}

/// One version twice in a release is one of them too many, even when they are the same.
fn refuse_twice(prepared: &[Prepared]) -> Result<(), Refusal> {
    let name = |it: &Prepared| (it.inspected.name.clone(), it.inspected.version.clone());
    for (index, item) in prepared.iter().enumerate() {
        if prepared[..index].iter().any(|before| name(before) == name(item)) {
            let (name, version) = name(item);
            let what = "the form holds this version twice, and nothing was stored";
            let place = format!("{name} {version}");
            return Err(Refusal::new(Code::BadRequest, what, &place, "send each package once"));
        }
    }
    Ok(())
}

fn receipts(prepared: &[Prepared], decided: Vec<Decided>) -> Vec<Receipt> {
    let mut decided = decided.into_iter();
    let receipt = |it: &Prepared| {
        let mut of_item = decided.by_ref().take(it.events.len());
        let first = of_item.next();
        let seq = of_item.map(|decided| decided.seq).fold(first.map_or(0, |it| it.seq), u64::max);
        let digest = first.and_then(|it| it.package).unwrap_or(it.served).sha256;
        let Inspected { name, version, content, .. } = &it.inspected;
        Receipt {
            name: name.clone(),
            version: version.clone(),
            digest: digest.to_string(),
            content: content.prefixed(),
            seq,
            created: first.is_some_and(|it| it.written),
            location: format!("charts/{name}-{version}.tgz"),
            warnings: it.warnings.clone(),
        }
    };
    prepared.iter().map(receipt).collect()
}
