//! Numbers and moments as people read them.

use chart_registry_store::Timestamp;

/// A number of bytes in binary units.
pub(crate) fn bytes(bytes: u64) -> String {
    const UNITS: [&str; 3] = ["KiB", "MiB", "GiB"];
    if bytes < 1_024 {
        return format!("{bytes} B");
    }
    let (mut tenths, mut unit) = (bytes.saturating_mul(10) / 1_024, 0);
    while tenths >= 10_240 && unit + 1 < UNITS.len() {
        tenths /= 1_024;
        unit += 1;
    }
    format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[unit])
}

/// The day of a moment.
pub(crate) fn day(moment: Timestamp) -> String {
    moment.to_string().chars().take(10).collect()
}

/// The first line of a text, shortened.
pub(crate) fn short(text: &str, characters: usize) -> String {
    let line = text.trim().lines().next().unwrap_or_default();
    if line.chars().count() <= characters {
        return line.to_owned();
    }
    let mut cut: String = line.chars().take(characters).collect();
    cut.push('…');
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_texts_are_short() {
        for (number, text) in [
            (0, "0 B"),
            (1_023, "1023 B"),
            (1_024, "1.0 KiB"),
            (20 << 20, "20.0 MiB"),
            (5 << 40, "5120.0 GiB"),
        ] {
            assert_eq!(bytes(number), text);
        }
        assert_eq!(short(" äöü\nb", 3), "äöü");
        assert_eq!(short("äöüß", 3), "äöü…");
        assert_eq!(day(Timestamp::from_milliseconds(0)), "1970-01-01");
    }
}
