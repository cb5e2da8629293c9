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
    /// The tree with a version added or replaced; `chart` is its recorded Chart.yaml.
    #[must_use]
    pub(crate) fn with_version(&self, entry: Entry, chart: &str) -> Self {
        // With the version at hand among the newest, this one is the first that is not.
        let border = self.newest_beside(&entry).nth(FULL_VERSIONS - 1);
        let position = entry.position();
        let full = border.as_ref().is_none_or(|it| position.compare(&it.entry.position()).is_lt());
        let form = if full { Form::Full } else { Form::Slim };
        let form_of_border = if full && entry.visible() { Form::Slim } else { Form::Full };
        let moved = border
            .filter(|line| line.form() != Some(form_of_border))
            .and_then(|line| line.in_form(form_of_border, &mut Unpacker::default()));
        let form = entry.visible().then_some(form);
        self.with(Line::new(entry, chart, form), moved)
    }

    /// The other versions of a chart in the index that are pre-releases as `entry` is, or as it are
    /// none; newest first.
    fn newest_beside<'a>(&'a self, entry: &Entry) -> impl Iterator<Item = Line<'a>> {
        let (chart, stable, precedence) =
            (entry.chart.clone(), entry.stable(), entry.precedence().clone());
        let (end, own) = (entry.chart.clone(), entry.chart.clone());
        self.leaves_from(&entry.chart)
            .take_while(move |leaf| *leaf.first_chart() <= *end)
            .filter(move |leaf| leaf.sum().of_class(stable) > 0)
            .flat_map(|leaf| leaf.lines())
            .skip_while(move |line| line.entry.chart < own)
            .take_while(move |line| line.entry.chart == chart)
            .filter(move |line| line.shown.is_some() && line.entry.stable() == stable)
            .filter(move |line| line.entry.precedence().cmp_precedence(&precedence).is_ne())
    }
}
