//! From the sources to the settings: file, names of `ChartMuseum`, own names, flags.
//!
//! Every value is read, also one that a later layer replaces: a fault in the file is a fault on the
//! day when the flag goes, too.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use chart_format::nearest::nearest;

use super::checks::CHECKS;
use super::document::{self, Entry, Misplaced, Node, Value};
use super::fault::{Fault, Place, Wrong};
use super::sections::{Reading, SECTIONS};
use super::table::{PREFIX, Row, TABLE};
use super::value::Form;
use super::{Settings, chartmuseum};

/// What Kubernetes adds to the environment of pods for a Service named `chart-registry`.
const OF_KUBERNETES: [&str; 2] = ["SERVICE_", "PORT"];

/// What a person wrote.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// Path and text of the configuration file.
    pub file: Option<(PathBuf, String)>,
    /// Path of the file of `ChartMuseum` that is named by `CONFIG`, and its text or why there is none.
    pub chartmuseum: Option<(PathBuf, Result<String, String>)>,
    /// Variables of the environment, ours and others.
    pub environment: BTreeMap<String, String>,
    /// Values by flag.
    pub flags: BTreeMap<String, Vec<String>>,
}

/// A configuration without faults.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The settings.
    pub settings: Settings,
    /// What an operator should know, and what needs no change.
    pub notices: Vec<Fault>,
    places: BTreeMap<&'static str, Place>,
}

/// A setting as it came to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Name in the file.
    pub name: &'static str,
    /// Its values; none when it is not set.
    pub values: Vec<String>,
    /// Where they come from.
    pub place: Place,
}

impl Loaded {
    /// Every setting with its source; secrets are told as `(secret)`.
    pub fn shown(&self) -> Vec<Shown> {
        let rows = TABLE.iter().map(|row| {
            let mut values = (row.show)(&self.settings);
            if row.secret {
                values.fill("(secret)".to_owned());
            }
            let place = self.places.get(row.name).cloned().unwrap_or(Place::Default);
            Shown { name: row.name, values, place }
        });
        rows.collect()
    }

    /// Where a setting comes from.
    pub fn place(&self, name: &str) -> Place {
        self.places.get(name).cloned().unwrap_or(Place::Default)
    }
}

/// Values for a setting, out of one source.
pub(super) struct Assignment {
    pub(super) row: &'static Row,
    pub(super) values: Vec<String>,
    pub(super) place: Place,
}

/// Reads all sources, or tells everything that is wrong with them.
///
/// # Errors
///
/// Every fault, in the order of its place.
pub fn read(sources: &Sources) -> Result<Loaded, Vec<Fault>> {
    let mut reader = Reader::default();
    let document = reader.file(sources);
    let foreign = chartmuseum::read(sources);
    let own = reader.environment(&sources.environment);
    let flags = flags(&sources.flags);
    let mut assignments = document.assignments;
    let choice = assignments.iter().chain(&own).chain(&flags);
    if takes_foreign(choice) {
        assignments.extend(foreign.assignments);
        reader.faults.extend(foreign.faults);
        reader.notices.extend(foreign.notices);
    }
    assignments.extend(own);
    assignments.extend(flags);
    for assignment in assignments {
        reader.assign(assignment);
    }
    reader.sections(sources, document.root.as_ref());
    reader.check();
    reader.end()
}

/// Whether names of `ChartMuseum` count.
fn takes_foreign<'a>(assignments: impl Iterator<Item = &'a Assignment>) -> bool {
    let mut settings = Settings::default();
    for assignment in assignments.filter(|it| it.row.name == "chartmuseum-environment") {
        // What cannot be read is reported where it is assigned.
        drop((assignment.row.take)(&mut settings, &assignment.values));
    }
    settings.chartmuseum_environment
}

fn flags(flags: &BTreeMap<String, Vec<String>>) -> Vec<Assignment> {
    let given = TABLE.iter().filter_map(|row| Some((row, flags.get(row.flag)?)));
    let assignments = given.map(|(row, values)| {
        let (values, place) = (values.clone(), Place::Flag(row.flag));
        Assignment { row, values, place }
    });
    assignments.collect()
}

#[derive(Default)]
struct Document {
    root: Option<Node>,
    assignments: Vec<Assignment>,
}

#[derive(Default)]
struct Reader {
    settings: Settings,
    places: BTreeMap<&'static str, Place>,
    faulty: BTreeSet<&'static str>,
    faults: Vec<Fault>,
    notices: Vec<Fault>,
}

impl Reader {
    fn file(&mut self, sources: &Sources) -> Document {
        let Some((path, text)) = &sources.file else { return Document::default() };
        let mut faults = Vec::new();
        let root = document::read(text, &mut faults);
        let mut found = Vec::new();
        match &root.value {
            Value::Map(entries) => walk("", entries, &mut found, &mut faults),
            Value::Null => {}
            Value::Scalar { .. } | Value::List(_) => {
                let wrong = Wrong::new("here stand no settings", "write them as `name: value`");
                faults.push((root.position, wrong));
            }
        }
        self.misplaced(path, faults);
        let assignments = found.into_iter().map(|(row, node, values)| {
            let (line, column) = node.position;
            Assignment { row, values, place: Place::File { path: path.clone(), line, column } }
        });
        Document { assignments: assignments.collect(), root: Some(root) }
    }

    fn misplaced(&mut self, path: &std::path::Path, faults: Vec<Misplaced>) {
        self.faults.extend(faults.into_iter().map(|((line, column), wrong)| {
            wrong.at(Place::File { path: path.to_owned(), line, column })
        }));
    }

    fn environment(&mut self, environment: &BTreeMap<String, String>) -> Vec<Assignment> {
        let mut assignments = Vec::new();
        for (name, text) in environment {
            let Some(rest) = name.strip_prefix(PREFIX) else { continue };
            if text.is_empty() || OF_KUBERNETES.iter().any(|start| rest.starts_with(start)) {
                continue;
            }
            // The program reads the file that this one names.
            if rest == "CONFIG" {
                continue;
            }
            let place = Place::Environment(name.clone());
            let Some(row) = TABLE.iter().find(|row| row.variable() == *name) else {
                let variables: Vec<String> = TABLE.iter().map(Row::variable).collect();
                let near = nearest(name, variables.iter().map(String::as_str));
                self.faults.push(unknown("variable", near).at(place));
                continue;
            };
            let values = match row.form {
                Form::Many(_) => split(text),
                Form::Switch | Form::One(_) | Form::Word(_) => vec![text.clone()],
            };
            assignments.push(Assignment { row, values, place });
        }
        assignments
    }

    fn assign(&mut self, assignment: Assignment) {
        let Assignment { row, values, place } = assignment;
        match (row.take)(&mut self.settings, &values) {
            Ok(()) => drop(self.places.insert(row.name, place)),
            Err(wrong) => {
                self.faulty.insert(row.name);
                let what =
                    if row.secret { "the value cannot be used".to_owned() } else { wrong.what };
                self.faults
                    .push(Wrong { what: format!("`{}`: {what}", row.name), ..wrong }.at(place));
            }
        }
    }

    fn sections(&mut self, sources: &Sources, root: Option<&Node>) {
        let (Some((path, _)), Some(Node { value: Value::Map(entries), .. })) =
            (&sources.file, root)
        else {
            return;
        };
        // In our order, because a section may look at what one before it says.
        for section in SECTIONS {
            if let Some(entry) = entries.iter().find(|entry| entry.key == section.name) {
                let mut reading = Reading::default();
                (section.take)(&mut self.settings, &entry.node, &mut reading);
                self.misplaced(path, reading.faults);
            }
        }
    }

    fn check(&mut self) {
        for check in CHECKS {
            let faulty = |name: &&str| self.faulty.contains(name);
            if faulty(&check.at) || check.with.iter().any(faulty) {
                continue;
            }
            if let Some(wrong) = (check.find)(&self.settings) {
                let place = self.places.get(check.at).cloned().unwrap_or(Place::Default);
                let what = format!("`{}`: {}", check.at, wrong.what);
                self.faults.push(Wrong { what, ..wrong }.at(place));
            }
        }
    }

    fn end(mut self) -> Result<Loaded, Vec<Fault>> {
        if self.faults.is_empty() {
            let Self { settings, places, notices, .. } = self;
            return Ok(Loaded { settings, notices, places });
        }
        self.faults.sort();
        self.faults.dedup();
        Err(self.faults)
    }
}

/// Values in one variable, between commas.
pub(super) fn split(text: &str) -> Vec<String> {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    parts.map(str::to_owned).collect()
}

fn unknown(what: &str, near: Option<&str>) -> Wrong {
    let fix = match near {
        Some(near) => format!("write `{near}`, or remove it"),
        None => "remove it; `chart-registry config show` lists the settings".to_owned(),
    };
    Wrong::new(format!("there is no such {what}"), fix)
}

type Found<'a> = (&'static Row, &'a Node, Vec<String>);

/// Matches the mappings of the file with the table.
fn walk<'a>(
    above: &str,
    entries: &'a [Entry],
    found: &mut Vec<Found<'a>>,
    faults: &mut Vec<Misplaced>,
) {
    for entry in entries {
        let name =
            if above.is_empty() { entry.key.clone() } else { format!("{above}.{}", entry.key) };
        if let Some(row) = Row::named(&name) {
            match values(row, &entry.node) {
                Ok(values) => found.push((row, &entry.node, values)),
                Err(wrong) => faults.push((entry.node.position, wrong)),
            }
            continue;
        }
        if above.is_empty() && SECTIONS.iter().any(|section| section.name == name) {
            continue;
        }
        let inner = format!("{name}.");
        match &entry.node.value {
            Value::Map(entries) if TABLE.iter().any(|row| row.name.starts_with(&inner)) => {
                walk(&name, entries, found, faults);
            }
            Value::Null if TABLE.iter().any(|row| row.name.starts_with(&inner)) => {}
            Value::Null | Value::Scalar { .. } | Value::List(_) | Value::Map(_) => {
                let (rows, sections) = (TABLE.iter().map(|row| row.name), SECTIONS.iter());
                let near = nearest(&name, rows.chain(sections.map(|section| section.name)));
                let wrong = unknown("setting", near);
                let what = format!("`{name}`: {}", wrong.what);
                faults.push((entry.position, Wrong { what, ..wrong }));
            }
        }
    }
}

/// The values of a row in the file.
fn values(row: &Row, node: &Node) -> Result<Vec<String>, Wrong> {
    let text = |node: &Node| match &node.value {
        Value::Scalar { text, .. } => Some(text.clone()),
        Value::Null | Value::List(_) | Value::Map(_) => None,
    };
    let wrong = |what: &str, fix: String| Err(Wrong::new(format!("`{}`: {what}", row.name), fix));
    match (&node.value, row.form) {
        (Value::Scalar { text, .. }, _) => Ok(vec![text.clone()]),
        (Value::List(items), Form::Many(_)) => match items.iter().map(text).collect() {
            Some(values) => Ok(values),
            None => wrong("an item of the list is no word", "write one word in each".to_owned()),
        },
        (Value::Null, Form::Many(_)) => Ok(Vec::new()),
        (Value::Null, _) => wrong("there is no value", "write one, or remove the line".to_owned()),
        (Value::List(_) | Value::Map(_), _) => {
            wrong("here stands more than one value", format!("write `{}: VALUE`", row.name))
        }
    }
}
