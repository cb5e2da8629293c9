//! A virtual repository of two members: what a read of its index costs after a publish to one of them,
//! and that publishing costs what it costs without it.

use std::path::Path;

use chart_registry_store::{Journal, Key, Store};
use serde_json::{Map, Value, json};

use crate::Shape;
use crate::beside::median;
use crate::client::{Answer, Client};
use crate::filling;
use crate::packages::{event_in, package};
use crate::programs::Server;

/// Publishes, each with a read behind it.
const ROUNDS: u64 = 9;

/// Publishes to a member that nobody reads between.
const PUBLISHES: u32 = 200;

/// The members, and the repository that shows both.
const MEMBERS: [&str; 2] = ["first", "second"];
const SHOWN: &str = "all";

/// The member that has version `number`.
type Member = fn(Shape, u64) -> u64;

/// Versions of the members: those of one chart have one member, or take turns.
const LAYS: [(&str, Member); 2] = [
    ("charts_apart", |shape, number| number % shape.charts % 2),
    ("versions_between", |shape, number| number / shape.charts % 2),
];

pub(crate) async fn merge(storage: &Path, shape: Shape) -> Value {
    let mut record = Map::new();
    for (name, member) in LAYS {
        let folder = storage.with_extension(name);
        fill(&folder, shape, member).await;
        record.insert(name.to_owned(), measured(&folder, shape).await);
        std::fs::remove_dir_all(&folder).unwrap();
    }
    json!({ "merged": record })
}

async fn fill(folder: &Path, shape: Shape, member: Member) {
    let store = Store::open(folder).await.unwrap();
    let events = (0..shape.versions).map(|number| {
        let (name, version) = shape.name_and_version(number);
        let member = usize::try_from(member(shape, number)).unwrap();
        event_in(MEMBERS[member], &name, &version)
    });
    let state = filling::filled((&store, &Journal::new(store.clone())), events).await;
    let file = state.to_checkpoint().unwrap();
    store.put_new(Key::Checkpoint(state.head()), file.into()).await.unwrap();
}

async fn measured(folder: &Path, shape: Shape) -> Value {
    let without = {
        let registry = Server::registry(folder);
        publishes(&registry, shape).await
    };
    let config = folder.with_extension("yaml");
    let declared = format!("virtual:\n  - path: {SHOWN}\n    members: [{}]\n", MEMBERS.join(", "));
    std::fs::write(&config, declared).unwrap();
    let registry = Server::registry_with(folder, &["--config", &config.display().to_string()]);
    let merged = format!("/{SHOWN}/index.yaml");
    let (first, answer) = read(&registry, &merged).await;
    let unchanged = read(&registry, &merged).await.0;
    let own = format!("/{}/index.yaml", MEMBERS[0]);
    read(&registry, &own).await;
    let (mut after, mut of_member) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        publish(&registry, shape, 1).await;
        of_member.push(read(&registry, &own).await.0);
        after.push(read(&registry, &merged).await.0);
    }
    let with = publishes(&registry, shape).await;
    std::fs::remove_file(&config).unwrap();
    json!({
        "index_gzip_bytes": answer.body.len(),
        "first_read_processor_ms": first,
        "unchanged_read_processor_ms": unchanged,
        "read_after_publish_processor_ms": after,
        "read_after_publish_processor_ms_median": median(&after),
        "member_read_after_publish_processor_ms_median": median(&of_member),
        "publish_processor_ms": { "without": without, "with": with },
        "resident_mib": registry.resident_mib(),
    })
}

/// Processor time of one read with `gzip` in milliseconds, and the answer.
async fn read(registry: &Server, path: &str) -> (f64, Answer) {
    let mut client = Client::connect(registry.address).await;
    let before = registry.processor_ms();
    let answer = client.get(path, "accept-encoding: gzip\r\n").await;
    assert_eq!(answer.status, 200, "{path}");
    (registry.processor_ms() - before, answer)
}

/// Processor time of one publish to a member, in milliseconds.
async fn publishes(registry: &Server, shape: Shape) -> f64 {
    let before = registry.processor_ms();
    publish(registry, shape, PUBLISHES).await;
    (registry.processor_ms() - before) / f64::from(PUBLISHES)
}

async fn publish(registry: &Server, shape: Shape, count: u32) {
    let mut client = Client::connect(registry.address).await;
    // Nobody has published this version before.
    let patch = client.head().await + 1;
    for number in 0..count {
        let (name, version) = shape.beside(u64::from(number) * 7_919, patch);
        let place = format!("/api/{}/charts", MEMBERS[0]);
        let answer = client.post(&place, &package(&name, &version)).await;
        assert_eq!(answer.status, 201, "{name} {version}");
    }
}
