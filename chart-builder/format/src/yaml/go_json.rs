//! JSON exactly as Go's encoder writes it, which is what Helm's `toJson` gives.

use std::fmt::Write;

use super::tree::Node;

/// Compact JSON as Go's `encoding/json` writes it: keys sorted by bytes, `<`, `>`, `&`, U+2028 and
/// U+2029 escaped.
///
/// Whole numbers beyond 2^53 come out rounded, because Helm holds values as 64-bit floats.
pub fn go_json(node: &Node) -> String {
    let mut out = String::new();
    write_node(&mut out, node, Order::Sorted);
    out
}

/// The same with keys in the tree's own order, which is what Go makes of a structure.
pub(crate) fn go_json_ordered(node: &Node) -> String {
    let mut out = String::new();
    write_node(&mut out, node, Order::AsIs);
    out
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    Sorted,
    AsIs,
}

fn write_node(out: &mut String, node: &Node, order: Order) {
    match node {
        Node::Null => out.push_str("null"),
        Node::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Node::Int(value) => write_int(out, *value),
        Node::Str(text) => write_string(out, text),
        Node::List(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_node(out, item, order);
            }
            out.push(']');
        }
        Node::Map(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            if order == Order::Sorted {
                entries.sort_by(|left, right| left.key.cmp(&right.key));
            }
            out.push('{');
            for (index, entry) in entries.into_iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_string(out, &entry.key);
                out.push(':');
                write_node(out, &entry.value, order);
            }
            out.push('}');
        }
    }
}

fn write_int(out: &mut String, value: i64) {
    const EXACT: u64 = 1 << 53;
    // Writing to a string cannot fail.
    let _ = if value.unsigned_abs() <= EXACT {
        write!(out, "{value}")
    } else {
        #[expect(
            clippy::cast_precision_loss,
            reason = "the loss is Helm's, and is what we reproduce"
        )]
        let rounded = value as f64;
        write!(out, "{rounded}")
    };
}

/// Appends a JSON string with Go's escapes.
fn write_string(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\0'..='\u{1f}' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                let _ = write!(out, "\\u{:04x}", u32::from(character));
            }
            character => out.push(character),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::super::{Map, Node};
    use super::go_json;

    #[test]
    fn writes_what_gos_encoder_writes() {
        let node = Node::from(
            Map::new()
                .with("b", vec![Node::Int(1), Node::Null, Node::Bool(true)])
                .with("a<b>&", "\u{2028}\u{1}\u{8}\u{7f}é\"\\\n"),
        );
        assert_eq!(
            go_json(&node),
            "{\"a\\u003cb\\u003e\\u0026\":\"\\u2028\\u0001\\b\u{7f}é\\\"\\\\\\n\",\"b\":[1,null,true]}"
        );
    }

    #[test]
    fn rounds_like_a_64_bit_float_beyond_2_to_the_53() {
        assert_eq!(go_json(&Node::Int(9_007_199_254_740_992)), "9007199254740992");
        assert_eq!(go_json(&Node::Int(9_007_199_254_740_993)), "9007199254740992");
        assert_eq!(go_json(&Node::Int(i64::MAX)), "9223372036854775807".replace("5807", "6000"));
    }
}
