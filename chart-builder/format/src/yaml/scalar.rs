//! Which texts may stand in a document without quotes, and how to quote the others.

use std::fmt::Write;

/// Words that some YAML reader takes for a boolean or for null, in lower case.
const RESERVED: [&str; 13] =
    ["y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf", "nil", "none"];

/// Whether `text` is the same text in YAML 1.1 and 1.2 when written without quotes.
///
/// The rule is narrower than either grammar: the first byte is a letter or `/`, so that no number,
/// date, sign, marker or merge key can begin there; the rest is harmless ASCII.
pub(super) fn is_plain(text: &str) -> bool {
    let bytes = text.as_bytes();
    let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else { return false };
    if !(first.is_ascii_alphabetic() || *first == b'/') || matches!(last, b' ' | b':') {
        return false;
    }
    let harmless = |byte: &u8| {
        byte.is_ascii_alphanumeric()
            || matches!(
                byte,
                b'_' | b'-'
                    | b'.'
                    | b'/'
                    | b'@'
                    | b'+'
                    | b'='
                    | b':'
                    | b' '
                    | b','
                    | b';'
                    | b'('
                    | b')'
                    | b'~'
                    | b'$'
            )
    };
    bytes.iter().all(harmless)
        && !text.contains(": ")
        && !text.contains("  ")
        && !RESERVED.iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// Appends `text` in double quotes, escaping everything that is not printable in YAML 1.1.
///
/// Only escapes that JSON knows are used, so the result is a JSON string too.
pub(super) fn quote(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            character if is_printable(character) => out.push(character),
            character => escape(out, character),
        }
    }
    out.push('"');
}

/// Appends the character as one or two `\uXXXX`.
fn escape(out: &mut String, character: char) {
    let mut units = [0; 2];
    for unit in character.encode_utf16(&mut units) {
        // Writing to a string cannot fail.
        let _ = write!(out, "\\u{unit:04x}");
    }
}

/// Whether the character may stand in a document as it is: printable, and neither a line break nor
/// a byte order mark in any version of YAML.
pub(super) fn is_printable(character: char) -> bool {
    matches!(
        character,
        ' '..='~'
            | '\u{a0}'..='\u{2027}'
            | '\u{202a}'..='\u{d7ff}'
            | '\u{e000}'..='\u{fefe}'
            | '\u{ff00}'..='\u{fffd}'
            | '\u{10000}'..='\u{10ffff}'
    )
}
