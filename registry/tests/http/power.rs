//! The power goes at every moment of a history of publishes, yanks and deletions, times every subset
//! of what was not synced: whoever starts then sees the state after the last change that was
//! acknowledged, or after the one that was on its way, and nothing in between.

use axum::http::StatusCode;
use chart_format::digest::Sha256;
use chart_registry::{Options, Registry};
use chart_registry_store::disk::Disk;
use chart_registry_store::simulation::{Crash, SimulatedDisk};
use chart_registry_store::{Digest, Key, Store};

use crate::harness::Harness;
use crate::support::package;

const REASON: &str = r#"{"reason":"a test"}"#;

/// What is asked for, one after the other, and again with other versions.
const CHANGES: [(&str, usize); 10] = [
    ("publish", 0),
    ("publish", 1),
    ("yank", 0),
    ("publish", 2),
    ("delete", 1),
    ("unyank", 0),
    ("release", 3),
    ("yank", 2),
    ("delete", 2),
    ("publish", 1),
];

const TIMES: usize = 5;

async fn change(harness: &Harness, (what, minor): (&str, usize), time: usize) {
    let version = format!("{time}.{minor}.0");
    let yank = format!("/-/v1/versions/org/{version}/yank");
    let answer = match what {
        "publish" => harness.post(package("org", &version, "a: 1\n")).await,
        "release" => {
            let (one, two) = (package("org", &version, "a: 1\n"), package("peer", &version, ""));
            let charts: [(&str, &str, &[u8]); 2] = [("chart", "a", &one), ("chart", "b", &two)];
            harness.post_form_to("/-/v1/releases", &charts).await
        }
        "yank" => harness.send_text("PUT", &yank, REASON).await,
        "unyank" => harness.send_text("DELETE", &yank, REASON).await,
        _ => harness.request("DELETE", &format!("/api/charts/org/{version}")).await,
    };
    let (status, text) = (answer.status, answer.text());
    assert!([StatusCode::OK, StatusCode::CREATED].contains(&status), "{what}: {text}");
}

/// Everything that a state is: the journal's head stands for all of it, and the index is what clients
/// see of it.
fn seen(registry: &Registry) -> (u64, Sha256, Vec<u8>) {
    let state = registry.state();
    let index = state.repository("").index_frames().flatten().collect();
    (state.head().seq, state.head().hash, index)
}

/// All subsets of few unsynced groups; of many the telling ones.
fn subsets(groups: usize) -> Vec<u64> {
    if groups <= 5 {
        return (0..1 << groups).collect();
    }
    let all = (1_u64 << groups.min(63)) - 1;
    let single = (0..groups.min(63)).map(|group| 1 << group);
    let rest = single.clone().map(|bit| all & !bit);
    [0, all].into_iter().chain(single).chain(rest).collect()
}

/// Everything that readers can have is there with its bytes.
fn assert_whole(registry: &Registry, disk: &SimulatedDisk, crash: Crash) {
    for entry in registry.state().repository("").available() {
        let digest = entry.package.sha256;
        let bytes = disk.read(&Key::from(Digest::from(digest)).to_string()).unwrap();
        assert_eq!(bytes.map(|bytes| Sha256::of(&bytes)), Some(digest), "{crash:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whenever_the_power_goes_a_start_finds_the_last_acknowledged_state_or_the_next_one() {
    let disk = SimulatedDisk::new(|_| false);
    let harness = Harness::on(Store::on_disk(disk.clone()).unwrap(), Options::default()).await;
    let mut states = vec![(disk.recorded(), seen(&harness.registry))];
    let first = disk.recorded();
    for time in 1..=TIMES {
        for it in CHANGES {
            change(&harness, it, time).await;
            states.push((disk.recorded(), seen(&harness.registry)));
        }
    }
    assert_eq!(states.len(), 1 + TIMES * CHANGES.len());
    let reader = Options { writable: false, ..Options::default() };
    let mut tried = 0;
    for cut in first..=disk.recorded() {
        let acknowledged = states.iter().rposition(|(recorded, _)| *recorded <= cut).unwrap();
        let allowed = &states[acknowledged..states.len().min(acknowledged + 2)];
        for kept in subsets(disk.unsynced_groups(cut)) {
            for torn in [false, true] {
                let crash = Crash { cut, kept, torn };
                let after = disk.after(crash);
                let store = Store::on_disk(after.clone()).unwrap();
                let registry = Registry::on(store, reader.clone()).await;
                let registry = registry.unwrap_or_else(|fault| panic!("{crash:?}: {fault}"));
                let found = seen(&registry);
                let known = allowed.iter().any(|(_, state)| *state == found);
                assert!(known, "{crash:?}: {} is none of {acknowledged} and the next", found.0);
                assert_whole(&registry, &after, crash);
                tried += 1;
            }
        }
    }
    assert!(tried > 2_000, "only {tried} crashes were tried");
}
