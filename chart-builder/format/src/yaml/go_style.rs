//! Which of its four styles Go's YAML library chooses for a text (`yaml_emitter_analyze_scalar` and
//! `yaml_emitter_select_scalar_style` of its `emitterc.go`, `stringv` of its `encode.go`).

use super::go_scalar::{self, Resolved};

/// How a text stands in a document.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    Plain,
    Single,
    Double,
    Literal,
}

/// The style that the library chooses for this text.
pub(super) fn choose_style(text: &str, is_key: bool) -> Style {
    let facts = Facts::of(text);
    let reads_as_text = || {
        // `<<` carries no hint in the library's table and so passes for text when written.
        matches!(go_scalar::resolve(text), Resolved::Text | Resolved::Merge)
            && !go_scalar::is_base_60(text)
    };
    if is_key && facts.has_break {
        return Style::Double;
    }
    if text.contains('\n') {
        return if facts.fits_block && !is_key { Style::Literal } else { Style::Double };
    }
    if !reads_as_text() {
        return Style::Double;
    }
    match (facts.fits_plain, facts.fits_single) {
        (true, _) => Style::Plain,
        (false, true) => Style::Single,
        (false, false) => Style::Double,
    }
}

/// What the library's scalar analysis finds out about a text.
#[expect(clippy::struct_excessive_bools, reason = "the facts are independent of each other")]
struct Facts {
    has_break: bool,
    fits_plain: bool,
    fits_single: bool,
    fits_block: bool,
}

impl Facts {
    fn of(text: &str) -> Self {
        let (mut has_break, mut special) = (false, false);
        let (mut break_space, mut space_break) = (false, false);
        let mut previous = None;
        for character in text.chars() {
            // The library writes these as they are and indents behind them, which its own reader takes
            // for a line break and readers of YAML 1.2 for text.
            special |= !is_printable(character) || matches!(character, '\u{2028}' | '\u{2029}');
            has_break |= is_break(character);
            break_space |= character == ' ' && previous.is_some_and(is_break);
            space_break |= is_break(character) && previous == Some(' ');
            previous = Some(character);
        }
        let at_edge = |character| character == ' ' || is_break(character);
        let edges = text.starts_with(at_edge) || text.ends_with(at_edge);
        let unquotable = break_space || space_break || special;
        Self {
            has_break,
            fits_plain: !(edges || has_break || unquotable || has_indicator(text)),
            fits_single: !unquotable,
            fits_block: !(text.ends_with(' ') || space_break || special || text.is_empty()),
        }
    }
}

/// Whether some character would be taken for syntax in block context.
fn has_indicator(text: &str) -> bool {
    if text.starts_with("---") || text.starts_with("...") {
        return true;
    }
    let is_blank = |character: Option<char>| character.is_none_or(|c| matches!(c, ' ' | '\t'));
    let mut previous: Option<char> = None;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let before_blank = is_blank(characters.peek().copied());
        let found = match (previous, character) {
            (
                None,
                '#' | ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%'
                | '@' | '`',
            ) => true,
            (None, '?' | ':' | '-') | (Some(_), ':') => before_blank,
            (Some(previous), '#') => matches!(previous, ' ' | '\t') || is_break(previous),
            _ => false,
        };
        if found {
            return true;
        }
        previous = Some(character);
    }
    false
}

/// The library's idea of printable: nothing beyond the basic plane, no tab, no byte order mark.
pub(super) fn is_printable(character: char) -> bool {
    matches!(
        character,
        '\n' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}'
    )
}

/// A line break of YAML 1.1.
pub(super) fn is_break(character: char) -> bool {
    matches!(character, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}
