//! YAML byte for byte as Helm writes it, for the files that `helm package` writes anew.
//!
//! Helm marshals Chart.yaml and Chart.lock through `sigs.k8s.io/yaml`, that is
//! `go.yaml.in/yaml/v2` with lines folded at 80 columns. Written in this form from the start, a
//! package of ours and one that Helm makes from our unpacked tree hold the same bytes. The rules
//! are those of that library's `encode.go`, `emitterc.go` and `sorter.go`.

use std::fmt::Write;

use super::go_order::sorted;
use super::go_style::{Style, choose_style, is_break, is_printable};
use super::tree::{Map, Node};

/// Lines are folded at the first single space beyond this column.
const BEST_WIDTH: usize = 80;

/// Longest key in bytes that stands before its colon; a longer one is written after `? `.
const MAX_SIMPLE_KEY: usize = 128;

/// Writes a document as Helm marshals it: keys in Go's natural order, comments dropped.
///
/// Texts with control characters other than line breaks are outside of what Helm itself can
/// marshal; they are written escaped.
pub fn go_yaml(root: &Node) -> String {
    let mut emitter = Emitter { out: String::new(), column: 0 };
    emitter.node(root, 0, Place::Root);
    if emitter.column > 0 {
        emitter.out.push('\n');
    }
    emitter.out
}

/// What stands before a node on its line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Root,
    AfterColon,
    AfterDash,
}

struct Emitter {
    out: String,
    /// Characters since the last line break.
    column: usize,
}

impl Emitter {
    /// Writes a node; `indent` is the column of the keys or dashes around it.
    fn node(&mut self, node: &Node, indent: usize, place: Place) {
        match node {
            Node::Map(map) if !map.is_empty() => {
                let indent = if place == Place::Root { indent } else { indent + 2 };
                self.map(map, indent, place);
            }
            // A sequence below a key stands at the key's own column.
            Node::List(items) if !items.is_empty() => {
                let indent = if place == Place::AfterDash { indent + 2 } else { indent };
                self.list(items, indent, place);
            }
            Node::Null
            | Node::Bool(_)
            | Node::Int(_)
            | Node::Str(_)
            | Node::List(_)
            | Node::Map(_) => {
                if place != Place::Root {
                    self.put(' ');
                }
                self.leaf(node, indent + 2);
            }
        }
    }

    fn map(&mut self, map: &Map, indent: usize, place: Place) {
        for (index, entry) in sorted(map).into_iter().enumerate() {
            self.begin(index, indent, place);
            if entry.key.len() <= MAX_SIMPLE_KEY && !entry.key.contains(is_break) {
                self.scalar(&entry.key, true, indent + 2);
                self.put(':');
                self.node(&entry.value, indent, Place::AfterColon);
            } else {
                self.text("? ");
                self.scalar(&entry.key, false, indent + 2);
                self.line(indent);
                self.put(':');
                // Here the library lets a collection begin on the colon's line.
                self.node(&entry.value, indent, Place::AfterDash);
            }
        }
    }

    fn list(&mut self, items: &[Node], indent: usize, place: Place) {
        for (index, item) in items.iter().enumerate() {
            self.begin(index, indent, place);
            self.put('-');
            self.node(item, indent, Place::AfterDash);
        }
    }

    /// Moves to where an entry of a collection begins: the first one after a dash stays on the
    /// dash's line.
    fn begin(&mut self, index: usize, indent: usize, place: Place) {
        match (index, place) {
            (0, Place::Root) => {}
            (0, Place::AfterDash) => self.put(' '),
            _ => self.line(indent),
        }
    }

    fn leaf(&mut self, node: &Node, indent: usize) {
        match node {
            Node::Null => self.text("null"),
            Node::Bool(value) => self.text(if *value { "true" } else { "false" }),
            Node::Int(value) => self.text(&value.to_string()),
            Node::Str(text) => self.scalar(text, false, indent),
            Node::List(_) => self.text("[]"),
            Node::Map(_) => self.text("{}"),
        }
    }

    fn scalar(&mut self, text: &str, is_key: bool, indent: usize) {
        match choose_style(text, is_key) {
            Style::Plain => self.plain(text, is_key, indent),
            Style::Single => self.single_quoted(text, is_key, indent),
            Style::Double => self.double_quoted(text, is_key, indent),
            Style::Literal => self.literal(text, indent),
        }
    }

    fn plain(&mut self, text: &str, is_key: bool, indent: usize) {
        let mut after_space = false;
        let mut characters = text.chars().peekable();
        while let Some(character) = characters.next() {
            let is_space = character == ' ';
            if is_space
                && !is_key
                && !after_space
                && self.is_wide()
                && characters.peek() != Some(&' ')
            {
                self.line(indent);
            } else {
                self.put(character);
            }
            after_space = is_space;
        }
    }

    fn single_quoted(&mut self, text: &str, is_key: bool, indent: usize) {
        self.put('\'');
        let (mut after_space, mut after_break, mut is_first) = (false, false, true);
        let mut characters = text.chars().peekable();
        while let Some(character) = characters.next() {
            let next = characters.peek().copied();
            if character == ' ' {
                let folds = !is_key && !after_space && self.is_wide() && !is_first;
                if folds && next.is_some_and(|next| next != ' ') {
                    self.line(indent);
                } else {
                    self.put(' ');
                }
                after_space = true;
            } else if is_break(character) {
                if !after_break && character == '\n' {
                    self.line(0);
                }
                self.out.push(character);
                self.column = 0;
                after_break = true;
            } else {
                if after_break {
                    self.indent(indent);
                }
                if character == '\'' {
                    self.put('\'');
                }
                self.put(character);
                (after_space, after_break) = (false, false);
            }
            is_first = false;
        }
        self.put('\'');
    }

    fn double_quoted(&mut self, text: &str, is_key: bool, indent: usize) {
        self.put('"');
        // The library looks for a byte order mark at the start of the whole text each time.
        let has_mark = text.starts_with('\u{feff}');
        let (mut after_space, mut is_first) = (false, true);
        let mut characters = text.chars().peekable();
        while let Some(character) = characters.next() {
            let next = characters.peek().copied();
            if has_mark
                || !is_printable(character)
                || is_break(character)
                || matches!(character, '"' | '\\')
            {
                self.escaped(character);
                after_space = false;
            } else if character == ' ' {
                if !is_key && !after_space && self.is_wide() && !is_first && next.is_some() {
                    self.line(indent);
                    if next == Some(' ') {
                        self.put('\\');
                    }
                } else {
                    self.put(' ');
                }
                after_space = true;
            } else {
                self.put(character);
                after_space = false;
            }
            is_first = false;
        }
        self.put('"');
    }

    fn escaped(&mut self, character: char) {
        self.put('\\');
        let short = match character {
            '\0' => '0',
            '\u{7}' => 'a',
            '\u{8}' => 'b',
            '\t' => 't',
            '\n' => 'n',
            '\u{b}' => 'v',
            '\u{c}' => 'f',
            '\r' => 'r',
            '\u{1b}' => 'e',
            '"' => '"',
            '\\' => '\\',
            '\u{85}' => 'N',
            '\u{a0}' => '_',
            '\u{2028}' => 'L',
            '\u{2029}' => 'P',
            _ => {
                let code = u32::from(character);
                let mut digits = String::new();
                // Writing to a string cannot fail.
                let _ = match code {
                    0..=0xff => write!(digits, "x{code:02X}"),
                    0x100..=0xffff => write!(digits, "u{code:04X}"),
                    _ => write!(digits, "U{code:08X}"),
                };
                return self.text(&digits);
            }
        };
        self.put(short);
    }

    fn literal(&mut self, text: &str, indent: usize) {
        self.put('|');
        if text.starts_with(|first| first == ' ' || is_break(first)) {
            self.put('2');
        }
        let mut ending = text.chars().rev();
        match (ending.next().is_some_and(is_break), ending.next().is_none_or(is_break)) {
            (false, _) => self.put('-'),
            (true, true) => self.put('+'),
            (true, false) => {}
        }
        self.line(0);
        let mut after_break = true;
        for character in text.chars() {
            if is_break(character) {
                self.out.push(character);
                self.column = 0;
                after_break = true;
            } else {
                if after_break {
                    self.indent(indent);
                }
                self.put(character);
                after_break = false;
            }
        }
    }

    fn is_wide(&self) -> bool {
        self.column > BEST_WIDTH
    }

    fn put(&mut self, character: char) {
        self.out.push(character);
        self.column += 1;
    }

    fn text(&mut self, text: &str) {
        self.out.push_str(text);
        self.column += text.chars().count();
    }

    /// Ends the line, unless a literal block has just ended it, and indents the next.
    fn line(&mut self, indent: usize) {
        if self.column > 0 {
            self.out.push('\n');
            self.column = 0;
        }
        self.indent(indent);
    }

    fn indent(&mut self, indent: usize) {
        while self.column < indent {
            self.put(' ');
        }
    }
}
