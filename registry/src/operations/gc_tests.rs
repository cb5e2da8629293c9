//! Collecting garbage while others publish the same bytes, push manifests and delete, in thousands
//! of orders that numbers decide.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use chart_format::digest::Sha256;
use chart_registry_catalog::{Admission, Needed, State};
use chart_registry_store::simulation::{Faults, SimulatedBucket, SimulatedDisk, schedule};
use chart_registry_store::{
    Actor, Delete, Digest, Event, Family, Journal, Key, PackageRef, Publish, Spool, Store,
    Timestamp,
};
use futures_util::stream;
use serde_json::value::RawValue;

use super::gc::{Collected, Collector};
use crate::oci::{Name, Push, Reference};
use crate::refusal::PublishError;
use crate::registry::{Options, Origin, Registry};
use crate::spool::Received;

/// A registry on a disk in memory, with a clock.
#[derive(Clone)]
struct World {
    registry: Registry,
    disk: SimulatedDisk,
    store: Store,
    hours: Arc<std::sync::atomic::AtomicU64>,
    /// What was needed and is not there.
    lost: Arc<Mutex<Vec<String>>>,
}

const CHARTS: [&str; 3] = ["a", "b", "c"];

/// Two contents, so that charts share their bytes.
const CONTENTS: [&[u8]; 2] = [b"one", b"two"];

fn origin() -> Origin {
    let actor = Actor { sub: "test".to_owned(), via: "test".to_owned() };
    Origin { actor, request: String::new(), repository: String::new() }
}

impl World {
    async fn new() -> Self {
        let disk = SimulatedDisk::new(|_| false);
        let store = Store::on_disk(disk.clone()).unwrap();
        let registry = Registry::on(store.clone(), Options::default()).await.unwrap();
        let world = Self { registry, disk, store, hours: Arc::default(), lost: Arc::default() };
        world.wait(100);
        world
    }

    fn wait(&self, hours: u64) {
        let before = self.hours.fetch_add(hours, std::sync::atomic::Ordering::SeqCst);
        self.disk.set_clock(Duration::from_hours(before + hours));
    }

    /// Publishes one of the contents as a version, the way every package takes behind its inspection.
    async fn publish(&self, chart: &str, content: &'static [u8]) -> Result<(), PublishError> {
        let publish = self.store_package(chart, content).await?;
        let digest = publish.package.sha256.into();
        self.registry.commit(Event::Publish(publish)).await?;
        self.assert_there(digest, "an acknowledged package");
        Ok(())
    }

    /// The first half of it: the package is stored, and no commit names it yet.
    async fn store_package(
        &self,
        chart: &str,
        content: &'static [u8],
    ) -> Result<Publish, PublishError> {
        let package = Received::from_memory(Bytes::from_static(content));
        let publish = Publish {
            repo: String::new(),
            name: chart.to_owned(),
            version: "1.0.0".to_owned(),
            actor: origin().actor,
            request: String::new(),
            package: PackageRef { sha256: package.sha256, size: package.size },
            content: package.sha256,
            force: false,
            created: None,
            chart: RawValue::from_string(format!(r#"{{"name":"{chart}","version":"1.0.0"}}"#))
                .unwrap(),
            oci: None,
        };
        let known = matches!(self.registry.state().admit(&publish), Admission::Same { .. });
        self.registry.store_package(&package, publish.package, known).await?;
        Ok(publish)
    }

    async fn delete(&self, chart: &str) -> Result<(), PublishError> {
        let Origin { actor, request, repository: repo } = origin();
        let (name, version) = (chart.to_owned(), "1.0.0".to_owned());
        let delete = Delete { repo, name, version, actor, request };
        self.registry.commit(Event::Delete(delete)).await.map(drop)
    }

    /// Pushes a blob, then a manifest that names it.
    async fn push(&self, tag: &str, content: &'static [u8]) -> Result<(), PublishError> {
        let name = Name { path: String::new(), last: "image".to_owned() };
        let digest = Digest::from(Sha256::of(content));
        let body = stream::iter([Ok::<_, String>(Bytes::from_static(content))]);
        self.registry.push_blob(&name, digest, body).await?;
        let manifest = format!(
            r#"{{"schemaVersion":2,"mediaType":"a/b","layers":[{{"mediaType":"x/y","digest":"{digest}","size":{}}}]}}"#,
            content.len()
        );
        let bytes = Bytes::from(manifest);
        let push = Push {
            last: name.last.clone(),
            reference: Reference::Tag(tag.to_owned()),
            tags: Vec::new(),
            content_type: Some("a/b".to_owned()),
            bytes: bytes.clone(),
            created: None,
        };
        self.registry.push_manifest(origin(), push).await?;
        self.assert_there(digest, "a blob of an acknowledged manifest");
        self.assert_there(Sha256::of(&bytes).into(), "an acknowledged manifest");
        Ok(())
    }

    async fn untag(&self, tag: &str) -> Result<(), PublishError> {
        let image = self.registry.state().shelf("", "image");
        let Some(named) = image.tagged(tag) else { return Ok(()) };
        let digest = Reference::Digest(named.digest());
        self.registry.delete_manifest(origin(), "image".to_owned(), digest).await
    }

    fn collector(&self) -> Collector {
        Collector {
            store: self.store.clone(),
            journal: Journal::new(self.store.clone()),
            keep_deleted: Duration::ZERO,
            dry_run: false,
        }
    }

    async fn collect(&self) -> Collected {
        self.collector().collect((*self.registry.state()).clone()).await.unwrap()
    }

    /// Moves the clock by less than half a day in all: no request takes longer.
    async fn pass(&self) {
        for _ in 0..3 {
            for _ in 0..schedule::draw(40) {
                tokio::task::yield_now().await;
            }
            self.wait(schedule::draw(4));
        }
    }

    fn is_there(&self, digest: Digest) -> bool {
        use chart_registry_store::disk::Disk;
        self.disk.read(&Key::from(digest).to_string()).unwrap().is_some()
    }

    /// Notes what is not there.
    fn assert_there(&self, digest: Digest, what: &str) {
        if !self.is_there(digest) {
            self.lost.lock().unwrap().push(format!("{what} is not in the store: {digest}"));
        }
    }

    fn losses(&self) -> Vec<String> {
        self.lost.lock().unwrap().clone()
    }

    /// What must stay, when every deletion was long ago.
    fn needed(&self) -> Needed {
        let later = Timestamp::from_milliseconds(i64::MAX / 2);
        self.registry.state().needed(later, Duration::ZERO)
    }

    /// Everything that can be had is there.
    fn assert_whole(&self) {
        for digest in self.needed().iter() {
            self.assert_there(digest, "what a version or a manifest needs");
        }
    }

    /// Some of everything at once, in the order of the schedule.
    async fn round(&self) {
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..3 {
            let (world, chart) = (self.clone(), CHARTS[pick(CHARTS.len())]);
            let content = CONTENTS[pick(CONTENTS.len())];
            // A deleted version comes back only with its own bytes: then it is refused.
            tasks.spawn(async move { drop(world.publish(chart, content).await) });
        }
        let (world, chart) = (self.clone(), CHARTS[pick(CHARTS.len())]);
        tasks.spawn(async move { drop(world.delete(chart).await) });
        let (world, content) = (self.clone(), CONTENTS[pick(CONTENTS.len())]);
        tasks.spawn(async move { drop(world.push("t", content).await) });
        let world = self.clone();
        tasks.spawn(async move { drop(world.untag("t").await) });
        let world = self.clone();
        tasks.spawn(async move {
            world.collect().await;
        });
        let world = self.clone();
        tasks.spawn(async move { world.pass().await });
        while let Some(done) = tasks.join_next().await {
            done.unwrap();
        }
        self.assert_whole();
    }
}

fn pick(count: usize) -> usize {
    usize::try_from(schedule::draw(count as u64)).unwrap()
}

/// Runs `rounds` orders on each of `worlds` registries, and returns what the first of them loses.
async fn run(worlds: u64, rounds: u64, renewing: bool) -> Vec<String> {
    for number in 0..worlds {
        schedule::set(Some(number << 32));
        let world = World::new().await;
        if !renewing {
            world.disk.ignore_renewals();
        }
        for round in 0..rounds {
            schedule::set(Some((number << 32) + round));
            world.round().await;
            if !world.losses().is_empty() {
                schedule::set(None);
                return world.losses();
            }
            world.wait(10 + schedule::draw(20));
        }
        world.wait(48);
        world.collect().await;
        world.assert_whole();
        if !world.losses().is_empty() {
            return world.losses();
        }
        let needed = world.needed();
        let kept = world.store.page(Family::Objects, "", usize::MAX).await.unwrap();
        assert_eq!(kept.len(), needed.len(), "world {number}: garbage stays");
    }
    schedule::set(None);
    Vec::new()
}

#[tokio::test(start_paused = true)]
async fn ten_thousand_orders_of_collecting_publishing_and_deleting_lose_nothing() {
    assert_eq!(run(500, 20, true).await, Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn without_making_objects_young_some_order_loses_one() {
    assert!(!run(500, 20, false).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_dry_run_says_what_would_go_and_takes_nothing_away() {
    schedule::set(Some(1));
    let world = World::new().await;
    world.publish("a", CONTENTS[0]).await.unwrap();
    world.publish("b", CONTENTS[1]).await.unwrap();
    world.delete("a").await.unwrap();
    let collector = |dry_run, keep_deleted| Collector {
        store: world.store.clone(),
        journal: Journal::new(world.store.clone()),
        keep_deleted,
        dry_run,
    };
    let state = (*world.registry.state()).clone();
    let one = Collected { objects: 1, bytes: 3, kept: 1, notes: 0 };
    // Too young; then old, but deleted a moment ago; then gone, once.
    for (hours, dry_run, keep, expected) in [
        (0, false, Duration::ZERO, Collected { objects: 0, bytes: 0, kept: 2, notes: 0 }),
        (48, false, Duration::from_hours(1), Collected { objects: 0, bytes: 0, kept: 2, notes: 0 }),
        (0, true, Duration::ZERO, one),
        (0, false, Duration::ZERO, one),
        (0, false, Duration::ZERO, Collected { objects: 0, bytes: 0, kept: 1, notes: 0 }),
    ] {
        world.wait(hours);
        let collected = collector(dry_run, keep).collect(state.clone()).await.unwrap();
        assert_eq!(collected, expected, "{dry_run} {keep:?}");
    }
    assert!(world.publish("a", CONTENTS[0]).await.is_ok(), "the same bytes bring it back");
    world.assert_whole();
    assert_eq!(world.losses(), Vec::<String>::new());
    schedule::set(None);
}

/// A command does not know what the clock was before it began.
#[tokio::test(start_paused = true)]
async fn what_is_being_published_stays_when_the_clock_is_set_and_the_command_begins_then() {
    schedule::set(Some(1));
    let world = World::new().await;
    let publish = world.store_package("a", CONTENTS[0]).await.unwrap();
    let garbage = world.store_package("b", CONTENTS[1]).await.unwrap().package.sha256;
    world.wait(48);
    let (collector, state) = (world.collector(), (*world.registry.state()).clone());
    let pause = Duration::from_mins(1);
    let collecting = tokio::spawn(async move { collector.collect_after(pause, state).await });
    // It has looked, and waits.
    drop(tokio::time::timeout(pause / 2, std::future::pending::<()>()).await);
    world.registry.commit(Event::Publish(publish)).await.unwrap();
    let collected = collecting.await.unwrap().unwrap();
    assert_eq!(collected, Collected { objects: 1, bytes: 3, kept: 1, notes: 0 });
    assert!(!world.is_there(garbage.into()));
    world.assert_whole();
    assert_eq!(world.losses(), Vec::<String>::new());
    schedule::set(None);
}

/// A collector elsewhere looked at everything again for each thing, and kept others out for days.
#[tokio::test(start_paused = true)]
async fn a_round_asks_a_bucket_for_pages_of_names_and_about_what_goes_and_for_nothing_else() {
    const OBJECTS: u32 = 3_000;
    const GARBAGE: u64 = 10;
    let bucket = SimulatedBucket::new(Faults::None);
    let store = Store::on_client(Arc::new(bucket.clone())).await.unwrap();
    for number in 0..OBJECTS {
        let bytes = Bytes::from(number.to_string());
        let digest = Sha256::of(&bytes);
        store.put_object(digest, Spool::Memory(bytes)).await.unwrap();
        if u64::from(number) < GARBAGE {
            bucket.make_older(&Key::Object(digest).to_string(), Duration::from_hours(25));
        }
    }
    let journal = Journal::new(store.clone());
    let keep_deleted = Duration::ZERO;
    let collector = Collector { store, journal, keep_deleted, dry_run: false };
    let before = bucket.requests();
    let collected = collector.collect(State::default()).await.unwrap();
    let after = bucket.requests();
    assert_eq!((collected.objects, collected.kept), (GARBAGE, u64::from(OBJECTS) - GARBAGE));
    assert_eq!(after.deletes - before.deletes, 2 * GARBAGE, "each with its mark");
    let (lists, others) =
        (after.lists - before.lists, after.gets + after.puts - before.gets - before.puts);
    assert!(lists <= u64::from(OBJECTS) / 1_000 + 8, "{lists} pages");
    assert!(others <= 6 * GARBAGE + 10, "{others} requests about single things");
}
