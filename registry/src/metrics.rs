//! Counting requests, and the text in which Prometheus reads it.
//!
//! Labels are bounded: method, route of the table, class of status. What a client can choose freely
//! (paths, versions, its own methods) never becomes a label.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::http::Method;
use axum::response::Response;

use crate::registry::{Condition, Registry};
use crate::webhooks;

/// Requests by their labels.
#[derive(Default)]
pub(crate) struct Metrics {
    requests: Mutex<BTreeMap<Labels, Tally>>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Labels {
    method: &'static str,
    route: &'static str,
    status: &'static str,
}

#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    requests: u64,
    time: Duration,
}

/// The row of the table of routes that answered, left in the answer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Label(pub(crate) &'static str);

/// A number that is read when somebody asks.
pub(crate) struct Gauge {
    /// Name without the prefix of the program.
    pub(crate) name: &'static str,
    /// What it counts.
    pub(crate) help: &'static str,
    /// The number.
    pub(crate) value: u64,
}

impl Metrics {
    fn count(&self, labels: Labels, time: Duration) {
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        let tally = requests.entry(labels).or_default();
        tally.requests += 1;
        tally.time += time;
    }

    /// Counts a request when its answer begins.
    pub(crate) fn answered(&self, method: &'static str, response: &Response, time: Duration) {
        let route = response.extensions().get::<Label>().map_or("none", |Label(route)| *route);
        self.count(Labels { method, route, status: class(response.status().as_u16()) }, time);
    }

    /// Everything in Prometheus' text format.
    pub(crate) fn text(&self, gauges: &[Gauge]) -> String {
        let mut text = String::new();
        for Gauge { name, help, value } in gauges {
            head(&mut text, (name, "gauge"), help);
            line(&mut text, name, "", *value);
        }
        let requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let name = "request_duration_seconds";
        head(&mut text, (name, "summary"), "Time until the head of the answer.");
        for (Labels { method, route, status }, tally) in &requests {
            let labels = format!("{{method=\"{method}\",route=\"{route}\",status=\"{status}\"}}");
            line(&mut text, &format!("{name}_count"), &labels, tally.requests);
            line(&mut text, &format!("{name}_sum"), &labels, tally.time.as_secs_f64());
        }
        text
    }
}

impl Registry {
    /// Counters and gauges as text.
    pub(crate) fn metrics_text(&self) -> String {
        let state = self.state();
        let writable = u64::from(self.condition() == Condition::Writable);
        let unsettled = state.unsettled() as u64;
        let gauges = [
            ("versions", "Versions in the indexes of all repositories.", state.visible_versions()),
            ("repositories", "Repositories with a version.", state.repository_count()),
            ("journal_sequence", "Number of the last applied commit.", state.head().seq),
            ("quarantined", "Packages with a private key that nobody dealt with.", unsettled),
            ("writable", "1 as long as the storage takes writes.", writable),
        ];
        let gauges = gauges.map(|(name, help, value)| Gauge { name, help, value });
        let mut text = self.metrics().text(&gauges);
        text.push_str(&webhooks::metrics(&self.webhooks().report(state.head().seq)));
        text
    }
}

/// Appends what a metric is: its name and kind, and what it counts.
pub(crate) fn head(text: &mut String, (name, kind): (&str, &str), help: &str) {
    line(text, "", "", format_args!("# HELP chart_registry_{name} {help}"));
    line(text, "", "", format_args!("# TYPE chart_registry_{name} {kind}"));
}

/// Appends a value under a name with its labels; writing into a text cannot fail.
pub(crate) fn line(text: &mut String, name: &str, labels: &str, value: impl std::fmt::Display) {
    let written = if name.is_empty() {
        writeln!(text, "{value}")
    } else {
        writeln!(text, "chart_registry_{name}{labels} {value}")
    };
    debug_assert!(written.is_ok());
}

/// The method of a request as a label.
pub(crate) fn method(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        _ => "other",
    }
}

fn class(status: u16) -> &'static str {
    match status {
        ..200 => "1xx",
        200..300 => "2xx",
        300..400 => "3xx",
        400..500 => "4xx",
        500.. => "5xx",
    }
}
