//! Go durations, as far as checking needs them.

/// Units of `time.ParseDuration` in nanoseconds, longest first where one is the beginning of another.
const UNITS: [(&str, u64); 8] = [
    ("ns", 1),
    ("us", 1_000),
    ("µs", 1_000),
    ("μs", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
];

/// Whether Go reads the text as a duration above zero, for example `1m30s` or `0.5s`.
pub(super) fn is_positive(text: &str) -> bool {
    nanoseconds(text).is_some_and(|duration| duration > 0)
}

/// The duration in nanoseconds, parts of one dropped; nothing where Go refuses the text, and for negative durations.
pub(super) fn nanoseconds(text: &str) -> Option<u64> {
    let mut rest = text.strip_prefix('+').unwrap_or(text);
    if rest == "0" {
        return Some(0);
    }
    if rest.is_empty() {
        return None;
    }
    let mut sum: u64 = 0;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, after) = rest.split_at(end);
        let (unit, next) = UNITS.iter().find_map(|(name, unit)| {
            let next = after.strip_prefix(name)?;
            (!next.starts_with(char::is_alphabetic)).then_some((*unit, next))
        })?;
        sum = sum.checked_add(scaled(number, unit)?)?;
        rest = next;
    }
    i64::try_from(sum).is_ok().then_some(sum)
}

/// A decimal number of units.
fn scaled(number: &str, unit: u64) -> Option<u64> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if fraction.contains('.') || (whole.is_empty() && fraction.is_empty()) {
        return None;
    }
    let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let mut scaled = whole.checked_mul(unit)?;
    let mut place = unit;
    for digit in fraction.bytes() {
        // A place below a nanosecond adds nothing.
        place /= 10;
        scaled = scaled.checked_add(place.checked_mul(u64::from(digit - b'0'))?)?;
    }
    Some(scaled)
}

#[cfg(test)]
mod tests {
    use super::{is_positive, nanoseconds};

    #[test]
    fn measures_in_nanoseconds() {
        for (text, expected) in [
            ("2s", 2_000_000_000),
            ("500ms", 500_000_000),
            ("1m30s", 90_000_000_000),
            ("0.5s", 500_000_000),
            (".25s", 250_000_000),
            ("3m0s", 180_000_000_000),
            ("1h0m0s", 3_600_000_000_000),
            ("1.5µs", 1_500),
            ("0", 0),
            ("0s", 0),
        ] {
            assert_eq!(nanoseconds(text), Some(expected), "{text}");
        }
        for text in ["9999999h", "9223372037s", "99999999999999999999s"] {
            assert_eq!(nanoseconds(text), None, "{text}");
        }
    }

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
