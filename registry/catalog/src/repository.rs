//! One repository of a snapshot: what is in it, and its bodies.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use chart_format::digest::{Hasher, Sha256};
use chart_registry_store::Timestamp;
use semver::Version;

use crate::body::{Framing, IndexFrames};
use crate::entry::{Entry, Position};
use crate::gzip::GzipBody;
use crate::tree::{Tree, glue_between, glue_first};

/// One repository as it is after some commit.
#[derive(Debug, Default)]
pub struct Repository {
    tree: Tree,
    /// When the visible versions last changed.
    changed: Timestamp,
    gzip: OnceLock<GzipBody>,
}

/// A version that is in the index.
#[derive(Debug, Clone)]
pub struct Found<'a> {
    /// The version.
    pub entry: &'a Entry,
    /// Its JSON text as in the index.
    pub text: Bytes,
}

impl Repository {
    pub(crate) fn tree(&self) -> &Tree {
        &self.tree
    }

    pub(crate) fn restored(tree: Tree, changed: Timestamp) -> Self {
        Self { tree, changed, gzip: OnceLock::new() }
    }

    pub(crate) fn changed(&self) -> Timestamp {
        self.changed
    }

    /// The repository with `entry` added or replaced; `text` is its line in the index, if any.
    #[must_use]
    pub(crate) fn with(&self, entry: Entry, text: Option<Bytes>, time: Timestamp) -> Self {
        Self { tree: self.tree.with(entry, text), changed: time, gzip: OnceLock::new() }
    }

    /// Versions in the index.
    pub fn visible_versions(&self) -> u64 {
        self.tree.sum().visible
    }

    /// Versions in the index and tombstones.
    pub fn all_versions(&self) -> u64 {
        self.tree.sum().versions
    }

    /// Changes whenever a byte of the index changes; the same on every machine with this journal.
    pub fn hash(&self) -> Sha256 {
        let mut hasher = Hasher::new();
        hasher.update(self.changed.to_string().as_bytes());
        hasher.update(self.tree.hash().as_bytes());
        hasher.finish()
    }

    /// Length of the index in bytes.
    pub fn index_length(&self) -> u64 {
        self.index_framing().length(&self.tree)
    }

    /// The frames of the index.
    pub fn index_frames(self: &Arc<Self>) -> IndexFrames {
        IndexFrames::new(Arc::clone(self), &self.index_framing())
    }

    /// The frames of the object that holds every chart's list of versions.
    pub fn listing_frames(self: &Arc<Self>) -> IndexFrames {
        IndexFrames::new(Arc::clone(self), &Framing::listing())
    }

    /// The text of the listing with `limit` charts at most, from number `offset` on.
    ///
    /// Walks over the charts before: clients that want everything take [`Self::listing_frames`].
    pub fn listing_page(&self, offset: usize, limit: usize) -> Vec<u8> {
        let mut page = b"{".to_vec();
        let (mut chart, mut number): (Option<&Arc<str>>, usize) = (None, 0);
        let last = offset.saturating_add(limit);
        for (entry, text) in self.tree.leaves_from("").flat_map(|leaf| leaf.lines()) {
            let Some(text) = text else { continue };
            let before = chart.replace(&entry.chart);
            number += usize::from(before.is_some_and(|before| *before != entry.chart));
            if number >= last {
                break;
            }
            if number < offset {
                continue;
            }
            let glue = match before.filter(|_| page.len() > 1) {
                Some(before) => glue_between(before, &entry.chart),
                None => glue_first(&entry.chart),
            };
            page.extend_from_slice(glue.as_bytes());
            page.extend_from_slice(&text);
        }
        page.extend_from_slice(if page.len() > 1 { b"]}\n" } else { b"}\n" });
        page
    }

    /// True when [`Self::index_gzip`] costs nothing.
    pub fn gzip_is_ready(&self) -> bool {
        self.gzip.get().is_some()
    }

    /// The index as gzip. What changed since the last call is deflated now: that may take a while.
    pub fn index_gzip(&self) -> &GzipBody {
        self.gzip.get_or_init(|| GzipBody::of(&self.tree, &self.index_framing()))
    }

    fn index_framing(&self) -> Framing {
        Framing::index(&self.changed.to_string())
    }

    /// The version with exactly this text, deleted or not.
    pub fn find_any(&self, chart: &str, version: &str) -> Option<&Entry> {
        let entry = self.at_precedence(chart, &Version::parse(version).ok()?)?;
        (*entry.version == *version).then_some(entry)
    }

    /// The version that stands at this place in the order, whatever its build metadata.
    pub(crate) fn at_precedence(&self, chart: &str, precedence: &Version) -> Option<&Entry> {
        self.tree.find(&Position { chart, precedence }).map(|(entry, _)| entry)
    }

    /// The visible version with exactly this text.
    pub fn find(&self, chart: &str, version: &str) -> Option<Found<'_>> {
        let precedence = Version::parse(version).ok()?;
        let (entry, text) = self.tree.find(&Position { chart, precedence: &precedence })?;
        (*entry.version == *version).then_some(Found { entry, text: text? })
    }

    /// The visible versions of a chart, newest first.
    pub fn versions<'a>(&'a self, chart: &'a str) -> impl Iterator<Item = Found<'a>> {
        self.tree
            .leaves_from(chart)
            .flat_map(|leaf| leaf.lines())
            .skip_while(move |(entry, _)| *entry.chart < *chart)
            .take_while(move |(entry, _)| *entry.chart == *chart)
            .filter_map(|(entry, text)| Some(Found { entry, text: text? }))
    }

    /// The visible version whose package has this file name.
    ///
    /// A name may hold `-` before a digit, so each such place is tried as the border between name
    /// and version.
    pub fn find_file(&self, file_name: &str) -> Option<Found<'_>> {
        let stem = file_name.strip_suffix(".tgz")?;
        stem.match_indices('-')
            .filter(|(at, _)| stem[at + 1..].starts_with(|c: char| c.is_ascii_digit()))
            .find_map(|(at, _)| self.find(&stem[..at], &stem[at + 1..]))
    }
}
