//! From digests to the versions of charts that may have them.
//!
//! Nearly all charts have few versions, and looking through those of one chart costs less than
//! keeping every digest in a map. So only charts with many versions are in it, with all of theirs.

use std::cmp::Ordering;
use std::sync::Arc;

use chart_format::digest::Sha256;

use crate::entry::Entry;
use crate::ordered::Ordered;
use crate::repository::Repository;
use crate::tree::LEAF_ENTRIES;

/// Most versions of a chart that are looked through for a digest.
const LOOKED_THROUGH: usize = LEAF_ENTRIES;

/// The beginning of a digest, and the version of a chart that may have it.
///
/// Whoever asks knows the chart, and compares the whole digest.
type Link = (u64, Arc<str>);

/// The digests of the charts with many versions.
#[derive(Debug, Clone, Default)]
pub(super) struct Links {
    charts: Ordered<Arc<str>, ()>,
    versions: Ordered<Link, ()>,
}

impl Links {
    /// Those of versions in order.
    pub(super) fn of<'a>(versions: impl Iterator<Item = &'a Entry>) -> Self {
        let (mut charts, mut all) = (Vec::new(), Vec::new());
        let mut few: Vec<&Entry> = Vec::with_capacity(LOOKED_THROUGH);
        let mut many: Option<&Arc<str>> = None;
        for entry in versions {
            if many == Some(&entry.chart) {
                all.extend(links(entry));
                continue;
            }
            if few.first().is_some_and(|first| first.chart != entry.chart) {
                few.clear();
            }
            few.push(entry);
            if few.len() > LOOKED_THROUGH {
                many = Some(&entry.chart);
                charts.push((Arc::clone(&entry.chart), ()));
                all.extend(few.drain(..).flat_map(links));
            }
        }
        all.sort_unstable();
        all.dedup();
        Self {
            charts: Ordered::from_sorted(charts),
            versions: Ordered::from_sorted(all.into_iter().map(|link| (link, ())).collect()),
        }
    }

    /// Versions of a chart of which `digest` may name a part; the chart's versions themselves, when
    /// they are few, are those of `repository`.
    pub(super) fn versions<'a>(
        &'a self,
        chart: &'a str,
        digest: &'a Sha256,
        repository: &'a Repository,
    ) -> impl Iterator<Item = &'a Arc<str>> {
        let many = self.has(chart);
        let linked = many.then(|| self.linked(beginning(digest)));
        let few = (!many).then(|| repository.entries_of(chart));
        let few = few.into_iter().flatten().filter(|entry| entry.has(digest));
        linked.into_iter().flatten().chain(few.map(|entry| &entry.version))
    }

    /// With a version that is published into this repository, or changed in it.
    pub(super) fn with(&self, entry: &Entry, repository: &Repository) -> Self {
        if self.has(&entry.chart) {
            let versions = links(entry).fold(self.versions.clone(), |map, link| map.with(link, ()));
            return Self { versions, ..self.clone() };
        }
        if repository.entries_of(&entry.chart).take(LOOKED_THROUGH).count() < LOOKED_THROUGH {
            return self.clone();
        }
        let all = repository.entries_of(&entry.chart).chain([entry]).flat_map(links);
        Self {
            charts: self.charts.with(Arc::clone(&entry.chart), ()),
            versions: all.fold(self.versions.clone(), |map, link| map.with(link, ())),
        }
    }

    fn has(&self, chart: &str) -> bool {
        self.charts.get(|known| (**known).cmp(chart)).is_some()
    }

    fn linked(&self, beginning: u64) -> impl Iterator<Item = &Arc<str>> {
        let from = self.versions.from(move |(known, _)| match known.cmp(&beginning) {
            Ordering::Equal => Ordering::Greater,
            other => other,
        });
        let same = from.take_while(move |((known, _), ())| *known == beginning);
        same.map(|((_, version), ())| version)
    }
}

/// The digests of a version by their beginnings, each with the version.
fn links(entry: &Entry) -> impl Iterator<Item = Link> + use<> {
    let version = Arc::clone(&entry.version);
    entry.digests().map(move |digest| (beginning(&digest), Arc::clone(&version)))
}

fn beginning(digest: &Sha256) -> u64 {
    digest.as_bytes().first_chunk().copied().map_or(0, u64::from_be_bytes)
}
