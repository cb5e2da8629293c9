//! Words for commands that people paste into a shell.

/// The text as one word of a POSIX shell.
pub fn word(text: &str) -> String {
    let plain = |character: char| {
        character.is_ascii_alphanumeric()
            || matches!(character, '/' | '.' | '_' | '-' | '+' | '=' | ':')
    };
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::word;

    #[test]
    fn plain_words_stay_and_others_are_quoted() {
        assert_eq!(word("dist/net-1.0.0+a.tgz"), "dist/net-1.0.0+a.tgz");
        assert_eq!(word("my nets/it's"), r"'my nets/it'\''s'");
        assert_eq!(word(""), "''");
    }
}
