//! YAML as `configtx.yaml` of 2017 is written: aliases before their anchors, and merges.
//!
//! The parser of that time resolved such aliases; today's refuse them. So anchors, aliases and merge keys are replaced in the
//! text by plain words of the same length, which keeps every position, and are followed here when they are asked for.

use std::collections::BTreeMap;

use crate::diagnostic::Diagnostics;
use crate::source::Source;
use crate::spec::tree::{Limits, Node, Tree, Value};

/// The key that stands for `<<`.
pub(super) const MERGE: &str = "==";
/// The first character of a word that stands for an alias.
const ALIAS: char = '=';
/// Most steps from alias to alias.
const MAX_STEPS: usize = 16;

/// A document whose aliases may come before their anchors.
pub(super) struct Document {
    tree: Tree,
    /// Byte offset of each anchor by its name.
    anchors: BTreeMap<String, usize>,
}

impl Document {
    pub(super) fn parse(source: &Source, found: &mut Diagnostics) -> Self {
        let (text, anchors) = plain(source.text());
        let tree = Tree::parse(&Source::new(source.name(), text), Limits::default(), found);
        Self { tree, anchors }
    }

    pub(super) fn tree(&self) -> &Tree {
        &self.tree
    }

    pub(super) fn root(&self) -> Option<&Node> {
        self.tree.root()
    }

    /// What a value is once aliases are followed; `None` for an alias that leads nowhere.
    pub(super) fn follow<'a>(&'a self, node: &'a Node) -> Option<&'a Node> {
        let mut node = node;
        for _ in 0..MAX_STEPS {
            let Value::Scalar { text, quoted: false } = &node.value else { return Some(node) };
            let Some(name) = text.strip_prefix(ALIAS) else { return Some(node) };
            node = self.anchored(name)?;
        }
        None
    }

    /// The value behind an anchor: the first one that begins after it, and of those that begin together the outermost.
    fn anchored(&self, name: &str) -> Option<&Node> {
        let after = *self.anchors.get(name)?;
        let mut open = vec![self.root()?];
        let mut best: Option<&Node> = None;
        while let Some(node) = open.pop() {
            let earlier = best.is_none_or(|best| {
                (node.range.start, best.range.end) < (best.range.start, node.range.end)
            });
            if node.range.start >= after && earlier {
                best = Some(node);
            }
            match &node.value {
                Value::List(items) => open.extend(items),
                Value::Map(entries) => open.extend(entries.iter().map(|entry| &entry.node)),
                Value::Null | Value::Scalar { .. } | Value::Faulty => {}
            }
        }
        best
    }
}

/// The text without anchors, aliases and merge keys, byte for byte as long, and where the anchors were.
fn plain(text: &str) -> (String, BTreeMap<String, usize>) {
    let mut anchors = BTreeMap::new();
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let begin = out.len();
        out.push_str(&plain_line(line, begin, &mut anchors));
    }
    (out, anchors)
}

fn plain_line(line: &str, begin: usize, anchors: &mut BTreeMap<String, usize>) -> String {
    let mut out = String::with_capacity(line.len());
    let (mut quote, mut before) = (None, ' ');
    let mut rest = line.char_indices().peekable();
    while let Some((at, sign)) = rest.next() {
        let starts_word = matches!(before, ' ' | '\t' | '[' | ',' | '{');
        before = sign;
        match (quote, sign) {
            (Some(open), sign) if sign == open => quote = None,
            (None, '\'' | '"') if starts_word => quote = Some(sign),
            (None, '#') if starts_word => {
                out.push_str(line.get(at..).unwrap_or_default());
                return out;
            }
            (None, '&' | '*') if starts_word => {
                let name = word(line.get(at + 1..).unwrap_or_default());
                for _ in name.chars() {
                    rest.next();
                }
                if sign == '&' {
                    anchors.insert(name.to_owned(), begin + at);
                    out.push_str(&" ".repeat(1 + name.len()));
                } else {
                    out.push(ALIAS);
                    out.push_str(name);
                }
                continue;
            }
            (None, '<')
                if starts_word && line.get(at..).is_some_and(|it| it.starts_with("<<:")) =>
            {
                rest.next();
                out.push_str(MERGE);
                continue;
            }
            _ => {}
        }
        out.push(sign);
    }
    out
}

/// The name of an anchor at the beginning of a text.
fn word(text: &str) -> &str {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-')));
    text.get(..end.unwrap_or(text.len())).unwrap_or_default()
}
