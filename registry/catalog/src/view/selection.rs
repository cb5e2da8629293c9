//! Which versions a view shows, and how much of each.

use std::sync::Arc;

use super::spec::ViewSpec;
use crate::entry::Entry;
use crate::fate::Standing;
use crate::tree::{FULL_VERSIONS, Form, Line, Unpacker};

/// What a view takes of a stretch of charts, as far as their names tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    Nothing,
    Everything,
    Some,
}

/// How many versions of the present chart a view has shown, as far as it makes a difference.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Taken {
    chart: Option<Arc<str>>,
    stable: usize,
    pre_releases: usize,
}

impl ViewSpec {
    /// True when more than the chart's name decides about a version.
    pub(super) fn looks_at_versions(&self) -> bool {
        let Self { at, network, channel, latest, .. } = self;
        at.is_some() || network.is_some() || channel.is_some() || latest.is_some()
    }

    /// What is taken of a stretch of versions after `taken`.
    pub(super) fn reach(&self, (first, last): (&str, &str), taken: &Taken) -> Reach {
        let of_names = self.reach_of_names(first, last);
        let all_taken = self.latest.is_some_and(|count| {
            let counted = first == last && taken.chart.as_deref() == Some(first);
            counted && taken.stable >= count && taken.pre_releases >= count
        });
        match of_names {
            Reach::Nothing => Reach::Nothing,
            _ if all_taken => Reach::Nothing,
            Reach::Everything if !self.looks_at_versions() => Reach::Everything,
            Reach::Everything | Reach::Some => Reach::Some,
        }
    }

    fn reach_of_names(&self, first: &str, last: &str) -> Reach {
        let outside = |lowest: &str, inside: &dyn Fn(&str) -> bool| {
            last < lowest || (first > lowest && !inside(first))
        };
        let (chart, prefix) = (self.chart.as_deref(), self.prefix.as_deref());
        let chart_outside = chart.is_some_and(|chart| outside(chart, &|name| name == chart));
        let prefix_outside =
            prefix.is_some_and(|prefix| outside(prefix, &|name| name.starts_with(prefix)));
        if chart_outside || prefix_outside {
            Reach::Nothing
        } else if self.names(first) && self.names(last) {
            Reach::Everything
        } else {
            Reach::Some
        }
    }

    fn names(&self, chart: &str) -> bool {
        self.chart.as_deref().is_none_or(|name| name == chart)
            && self.prefix.as_deref().is_none_or(|prefix| chart.starts_with(prefix))
    }

    fn takes(&self, entry: &Entry) -> bool {
        let there = match self.at {
            // What was purged is to be seen nowhere, however long ago.
            Some(_) if entry.fate.standing() == Standing::Purged => false,
            Some(moment) => entry.visible_at(moment),
            None => entry.visible(),
        };
        let in_channel = |name: &String| entry.fate.is_in_channel(name);
        there
            && self.names(&entry.chart)
            && self.network.as_deref().is_none_or(|name| entry.network() == Some(name))
            && self.channel.as_ref().is_none_or(in_channel)
    }

    /// The line as the view shows it, if it does; an error when memory was damaged.
    pub(super) fn shown<'a>(
        &self,
        line: Line<'a>,
        taken: &mut Taken,
        unpacker: &mut Unpacker,
    ) -> Result<Option<Line<'a>>, Damaged> {
        if !self.takes(&line.entry) {
            return Ok(None);
        }
        if !self.looks_at_versions() {
            return Ok(Some(line));
        }
        let (number, limit) = (taken.count(&line.entry), self.latest.unwrap_or(usize::MAX));
        if *number >= limit {
            return Ok(None);
        }
        let form = if *number < FULL_VERSIONS { Form::Full } else { Form::Slim };
        // Beyond this no number makes a difference, so that what comes after is the same.
        *number = (*number + 1).min(FULL_VERSIONS.max(self.latest.unwrap_or(0)));
        if line.shown.is_some() {
            return line.in_form(form, unpacker).map(Some).ok_or(Damaged);
        }
        // It was in the index at the moment asked for, and is not any more.
        let chart = line.recorded(unpacker).ok_or(Damaged)?;
        let chart = std::str::from_utf8(&chart).map_err(|_| Damaged)?;
        Ok(Some(Line::new(line.entry, chart, Some(form))))
    }
}

/// A text that is kept deflated cannot be read again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a recorded Chart.yaml cannot be read again")]
pub struct Damaged;

impl Taken {
    fn count(&mut self, entry: &Entry) -> &mut usize {
        if self.chart.as_deref() != Some(&*entry.chart) {
            *self = Self { chart: Some(Arc::clone(&entry.chart)), ..Self::default() };
        }
        if entry.stable() { &mut self.stable } else { &mut self.pre_releases }
    }
}
