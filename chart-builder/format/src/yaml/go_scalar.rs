//! What Go's YAML library makes of an unquoted word.
//!
//! Helm reads and writes through `go.yaml.in/yaml/v2` (its `resolve.go`), which follows YAML 1.1
//! with exceptions of its own: no sexagesimal numbers, octal with `0` and `0o`, underscores in
//! numbers, short dates.

/// The type and value of an unquoted scalar.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Resolved {
    /// Empty, `~` or a form of `null`.
    Null,
    /// One of the eleven words of YAML 1.1, in three spellings each.
    Bool(bool),
    /// A whole number that fits 64 bits with a sign.
    Int(i64),
    /// A whole number beyond that.
    Unsigned(u64),
    /// A decimal fraction, infinity, or no number.
    Float(f64),
    /// A date; Go keeps its text when it is read into text or JSON.
    Timestamp,
    /// `<<`.
    Merge,
    /// Text.
    Text,
}

/// Resolves an unquoted scalar.
pub(super) fn resolve(text: &str) -> Resolved {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Resolved::Null,
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            Resolved::Bool(true)
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            Resolved::Bool(false)
        }
        ".nan" | ".NaN" | ".NAN" => Resolved::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Resolved::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => Resolved::Float(f64::NEG_INFINITY),
        _ => match text.as_bytes()[0] {
            b'.' => fraction(text).map_or(Resolved::Text, Resolved::Float),
            b'+' | b'-' | b'0'..=b'9' => number(text),
            // In Go's table `<<` has no hint of its own and is therefore text when it is a value;
            // the decoder knows it as a key.
            _ if text == "<<" => Resolved::Merge,
            _ => Resolved::Text,
        },
    }
}

fn number(text: &str) -> Resolved {
    if is_timestamp(text) {
        return Resolved::Timestamp;
    }
    let plain = text.replace('_', "");
    let (negative, digits) = match plain.as_bytes().first() {
        Some(b'-') => (true, &plain[1..]),
        Some(b'+') => (false, &plain[1..]),
        _ => (false, plain.as_str()),
    };
    let signed = plain.len() != digits.len();
    if let Some(magnitude) = whole(digits) {
        let value = if negative {
            0_i64.checked_sub_unsigned(magnitude)
        } else {
            i64::try_from(magnitude).ok()
        };
        match value {
            Some(value) => return Resolved::Int(value),
            None if !signed => return Resolved::Unsigned(magnitude),
            None => {}
        }
    }
    if is_decimal(digits) {
        finite(&plain).map_or(Resolved::Text, Resolved::Float)
    } else {
        Resolved::Text
    }
}

/// Go's `ParseUint` with base 0: `0x`, `0o`, `0b` and a leading `0` choose the base.
fn whole(digits: &str) -> Option<u64> {
    let (base, digits) = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, &digits[2..]),
        [b'0', b'o' | b'O', ..] => (8, &digits[2..]),
        [b'0', b'b' | b'B', ..] => (2, &digits[2..]),
        [b'0', _, ..] => (8, &digits[1..]),
        _ => (10, digits),
    };
    // Rust would take a second sign here.
    if digits.starts_with(['+', '-']) { None } else { u64::from_str_radix(digits, base).ok() }
}

/// `(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
fn is_decimal(text: &str) -> bool {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let mantissa_fits = match mantissa.split_once('.') {
        Some(("", fraction)) => digits(fraction),
        Some((whole, fraction)) => digits(whole) && (fraction.is_empty() || digits(fraction)),
        None => digits(mantissa),
    };
    mantissa_fits
        && exponent.is_none_or(|text| digits(text.strip_prefix(['+', '-']).unwrap_or(text)))
}

/// A number that begins with its point; Go's own parser takes it, which allows underscores
/// between digits.
fn fraction(text: &str) -> Option<f64> {
    let between_digits = |(index, _): (usize, &str)| {
        let bytes = text.as_bytes();
        let is_digit = |index: usize| bytes.get(index).is_some_and(u8::is_ascii_digit);
        index > 0 && is_digit(index - 1) && is_digit(index + 1)
    };
    if text.match_indices('_').all(between_digits) { finite(&text.replace('_', "")) } else { None }
}

/// A decimal number that a 64-bit float can hold.
fn finite(text: &str) -> Option<f64> {
    if !is_decimal(text.strip_prefix(['+', '-']).unwrap_or(text)) {
        return None;
    }
    text.parse().ok().filter(|value: &f64| value.is_finite())
}

/// Whether go-yaml quotes the text because YAML 1.1 would read a number of base 60:
/// `[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?`.
pub(super) fn is_base_60(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (main, fraction) = match unsigned.split_once('.') {
        Some((main, fraction)) => (main, fraction),
        None => (unsigned, ""),
    };
    let mut parts = main.split(':');
    let first = parts.next().unwrap_or_default();
    let places: Vec<&str> = parts.collect();
    let sixty = |place: &&str| match place.as_bytes() {
        [one] => one.is_ascii_digit(),
        [ten, one] => (b'0'..=b'5').contains(ten) && one.is_ascii_digit(),
        _ => false,
    };
    let loose = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
    !places.is_empty()
        && first.starts_with(|first: char| first.is_ascii_digit())
        && loose(first)
        && places.iter().all(sixty)
        && loose(fraction)
}

/// Whether Go takes the text for a date: `2006-1-2`, with a time after `T` or `t` and a zone, or
/// after a space and without one.
fn is_timestamp(text: &str) -> bool {
    let Some((year, rest)) = text.split_once('-') else { return false };
    if year.len() != 4 || !year.bytes().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    timestamp_after_year(year.parse().unwrap_or(0), rest).is_some()
}

fn timestamp_after_year(year: u32, rest: &str) -> Option<()> {
    let (month, rest) = one_or_two_digits(rest)?;
    let (day, rest) = one_or_two_digits(rest.strip_prefix('-')?)?;
    if day == 0 || day > days_of_month(year, month)? {
        return None;
    }
    if rest.is_empty() {
        return Some(());
    }
    let zoned = rest.starts_with(['T', 't']);
    let rest = rest.strip_prefix(['T', 't', ' '])?;
    // Go skips further spaces before a number of the space-separated form.
    let (hour, rest) = one_or_two_digits(rest)?;
    let (minute, rest) = one_or_two_digits(rest.strip_prefix(':')?)?;
    let (second, rest) = one_or_two_digits(rest.strip_prefix(':')?)?;
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let zone = match rest.strip_prefix(['.', ',']) {
        Some(fraction) if fraction.starts_with(|digit: char| digit.is_ascii_digit()) => {
            fraction.trim_start_matches(|digit: char| digit.is_ascii_digit())
        }
        _ => rest,
    };
    (if zoned { is_zone(zone) } else { zone.is_empty() }).then_some(())
}

fn is_zone(text: &str) -> bool {
    match text.as_bytes() {
        [b'Z'] => true,
        [b'+' | b'-', h1, h2, b':', m1, m2] => {
            [h1, h2, m1, m2].iter().all(|digit| digit.is_ascii_digit())
                && (*h1, *h2) <= (b'2', b'4')
                && (*m1, *m2) <= (b'6', b'0')
        }
        _ => false,
    }
}

fn one_or_two_digits(text: &str) -> Option<(u32, &str)> {
    let length = text.bytes().take(2).take_while(u8::is_ascii_digit).count();
    let value = text[..length].parse().ok()?;
    Some((value, &text[length..]))
}

fn days_of_month(year: u32, month: u32) -> Option<u32> {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => Some(31),
        4 | 6 | 9 | 11 => Some(30),
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => {
            Some(29)
        }
        2 => Some(28),
        _ => None,
    }
}

/// The text that Helm gives a text field for this number: Go's `'g'` format with the shortest
/// digits, which turns to an exponent at a million.
pub(super) fn go_float(value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    go_exponent(&format!("{value:e}")).unwrap_or_else(|| value.to_string())
}

/// The same for numbers that Go's `sigs.k8s.io/yaml` formats with 32 bits: keys, and whole numbers
/// beyond 63 bits.
pub(super) fn go_float_32(value: f32) -> String {
    go_exponent(&format!("{value:e}")).unwrap_or_else(|| value.to_string())
}

/// Go's spelling of a number in scientific notation, unless Go writes it without an exponent.
fn go_exponent(scientific: &str) -> Option<String> {
    let (digits, exponent) = scientific.split_once('e')?;
    let exponent: i32 = exponent.parse().ok()?;
    if (-4..6).contains(&exponent) {
        return None;
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    Some(format!("{digits}e{sign}{:02}", exponent.unsigned_abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resolves_like_go() {
        for (text, expected) in [
            ("1.10", Resolved::Float(1.1)),
            ("no", Resolved::Bool(false)),
            ("nO", Resolved::Text),
            ("0123", Resolved::Int(83)),
            ("0o17", Resolved::Int(15)),
            ("0x_f", Resolved::Int(15)),
            ("1_000", Resolved::Int(1000)),
            ("1e3", Resolved::Float(1000.0)),
            (".5", Resolved::Float(0.5)),
            (".5.", Resolved::Text),
            (".5_1", Resolved::Float(0.51)),
            (".5_", Resolved::Text),
            ("08", Resolved::Float(8.0)),
            ("0.", Resolved::Float(0.0)),
            ("+-1", Resolved::Text),
            ("--1", Resolved::Text),
            ("-0b11", Resolved::Int(-3)),
            ("-9223372036854775808", Resolved::Int(i64::MIN)),
            ("18446744073709551615", Resolved::Unsigned(u64::MAX)),
            ("2026-11-22", Resolved::Timestamp),
            ("2026-2-29", Resolved::Text),
            ("2024-2-29", Resolved::Timestamp),
            ("2026-11-22T1:2:3.4Z", Resolved::Timestamp),
            ("2026-11-22 01:02:03", Resolved::Timestamp),
            ("2026-11-22T01:02:03", Resolved::Text),
            ("1:30", Resolved::Text),
            ("1.2.3", Resolved::Text),
            ("<<", Resolved::Merge),
            ("=", Resolved::Text),
        ] {
            assert_eq!(resolve(text), expected, "{text}");
        }
    }

    #[test]
    fn formats_numbers_like_go() {
        for (value, expected) in [
            (1.1, "1.1"),
            (1e6, "1e+06"),
            (123_456.0, "123456"),
            (1_234_567.5, "1.2345675e+06"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (1.0, "1"),
        ] {
            assert_eq!(go_float(value), expected);
        }
    }

    #[test]
    fn knows_base_60() {
        for text in ["1:30", "-1_0:2:59.5_", "1:2."] {
            assert!(is_base_60(text), "{text}");
        }
        for text in ["1:60", "a:30", "1", "1:", "1:2:3x", "1.5:30"] {
            assert!(!is_base_60(text), "{text}");
        }
    }
}
