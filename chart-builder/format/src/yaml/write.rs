//! The writer: block style, the tree's own order, LF, a final newline.

use super::scalar;
use super::tree::{Entry, Map, Node};

/// Longest key, in bytes as written, that may stand before its colon on one line; YAML readers
/// look no further than 1024 characters for the colon.
const MAX_SIMPLE_KEY: usize = 1000;

/// Writes a document that Helm, and any YAML 1.1 or 1.2 reader, reads back as the same tree.
pub fn write(root: &Node) -> String {
    let mut out = String::new();
    match root {
        Node::Map(map) if !map.is_empty() => write_map(&mut out, map, 0),
        Node::List(items) if !items.is_empty() => write_list(&mut out, items, 0),
        Node::Str(text) => {
            scalar::quote(&mut out, text);
            out.push('\n');
        }
        Node::Null | Node::Bool(_) | Node::Int(_) | Node::List(_) | Node::Map(_) => {
            write_leaf(&mut out, root, 0);
            out.push('\n');
        }
    }
    out
}

fn write_map(out: &mut String, map: &Map, depth: usize) {
    for entry in map {
        write_comment(out, entry, depth);
        indent(out, depth);
        write_entry(out, entry, depth);
    }
}

/// Writes key and value; the cursor stands where the key begins.
fn write_entry(out: &mut String, entry: &Entry, depth: usize) {
    let start = out.len();
    if scalar::is_plain(&entry.key) {
        out.push_str(&entry.key);
    } else {
        scalar::quote(out, &entry.key);
    }
    if out.len() - start > MAX_SIMPLE_KEY {
        out.insert_str(start, "? ");
        out.push('\n');
        indent(out, depth);
    }
    out.push(':');
    match &entry.value {
        Node::Map(map) if !map.is_empty() => {
            out.push('\n');
            write_map(out, map, depth + 1);
        }
        Node::List(items) if !items.is_empty() => {
            out.push('\n');
            write_list(out, items, depth + 1);
        }
        Node::Null | Node::Bool(_) | Node::Int(_) | Node::Str(_) | Node::List(_) | Node::Map(_) => {
            out.push(' ');
            write_leaf(out, &entry.value, depth + 1);
            out.push('\n');
        }
    }
}

fn write_list(out: &mut String, items: &[Node], depth: usize) {
    for item in items {
        if let Node::Map(map) = item
            && let Some(first) = map.iter().next()
        {
            write_comment(out, first, depth);
        }
        indent(out, depth);
        write_item(out, item, depth);
    }
}

/// Writes `- ` and the item; the cursor stands where the dash goes.
fn write_item(out: &mut String, item: &Node, depth: usize) {
    out.push_str("- ");
    match item {
        Node::Map(map) if !map.is_empty() => {
            for (index, entry) in map.iter().enumerate() {
                if index > 0 {
                    write_comment(out, entry, depth + 1);
                    indent(out, depth + 1);
                }
                write_entry(out, entry, depth + 1);
            }
        }
        Node::List(items) if !items.is_empty() => {
            for (index, inner) in items.iter().enumerate() {
                if index > 0 {
                    indent(out, depth + 1);
                }
                write_item(out, inner, depth + 1);
            }
        }
        Node::Null | Node::Bool(_) | Node::Int(_) | Node::Str(_) | Node::List(_) | Node::Map(_) => {
            write_leaf(out, item, depth + 1);
            out.push('\n');
        }
    }
}

/// Writes a value that stands on the line of its key or dash; `depth` is that of its own lines.
fn write_leaf(out: &mut String, node: &Node, depth: usize) {
    match node {
        Node::Null => out.push_str("null"),
        Node::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Node::Int(value) => out.push_str(&value.to_string()),
        Node::Str(text) if scalar::is_plain(text) => out.push_str(text),
        Node::Str(text) if fits_literal_block(text) => write_literal_block(out, text, depth),
        Node::Str(text) => scalar::quote(out, text),
        Node::List(_) => out.push_str("[]"),
        Node::Map(_) => out.push_str("{}"),
    }
}

/// Whether a `|` block gives back exactly this text in every reader: several lines, no leading
/// blank, no blanks at the end of a line, at most one newline at the end.
fn fits_literal_block(text: &str) -> bool {
    let body = text.strip_suffix('\n').unwrap_or(text);
    let clean = |line: &str| {
        !line.ends_with(' ') && !line.starts_with('\t') && line.chars().all(scalar::is_printable)
    };
    text.contains('\n')
        && !body.starts_with([' ', '\n'])
        && !body.is_empty()
        && !body.ends_with('\n')
        && body.split('\n').all(clean)
}

fn write_literal_block(out: &mut String, text: &str, depth: usize) {
    let stripped = text.strip_suffix('\n');
    out.push_str(if stripped.is_some() { "|" } else { "|-" });
    let body = stripped.unwrap_or(text);
    for line in body.split('\n') {
        out.push('\n');
        if !line.is_empty() {
            indent(out, depth);
            out.push_str(line);
        }
    }
}

/// Writes the entry's comment; line breaks of every kind begin a new `#` line, so that no comment
/// can smuggle in a key.
fn write_comment(out: &mut String, entry: &Entry, depth: usize) {
    let Some(comment) = &entry.comment else { return };
    let normalized = comment.replace("\r\n", "\n");
    for line in normalized.split(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']) {
        indent(out, depth);
        out.push('#');
        let line = line.trim_end();
        if !line.is_empty() {
            out.push(' ');
            out.extend(line.chars().map(|c| if scalar::is_printable(c) { c } else { '\u{fffd}' }));
        }
        out.push('\n');
    }
}

fn indent(out: &mut String, depth: usize) {
    for _ in 0..depth {
        out.push_str("  ");
    }
}
