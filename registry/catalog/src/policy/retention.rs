//! Which versions may go by themselves.

use serde::{Deserialize, Serialize};

use chart_registry_store::Timestamp;

use super::{Policy, matches};
use crate::entry::Entry;
use crate::repository::Repository;

const DAY_MILLISECONDS: i64 = 24 * 60 * 60 * 1_000;

/// A rule for the charts whose names fit. The first rule that fits a chart decides about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Retention {
    /// A name, where `*` stands for any characters.
    #[serde(default = "all", skip_serializing_if = "is_all")]
    pub charts: String,
    /// So many of a chart's newest versions stay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep_newest: Option<u32>,
    /// Versions stay for so many days after they were published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep_days: Option<u32>,
    /// The rule is about pre-releases alone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub only_pre_releases: bool,
}

fn all() -> String {
    "*".to_owned()
}

fn is_all(pattern: &str) -> bool {
    pattern == "*"
}

impl Retention {
    pub(super) fn fault(&self) -> Option<&'static str> {
        match (self.keep_newest, self.keep_days) {
            (None, None) => Some("keeps nothing: give `keep-newest`, `keep-days`, or both"),
            (Some(0), None) => Some("keeps nothing: give `keep-newest` of 1 or more"),
            _ => None,
        }
    }

    /// Whether a version goes; `number` counts the versions that the rule is about, newest first.
    fn lets_go(&self, entry: &Entry, number: u32, now: Timestamp) -> bool {
        let age = now.milliseconds().saturating_sub(entry.created.milliseconds());
        let days = |days: u32| i64::from(days).saturating_mul(DAY_MILLISECONDS);
        let old = self.keep_days.is_none_or(|limit| age > days(limit));
        let beyond = self.keep_newest.is_none_or(|limit| number >= limit);
        old && beyond
    }
}

/// The versions of a repository that the rules let go at a moment.
///
/// What somebody holds or what is in a channel stays, and so does the newest version of each chart
/// that is no pre-release: a chart never vanishes by rule.
pub fn retained<'a>(policy: &Policy, repository: &'a Repository, now: Timestamp) -> Vec<&'a Entry> {
    let mut going = Vec::new();
    let mut chart: Option<&str> = None;
    let mut rule = None;
    let (mut number, mut newest_seen) = (0_u32, false);
    for entry in repository.available() {
        if chart != Some(&*entry.chart) {
            chart = Some(&entry.chart);
            rule = policy.retention.iter().find(|rule| matches(&rule.charts, &entry.chart));
            (number, newest_seen) = (0, false);
        }
        let is_newest = entry.stable() && !newest_seen;
        newest_seen |= entry.stable();
        let Some(rule) = rule.filter(|rule| !rule.only_pre_releases || !entry.stable()) else {
            continue;
        };
        let stays = is_newest
            || entry.fate.held().is_some()
            || entry.fate.channels().next().is_some()
            || !rule.lets_go(entry, number, now);
        number = number.saturating_add(1);
        if !stays {
            going.push(entry);
        }
    }
    going
}
