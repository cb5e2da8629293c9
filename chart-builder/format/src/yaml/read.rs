//! Reads YAML that others wrote, with Go's rules for unquoted words and under limits.
//!
//! Syntax comes from a YAML 1.2 parser; types come from Go's rules, because Helm decides what a
//! chart means. Stricter than Helm in three points: a key may stand once, a file holds one
//! document, and only the core tags are known.

use granit_parser::{Event, Parser, ScalarStyle, Span, Tag};
use serde_json::{Map, Number, Value};

use super::go_scalar::{self, Resolved};

/// How much a document may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of text.
    pub bytes: usize,
    /// Values and keys, those that aliases repeat counted each time.
    pub nodes: usize,
    /// Collections inside of each other.
    pub depth: usize,
}

impl Limits {
    /// For a Chart.yaml or Chart.lock.
    pub const METADATA: Self = Self { bytes: 1 << 20, nodes: 50_000, depth: 32 };
    /// For the values of a chart.
    pub const VALUES: Self = Self { bytes: 5 << 20, nodes: 1_000_000, depth: 64 };
    /// For a repository's index.
    pub const INDEX: Self = Self { bytes: 256 << 20, nodes: 50_000_000, depth: 32 };
}

/// Why a text is not a document that we read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {fault}")]
pub struct ReadError {
    /// Line, counted from 1.
    pub line: usize,
    /// Column in characters, counted from 1.
    pub column: usize,
    /// What is wrong there.
    pub fault: ReadFault,
}

/// What is wrong with a document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadFault {
    /// The parser's words.
    #[error("not YAML: {0}")]
    Syntax(String),
    /// More than [`Limits::bytes`].
    #[error("{bytes} bytes: at most {limit} are read")]
    TooLong {
        /// Size of the text.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// More than [`Limits::nodes`].
    #[error("more than {0} values, aliases expanded: split the file")]
    TooManyNodes(usize),
    /// More than [`Limits::depth`].
    #[error("nested deeper than {0} levels")]
    TooDeep(usize),
    /// One key twice in one mapping.
    #[error("key `{0}` stands twice: remove one")]
    DuplicateKey(String),
    /// A sequence, mapping, or null as key.
    #[error("a key must be text, a number or a boolean: quote it")]
    UnusableKey,
    /// `.inf` or `.nan`.
    #[error("`{0}` is no number in JSON: quote it if it is text")]
    NotFinite(String),
    /// A value that does not have the type of its tag, or a tag outside of the core schema.
    #[error("tag `{tag}` does not fit here: remove it")]
    UnusableTag {
        /// The tag as written.
        tag: String,
    },
    /// `<<` with something that is not a mapping.
    #[error("`<<` takes a mapping or a list of mappings")]
    UnusableMerge,
    /// An alias inside of the value that it names.
    #[error("an alias repeats the value it stands in: write the value out")]
    UnfinishedAlias,
    /// A second document.
    #[error("a second document begins: keep one")]
    SecondDocument,
}

/// Reads one document; an empty text is null.
pub fn read(text: &str, limits: Limits) -> Result<Value, ReadError> {
    if text.len() > limits.bytes {
        let fault = ReadFault::TooLong { bytes: text.len(), limit: limits.bytes };
        return Err(ReadError { line: 1, column: 1, fault });
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = Reader::new(limits);
    for step in Parser::new_from_str(text) {
        let (event, span) = step.map_err(|error| {
            let marker = *error.marker();
            ReadError {
                line: marker.line(),
                column: marker.col() + 1,
                fault: ReadFault::Syntax(error.kind().to_string()),
            }
        })?;
        reader.take(event).map_err(|fault| at(&span, fault))?;
    }
    Ok(reader.root.unwrap_or(Value::Null))
}

/// The text that Helm puts into a text field for this value: `1.10` without quotes is `1.1`, `no`
/// is `false`, null is empty. Sequences and mappings have none.
pub fn go_text(value: &Value) -> Option<String> {
    match value {
        Value::Null => Some(String::new()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Number(number) => Some(number_text(number)),
        Value::String(text) => Some(text.clone()),
        Value::Array(_) | Value::Object(_) => None,
    }
}

fn number_text(number: &Number) -> String {
    if let Some(value) = number.as_i64() {
        return value.to_string();
    }
    if let Some(value) = number.as_u64() {
        #[expect(
            clippy::cast_precision_loss,
            reason = "the loss is Helm's, and is what we reproduce"
        )]
        return go_scalar::go_float_32(value as f32);
    }
    number.as_f64().map_or_else(|| number.to_string(), go_scalar::go_float)
}

fn at(span: &Span, fault: ReadFault) -> ReadError {
    ReadError { line: span.start.line(), column: span.start.col() + 1, fault }
}

/// A collection that is being read.
enum Open {
    List { items: Vec<Value>, anchor: usize },
    Map { map: Map<String, Value>, merged: Vec<Value>, key: Option<Key>, anchor: usize },
}

enum Key {
    Text(String),
    Merge,
}

struct Reader {
    limits: Limits,
    nodes: usize,
    open: Vec<Open>,
    /// Finished anchored values with their size, by the parser's number.
    anchors: std::collections::BTreeMap<usize, (Value, Extent)>,
    root: Option<Value>,
}

impl Reader {
    fn new(limits: Limits) -> Self {
        Self {
            limits,
            nodes: 0,
            open: Vec::new(),
            anchors: std::collections::BTreeMap::new(),
            root: None,
        }
    }

    fn take(&mut self, event: Event<'_>) -> Result<(), ReadFault> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.count(1)?;
                self.scalar(
                    &Scalar {
                        text: &text,
                        is_plain: style == ScalarStyle::Plain,
                        tag: tag.as_deref(),
                    },
                    anchor,
                )
            }
            Event::SequenceStart(_, anchor, tag) => {
                accept_tag(tag.as_deref(), "seq")?;
                self.begin(Open::List { items: Vec::new(), anchor })
            }
            Event::MappingStart(_, anchor, tag) => {
                accept_tag(tag.as_deref(), "map")?;
                self.begin(Open::Map { map: Map::new(), merged: Vec::new(), key: None, anchor })
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(),
            Event::Alias(anchor) => {
                let (value, extent) =
                    self.anchors.get(&anchor).ok_or(ReadFault::UnfinishedAlias)?;
                let (value, extent) = (value.clone(), *extent);
                self.count(extent.nodes)?;
                if self.open.len() + extent.depth > self.limits.depth {
                    return Err(ReadFault::TooDeep(self.limits.depth));
                }
                self.value(value, 0)
            }
            Event::DocumentStart(..) if self.root.is_some() => Err(ReadFault::SecondDocument),
            // Ends, comments and presentation, which the parser may get more kinds of.
            _ => Ok(()),
        }
    }

    fn count(&mut self, nodes: usize) -> Result<(), ReadFault> {
        self.nodes = self.nodes.saturating_add(nodes);
        if self.nodes > self.limits.nodes {
            return Err(ReadFault::TooManyNodes(self.limits.nodes));
        }
        Ok(())
    }

    fn begin(&mut self, collection: Open) -> Result<(), ReadFault> {
        self.count(1)?;
        if let Some(Open::Map { key: None, .. }) = self.open.last() {
            return Err(ReadFault::UnusableKey);
        }
        if self.open.len() >= self.limits.depth {
            return Err(ReadFault::TooDeep(self.limits.depth));
        }
        self.open.push(collection);
        Ok(())
    }

    fn end(&mut self) -> Result<(), ReadFault> {
        match self.open.pop() {
            Some(Open::List { items, anchor }) => self.value(Value::Array(items), anchor),
            Some(Open::Map { mut map, merged, anchor, .. }) => {
                // Own keys win over merged ones, earlier merged ones over later ones.
                for source in merged {
                    merge(&mut map, source)?;
                }
                self.value(Value::Object(map), anchor)
            }
            None => Ok(()),
        }
    }

    fn scalar(&mut self, scalar: &Scalar<'_>, anchor: usize) -> Result<(), ReadFault> {
        if let Some(Open::Map { map, key: key @ None, .. }) = self.open.last_mut() {
            let is_merge = scalar.is_plain && scalar.text == "<<";
            let found = if is_merge { Key::Merge } else { Key::Text(scalar.key()?) };
            if let Key::Text(found) = &found
                && map.contains_key(found)
            {
                return Err(ReadFault::DuplicateKey(found.clone()));
            }
            *key = Some(found);
            return Ok(());
        }
        self.value(scalar.value()?, anchor)
    }

    /// Puts a finished value where it belongs.
    fn value(&mut self, value: Value, anchor: usize) -> Result<(), ReadFault> {
        if anchor > 0 {
            self.anchors.insert(anchor, (value.clone(), Extent::of(&value)));
        }
        match self.open.last_mut() {
            None => self.root = Some(value),
            Some(Open::List { items, .. }) => items.push(value),
            Some(Open::Map { map, merged, key, .. }) => match key.take() {
                Some(Key::Text(key)) => {
                    map.insert(key, value);
                }
                Some(Key::Merge) => merged.push(value),
                None => return Err(ReadFault::UnusableKey),
            },
        }
        Ok(())
    }
}

fn merge(map: &mut Map<String, Value>, source: Value) -> Result<(), ReadFault> {
    match source {
        Value::Object(fields) => {
            for (key, value) in fields {
                map.entry(key).or_insert(value);
            }
            Ok(())
        }
        Value::Array(sources) => {
            for source in sources {
                if !source.is_object() {
                    return Err(ReadFault::UnusableMerge);
                }
                merge(map, source)?;
            }
            Ok(())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            Err(ReadFault::UnusableMerge)
        }
    }
}

/// How much room a finished value takes.
#[derive(Clone, Copy)]
struct Extent {
    nodes: usize,
    depth: usize,
}

impl Extent {
    /// Recursion is bounded by [`Limits::depth`], which aliases respect too.
    fn of(value: &Value) -> Self {
        let around = |inner: Self, item: Self| Self {
            nodes: inner.nodes + item.nodes,
            depth: inner.depth.max(item.depth + 1),
        };
        match value {
            Value::Array(items) => {
                items.iter().map(Self::of).fold(Self { nodes: 1, depth: 1 }, around)
            }
            Value::Object(fields) => {
                let start = Self { nodes: 1 + fields.len(), depth: 1 };
                fields.values().map(Self::of).fold(start, around)
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                Self { nodes: 1, depth: 0 }
            }
        }
    }
}

fn accept_tag(tag: Option<&Tag>, expected: &str) -> Result<(), ReadFault> {
    match tag.map(|tag| (tag, tag.core_suffix())) {
        None => Ok(()),
        Some((_, Some(suffix))) if suffix == expected => Ok(()),
        Some((tag, _)) => Err(unusable(tag)),
    }
}

fn unusable(tag: &Tag) -> ReadFault {
    ReadFault::UnusableTag { tag: format!("{}{}", tag.original_handle(), tag.suffix()) }
}

/// A scalar as it stands in the document.
struct Scalar<'document> {
    text: &'document str,
    is_plain: bool,
    tag: Option<&'document Tag>,
}

impl Scalar<'_> {
    fn resolve(&self) -> Result<Resolved, ReadFault> {
        let Some(tag) = self.tag else {
            return Ok(if self.is_plain { go_scalar::resolve(self.text) } else { Resolved::Text });
        };
        let resolved = go_scalar::resolve(self.text);
        match (tag.core_suffix(), resolved) {
            (Some("str"), _) => Ok(Resolved::Text),
            (Some("null"), Resolved::Null)
            | (Some("bool"), Resolved::Bool(_))
            | (Some("int"), Resolved::Int(_) | Resolved::Unsigned(_))
            | (Some("float"), Resolved::Float(_) | Resolved::Int(_)) => Ok(resolved),
            _ => Err(unusable(tag)),
        }
    }

    fn value(&self) -> Result<Value, ReadFault> {
        let not_finite = || ReadFault::NotFinite(self.text.to_owned());
        Ok(match self.resolve()? {
            Resolved::Null => Value::Null,
            Resolved::Bool(value) => Value::Bool(value),
            Resolved::Int(value) => Value::from(value),
            Resolved::Unsigned(value) => Value::from(value),
            Resolved::Float(value) => {
                Value::Number(Number::from_f64(value).ok_or_else(not_finite)?)
            }
            Resolved::Timestamp | Resolved::Merge | Resolved::Text => {
                Value::String(self.text.to_owned())
            }
        })
    }

    /// Keys become text as Helm's conversion to JSON makes it.
    fn key(&self) -> Result<String, ReadFault> {
        Ok(match self.resolve()? {
            Resolved::Null => return Err(ReadFault::UnusableKey),
            Resolved::Bool(value) => value.to_string(),
            Resolved::Int(value) => value.to_string(),
            Resolved::Unsigned(value) => value.to_string(),
            #[expect(clippy::cast_possible_truncation, reason = "Helm formats keys with 32 bits")]
            Resolved::Float(value) => go_scalar::go_float_32(value as f32),
            Resolved::Timestamp | Resolved::Merge | Resolved::Text => self.text.to_owned(),
        })
    }
}

#[cfg(test)]
#[path = "read_tests.rs"]
mod tests;
