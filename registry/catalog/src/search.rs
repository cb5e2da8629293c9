//! Finding charts by words: case-folded, anywhere in name, description, keywords and app version.
//!
//! There is no index beside the tree. Each leaf keeps the words of the charts that begin in it, made
//! when somebody first searches there, so that a publish makes one leaf's words anew and nothing
//! else. A search has a budget; where it ends, the next one can go on.

use std::borrow::Cow;
use std::sync::Arc;

use memchr::memmem::Finder;
use serde::Deserialize;

use crate::repository::Repository;
use crate::tree::Leaf;

/// Most words of a query; more are passed over.
const MAX_WORDS: usize = 8;

/// Most bytes of a query that count.
const MAX_QUERY_BYTES: usize = 200;

/// Most bytes of one chart's words that are kept.
const KEPT_BYTES: usize = 512;

/// What a leaf whose words have to be made costs; one that has them costs 1.
const FRESH_COST: u32 = 64;

/// What somebody looks for: every word has to be there.
#[derive(Debug)]
pub struct Query {
    words: Vec<Finder<'static>>,
}

/// How much work a search may still do. The default is some tens of milliseconds.
#[derive(Debug)]
pub struct Budget(u32);

impl Default for Budget {
    /// 131,072 versions whose words have to be made, or 64 times as many that were searched before.
    fn default() -> Self {
        Self(FRESH_COST * 2_048)
    }
}

impl Budget {
    /// Takes a cost; false when there is not enough left.
    pub fn take(&mut self, cost: u32) -> bool {
        let left = self.0.checked_sub(cost);
        self.0 = left.unwrap_or(0);
        left.is_some()
    }
}

/// What a search found before its budget or its limit ended.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Hits {
    /// Names of charts, in order.
    pub charts: Vec<Arc<str>>,
    /// The name at which the next search goes on; `None` when everything was searched.
    pub next: Option<String>,
}

impl Query {
    /// The words of a text; `None` when it has none.
    pub fn parse(text: &str) -> Option<Self> {
        let end = (0..=text.len().min(MAX_QUERY_BYTES)).rev().find(|at| text.is_char_boundary(*at));
        let folded = text[..end.unwrap_or(0)].to_lowercase();
        let words = folded.split_whitespace().take(MAX_WORDS);
        let words: Vec<_> = words.map(|word| Finder::new(word).into_owned()).collect();
        (!words.is_empty()).then_some(Self { words })
    }

    fn fits(&self, line: &str) -> bool {
        self.words.iter().all(|word| word.find(line.as_bytes()).is_some())
    }

    /// The names in a leaf's words that fit.
    fn names<'a>(&'a self, words: &'a str) -> impl Iterator<Item = &'a str> {
        let some = self.words.first().is_some_and(|word| word.find(words.as_bytes()).is_some());
        let lines = if some { words } else { "" }.lines().filter(|line| self.fits(line));
        lines.filter_map(|line| line.split('\t').next())
    }
}

impl Repository {
    /// The charts from name `from` on that fit, `limit` at most.
    pub fn search(&self, query: &Query, (from, limit): (&str, usize), budget: &mut Budget) -> Hits {
        let mut hits = Hits::default();
        let mut before = "";
        for leaf in self.tree().leaves_from(from).filter(|leaf| leaf.sum().visible > 0) {
            let begun = std::mem::replace(&mut before, leaf.last_chart());
            // A chart of many leaves was judged in its first one.
            if !begun.is_empty() && begun == leaf.last_chart() {
                continue;
            }
            let cost = if leaf.has_words() { 1 } else { FRESH_COST };
            if !budget.take(cost) {
                hits.next = Some(leaf.first_chart().max(from).to_owned());
                return hits;
            }
            for name in query.names(leaf.words()) {
                if name < from || name == begun {
                    continue;
                }
                if hits.charts.len() == limit {
                    hits.next = Some(name.to_owned());
                    return hits;
                }
                hits.charts.push(Arc::from(name));
            }
        }
        hits
    }
}

/// One line for each chart in a leaf: its name, then the words of its newest version there.
pub(crate) fn words(leaf: &Leaf) -> Box<str> {
    let mut words = String::new();
    let mut last: Option<Arc<str>> = None;
    for line in leaf.lines() {
        let Some(shown) = &line.shown else { continue };
        if last.as_ref() == Some(&line.entry.chart) {
            continue;
        }
        last = Some(Arc::clone(&line.entry.chart));
        words.push_str(&line.entry.chart);
        words.push('\t');
        words.push_str(&folded(&line.entry.chart, shown));
        words.push('\n');
    }
    words.into_boxed_str()
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct Told<'a> {
    #[serde(borrow)]
    description: Option<Cow<'a, str>>,
    #[serde(borrow)]
    app_version: Option<Cow<'a, str>>,
    #[serde(borrow)]
    keywords: Option<Vec<Cow<'a, str>>>,
}

fn folded(name: &str, shown: &[u8]) -> String {
    let told: Told<'_> = serde_json::from_slice(shown).unwrap_or_default();
    let keywords = told.keywords.unwrap_or_default();
    let texts = [Cow::Borrowed(name)].into_iter().chain(told.app_version).chain(keywords);
    let texts: Vec<_> = texts.chain(told.description).collect();
    // Lines end a chart and tabs end its name.
    let mut folded = texts.join(" ").to_lowercase().replace(|c: char| c.is_control(), " ");
    let end = (0..=folded.len().min(KEPT_BYTES)).rev().find(|at| folded.is_char_boundary(*at));
    folded.truncate(end.unwrap_or(0));
    folded
}

#[cfg(test)]
mod tests {
    use chart_registry_store::{Event, Timestamp};
    use serde_json::value::RawValue;

    use super::*;
    use crate::State;
    use crate::scratch_tests::publish;

    fn state(charts: &[(&str, &str)]) -> State {
        let mut state = State::default();
        for (seq, (name, fields)) in (1..).zip(charts) {
            let mut event = publish(name, "1.0.0", name);
            let chart =
                format!(r#"{{"apiVersion":"v2","name":"{name}","version":"1.0.0"{fields}}}"#);
            event.chart = RawValue::from_string(chart).unwrap();
            let time = Timestamp::from_milliseconds(i64::try_from(seq).unwrap());
            state = state.with_event(&Event::Publish(event), seq, time).unwrap();
        }
        state
    }

    fn found(state: &State, text: &str) -> Vec<String> {
        let query = Query::parse(text).unwrap();
        let hits = state.repository("").search(&query, ("", 100), &mut Budget::default());
        assert_eq!(hits.next, None);
        hits.charts.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn all_words_are_found_in_any_field_and_any_case() {
        let state = state(&[
            (
                "fabric-org",
                r#","description":"Peers \"of\" one\torganization","appVersion":"2.5.12""#,
            ),
            ("fabric-orderer", r#","keywords":["Raft","BFT"],"description":"ÄRGER mit Ordnern""#),
            ("kafka", r#","appVersion":"3.9""#),
        ]);
        assert_eq!(found(&state, "FABRIC"), ["fabric-orderer", "fabric-org"]);
        assert_eq!(found(&state, "fabric raft"), ["fabric-orderer"]);
        assert_eq!(found(&state, "2.5"), ["fabric-org"]);
        assert_eq!(found(&state, "ärger"), ["fabric-orderer"]);
        assert_eq!(found(&state, "\"of\" one"), ["fabric-org"]);
        assert_eq!(found(&state, "fabric kafka"), Vec::<String>::new());
        assert!(Query::parse(" \t").is_none());
        assert!(Query::parse(&"ä".repeat(1_000)).is_some());
    }

    #[test]
    fn a_search_ends_with_its_limit_or_its_budget_and_goes_on_there() {
        let names: Vec<String> = (0..60).map(|number| format!("chart-{number:02}")).collect();
        let charts: Vec<_> = names.iter().map(|name| (name.as_str(), "")).collect();
        let state = state(&charts);
        let repository = state.repository("");
        let query = Query::parse("chart").unwrap();
        for (limit, cost) in [(100, 2 * FRESH_COST), (7, u32::MAX)] {
            let (mut all, mut from) = (Vec::new(), Some(String::new()));
            let mut rounds = 0;
            while let Some(name) = from {
                let hits = repository.search(&query, (&name, limit), &mut Budget(cost));
                all.extend(hits.charts.iter().map(ToString::to_string));
                from = hits.next;
                rounds += 1;
            }
            assert_eq!(all, names, "limit {limit}");
            assert!(rounds > 1, "limit {limit}");
        }
    }
}
