//! One repository of a snapshot: what is in it, and its bodies.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use chart_format::constraint::parse_version;
use chart_format::digest::{Hasher, Sha256};
use chart_format::version::ChartVersion;
use chart_registry_store::Timestamp;
use semver::Version;

use crate::body::{Fields, Framing, IndexFrames, IndexVersions};
use crate::entry::{Entry, Position};
use crate::gzip::GzipBody;
use crate::life::Usage;
use crate::tree::{Line, Tree, Unpacker, glue_between, glue_first};

/// One repository as it is after some commit.
#[derive(Debug, Default)]
pub struct Repository {
    tree: Tree,
    /// When the visible versions last changed.
    changed: Timestamp,
    hash: OnceLock<Sha256>,
    gzip: OnceLock<GzipBody>,
}

/// A version that is in the index.
#[derive(Debug, Clone)]
pub struct Found<'a> {
    /// The version.
    pub entry: &'a Entry,
    repository: &'a Repository,
}

impl Found<'_> {
    /// Its JSON text with all fields; `None` only when memory was damaged.
    pub fn text(&self) -> Option<Bytes> {
        self.line()?.full(&mut Unpacker::default())
    }

    /// Its Chart.yaml as JSON, as the journal recorded it; `None` only when memory was damaged.
    pub fn chart_json(&self) -> Option<Bytes> {
        self.line()?.recorded(&mut Unpacker::default())
    }

    fn line(&self) -> Option<Line<'_>> {
        self.repository.tree.find(&self.entry.position())
    }
}

impl Repository {
    pub(crate) fn tree(&self) -> &Tree {
        &self.tree
    }

    pub(crate) fn restored(tree: Tree, changed: Timestamp) -> Self {
        Self { tree, changed, hash: OnceLock::new(), gzip: OnceLock::new() }
    }

    /// What counts against a quota.
    pub fn usage(&self) -> Usage {
        self.tree.sum().usage
    }

    /// When the index changed last.
    pub fn changed(&self) -> Timestamp {
        self.changed
    }

    /// The repository with a version added or replaced; `chart` is its Chart.yaml as JSON.
    #[must_use]
    pub(crate) fn with(&self, entry: Entry, chart: &str, changed: Timestamp) -> Self {
        Self::restored(self.tree.with_version(entry, chart), changed)
    }

    /// The repository with another entry for a version that it has; `None` when it has none, or
    /// when memory was damaged.
    #[must_use]
    pub(crate) fn with_entry(&self, entry: &Entry, changed: Timestamp) -> Option<Self> {
        let chart = self.tree.find(&entry.position())?.recorded(&mut Unpacker::default())?;
        Some(self.with(entry.clone(), std::str::from_utf8(&chart).ok()?, changed))
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
    ///
    /// What changed since the last call is hashed now. The first call after a start hashes
    /// everything, which takes a while in a large registry.
    pub fn hash(&self) -> Sha256 {
        *self.hash.get_or_init(|| {
            let mut hasher = Hasher::new();
            hasher.update(self.changed.to_string().as_bytes());
            hasher.update(self.tree.hash().as_bytes());
            hasher.finish()
        })
    }

    /// True when [`Self::hash`] costs little.
    pub fn hash_is_ready(&self) -> bool {
        self.hash.get().is_some() || self.tree.is_nearly_hashed()
    }

    /// Length of the index in bytes.
    pub fn index_length(&self) -> u64 {
        self.index_framing().length(&self.tree, Fields::Indexed)
    }

    /// The frames of the index: the newest versions of each chart with all fields, others slim.
    pub fn index_frames(self: &Arc<Self>) -> IndexFrames {
        IndexFrames::new(Arc::clone(self), &self.index_framing(), Fields::Indexed)
    }

    /// The frames of the index with all fields of all versions. Each takes a moment to make.
    pub fn full_frames(self: &Arc<Self>) -> IndexFrames {
        IndexFrames::new(Arc::clone(self), &self.index_framing(), Fields::All)
    }

    /// The versions of the index one by one.
    pub fn index_versions(self: &Arc<Self>) -> IndexVersions {
        IndexVersions::new(Arc::clone(self), Fields::Indexed)
    }

    /// The versions of the index one by one, with all fields.
    pub fn full_versions(self: &Arc<Self>) -> IndexVersions {
        IndexVersions::new(Arc::clone(self), Fields::All)
    }

    /// The frames of the object that holds every chart's list of versions, with all fields.
    pub fn listing_frames(self: &Arc<Self>) -> IndexFrames {
        IndexFrames::new(Arc::clone(self), &Framing::listing(), Fields::All)
    }

    /// The text of the listing with `limit` charts at most, from number `offset` on.
    ///
    /// Walks over the charts before: clients that want everything take [`Self::listing_frames`].
    pub fn listing_page(&self, offset: usize, limit: usize) -> Option<Vec<u8>> {
        let mut page = b"{".to_vec();
        let (mut chart, mut number): (Option<Arc<str>>, usize) = (None, 0);
        let last = offset.saturating_add(limit);
        let mut unpacker = Unpacker::default();
        for line in self.lines_from("") {
            let before = chart.replace(Arc::clone(&line.entry.chart));
            number += usize::from(before.as_ref().is_some_and(|it| *it != line.entry.chart));
            if number >= last {
                break;
            }
            if number < offset {
                continue;
            }
            let glue = match before.filter(|_| page.len() > 1) {
                Some(before) => glue_between(&before, &line.entry.chart),
                None => glue_first(&line.entry.chart),
            };
            page.extend_from_slice(glue.as_bytes());
            page.extend_from_slice(&line.full(&mut unpacker)?);
        }
        page.extend_from_slice(if page.len() > 1 { b"]}\n" } else { b"}\n" });
        Some(page)
    }

    /// The JSON texts of a chart's versions with all fields, newest first; `None` only when memory
    /// was damaged.
    pub fn texts(&self, chart: &str) -> Option<Vec<Bytes>> {
        let mut unpacker = Unpacker::default();
        self.lines_from(chart)
            .skip_while(|line| *line.entry.chart < *chart)
            .take_while(|line| *line.entry.chart == *chart)
            .map(|line| line.full(&mut unpacker))
            .collect()
    }

    /// The lines of the index, from the leaf of a chart on.
    pub(crate) fn lines_from(&self, chart: &str) -> impl Iterator<Item = Line<'_>> {
        let leaves = self.tree.leaves_from(chart).filter(|leaf| leaf.sum().visible > 0);
        leaves.flat_map(|leaf| leaf.lines()).filter(|line| line.shown.is_some())
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
        let entry = self.at_precedence(chart, &parse_version(version).ok()?)?;
        (*entry.version == *version).then_some(entry)
    }

    /// The version that stands at this place in the order, whatever its build metadata.
    pub(crate) fn at_precedence(&self, chart: &str, precedence: &Version) -> Option<&Entry> {
        self.tree.find_entry(&Position { chart, precedence })
    }

    /// The version with exactly this text, when its package can be downloaded.
    pub fn find_available(&self, chart: &str, version: &str) -> Option<&Entry> {
        self.find_any(chart, version).filter(|entry| entry.available())
    }

    /// The Chart.yaml of a version as JSON, as the journal recorded it; `None` only when memory was
    /// damaged.
    pub fn chart_json(&self, entry: &Entry) -> Option<Bytes> {
        self.tree.find(&entry.position())?.recorded(&mut Unpacker::default())
    }

    /// The visible version with exactly this text.
    pub fn find(&self, chart: &str, version: &str) -> Option<Found<'_>> {
        let entry = self.find_any(chart, version).filter(|entry| entry.visible())?;
        Some(Found { entry, repository: self })
    }

    /// The visible versions of a chart, newest first.
    pub fn versions<'a>(&'a self, chart: &'a str) -> impl Iterator<Item = Found<'a>> {
        self.tree
            .leaves_from(chart)
            .filter(|leaf| leaf.sum().visible > 0)
            .flat_map(|leaf| leaf.entries())
            .skip_while(move |entry| *entry.chart < *chart)
            .take_while(move |entry| *entry.chart == *chart)
            .filter(|entry| entry.visible())
            .map(|entry| Found { entry, repository: self })
    }

    /// Every version that ever was, charts by name, newest first.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.tree.leaves_from("").flat_map(|leaf| leaf.entries())
    }

    /// Every version of a chart that ever was, newest first.
    pub(crate) fn entries_of<'a>(&'a self, chart: &'a str) -> impl Iterator<Item = &'a Entry> {
        let leaves = self.tree.leaves_from(chart);
        leaves
            .take_while(move |leaf| leaf.first_chart() <= chart)
            .flat_map(move |leaf| leaf.entries_of(chart))
    }

    /// Every version that can be downloaded, charts by name, newest first.
    pub fn available(&self) -> impl Iterator<Item = &Entry> {
        self.entries().filter(|entry| entry.available())
    }

    /// Names of charts with visible versions, in order, from `chart` on.
    pub fn charts_from<'a>(&'a self, chart: &str) -> impl Iterator<Item = &'a Arc<str>> {
        let mut from = chart.to_owned();
        std::iter::from_fn(move || {
            let here = self.first_chart(&from)?;
            // No name lies between a name and itself with a zero behind, so that the versions of a
            // chart are not walked over to come to the next one.
            from = format!("{here}\0");
            Some(here)
        })
    }

    fn first_chart(&self, from: &str) -> Option<&Arc<str>> {
        let leaves = self.tree.leaves_from(from).filter(|leaf| leaf.sum().visible > 0);
        let entries = leaves.flat_map(|leaf| leaf.entries()).filter(|entry| entry.visible());
        entries.map(|entry| &entry.chart).find(|name| ***name >= *from)
    }

    /// The visible version whose package has this file name.
    pub fn find_file(&self, file_name: &str) -> Option<Found<'_>> {
        let (chart, version) = ChartVersion::in_file_name(file_name)?;
        self.find(chart, version)
    }
}
