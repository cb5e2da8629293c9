//! Which metrics the alerts and dashboards name, and who answers with them.

use std::collections::BTreeSet;

use serde_json::Value;
use suite::workspace;

use super::{rendered, rule_file};

/// Beginnings of metrics, and of the scrapes that all have to have them.
const ANSWERED_BY: &[(&str, &[&str])] = &[
    ("consensus_etcdraft_", RAFT),
    ("consensus_BFT_", &["orderer-3.1.5-bft."]),
    ("kafka_", &["kafka-exporter."]),
    ("couchdb_", &["peer-2.5.16-couchdb."]),
    ("broadcast_", RAFT),
    ("blockcutter_", RAFT),
    ("ledger_blockchain_height", &["orderer-", "peer-"]),
    ("ledger_", PEERS),
    ("endorser_", PEERS),
    ("gossip_", PEERS),
];

/// Orderers that have ordered, one of each generation.
const RAFT: &[&str] =
    &["orderer-2.2.15-etcdraft.", "orderer-2.5.16-etcdraft.", "orderer-3.1.5-etcdraft."];
/// Peers that have committed, one of each generation.
const PEERS: &[&str] = &["peer-2.2.15.", "peer-2.5.16.", "peer-3.1.5."];

/// Made by Prometheus, or recorded by the rules themselves.
const NOT_OF_NODES: &[&str] = &["up", "fabric_network:certificate_not_after:seconds"];

/// Words of the query language that look like metrics.
const WORDS: &[&str] = &[
    "and",
    "or",
    "unless",
    "by",
    "on",
    "ignoring",
    "without",
    "offset",
    "bool",
    "group_left",
    "group_right",
];

/// Text before its first of these characters, and what follows it.
fn until<'a>(text: &'a str, end: &str) -> (&'a str, &'a str) {
    text.split_once(end).unwrap_or((text, ""))
}

/// Names of the metrics in an expression.
fn metrics(expression: &str) -> BTreeSet<String> {
    let mut plain = String::new();
    let mut rest = expression;
    // Selectors, ranges and quoted texts hold no metric.
    while let Some(at) = rest.find(['{', '[', '"']) {
        let (before, after) = rest.split_at(at);
        plain.push_str(before);
        plain.push(' ');
        let end = match &after[..1] {
            "{" => "}",
            "[" => "]",
            _ => "\"",
        };
        rest = until(&after[1..], end).1;
    }
    plain.push_str(rest);
    let inside = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
    let mut found = BTreeSet::new();
    let mut rest = plain.as_str();
    while let Some(start) = rest.find(inside) {
        let word = &rest[start..];
        let (word, after) = word.split_at(word.find(|c| !inside(c)).unwrap_or(word.len()));
        let follows = after.trim_start();
        rest = after;
        if let ("by" | "on" | "ignoring" | "without", Some(labels)) =
            (word, follows.strip_prefix('('))
        {
            rest = until(labels, ")").1;
        } else if is_metric(word, follows) {
            found.insert(word.to_owned());
        }
    }
    found
}

/// Neither a number, nor a word of the language, nor a function or an aggregation.
fn is_metric(word: &str, follows: &str) -> bool {
    let aggregates = ["by (", "without ("].iter().any(|it| follows.starts_with(it));
    let number = word.starts_with(|c: char| c.is_ascii_digit());
    !(number || WORDS.contains(&word) || follows.starts_with('(') || aggregates)
}

/// Every expression below a value: `expr` of rules and of dashboards.
fn expressions(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            found.extend(map.get("expr").and_then(Value::as_str).map(str::to_owned));
            map.values().for_each(|value| expressions(value, found));
        }
        Value::Array(items) => items.iter().for_each(|value| expressions(value, found)),
        _ => {}
    }
}

/// Names in a scrape.
fn scraped(file: &str) -> BTreeSet<String> {
    let text = std::fs::read_to_string(workspace::path(file)).expect("a scrape");
    text.lines().map(|line| until(until(line, " ").0, "{").0.to_owned()).collect()
}

#[test]
fn expressions_are_taken_apart() {
    let names = |text| metrics(text).into_iter().collect::<Vec<_>>();
    assert_eq!(
        names("sum by (channel) (rate(a_total{x=\"b\"}[5m])) / on (channel) c:d > 10"),
        ["a_total", "c:d"]
    );
    assert_eq!(names("max(up offset 10m) - time() < 7 * 86400"), ["up"]);
}

#[test]
fn every_metric_that_is_named_is_one_that_real_nodes_answer_with() {
    let Some(objects) = rendered() else { return };
    let mut named = Vec::new();
    expressions(&rule_file(&objects), &mut named);
    for dashboard in objects.iter().filter(|object| object["kind"] == "ConfigMap") {
        for text in dashboard["data"].as_object().expect("files").values() {
            let text = text.as_str().expect("text");
            expressions(&serde_json::from_str(text).expect("a dashboard is JSON"), &mut named);
        }
    }
    let named: BTreeSet<_> = named.iter().flat_map(|expression| metrics(expression)).collect();
    assert!(named.len() > 10, "{named:?}");
    let scrapes = workspace::files_like("tests/monitoring/scrapes/", ".prom");
    for metric in named.iter().filter(|it| !NOT_OF_NODES.contains(&it.as_str())) {
        let answered = ANSWERED_BY.iter().find(|(prefix, _)| metric.starts_with(prefix));
        let (_, by) = answered.unwrap_or_else(|| panic!("nobody is known to answer `{metric}`"));
        for beginning in *by {
            let beginning = format!("tests/monitoring/scrapes/{beginning}");
            let mut files = scrapes.iter().filter(|file| file.starts_with(&beginning)).peekable();
            assert!(files.peek().is_some(), "there is no scrape {beginning}*");
            for file in files {
                assert!(scraped(file).contains(metric), "`{metric}` is not in {file}");
            }
        }
    }
}
