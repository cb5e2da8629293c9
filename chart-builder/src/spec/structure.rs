//! The structural pass: every unknown field, missing field and wrong type of a file in one run.

use std::ops::RangeInclusive;

use super::codes;
use super::faults::Faults;
use super::nearest;
use super::schema::{Default, Field, Kind, Table, Word};
use super::tree::{Entry, Node, Value, shorten};
use crate::diagnostic::{Diagnostic, Diagnostics, KeyPath, Place, Severity};

/// A value that is examined, and its path.
#[derive(Clone, Copy)]
struct Spot<'a> {
    node: &'a Node,
    path: &'a KeyPath,
}

/// Compares a document with its table. Faults are pushed; what they make unusable is added to `faults`.
pub(super) fn examine(
    root: &Node,
    table: &'static Table,
    found: &mut Diagnostics,
    faults: &mut Faults,
) {
    let mut pass = Pass { found, faults };
    pass.mapping(Spot { node: root, path: &KeyPath::root() }, table);
}

/// Reports a file without a document.
pub(super) fn empty(found: &mut Diagnostics) {
    found.push(Diagnostic {
        code: codes::MISSING_FIELD,
        severity: Severity::Error,
        place: Place::value(KeyPath::root()),
        related: None,
        message: "the file is empty".to_owned(),
        why: "a topology says at least its name, its Fabric version and its organizations"
            .to_owned(),
        fix: "start from `examples/article/network.yaml`".to_owned(),
    });
}

struct Pass<'a> {
    found: &'a mut Diagnostics,
    faults: &'a mut Faults,
}

impl Pass<'_> {
    fn value(&mut self, at: Spot<'_>, kind: &Kind) {
        if matches!(at.node.value, Value::Faulty) {
            return self.faults.add(at.path.clone());
        }
        match kind {
            Kind::Text => self.text(at, kind),
            Kind::Word(words) => self.word(at, words, kind),
            Kind::Number { least, most } => self.number(at, *least..=*most, kind),
            Kind::List(item) => self.list(at, item),
            Kind::Mapping(table) => self.mapping(at, table),
            Kind::Named { key, value } => self.named(at, key, value),
            Kind::Either { short, long } => self.either(at, short, long),
            Kind::NotBuilt(instead) => {
                let what = format!("`{}` is not built yet", at.path);
                self.push(
                    codes::NOT_BUILT,
                    Place::key(at.path.clone()),
                    [what, (*instead).to_owned(), "remove it".to_owned()],
                );
            }
        }
    }

    fn text(&mut self, at: Spot<'_>, kind: &Kind) {
        if !matches!(at.node.value, Value::Scalar { .. }) {
            self.wrong_type(at, kind);
        }
    }

    fn word(&mut self, at: Spot<'_>, words: &[Word], kind: &Kind) {
        let Value::Scalar { text, .. } = &at.node.value else {
            return self.wrong_type(at, kind);
        };
        let known = words.iter().find(|word| word.word == text);
        match known {
            Some(word) if word.built => {}
            Some(word) => self.push(
                codes::NOT_BUILT,
                Place::value(at.path.clone()),
                [
                    format!("`{}` is not built yet", word.word),
                    format!("it is known ({}), and no chart for it is there yet", word.about),
                    format!("use {}", kind.describe()),
                ],
            ),
            None => {
                let near = nearest(text, words.iter().map(|word| word.word));
                let fix = near.map_or_else(
                    || format!("use {}", kind.describe()),
                    |near| format!("did you mean `{near}`?"),
                );
                self.push(
                    codes::UNKNOWN_WORD,
                    Place::value(at.path.clone()),
                    [
                        format!("`{}` is not a value of `{}`", shorten(text), at.path),
                        format!("it can be {}", kind.describe()),
                        fix,
                    ],
                );
            }
        }
    }

    fn number(&mut self, at: Spot<'_>, limits: RangeInclusive<u64>, kind: &Kind) {
        let number = match &at.node.value {
            Value::Scalar { text, quoted: false } => text.parse::<u64>().ok(),
            _ => None,
        };
        if !number.is_some_and(|number| limits.contains(&number)) {
            self.wrong_type(at, kind);
        }
    }

    fn list(&mut self, at: Spot<'_>, item: &Kind) {
        let Value::List(items) = &at.node.value else {
            return self.expected(at, &format!("a list ({})", item.describe()));
        };
        for (index, node) in items.iter().enumerate() {
            self.value(Spot { node, path: &at.path.index(index) }, item);
        }
    }

    fn named(&mut self, at: Spot<'_>, key: &'static str, value: &Kind) {
        let Value::Map(entries) = &at.node.value else {
            return self.expected(at, &format!("a mapping from {key} to its settings"));
        };
        for entry in entries {
            self.value(Spot { node: &entry.node, path: &at.path.key(&entry.key) }, value);
        }
    }

    fn either(&mut self, at: Spot<'_>, short: &Kind, long: &Kind) {
        let is_long = match long {
            Kind::List(_) => matches!(at.node.value, Value::List(_)),
            _ => matches!(at.node.value, Value::Map(_)),
        };
        match &at.node.value {
            _ if is_long => self.value(at, long),
            Value::Scalar { .. } => self.value(at, short),
            _ => self.expected(at, &format!("{} or {}", short.describe(), long.describe())),
        }
    }

    fn mapping(&mut self, at: Spot<'_>, table: &'static Table) {
        let Value::Map(entries) = &at.node.value else {
            return self.expected(at, &format!("a mapping ({})", table.title));
        };
        for entry in entries {
            match table.field(&entry.key) {
                Some(field) => {
                    let path = at.path.key(&entry.key);
                    self.value(Spot { node: &entry.node, path: &path }, &field.kind);
                }
                None => self.unknown_field((entry, entries), table, at.path),
            }
        }
        let required =
            table.fields.iter().filter(|field| matches!(field.default, Default::Required));
        for field in required {
            let written = entries.iter().any(|entry| entry.key == field.name);
            // A typo of this field has been reported; it was meant to be here.
            if !written && self.faults.usable(&at.path.key(field.name)) {
                self.missing_field(field, table, at.path);
            }
        }
    }
}

impl Pass<'_> {
    fn unknown_field(
        &mut self,
        (entry, siblings): (&Entry, &[Entry]),
        table: &'static Table,
        path: &KeyPath,
    ) {
        let near = nearest(&entry.key, table.fields.iter().map(|field| field.name));
        let known = table.fields.iter().map(|field| format!("`{}`", field.name));
        let known = known.collect::<Vec<_>>().join(", ");
        let fix = near.map_or_else(
            || format!("remove it; `{}` has {known}", table.title),
            |near| format!("did you mean `{near}`?"),
        );
        // The field that was meant is unknown too, unless it is there as well.
        if let Some(near) = near.filter(|near| siblings.iter().all(|it| it.key != *near)) {
            self.faults.add(path.key(near));
        }
        self.push(
            codes::UNKNOWN_FIELD,
            Place::key(path.key(&entry.key)),
            [
                format!("`{}` has no field `{}`", table.title, shorten(&entry.key)),
                "a field that nobody reads would silently do nothing".to_owned(),
                fix,
            ],
        );
    }

    fn missing_field(&mut self, field: &Field, table: &'static Table, path: &KeyPath) {
        let missing = path.key(field.name);
        self.push(
            codes::MISSING_FIELD,
            Place::value(missing),
            [
                format!("`{}` has no `{}`", table.title, field.name),
                format!("{} There is no default.", field.about),
                format!("add `{}:` with {}", field.name, field.kind.describe()),
            ],
        );
    }

    fn wrong_type(&mut self, at: Spot<'_>, kind: &Kind) {
        self.expected(at, &kind.describe());
    }

    fn expected(&mut self, Spot { node, path }: Spot<'_>, expected: &str) {
        let name =
            if *path == KeyPath::root() { "the file".to_owned() } else { format!("`{path}`") };
        let fix = match node.value {
            Value::Null => format!("write {expected}, or remove the line"),
            _ => format!("write {expected}"),
        };
        self.push(
            codes::WRONG_TYPE,
            Place::value(path.clone()),
            [format!("{name} is {}", node.describe()), format!("it has to be {expected}"), fix],
        );
    }

    fn push(&mut self, code: &'static str, place: Place, [message, why, fix]: [String; 3]) {
        self.faults.add(place.path.clone());
        let severity = Severity::Error;
        self.found.push(Diagnostic { code, severity, place, related: None, message, why, fix });
    }
}
