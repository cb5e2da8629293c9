//! YAML as a tree in which every key and value knows its bytes.
//!
//! Scalars stay as they were written: `1.10`, `no` and `0123` are text until a field says what it wants, so nothing is
//! lost to YAML's guesses. Aliases are copied in, within [`Limits`]; merge keys and tags are refused, because `defaults`
//! does the same in words that a report can point at.

mod builder;

use std::ops::Range;

use crate::diagnostic::{Diagnostics, Place, Segment, Target};
use crate::source::Source;

/// What a topology file may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of text.
    pub bytes: usize,
    /// Values, those that aliases copy included.
    pub nodes: usize,
    /// Lists and mappings inside each other.
    pub depth: usize,
}

impl Default for Limits {
    /// 2 MiB, 200,000 values, 32 levels: a network of a thousand organizations needs a tenth of it.
    fn default() -> Self {
        Self { bytes: 2 << 20, nodes: 200_000, depth: 32 }
    }
}

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// What it is.
    pub value: Value,
    /// Its bytes; for an alias those of the alias.
    pub range: Range<usize>,
}

/// What a value is, before any field has said what it wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Nothing, `~` or `null`.
    Null,
    /// A scalar: its text, and whether quotes say that it is text and nothing else.
    Scalar {
        /// The text after YAML's escapes.
        text: String,
        /// Written in quotes or as a block.
        quoted: bool,
    },
    /// A list.
    List(Vec<Node>),
    /// A mapping in the order of the file; keys are unique.
    Map(Vec<Entry>),
    /// Already reported.
    Faulty,
}

/// A key with its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Bytes of the key.
    pub key_range: Range<usize>,
    /// The value.
    pub node: Node,
}

/// A document, and the finder of the bytes of its places; without a root if the file is no YAML.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tree {
    root: Option<Node>,
}

impl Tree {
    /// Reads a text as one YAML document. Faults are pushed; a syntax error leaves no root.
    pub fn parse(source: &Source, limits: Limits, faults: &mut Diagnostics) -> Self {
        Self { root: builder::build(source, limits, faults) }
    }

    /// The value of the whole document.
    pub fn root(&self) -> Option<&Node> {
        self.root.as_ref()
    }

    /// Bytes of a place; of the nearest thing around it that exists.
    pub fn range(&self, place: &Place) -> Range<usize> {
        if let Target::Bytes(range) = &place.target {
            return range.clone();
        }
        let Some(root) = &self.root else { return 0..0 };
        let (mut node, mut key) = (root, None);
        for segment in place.path.segments() {
            let Some((next, next_key)) = node.step(segment) else { break };
            (node, key) = (next, next_key);
        }
        match (&place.target, key) {
            (Target::Key, Some(range)) => range.clone(),
            _ if node.range.is_empty() => key.unwrap_or(&node.range).clone(),
            _ => node.range.clone(),
        }
    }
}

impl Node {
    fn step(&self, segment: &Segment) -> Option<(&Node, Option<&Range<usize>>)> {
        match (&self.value, segment) {
            (Value::Map(entries), Segment::Key(key)) => {
                let entry = entries.iter().find(|entry| entry.key == *key)?;
                Some((&entry.node, Some(&entry.key_range)))
            }
            (Value::List(items), Segment::Index(index)) => Some((items.get(*index)?, None)),
            _ => None,
        }
    }

    /// What it is in words, for messages.
    pub fn describe(&self) -> String {
        match &self.value {
            Value::Null => "nothing".to_owned(),
            Value::Scalar { text, quoted: false } => format!("`{}`", shorten(text)),
            Value::Scalar { text, quoted: true } => format!("the text `{}`", shorten(text)),
            Value::List(_) => "a list".to_owned(),
            Value::Map(_) => "a mapping".to_owned(),
            Value::Faulty => "something unreadable".to_owned(),
        }
    }
}

/// Text cut to what fits in a message, control characters escaped.
pub(crate) fn shorten(text: &str) -> String {
    const SHOWN_CHARACTERS: usize = 60;
    let mut shown: String =
        text.chars().take(SHOWN_CHARACTERS).flat_map(char::escape_debug).collect();
    if text.chars().nth(SHOWN_CHARACTERS).is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests;
