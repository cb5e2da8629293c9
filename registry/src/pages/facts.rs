//! What Chart.yaml and the journal say about a version, as lists for its page.

use chart_registry_catalog::{Entry, Repository, Standing, Turn, What};
use chart_registry_store::Change;
use serde_json::Value;

use super::links::{Links, Tab};
use super::markdown::is_allowed;
use super::templates::{Badge, Dependency, Fact, FactValue, Notice, Past};
use super::words;

/// Most entries of one list of Chart.yaml that are told.
const MAX_ENTRIES: usize = 50;

/// Most characters of one text of Chart.yaml that are told.
const MAX_CHARACTERS: usize = 300;

/// Most turns in the life of a version that are told: the last ones.
const MAX_TURNS: usize = 50;

/// Annotations that hold whole documents: pages tell the others.
const LONG_ANNOTATION: usize = 200;

/// The states of a version in short.
pub(crate) fn badges(entry: &Entry) -> Vec<Badge> {
    let mut badges = Vec::new();
    let mut add = |class, text: &str, title: &str| {
        badges.push(Badge { class, text: text.to_owned(), title: title.to_owned() });
    };
    if entry.fate.standing() == Standing::Yanked {
        add("bad", "yanked", "in no index; it can still be downloaded");
    }
    if entry.fate.deprecated().is_some() {
        add("warn", "deprecated", "clients are told to leave it");
    }
    if entry.fate.held().is_some() {
        add("", "held", "nobody can delete, purge or overwrite it");
    }
    if !entry.stable() {
        add("", "pre-release", "");
    }
    if entry.provenance().is_some() {
        add("good", "signed", "it has a provenance file");
    }
    for channel in entry.fate.channels().take(MAX_ENTRIES) {
        add("good", channel, "channel");
    }
    badges
}

/// What a reader has to know before anything else.
pub(crate) fn notices(entry: &Entry, chart: &Value) -> Vec<Notice> {
    let mut notices = Vec::new();
    if let Some(reason) = entry.fate.yanked() {
        notices.push(Notice { class: "bad", title: "Yanked:", text: reason.to_owned() });
    }
    if let Some(reason) = entry.fate.deprecated() {
        notices.push(Notice { class: "warn", title: "Deprecated:", text: reason.to_owned() });
    } else if chart["deprecated"] == Value::Bool(true) {
        let text = "its Chart.yaml says so".to_owned();
        notices.push(Notice { class: "warn", title: "Deprecated:", text });
    }
    if let Some(reason) = entry.fate.held() {
        notices.push(Notice { class: "", title: "Held:", text: reason.to_owned() });
    }
    notices
}

/// A text of Chart.yaml, empty when it has none.
pub(crate) fn text(chart: &Value, field: &str) -> String {
    chart[field].as_str().map(|text| words::short(text, MAX_CHARACTERS)).unwrap_or_default()
}

/// The facts of a version.
pub(crate) fn facts(entry: &Entry, chart: &Value, links: &Links) -> Vec<Fact> {
    let file = entry.file_name();
    let mut facts = Vec::new();
    let mut add = |name: &'static str, values: Vec<FactValue>| {
        if !values.is_empty() {
            facts.push(Fact { name: name.to_owned(), values });
        }
    };
    let plain = |field| {
        let text = text(chart, field);
        if text.is_empty() { Vec::new() } else { vec![FactValue::text(text)] }
    };
    add("App version", plain("appVersion"));
    add("Published", vec![FactValue::text(entry.created.to_string())]);
    add("Type", plain("type"));
    add("Kubernetes", plain("kubeVersion"));
    let size = words::bytes(entry.package.size);
    add("Package", vec![FactValue::link(format!("{file} ({size})"), links.package(&file))]);
    add("SHA-256 of the package", vec![FactValue::code(entry.package.sha256.to_string())]);
    add("Digest of the content", vec![FactValue::code(entry.content.to_string())]);
    if let Some(provenance) = entry.provenance() {
        let signature = format!("{file}.prov");
        let link = FactValue::link(signature.clone(), links.package(&signature));
        add("Provenance", vec![link, FactValue::code(provenance.sha256.to_string())]);
    }
    add("Home", list(&chart["home"], outside));
    add("Sources", list(&chart["sources"], outside));
    add("Maintainers", list(&chart["maintainers"], maintainer));
    let keyword = |value: &Value| {
        let word = words::short(value.as_str()?, MAX_CHARACTERS);
        let href = links.page_with(&[("q", &word)]);
        Some(FactValue::link(word, href))
    };
    add("Keywords", list(&chart["keywords"], keyword));
    add("Annotations", annotations(chart));
    facts
}

/// The values of a list, or of a single text.
fn list(value: &Value, read: impl Fn(&Value) -> Option<FactValue>) -> Vec<FactValue> {
    match value {
        Value::Array(list) => list.iter().take(MAX_ENTRIES).filter_map(read).collect(),
        Value::Null => Vec::new(),
        one => read(one).into_iter().collect(),
    }
}

fn outside(value: &Value) -> Option<FactValue> {
    let text = value.as_str().filter(|text| !text.is_empty())?;
    Some(linked(words::short(text, MAX_CHARACTERS), text))
}

fn maintainer(value: &Value) -> Option<FactValue> {
    let field = |name| value[name].as_str().filter(|text: &&str| !text.is_empty());
    let name = field("name").or(field("email")).or(field("url"))?;
    let name = words::short(name, MAX_CHARACTERS);
    let Some(email) = field("email") else {
        return Some(linked(name, field("url").unwrap_or_default()));
    };
    Some(linked(name, &format!("mailto:{email}")))
}

/// A text with a link to another host, when that may be linked.
fn linked(text: String, target: &str) -> FactValue {
    let href = Some(target.to_owned()).filter(|target| is_allowed(target));
    FactValue { outside: true, href, ..FactValue::text(text) }
}

fn annotations(chart: &Value) -> Vec<FactValue> {
    let Value::Object(map) = &chart["annotations"] else { return Vec::new() };
    let short = map.iter().filter_map(|(key, value)| {
        let value = value.as_str().filter(|value| value.len() <= LONG_ANNOTATION)?;
        (!value.contains('\n')).then(|| FactValue::text(format!("{key}: {value}")))
    });
    short.take(MAX_ENTRIES).collect()
}

/// The charts that a version depends on, with links to those that this registry has.
pub(crate) fn dependencies(
    chart: &Value,
    (repository, url): (&Repository, &str),
    links: &Links,
) -> Vec<Dependency> {
    let Value::Array(list) = &chart["dependencies"] else { return Vec::new() };
    let read = |value: &Value| {
        let name = value["name"].as_str()?;
        let source = text(value, "repository");
        let here = source.is_empty() || source.trim_end_matches('/') == url;
        let known = here && repository.versions(name).next().is_some();
        let alias = text(value, "alias");
        let condition = text(value, "condition");
        let notes = [("as ", alias), ("from ", source), ("if ", condition)];
        let notes = notes.into_iter().filter(|(_, text)| !text.is_empty());
        let notes: Vec<_> = notes.map(|(word, text)| format!("{word}{text}")).collect();
        Some(Dependency {
            name: words::short(name, MAX_CHARACTERS),
            range: text(value, "version"),
            href: known.then(|| links.chart(name)),
            note: notes.join(", "),
        })
    };
    list.iter().take(MAX_ENTRIES).filter_map(read).collect()
}

/// What happened to a version, the last first.
pub(crate) fn history(entry: &Entry) -> Vec<Past> {
    let turns = entry.fate.turns().iter().rev().take(MAX_TURNS);
    turns.map(past).collect()
}

fn past(turn: &Turn) -> Past {
    let (what, reason) = match &turn.what {
        What::Deleted => ("deleted".to_owned(), ""),
        What::Returned => ("published again".to_owned(), ""),
        What::Replaced => ("overwritten".to_owned(), ""),
        What::Changed(change) => (done(change), change.reason()),
    };
    let (time, date) = (turn.time.to_string(), words::day(turn.time));
    Past { time, date, what, reason: reason.to_owned(), by: turn.by.clone() }
}

fn done(change: &Change) -> String {
    match change {
        Change::Yank { .. } => "yanked".to_owned(),
        Change::Unyank { .. } => "brought back".to_owned(),
        Change::Deprecate { .. } => "deprecated".to_owned(),
        Change::Undeprecate { .. } => "no longer deprecated".to_owned(),
        Change::Hold { .. } => "held".to_owned(),
        Change::Unhold { .. } => "no longer held".to_owned(),
        Change::Purge { .. } => "purged".to_owned(),
        Change::Promote { channel, .. } => format!("promoted to {channel}"),
        Change::Demote { channel, .. } => format!("taken out of {channel}"),
    }
}

/// Whether a version has its summary of a network, as far as its tabs are concerned.
pub(crate) fn tabs(has_network: bool) -> Vec<(Tab, &'static str)> {
    let mut tabs = vec![
        (Tab::Overview, "Overview"),
        (Tab::Values, "Values"),
        (Tab::Files, "Files"),
        (Tab::Versions, "Versions"),
        (Tab::Changes, "Changes"),
    ];
    if has_network {
        tabs.insert(1, (Tab::Network, "Network"));
    }
    tabs
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_harmless_targets_are_linked() {
        for (target, expected) in [
            ("https://a.example", true),
            ("javascript:alert(1)", false),
            ("https://a\n.example", false),
            ("", false),
        ] {
            assert_eq!(linked("a".to_owned(), target).href.is_some(), expected, "{target}");
        }
        let person = maintainer(&json!({ "name": "A", "email": "a@b.example" })).unwrap();
        assert_eq!(person.href.as_deref(), Some("mailto:a@b.example"));
        let person = maintainer(&json!({ "name": "A", "url": "javascript:x" })).unwrap();
        assert_eq!(person.href, None);
    }

    #[test]
    fn fields_of_any_shape_are_told_or_left_out() {
        for chart in
            [json!({}), json!({ "keywords": 1, "sources": "x", "maintainers": [null, 3, {}] })]
        {
            assert!(annotations(&chart).is_empty());
            assert!(list(&chart["maintainers"], maintainer).is_empty());
        }
        let chart =
            json!({ "annotations": { "a": "b", "long": "x".repeat(900), "lines": "a\nb" } });
        assert_eq!(annotations(&chart).len(), 1);
    }
}
