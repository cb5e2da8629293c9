//! Quoted texts of HTTP headers (RFC 9110, section 5.6.4): what stands between two quotes, in which a
//! backslash takes the next sign as it is.

/// The text up to the closing quote and what follows it, of what stands behind the opening one; `None`
/// when no quote closes it.
pub(crate) fn unquoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut signs = text.char_indices();
    while let Some((at, sign)) = signs.next() {
        match sign {
            '"' => return Some((value, &text[at + 1..])),
            '\\' => value.push(signs.next()?.1),
            _ => value.push(sign),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_ends_with_the_first_quote_that_is_not_escaped() {
        let read = |text| unquoted(text).map(|(value, rest)| (value, rest.to_owned()));
        let is = |value: &str, rest: &str| Some((value.to_owned(), rest.to_owned()));
        assert_eq!(read(r#"a b", c"#), is("a b", ", c"));
        assert_eq!(read(r#"a\"b\\"c"#), is(r#"a"b\"#, "c"));
        assert_eq!(read(r#"""#), is("", ""));
        assert_eq!(read("\u{e9}\"x"), is("\u{e9}", "x"));
        for open in ["", "a", r#"a\""#, r"a\"] {
            assert_eq!(read(open), None, "{open}");
        }
    }
}
