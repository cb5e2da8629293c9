//! Repositories on top of each other, under one name: the first that has a version decides about it.
//!
//! What it decides may be that the version is deleted or yanked: no later one comes through then. A
//! layer that is hidden decides and shows nothing, so that a version is never other bytes for
//! somebody who sees less.
//!
//! Names that a repository of this registry has, or ever had, are not taken from upstreams: otherwise
//! whoever publishes a higher version under such a name elsewhere would be installed from then on.

use std::sync::Arc;

use chart_format::constraint::parse_version;
use chart_format::version::ChartVersion;
use semver::Version;

use crate::entry::Entry;
use crate::oci::Artifacts;
use crate::policy::matches;
use crate::repository::Repository;
use crate::state::State;
use crate::tree::{Layered, Tree};
use crate::view::Damaged;

/// One repository among others.
#[derive(Debug, Clone)]
pub struct Layer {
    repository: Arc<Repository>,
    artifacts: Arc<Artifacts>,
    upstream: bool,
    hidden: bool,
}

/// Repositories under one name.
#[derive(Debug, Clone, Default)]
pub struct Layers {
    layers: Vec<Layer>,
    /// Patterns of names that may come from everywhere.
    mixed: Arc<[String]>,
}

impl Layer {
    /// The repository at a path.
    pub fn own(state: &State, path: &str) -> Self {
        let (repository, artifacts) = (state.repository(path), state.artifacts(path));
        Self { repository, artifacts, upstream: false, hidden: false }
    }

    /// The repository at a path with what an upstream has besides.
    pub fn upstream(state: &State, path: &str, repository: Arc<Repository>) -> Self {
        Self { repository, upstream: true, ..Self::own(state, path) }
    }

    /// The same, hidden or not.
    #[must_use]
    pub fn hidden(self, hidden: bool) -> Self {
        Self { hidden, ..self }
    }

    /// Whether anything was ever published under a name.
    fn knows(&self, name: &str) -> bool {
        self.repository.knows(name) || self.artifacts.of(name).next().is_some()
    }

    fn is(&self, other: &Self) -> bool {
        let empty = |it: &Self| it.repository.all_versions() == 0;
        let bare = |it: &Self| it.artifacts.counts().0 == 0;
        let same = Arc::ptr_eq(&self.repository, &other.repository);
        let same_artifacts = Arc::ptr_eq(&self.artifacts, &other.artifacts);
        (self.upstream, self.hidden) == (other.upstream, other.hidden)
            && (same || (empty(self) && empty(other)))
            && (same_artifacts || (bare(self) && bare(other)))
    }
}

impl Layers {
    /// These, the first of which goes first; names that fit one of the patterns in `mixed` are taken
    /// from all of them.
    pub fn new(layers: Vec<Layer>, mixed: Arc<[String]>) -> Self {
        Self { layers, mixed }
    }

    /// Whether the other ones are made of the same snapshots.
    pub fn is(&self, other: &Self) -> bool {
        self.layers.len() == other.layers.len()
            && self.layers.iter().zip(&other.layers).all(|(one, two)| one.is(two))
    }

    /// All of them as one repository.
    ///
    /// Its moment is the one at which the newest of its versions was published first, so that it
    /// changes no more often than what is in it.
    ///
    /// # Errors
    ///
    /// When memory was damaged.
    pub fn merged(&self) -> Result<Arc<Repository>, Damaged> {
        let free = |chart: &str| !self.keeps(chart);
        let layers: Vec<_> = self
            .layers
            .iter()
            .map(|layer| Layered {
                tree: layer.repository.tree(),
                hidden: layer.hidden,
                takes: layer.upstream.then_some(&free as &dyn Fn(&str) -> bool),
            })
            .collect();
        let tree = Tree::merged(&layers).ok_or(Damaged)?;
        let newest = tree.sum().newest;
        Ok(Arc::new(Repository::restored(tree, newest)))
    }

    /// What is decided about a version: nothing when no layer has one in its place; else the number of
    /// the layer, and the version if it has exactly this text and is shown.
    pub fn decided(&self, chart: &str, version: &str) -> Option<(usize, Option<&Entry>)> {
        let precedence = parse_version(version).ok()?;
        let written =
            || self.taking(chart).any(|(_, it)| it.repository.find_any(chart, version).is_some());
        // `1.2` stands in the place of `1.2.0`, and may as well be no version but a tag that moves.
        if Version::parse(version).is_err() && !written() {
            return None;
        }
        self.taking(chart).find_map(|(number, layer)| {
            let entry = layer.repository.at_precedence(chart, &precedence)?;
            let shown = !layer.hidden && *entry.version == *version;
            Some((number, shown.then_some(entry)))
        })
    }

    /// The version with exactly this text, deleted or not, with the number of its layer.
    pub fn find_any(&self, chart: &str, version: &str) -> Option<(usize, &Entry)> {
        let (number, entry) = self.decided(chart, version)?;
        Some((number, entry?))
    }

    /// The version whose package has this file name, when it can be downloaded.
    pub fn find_package(&self, file_name: &str) -> Option<(usize, &Entry)> {
        let (chart, version) = ChartVersion::in_file_name(file_name)?;
        self.find_any(chart, version).filter(|(_, entry)| entry.available())
    }

    /// Numbers of the layers that may give something under a name, in order.
    pub fn giving(&self, name: &str) -> Vec<usize> {
        let seen = self.taking(name).filter(|(_, layer)| !layer.hidden);
        seen.map(|(number, _)| number).collect()
    }

    /// The layers that decide about the versions of a chart.
    fn taking(&self, chart: &str) -> impl Iterator<Item = (usize, &Layer)> {
        let kept = self.keeps(chart);
        self.layers.iter().enumerate().filter(move |(_, layer)| !(layer.upstream && kept))
    }

    /// Whether a name is one of this registry's own, and comes from no upstream.
    fn keeps(&self, name: &str) -> bool {
        let mut own = self.layers.iter().filter(|layer| !layer.upstream);
        own.any(|layer| layer.knows(name)) && !self.mixed.iter().any(|it| matches(it, name))
    }
}
