//! What pages list: repositories below a path, and the versions of a chart from any place on.
//!
//! Nothing here walks to its place version by version, so that a page costs the same wherever it is.

use std::sync::Arc;

use semver::Version;

use crate::entry::{Entry, Position};
use crate::repository::{Found, Repository};
use crate::state::State;
use crate::tree::Leaf;

/// How many versions are looked at for the newest one that is no pre-release.
const LOOKED_AT: usize = 256;

impl Repository {
    /// The version of a chart that is shown for it: the newest that is no pre-release, else the
    /// newest; `None` when none is in the index. A chart whose newest 256 versions are all
    /// pre-releases is shown by the newest of them.
    pub fn shown<'a>(&'a self, chart: &'a str) -> Option<Found<'a>> {
        let stable = self.versions(chart).take(LOOKED_AT).find(|found| found.entry.stable());
        stable.or_else(|| self.versions(chart).next())
    }

    /// The versions of a chart that can be downloaded, newest first: all, or those at and behind one.
    pub fn available_from<'a>(
        &'a self,
        chart: &'a str,
        from: Option<&Version>,
    ) -> impl Iterator<Item = &'a Entry> + use<'a> {
        let leaves: Box<dyn Iterator<Item = &'a Arc<Leaf>> + 'a> = match from {
            None => Box::new(self.tree().leaves_from(chart)),
            Some(precedence) => Box::new(self.tree().leaves_at(&Position { chart, precedence })),
        };
        let from = from.cloned();
        leaves
            .flat_map(|leaf| leaf.entries())
            .skip_while(move |entry| {
                let newer = |from: &Version| entry.precedence.cmp_precedence(from).is_gt();
                *entry.chart < *chart
                    || (*entry.chart == *chart && from.as_ref().is_some_and(newer))
            })
            .take_while(move |entry| *entry.chart == *chart)
            .filter(|entry| entry.available())
    }
}

impl State {
    /// The repositories at and below a path, in order.
    pub fn repositories_below<'a>(
        &'a self,
        prefix: &'a str,
    ) -> impl Iterator<Item = (&'a Arc<str>, &'a Arc<Repository>)> {
        let below = move |path: &str| match path.strip_prefix(prefix) {
            Some(rest) => prefix.is_empty() || rest.is_empty() || rest.starts_with('/'),
            None => false,
        };
        // Paths that begin with the prefix follow each other.
        let from = self.repositories().from(|path| (**path).cmp(prefix));
        from.take_while(move |(path, _)| path.starts_with(prefix))
            .filter(move |(path, _)| below(path))
            .map(|(path, repository)| (path, repository))
    }
}

#[cfg(test)]
mod tests {
    use chart_registry_store::{Event, Timestamp};

    use super::*;
    use crate::scratch_tests::{delete, publish};

    fn state(versions: &[(&str, &str)]) -> State {
        let mut state = State::default();
        for (seq, (name, version)) in (1..).zip(versions) {
            let event = Event::Publish(publish(name, version, version));
            let time = Timestamp::from_milliseconds(i64::try_from(seq).unwrap());
            state = state.with_event(&event, seq, time).unwrap();
        }
        state
    }

    #[test]
    fn versions_are_listed_from_any_place_on() {
        let texts: Vec<String> = (0..40).map(|minor| format!("1.{minor}.0")).collect();
        let versions: Vec<_> = texts.iter().map(|text| ("b", text.as_str())).collect();
        let mut state = state(&[versions, vec![("a", "9.9.9"), ("c", "0.1.0")]].concat());
        let time = Timestamp::from_milliseconds(100);
        state = state.with_event(&delete("b", "1.20.0"), 100, time).unwrap();
        let repository = state.repository("");
        let listed = |from: Option<&str>| {
            let from = from.map(|text| Version::parse(text).unwrap());
            let entries = repository.available_from("b", from.as_ref());
            entries.map(|entry| entry.version.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(listed(None).len(), 39);
        assert_eq!(listed(Some("1.2.0")), ["1.2.0", "1.1.0", "1.0.0"]);
        assert_eq!(listed(Some("1.20.0")).first().unwrap(), "1.19.0");
        assert_eq!(listed(Some("0.0.1")), Vec::<String>::new());
        assert_eq!(listed(Some("9.0.0")).len(), 39);
    }

    #[test]
    fn the_newest_stable_version_stands_for_a_chart() {
        let state = state(&[("a", "1.0.0"), ("a", "2.0.0-rc.1"), ("b", "0.1.0-dev")]);
        let repository = state.repository("");
        let shown = |name| repository.shown(name).map(|found| found.entry.version.to_string());
        assert_eq!(shown("a").as_deref(), Some("1.0.0"));
        assert_eq!(shown("b").as_deref(), Some("0.1.0-dev"));
        assert_eq!(shown("c"), None);
    }
}
