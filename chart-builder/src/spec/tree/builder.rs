//! From parser events to the tree, without recursion and within limits.

use std::collections::BTreeMap;
use std::ops::Range;

use granit_parser::{Event, Options, Parser, ScalarStyle, ScanError, Span};

use super::{Entry, Limits, Node, Value};
use crate::diagnostic::{Diagnostic, Diagnostics, KeyPath, Place, Related, Severity};
use crate::source::Source;
use crate::spec::codes;

/// Builds the tree of the first document.
pub(super) fn build(source: &Source, limits: Limits, faults: &mut Diagnostics) -> Option<Node> {
    let mut builder = Builder::new(limits, faults);
    if source.text().len() > limits.bytes {
        builder.too_costly(&format!("longer than {} bytes", limits.bytes), 0..0);
        return None;
    }
    let mut options = Options::default();
    options.set_emit_comments(false);
    options.flow_nesting_limit = limits.depth;
    options.block_nesting_limit = limits.depth;
    for event in Parser::new_from_str_with_options(source.text(), options) {
        match event {
            Ok((event, span)) => builder.accept(event, &bytes(&span)),
            Err(error) => builder.syntax_error(&error, source),
        }
        if builder.stopped {
            return None;
        }
    }
    builder.root
}

fn bytes(span: &Span) -> Range<usize> {
    let start = span.start.byte_offset().unwrap_or(0);
    start..span.end.byte_offset().unwrap_or(start).max(start)
}

/// A list or mapping that is still open.
struct Open {
    start: usize,
    anchor: usize,
    kind: OpenKind,
}

enum OpenKind {
    List(Vec<Node>),
    Map { entries: Vec<Entry>, key: Option<Key> },
}

/// A key that waits for its value; without text if it was refused, and its value with it.
struct Key {
    text: Option<String>,
    range: Range<usize>,
}

struct Builder<'a> {
    limits: Limits,
    faults: &'a mut Diagnostics,
    open: Vec<Open>,
    anchors: BTreeMap<usize, (Node, usize)>,
    nodes: usize,
    documents: usize,
    root: Option<Node>,
    stopped: bool,
}

impl<'a> Builder<'a> {
    fn new(limits: Limits, faults: &'a mut Diagnostics) -> Self {
        Self {
            limits,
            faults,
            open: Vec::new(),
            anchors: BTreeMap::new(),
            nodes: 0,
            documents: 0,
            root: None,
            stopped: false,
        }
    }

    fn accept(&mut self, event: Event<'_>, range: &Range<usize>) {
        if self.documents > 1 {
            return;
        }
        match event {
            Event::DocumentStart(..) => self.start_document(range),
            Event::Scalar(text, style, anchor, tag) => {
                let value = scalar(&text, style);
                let tagged = tag.is_some();
                self.finish(Node { value, range: range.clone() }, anchor, tagged);
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.start(OpenKind::List(Vec::new()), range, (anchor, tag.is_some()));
            }
            Event::MappingStart(_, anchor, tag) => {
                let kind = OpenKind::Map { entries: Vec::new(), key: None };
                self.start(kind, range, (anchor, tag.is_some()));
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(range),
            Event::Alias(anchor) => self.alias(anchor, range),
            _ => {}
        }
    }

    fn start_document(&mut self, range: &Range<usize>) {
        self.documents += 1;
        if self.documents > 1 {
            self.unsupported(range, "a second document", "keep one topology in one file");
        }
    }

    fn start(&mut self, kind: OpenKind, range: &Range<usize>, (anchor, tagged): (usize, bool)) {
        if tagged {
            self.tag(range);
        }
        self.count(1, range);
        self.open.push(Open { start: range.start, anchor, kind });
    }

    fn end(&mut self, range: &Range<usize>) {
        let Some(open) = self.open.pop() else { return };
        let value = match open.kind {
            OpenKind::List(items) => Value::List(items),
            OpenKind::Map { entries, .. } => Value::Map(entries),
        };
        let node = Node { value, range: open.start..range.end.max(open.start) };
        self.remember(&node, open.anchor);
        self.place(node);
    }

    fn finish(&mut self, mut node: Node, anchor: usize, tagged: bool) {
        if tagged {
            self.tag(&node.range);
            node.value = Value::Faulty;
        }
        self.count(1, &node.range);
        self.remember(&node, anchor);
        self.place(node);
    }

    fn alias(&mut self, anchor: usize, range: &Range<usize>) {
        let Some((node, cost)) = self.anchors.get(&anchor).cloned() else {
            self.unsupported(range, "an alias inside its own anchor", "write the value out");
            self.place(Node { value: Value::Faulty, range: range.clone() });
            return;
        };
        self.count(cost, range);
        if !self.stopped {
            self.place(Node { value: node.value, range: range.clone() });
        }
    }

    fn remember(&mut self, node: &Node, anchor: usize) {
        if anchor != 0 {
            self.anchors.insert(anchor, (node.clone(), cost(node)));
        }
    }

    /// Puts a finished value where it belongs: the root, a list, or key and value of a mapping in turn.
    fn place(&mut self, node: Node) {
        let path = self.path();
        let Some(open) = self.open.last_mut() else {
            self.root.get_or_insert(node);
            return;
        };
        match &mut open.kind {
            OpenKind::List(items) => items.push(node),
            OpenKind::Map { entries, key } => match key.take() {
                None => self.key(node),
                Some(Key { text: None, .. }) => {}
                Some(Key { text: Some(key), range: key_range }) => {
                    match entries.iter().find(|entry| entry.key == key) {
                        Some(first) => {
                            let first = first.key_range.clone();
                            self.faults.push(duplicate_key(&key, path, key_range, first));
                        }
                        None => entries.push(Entry { key, key_range, node }),
                    }
                }
            },
        }
    }

    fn key(&mut self, node: Node) {
        let range = node.range;
        let text = match node.value {
            Value::Scalar { text, quoted: false } if text == "<<" => {
                let fix = "write the fields out, or put what nodes share under `defaults`";
                self.unsupported(&range, "a merge key", fix);
                None
            }
            Value::Scalar { text, .. } => Some(text),
            Value::Null | Value::List(_) | Value::Map(_) => {
                self.unsupported(&range, "a key that is no text", "write a plain word as key");
                None
            }
            Value::Faulty => None,
        };
        if let Some(Open { kind: OpenKind::Map { key, .. }, .. }) = self.open.last_mut() {
            *key = Some(Key { text, range });
        }
    }

    /// Path of the value that comes next.
    fn path(&self) -> KeyPath {
        self.open.iter().fold(KeyPath::root(), |path, open| match &open.kind {
            OpenKind::List(items) => path.index(items.len()),
            OpenKind::Map { key: Some(Key { text: Some(text), .. }), .. } => path.key(text),
            OpenKind::Map { .. } => path,
        })
    }

    fn count(&mut self, nodes: usize, range: &Range<usize>) {
        self.nodes += nodes;
        if self.nodes > self.limits.nodes && !self.stopped {
            self.too_costly(&format!("more than {} values", self.limits.nodes), range.clone());
        }
    }

    fn tag(&mut self, range: &Range<usize>) {
        self.unsupported(range, "a tag", "remove it: every field knows its type");
    }

    fn unsupported(&mut self, range: &Range<usize>, what: &str, fix: &str) {
        self.faults.push(Diagnostic {
            code: codes::UNSUPPORTED_YAML,
            severity: Severity::Error,
            place: Place::bytes(self.path(), range.clone()),
            related: None,
            message: format!("the file uses {what}"),
            why: "a topology is plain YAML, so that everyone reads it alike".to_owned(),
            fix: fix.to_owned(),
        });
    }

    fn too_costly(&mut self, what: &str, range: Range<usize>) {
        self.stopped = true;
        self.faults.push(Diagnostic {
            code: codes::TOO_LARGE,
            severity: Severity::Error,
            place: Place::bytes(KeyPath::root(), range),
            related: None,
            message: format!("the file is {what}"),
            why: "larger files are mistakes or attacks: aliases can multiply".to_owned(),
            fix: "split the network, or write fewer aliases".to_owned(),
        });
    }

    fn syntax_error(&mut self, error: &ScanError, source: &Source) {
        self.stopped = true;
        let start = error.marker().byte_offset().unwrap_or(source.text().len());
        self.faults.push(Diagnostic {
            code: codes::SYNTAX,
            severity: Severity::Error,
            place: Place::bytes(KeyPath::root(), start..start + 1),
            related: None,
            message: format!("this is no YAML: {}", error.info()),
            why: "nothing behind this place can be read".to_owned(),
            fix: "look for a missing quote, bracket, colon or blank, here or in the line above"
                .to_owned(),
        });
    }
}

/// Empty text and `~` without quotes are nothing; everything else stays text.
fn scalar(text: &str, style: ScalarStyle) -> Value {
    let quoted = style != ScalarStyle::Plain;
    if !quoted && matches!(text, "" | "~" | "null" | "Null" | "NULL") {
        return Value::Null;
    }
    Value::Scalar { text: text.to_owned(), quoted }
}

/// Values in a node, itself included: what an alias of it costs. Its depth is bounded by the parser.
fn cost(node: &Node) -> usize {
    match &node.value {
        Value::List(items) => 1 + items.iter().map(cost).sum::<usize>(),
        Value::Map(entries) => 1 + entries.iter().map(|entry| cost(&entry.node)).sum::<usize>(),
        Value::Null | Value::Scalar { .. } | Value::Faulty => 1,
    }
}

fn duplicate_key(
    key: &str,
    path: KeyPath,
    second: Range<usize>,
    first: Range<usize>,
) -> Diagnostic {
    let first = Place::bytes(path.clone(), first);
    Diagnostic {
        code: codes::DUPLICATE_KEY,
        severity: Severity::Error,
        place: Place::bytes(path, second),
        related: Some(Related { place: first, label: "first written here".to_owned() }),
        message: format!("`{}` is written twice", super::shorten(key)),
        why: "YAML readers disagree on which one counts".to_owned(),
        fix: "remove one of the two".to_owned(),
    }
}
