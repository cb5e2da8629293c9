//! Which versions the index shows in full: the newest of each chart.
//!
//! Versions and pre-releases are counted apart, so that many pre-releases do not make the newest
//! version slim, which is the one that people look at. A change of one version moves the border by
//! one place, so that at most one other version changes its form, however many there are.

use super::Tree;
use super::line::{Form, Line};
use super::recorded::Unpacker;
use crate::entry::Entry;

/// Versions of a chart that are shown in full; and as many pre-releases.
pub(crate) const FULL_VERSIONS: usize = if cfg!(test) { 2 } else { 10 };

impl Tree {
    /// The tree after the version at hand came, went or changed, with the border where it belongs.
    #[must_use]
    pub(crate) fn settled(self, chart: &str, stable: bool) -> Self {
        let mut unpacker = Unpacker::default();
        let around = self.newest(chart, stable).skip(FULL_VERSIONS - 1);
        let moved: Vec<_> = around
            .zip([Form::Full, Form::Slim])
            .filter(|(line, form)| line.form() != Some(*form))
            .filter_map(|(line, form)| Some(line.in_form(form, &mut unpacker)?.into_owned()))
            .collect();
        moved.into_iter().fold(self, |tree, line| tree.with(line))
    }

    /// The form in which a version that is not yet in the index will stand there.
    pub(crate) fn form_of(&self, entry: &Entry) -> Form {
        let last = self.newest(&entry.chart, entry.stable()).nth(FULL_VERSIONS - 1);
        let full = last.is_none_or(|last| entry.position().compare(&last.entry.position()).is_lt());
        if full { Form::Full } else { Form::Slim }
    }

    /// The versions of a chart in the index that are pre-releases, or that are none, newest first.
    fn newest<'a>(&'a self, chart: &'a str, stable: bool) -> impl Iterator<Item = Line<'a>> {
        self.leaves_from(chart)
            .take_while(move |leaf| leaf.first_chart() <= chart)
            .filter(move |leaf| leaf.sum().of_class(stable) > 0)
            .flat_map(|leaf| leaf.lines())
            .skip_while(move |line| *line.entry.chart < *chart)
            .take_while(move |line| *line.entry.chart == *chart)
            .filter(move |line| line.shown.is_some() && line.entry.stable() == stable)
    }
}
