//! Reading fields of files that are not ours: known ones with their types, the rest with a word that it is left aside.

use crate::diagnostic::{Diagnostic, Diagnostics, KeyPath, Place, Severity};
use crate::spec::codes;
use crate::spec::tree::{Node, Value};

/// A value of the file, if it is there, and its path.
#[derive(Clone)]
pub(super) struct Reader<'a> {
    node: Option<&'a Node>,
    path: KeyPath,
}

impl<'a> Reader<'a> {
    pub(super) fn new(root: &'a Node) -> Self {
        Self { node: Some(root), path: KeyPath::root() }
    }

    pub(super) fn key(&self, key: &str) -> Self {
        let entry = match self.node.map(|node| &node.value) {
            Some(Value::Map(entries)) => entries.iter().find(|entry| entry.key == key),
            _ => None,
        };
        Self { node: entry.map(|entry| &entry.node), path: self.path.key(key) }
    }

    /// Something is written, and it is not empty.
    pub(super) fn is_there(&self) -> bool {
        self.node.is_some_and(|node| !matches!(node.value, Value::Null))
    }

    pub(super) fn node(&self) -> Option<&'a Node> {
        self.node
    }

    /// The items of a list; an absent list has none.
    pub(super) fn items(&self, found: &mut Diagnostics) -> Vec<Self> {
        match self.node.map(|node| &node.value) {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::List(items)) => {
                let item = |(index, node)| Self { node: Some(node), path: self.path.index(index) };
                items.iter().enumerate().map(item).collect()
            }
            Some(_) => {
                self.wrong("a list", found);
                Vec::new()
            }
        }
    }

    /// The entries of a mapping.
    pub(super) fn entries(&self) -> Vec<(&'a str, Self)> {
        match self.node.map(|node| &node.value) {
            Some(Value::Map(entries)) => entries
                .iter()
                .map(|entry| {
                    let path = self.path.key(&entry.key);
                    (entry.key.as_str(), Self { node: Some(&entry.node), path })
                })
                .collect(),
            _ => Vec::new(),
        }
    }

    /// A text, if it is written.
    pub(super) fn text(&self, key: &str, found: &mut Diagnostics) -> Option<String> {
        let at = self.key(key);
        match at.node.map(|node| &node.value) {
            None | Some(Value::Null) => None,
            Some(Value::Scalar { text, .. }) => Some(text.clone()),
            Some(_) => {
                at.wrong("text", found);
                None
            }
        }
    }

    /// A text that has to be written.
    pub(super) fn required(&self, key: &str, found: &mut Diagnostics) -> String {
        let before = found.count(Severity::Error);
        let text = self.text(key, found);
        if text.is_none() && found.count(Severity::Error) == before {
            let message = format!("there is no `{key}`");
            let why = "an organization has a name and a domain there".to_owned();
            self.push(codes::MISSING_FIELD, [message, why, format!("add `{key}:`")], found);
        }
        text.unwrap_or_default()
    }

    /// A number, zero where nothing is written.
    pub(super) fn number(&self, key: &str, found: &mut Diagnostics) -> u64 {
        let text = self.text(key, found);
        let number = text.as_deref().map(str::parse::<u64>);
        match number {
            None => 0,
            Some(Ok(number)) => number,
            Some(Err(_)) => {
                self.key(key).wrong("a whole number", found);
                0
            }
        }
    }

    /// Reports what is written and means nothing here.
    pub(super) fn only(&self, known: &[&str], found: &mut Diagnostics) {
        match self.node.map(|node| &node.value) {
            Some(Value::Map(_)) => {}
            Some(_) => return self.wrong("a mapping", found),
            None => return,
        }
        for (key, at) in self.entries() {
            if !known.contains(&key) {
                let known = known.iter().map(|it| format!("`{it}`")).collect::<Vec<_>>().join(", ");
                at.refuse(
                    [
                        &format!("`{key}` has no equivalent in a topology"),
                        &format!("known here are {known}"),
                        "remove it, and write what it stands for into network.yaml afterwards",
                    ],
                    found,
                );
            }
        }
    }

    pub(super) fn wrong(&self, expected: &str, found: &mut Diagnostics) {
        let is = self.node.map_or_else(|| "nothing".to_owned(), Node::describe);
        let name = if self.path == KeyPath::root() {
            "the file".to_owned()
        } else {
            format!("`{}`", self.path)
        };
        let words = [
            format!("{name} is {is}"),
            format!("it has to be {expected}"),
            format!("write {expected}"),
        ];
        self.push(codes::WRONG_TYPE, words, found);
    }

    /// Message, reason and fix.
    pub(super) fn refuse(&self, words: [&str; 3], found: &mut Diagnostics) {
        self.push(codes::NO_EQUIVALENT, words.map(str::to_owned), found);
    }

    fn push(&self, code: &'static str, [message, why, fix]: [String; 3], found: &mut Diagnostics) {
        let place = Place::value(self.path.clone());
        let severity = Severity::Error;
        found.push(Diagnostic { code, severity, place, related: None, message, why, fix });
    }
}
