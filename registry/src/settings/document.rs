//! The configuration file as a tree in which every key and value knows its line.
//!
//! Scalars stay text until a setting says what it wants, so YAML guesses nothing. Tags, aliases and
//! merge keys are refused: a configuration is read by people under pressure.

use granit_parser::{Event, Options, Parser, ScalarStyle, Span};

use super::fault::Wrong;

/// Longest file that is read.
const MAX_FILE_BYTES: usize = 1 << 20;

/// Most lists and mappings inside each other.
const MAX_DEPTH: usize = 16;

/// Line and column, from 1.
pub(super) type Position = (usize, usize);

/// Something wrong in the file.
pub(super) type Misplaced = (Position, Wrong);

/// A value and where it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    pub(super) position: Position,
    pub(super) value: Value,
}

/// What a value is, before anybody has said what it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    Null,
    Scalar { text: String, quoted: bool },
    List(Vec<Node>),
    Map(Vec<Entry>),
}

/// A key with its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) position: Position,
    pub(super) node: Node,
}

/// Reads a file; what cannot be read goes to `faults`, and the rest is returned.
pub(super) fn read(text: &str, faults: &mut Vec<Misplaced>) -> Node {
    let nothing = Node { position: (1, 1), value: Value::Null };
    if text.len() > MAX_FILE_BYTES {
        let what = format!("the file is longer than {MAX_FILE_BYTES} bytes");
        faults.push(((1, 1), Wrong::new(what, "write less into it")));
        return nothing;
    }
    let mut options = Options::default();
    options.set_emit_comments(false);
    options.flow_nesting_limit = MAX_DEPTH;
    options.block_nesting_limit = MAX_DEPTH;
    let mut builder = Builder { faults, open: Vec::new(), root: None, documents: 0 };
    for event in Parser::new_from_str_with_options(text, options) {
        match event {
            Ok((event, span)) => builder.accept(event, position(&span)),
            Err(error) => {
                let marker = error.marker();
                let what = format!("this is no YAML: {}", error.info());
                let fix =
                    "look for a missing quote, bracket, colon or blank, here or in the line above";
                let place = (marker.line(), marker.col() + 1);
                builder.faults.push((place, Wrong::new(what, fix)));
                return nothing;
            }
        }
    }
    builder.root.unwrap_or(nothing)
}

fn position(span: &Span) -> Position {
    (span.start.line(), span.start.col() + 1)
}

/// A list or mapping that is still open.
struct Open {
    position: Position,
    kind: Kind,
}

enum Kind {
    List(Vec<Node>),
    /// The entries, and the key that waits for its value; without text if it was refused.
    Map(Vec<Entry>, Option<(Option<String>, Position)>),
}

struct Builder<'a> {
    faults: &'a mut Vec<Misplaced>,
    open: Vec<Open>,
    root: Option<Node>,
    documents: usize,
}

impl Builder<'_> {
    fn accept(&mut self, event: Event<'_>, position: Position) {
        match event {
            Event::DocumentStart(..) => {
                self.documents += 1;
                if self.documents == 2 {
                    self.refuse(position, "a second document", "keep one document in the file");
                }
            }
            Event::Scalar(text, style, anchor, tag) => {
                self.plain(position, anchor != 0 || tag.is_some());
                self.place(Node { position, value: scalar(&text, style) });
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.plain(position, anchor != 0 || tag.is_some());
                self.open.push(Open { position, kind: Kind::List(Vec::new()) });
            }
            Event::MappingStart(_, anchor, tag) => {
                self.plain(position, anchor != 0 || tag.is_some());
                self.open.push(Open { position, kind: Kind::Map(Vec::new(), None) });
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(),
            Event::Alias(_) => {
                self.plain(position, true);
                self.place(Node { position, value: Value::Null });
            }
            _ => {}
        }
    }

    /// Reports what makes a value mean more than it says.
    fn plain(&mut self, position: Position, decorated: bool) {
        if decorated {
            self.refuse(position, "an anchor, alias or tag", "write the value out");
        }
    }

    fn refuse(&mut self, position: Position, what: &str, fix: &str) {
        self.faults.push((position, Wrong::new(format!("the file uses {what}"), fix)));
    }

    fn end(&mut self) {
        let Some(Open { position, kind }) = self.open.pop() else { return };
        let value = match kind {
            Kind::List(items) => Value::List(items),
            Kind::Map(entries, _) => Value::Map(entries),
        };
        self.place(Node { position, value });
    }

    /// Puts a finished value where it belongs: the root, a list, or key and value in turn.
    fn place(&mut self, node: Node) {
        match self.open.last_mut().map(|open| &mut open.kind) {
            None => drop(self.root.get_or_insert(node)),
            Some(Kind::List(items)) => items.push(node),
            Some(Kind::Map(entries, waiting)) => match waiting.take() {
                Some((Some(key), position)) => {
                    let first = entries.iter().find(|entry| entry.key == key);
                    if let Some((line, _)) = first.map(|entry| entry.position) {
                        let what = format!("`{key}` is written twice, first in line {line}");
                        self.faults.push((position, Wrong::new(what, "remove one of the two")));
                    } else {
                        entries.push(Entry { key, position, node });
                    }
                }
                Some((None, _)) => {}
                None => {
                    let position = node.position;
                    let key = match node.value {
                        Value::Scalar { text, quoted } if quoted || text != "<<" => Some(text),
                        _ => None,
                    };
                    let refused = key.is_none();
                    *waiting = Some((key, position));
                    if refused {
                        let fix = "write a plain word as key";
                        self.refuse(position, "a key that is no word", fix);
                    }
                }
            },
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(text: &str) -> Vec<String> {
        let mut faults = Vec::new();
        read(text, &mut faults);
        faults
            .iter()
            .map(|((line, column), wrong)| format!("{line}:{column} {}", wrong.what))
            .collect()
    }

    #[test]
    fn keys_and_values_know_their_place() {
        let mut faults = Vec::new();
        let node = read("listen: x\ntls:\n  names: [a, 'b']\n", &mut faults);
        let Value::Map(entries) = &node.value else { panic!("{node:?}") };
        assert_eq!(entries[0].position, (1, 1));
        assert_eq!(entries[0].node.position, (1, 9));
        let Value::Map(inner) = &entries[1].node.value else { panic!("{node:?}") };
        let Value::List(items) = &inner[0].node.value else { panic!("{node:?}") };
        assert_eq!(items[1].position, (3, 14));
        assert!(faults.is_empty());
    }

    #[test]
    fn what_could_mean_two_things_is_refused_where_it_stands() {
        assert_eq!(faults("a: 1\nb: 2\na: 3\n"), ["3:1 `a` is written twice, first in line 1"]);
        assert_eq!(faults("a: &x 1\nb: *x\n").len(), 2);
        assert_eq!(faults("a: !!int 1\n").len(), 1);
        assert_eq!(faults("---\na: 1\n---\na: 1\n").len(), 1);
        assert_eq!(faults("? [a]\n: 1\n").len(), 1);
        assert!(faults("a: [1\n")[0].contains("this is no YAML"));
        assert!(faults(&"[".repeat(100))[0].contains("this is no YAML"));
        assert!(faults(&"#".repeat(2 << 20))[0].contains("longer than"));
        assert!(faults("").is_empty());
    }
}
