//! Smaller indexes of the same repository, for clients that pay for every version they read.

use std::sync::Arc;

use chart_registry_store::Timestamp;

use crate::repository::Repository;
use crate::tree::{Line, Tree};

/// How many versions of the present chart a view has taken.
#[derive(Default)]
struct Taken {
    chart: Option<Arc<str>>,
    stable: usize,
    pre_releases: usize,
}

impl Repository {
    /// The repository with the newest `count` versions of each chart, and as many pre-releases.
    ///
    /// Its moment is the one at which the newest of its versions was published first, so that it
    /// changes no more often than what is in it. Walks over all versions.
    #[must_use]
    pub fn latest(&self, count: usize) -> Self {
        let mut taken = Taken::default();
        let mut changed = Timestamp::default();
        let mut lines: Vec<Line<'_>> = Vec::new();
        for line in self.lines_from("") {
            let entry = &line.entry;
            if taken.chart.as_ref() != Some(&entry.chart) {
                taken = Taken { chart: Some(Arc::clone(&entry.chart)), ..Taken::default() };
            }
            let number = if entry.stable() { &mut taken.stable } else { &mut taken.pre_releases };
            if *number < count {
                *number += 1;
                changed = changed.max(entry.created);
                lines.push(line);
            }
        }
        Self::restored(Tree::of(lines), changed)
    }
}

#[cfg(test)]
mod tests {
    use chart_registry_store::Event;

    use super::*;
    use crate::State;
    use crate::scratch_tests::{delete, publish};

    fn versions(repository: &Repository, chart: &str) -> Vec<String> {
        repository.versions(chart).map(|found| found.entry.version.to_string()).collect()
    }

    #[test]
    fn the_newest_of_each_chart_stay_and_pre_releases_are_counted_apart() {
        let mut state = State::default();
        let mut seq = 0;
        let mut apply = |event: &Event| {
            seq += 1;
            let time = Timestamp::from_milliseconds(i64::try_from(seq).unwrap());
            state = state.with_event(event, seq, time).unwrap();
        };
        for minor in 0..30 {
            for name in ["a", "b"] {
                let version = format!("1.{minor}.0");
                apply(&Event::Publish(publish(name, &version, &version)));
            }
        }
        for pre in 1..4 {
            let version = format!("2.0.0-rc.{pre}");
            apply(&Event::Publish(publish("b", &version, &version)));
        }
        apply(&delete("a", "1.29.0"));
        let repository = state.repository("");
        let view = repository.latest(2);
        assert_eq!(versions(&view, "a"), ["1.28.0", "1.27.0"]);
        assert_eq!(versions(&view, "b"), ["2.0.0-rc.3", "2.0.0-rc.2", "1.29.0", "1.28.0"]);
        let text: Vec<u8> = Arc::new(view).index_frames().flatten().collect();
        let index: serde_json::Value = serde_json::from_slice(&text).unwrap();
        assert_eq!(index["generated"], "1970-01-01T00:00:00.063Z");
        assert_eq!(index["entries"]["b"].as_array().unwrap().len(), 4);

        // Everything is in a large enough view, in whatever leaves.
        let whole = repository.latest(100);
        let listing = |repository: Repository| -> Vec<u8> {
            Arc::new(repository).listing_frames().flatten().collect()
        };
        let expected: Vec<u8> = repository.listing_frames().flatten().collect();
        assert!(listing(whole) == expected);
        assert_eq!(repository.latest(0).visible_versions(), 0);
    }
}
