//! Which objects must stay: what is not among them is garbage.

use std::collections::{BTreeSet, HashSet};
use std::time::Duration;

use chart_format::digest::Sha256;
use chart_registry_store::{Digest, Timestamp};

use crate::entry::Entry;
use crate::fate::{Standing, What};
use crate::oci::StoredManifest;
use crate::state::State;

/// Objects that are needed.
#[derive(Debug, Clone, Default)]
pub struct Needed {
    narrow: HashSet<Sha256>,
    /// Digests of other algorithms, which are rare.
    wide: BTreeSet<Digest>,
}

impl Needed {
    /// Adds an object.
    pub fn add(&mut self, digest: Digest) {
        match digest {
            Digest::Sha256(digest) => drop(self.narrow.insert(digest)),
            Digest::Sha512(_) => drop(self.wide.insert(digest)),
        }
    }

    /// True when the object must stay.
    pub fn has(&self, digest: &Digest) -> bool {
        match digest {
            Digest::Sha256(digest) => self.narrow.contains(digest),
            Digest::Sha512(_) => self.wide.contains(digest),
        }
    }

    /// Number of objects.
    pub fn len(&self) -> usize {
        self.narrow.len() + self.wide.len()
    }

    /// True when nothing is needed.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All of them, in no order.
    pub fn iter(&self) -> impl Iterator<Item = Digest> {
        self.narrow.iter().map(|digest| Digest::from(*digest)).chain(self.wide.iter().copied())
    }
}

/// What is still needed of a version.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Parts {
    /// Everything.
    All,
    /// All but its package: it was deleted long ago, and whoever brings it back sends it again.
    /// Signature and manifests are small, and come back with it.
    AllButPackage,
    /// Nothing: it was purged.
    None,
}

impl State {
    /// The objects that must stay: those of versions that can be had, are held, or were deleted less
    /// than `keep` before `now`, and those that manifests are and name.
    pub fn needed(&self, now: Timestamp, keep: Duration) -> Needed {
        let keep = i64::try_from(keep.as_millis()).unwrap_or(i64::MAX);
        let since = Timestamp::from_milliseconds(now.milliseconds().saturating_sub(keep));
        let mut needed = Needed::default();
        for (_, repository) in self.repositories().iter() {
            for entry in repository.entries() {
                let parts = parts(entry, since);
                if parts == Parts::All {
                    needed.add(entry.package.sha256.into());
                }
                if parts != Parts::None {
                    needed.narrow.extend(entry.provenance().map(|it| it.sha256));
                }
            }
        }
        for (path, artifacts) in self.artifacts.iter() {
            let repository = self.repository(path);
            for (name, manifest) in artifacts.manifests() {
                let entry = manifest.chart.as_ref().and_then(|it| repository.find_any(name, it));
                add_manifest(&mut needed, manifest, entry.map(|it| (it, parts(it, since))));
            }
        }
        needed
    }
}

fn parts(entry: &Entry, since: Timestamp) -> Parts {
    match entry.fate.standing() {
        Standing::Live | Standing::Yanked => Parts::All,
        Standing::Purged => Parts::None,
        Standing::Deleted if entry.fate.held().is_some() => Parts::All,
        Standing::Deleted => {
            let mut turns = entry.fate.turns().iter().rev();
            let deleted = turns.find(|turn| turn.what == What::Deleted).map(|turn| turn.time);
            // A deletion without a moment is none that this program knows: nothing is taken away.
            if deleted.is_none_or(|moment| moment >= since) {
                Parts::All
            } else {
                Parts::AllButPackage
            }
        }
    }
}

fn add_manifest(needed: &mut Needed, manifest: &StoredManifest, entry: Option<(&Entry, Parts)>) {
    let left_out = match entry {
        Some((_, Parts::None)) => return,
        Some((entry, Parts::AllButPackage)) => Some(Digest::from(entry.package.sha256)),
        Some((_, Parts::All)) | None => None,
    };
    needed.add(manifest.digest);
    let blobs = manifest.blobs.iter().map(|blob| blob.digest);
    blobs.filter(|blob| Some(*blob) != left_out).for_each(|blob| needed.add(blob));
}

#[cfg(test)]
mod tests {
    use chart_registry_store::{
        Algorithm, BlobRef, Change, Event, Manifest, OciEvent, VersionEvent,
    };

    use super::*;
    use crate::scratch_tests::{actor, delete, publish};

    const KEEP: Duration = Duration::from_hours(24);

    fn step(state: &State, seq: u64, event: &Event) -> State {
        state.with_event(event, seq, at(seq)).unwrap()
    }

    /// Commits of these tests come an hour after each other.
    fn at(seq: u64) -> Timestamp {
        Timestamp::from_milliseconds(i64::try_from(seq).unwrap() * 3_600_000)
    }

    fn change(change: Change) -> Event {
        Event::Version(VersionEvent {
            repo: String::new(),
            name: "org".to_owned(),
            version: "1.0.0".to_owned(),
            actor: actor(),
            request: String::new(),
            change,
        })
    }

    fn digest(text: &str) -> Digest {
        Sha256::of(text.as_bytes()).into()
    }

    fn manifest(chart: Option<&str>) -> Event {
        let blob = |text: &str| BlobRef { digest: digest(text), size: 1 };
        Event::Oci(OciEvent::Manifest(Box::new(Manifest {
            repo: String::new(),
            name: "org".to_owned(),
            actor: actor(),
            request: String::new(),
            digest: Digest::of(Algorithm::Sha512, b"manifest"),
            size: 1,
            media_type: String::new(),
            artifact_type: None,
            subject: None,
            blobs: vec![blob("package"), blob("config")],
            chart: chart.map(str::to_owned),
            tags: Vec::new(),
        })))
    }

    fn has(state: &State, hour: u64) -> [bool; 3] {
        let needed = state.needed(at(hour), KEEP);
        let manifest = Digest::of(Algorithm::Sha512, b"manifest");
        [digest("package"), digest("config"), manifest].map(|it| needed.has(&it))
    }

    fn published(chart: Option<&str>) -> State {
        let state = step(&State::default(), 1, &Event::Publish(publish("org", "1.0.0", "package")));
        step(&state, 2, &manifest(chart))
    }

    #[test]
    fn a_deleted_package_stays_for_a_while_and_what_is_small_stays_with_the_tombstone() {
        let state = published(Some("1.0.0"));
        assert_eq!(has(&state, 1_000), [true; 3]);
        let yanked = step(&state, 3, &change(Change::Yank { reason: String::new() }));
        assert_eq!(has(&yanked, 1_000), [true; 3]);
        let deleted = step(&state, 3, &delete("org", "1.0.0"));
        assert_eq!(has(&deleted, 27), [true; 3]);
        assert_eq!(has(&deleted, 28), [false, true, true]);
        let back = step(&deleted, 40, &Event::Publish(publish("org", "1.0.0", "package")));
        assert_eq!(has(&back, 1_000), [true; 3]);
        let again = step(&back, 50, &delete("org", "1.0.0"));
        assert_eq!(has(&again, 74), [true; 3]);
    }

    #[test]
    fn a_held_package_stays_and_a_purged_one_goes_with_all_that_wraps_it() {
        let state = published(Some("1.0.0"));
        let held = step(&state, 3, &change(Change::Hold { reason: String::new() }));
        let deleted = step(&held, 4, &delete("org", "1.0.0"));
        assert_eq!(has(&deleted, 1_000), [true; 3]);
        let purged = step(&state, 3, &change(Change::Purge { reason: String::new() }));
        assert_eq!(has(&purged, 3), [false; 3]);
        assert!(purged.needed(at(3), KEEP).is_empty());
    }

    #[test]
    fn a_manifest_of_its_own_needs_what_it_names_whatever_becomes_of_a_chart() {
        let state = published(None);
        let purged = step(&state, 3, &change(Change::Purge { reason: String::new() }));
        assert_eq!(has(&purged, 1_000), [true; 3]);
        assert_eq!(purged.needed(at(3), KEEP).iter().count(), 3);
    }
}
