//! How each webhook is doing, for administrators and metrics.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chart_registry_store::Timestamp;
use serde::Serialize;

use super::lease::Positions;
use super::settings::Webhook;
use crate::committer::now;
use crate::metrics::{head, line};

/// The state of all webhooks, as far as this process knows it.
pub(super) struct Board {
    inner: Mutex<Inner>,
}

struct Inner {
    /// Whether this process delivers.
    delivering: bool,
    /// Whether something was told since the positions were kept.
    told: bool,
    hooks: BTreeMap<String, Row>,
}

struct Row {
    url: String,
    position: Option<u64>,
    tally: Tally,
    failures: u32,
    last_error: Option<String>,
    last_success: Option<Timestamp>,
    next_attempt: Option<Timestamp>,
}

/// Counted since the start of this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
struct Tally {
    /// Events that were taken.
    delivered: u64,
    /// Attempts that failed.
    failed: u64,
    /// Events that were passed over.
    skipped: u64,
}

/// An attempt that failed.
pub(super) struct Failure {
    pub(super) reason: String,
    pub(super) failures: u32,
    pub(super) wait: Duration,
}

/// What administrators are shown.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Report {
    /// Whether this process delivers; of several on one storage one does.
    delivering: bool,
    /// The webhooks by name.
    webhooks: Vec<Reported>,
}

/// One webhook as administrators are shown it.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Reported {
    /// Its name.
    name: String,
    /// Where it goes, without the query.
    url: String,
    /// Number of the last commit that it was told, as far as this process knows.
    position: Option<u64>,
    /// Commits that it was not told yet.
    behind: Option<u64>,
    #[serde(flatten)]
    tally: Tally,
    failures_in_a_row: u32,
    last_error: Option<String>,
    last_success: Option<Timestamp>,
    next_attempt: Option<Timestamp>,
}

impl Board {
    pub(super) fn new(webhooks: &[Webhook]) -> Self {
        let row = |webhook: &Webhook| Row {
            url: webhook.url.shown(),
            position: None,
            tally: Tally::default(),
            failures: 0,
            last_error: None,
            last_success: None,
            next_attempt: None,
        };
        let hooks = webhooks.iter().map(|it| (it.name.as_str().to_owned(), row(it))).collect();
        Self { inner: Mutex::new(Inner { delivering: false, told: false, hooks }) }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn with(&self, hook: &str, change: impl FnOnce(&mut Row)) {
        if let Some(row) = self.lock().hooks.get_mut(hook) {
            change(row);
        }
    }

    pub(super) fn begin(&self) {
        self.lock().delivering = true;
    }

    pub(super) fn end(&self) {
        self.lock().delivering = false;
    }

    /// Positions as whoever delivers has kept them.
    pub(super) fn follow(&self, positions: &Positions) {
        let mut inner = self.lock();
        for (hook, position) in positions {
            if let Some(row) = inner.hooks.get_mut(hook) {
                row.position = Some(*position);
            }
        }
    }

    /// Positions as they are now.
    pub(super) fn positions(&self) -> Positions {
        let inner = self.lock();
        let reached = |(name, row): (&String, &Row)| Some((name.clone(), row.position?));
        inner.hooks.iter().filter_map(reached).collect()
    }

    /// Whether something was told since the last call.
    pub(super) fn take_told(&self) -> bool {
        std::mem::take(&mut self.lock().told)
    }

    /// What was told is still to be kept.
    pub(super) fn tell_again(&self) {
        self.lock().told = true;
    }

    /// The webhook has come this far; `told` says that it heard something of the last commit.
    pub(super) fn reached(&self, hook: &str, position: u64, told: bool) {
        self.with(hook, |row| row.position = Some(position));
        self.lock().told |= told;
    }

    pub(super) fn delivered(&self, hook: &str) {
        self.with(hook, |row| {
            row.tally.delivered += 1;
            (row.failures, row.next_attempt) = (0, None);
            row.last_success = Some(now());
        });
    }

    pub(super) fn skipped(&self, hook: &str, reason: String) {
        self.with(hook, |row| {
            row.tally.skipped += 1;
            (row.failures, row.next_attempt) = (0, None);
            row.last_error = Some(reason);
        });
    }

    pub(super) fn failed(&self, hook: &str, failure: Failure) {
        let wait = i64::try_from(failure.wait.as_millis()).unwrap_or(i64::MAX);
        self.with(hook, |row| {
            row.tally.failed += 1;
            (row.failures, row.last_error) = (failure.failures, Some(failure.reason));
            let next = now().milliseconds().saturating_add(wait);
            row.next_attempt = Some(Timestamp::from_milliseconds(next));
        });
    }

    pub(super) fn report(&self, head: u64) -> Report {
        let inner = self.lock();
        let reported = |(name, row): (&String, &Row)| Reported {
            name: name.clone(),
            url: row.url.clone(),
            position: row.position,
            behind: row.position.map(|position| head.saturating_sub(position)),
            tally: row.tally,
            failures_in_a_row: row.failures,
            last_error: row.last_error.clone(),
            last_success: row.last_success,
            next_attempt: row.next_attempt,
        };
        Report {
            delivering: inner.delivering,
            webhooks: inner.hooks.iter().map(reported).collect(),
        }
    }
}

/// The webhooks in Prometheus' text format. Names are those of the configuration, so they are few.
pub(crate) fn metrics(report: &Report) -> String {
    let mut text = String::new();
    if report.webhooks.is_empty() {
        return text;
    }
    let name = "webhook_behind";
    head(&mut text, (name, "gauge"), "Commits that a webhook was not told yet.");
    for hook in &report.webhooks {
        if let Some(behind) = hook.behind {
            line(&mut text, name, &format!("{{webhook=\"{}\"}}", hook.name), behind);
        }
    }
    let name = "webhook_attempts_total";
    head(&mut text, (name, "counter"), "Events sent to a webhook by this process.");
    for hook in &report.webhooks {
        let Tally { delivered, failed, skipped } = hook.tally;
        for (result, count) in [("delivered", delivered), ("failed", failed), ("skipped", skipped)]
        {
            let labels = format!("{{webhook=\"{}\",result=\"{result}\"}}", hook.name);
            line(&mut text, name, &labels, count);
        }
    }
    text
}
