//! Go durations, as far as checking needs them.

/// Units of `time.ParseDuration`, longest first where one is the beginning of another.
const UNITS: [&str; 8] = ["ns", "us", "µs", "μs", "ms", "s", "m", "h"];

/// Whether Go reads the text as a duration above zero, for example `1m30s` or `0.5s`.
pub(super) fn is_positive(text: &str) -> bool {
    let mut rest = text.strip_prefix('+').unwrap_or(text);
    let mut positive = false;
    if rest.is_empty() {
        return false;
    }
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, after) = rest.split_at(end);
        let has_digit = number.bytes().any(|byte| byte.is_ascii_digit());
        if !has_digit || number.matches('.').count() > 1 {
            return false;
        }
        positive |= number.bytes().any(|byte| (b'1'..=b'9').contains(&byte));
        let Some(next) = UNITS.iter().find_map(|unit| {
            after.strip_prefix(unit).filter(|next| !next.starts_with(char::is_alphabetic))
        }) else {
            return false;
        };
        rest = next;
    }
    positive
}

#[cfg(test)]
mod tests {
    use super::is_positive;

    #[test]
    fn reads_what_go_reads() {
        for text in ["2s", "500ms", "1m30s", "0.5s", ".5s", "5.s", "1h0m0s", "+3us", "7µs", "1ns"]
        {
            assert!(is_positive(text), "{text}");
        }
    }

    #[test]
    fn refuses_what_go_refuses_and_zero() {
        for text in
            ["", "2", "s", "2 s", "2x", "-2s", "0s", "0.0ms", "1.2.3s", "2S", "1m30", "+", "."]
        {
            assert!(!is_positive(text), "{text}");
        }
    }
}
