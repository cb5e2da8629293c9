//! From the text of a setting to its value, and back to the text that a person would write.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use chart_registry_store::{AddressError, Location};

use super::fault::Wrong;
use crate::artifact_hub::ArtifactHubId;
use crate::external::external_url as parse_external_url;
use crate::forwarded::{Network, NetworkError};
use crate::target::base_path as parse_base_path;

/// What a setting's value looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `true` or `false`; the flag alone means `true`.
    Switch,
    /// One value, named so in the help.
    One(&'static str),
    /// Any number of values: a list in the file, commas in the environment, the flag many times.
    Many(&'static str),
    /// One of these words.
    Word(&'static [&'static str]),
}

const UNITS: [(&str, u64); 4] = [("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("B", 1)];

/// Most of anything that is counted one by one.
const MOST_THINGS: usize = 1_000_000;

/// Bytes: `20971520` or `20 MiB`.
pub(super) fn bytes(text: &str) -> Result<u64, Wrong> {
    let (digits, factor) = UNITS
        .iter()
        .find_map(|(unit, factor)| Some((text.strip_suffix(unit)?, *factor)))
        .unwrap_or((text, 1));
    let number = digits.trim_end().parse::<u64>().ok().and_then(|n| n.checked_mul(factor));
    number.filter(|bytes| *bytes > 0).ok_or_else(|| {
        Wrong::new(
            format!("`{text}` is no number of bytes"),
            "write one like `20971520`, `512 KiB`, `20 MiB` or `10 GiB`",
        )
    })
}

/// The longest unit that says it exactly.
pub(super) fn show_bytes(bytes: u64) -> String {
    let fits = UNITS[..3].iter().rev().find(|(_, factor)| bytes.is_multiple_of(*factor));
    match fits.filter(|_| bytes > 0) {
        Some((unit, factor)) => format!("{} {unit}", bytes / factor),
        None => bytes.to_string(),
    }
}

/// A number without a unit.
pub(super) fn count(text: &str) -> Result<usize, Wrong> {
    text.parse().map_err(|_| Wrong::new(format!("`{text}` is no number"), "write one like `2`"))
}

/// A number of things, at least one.
pub(super) fn number(text: &str) -> Result<usize, Wrong> {
    let number = text.parse().ok().filter(|number| (1..=MOST_THINGS).contains(number));
    number.ok_or_else(|| {
        Wrong::new(format!("`{text}` is no number from 1 to {MOST_THINGS}"), "write decimal digits")
    })
}

/// A time span: `30s`, `5m` or `1h`.
pub(crate) fn duration(text: &str) -> Result<Duration, Wrong> {
    let units = [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000)];
    let millis = units.iter().find_map(|(unit, factor)| {
        let digits = text.strip_suffix(unit)?;
        digits.trim_end().parse::<u64>().ok()?.checked_mul(*factor)
    });
    millis.map(Duration::from_millis).ok_or_else(|| {
        Wrong::new(
            format!("`{text}` is no time span"),
            "write one like `500ms`, `30s`, `5m` or `1h`",
        )
    })
}

/// As [`duration`] reads it.
pub(super) fn show_duration(span: Duration) -> String {
    let millis = span.as_millis();
    let units = [("h", 3_600_000), ("m", 60_000), ("s", 1_000)];
    let fits = units.iter().find(|(_, factor)| millis > 0 && millis.is_multiple_of(*factor));
    fits.map_or_else(
        || format!("{millis}ms"),
        |(unit, factor)| format!("{}{unit}", millis / factor),
    )
}

/// `true` or `false`.
pub(super) fn switch(text: &str) -> Result<bool, Wrong> {
    match text {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(Wrong::new(format!("`{text}` is no switch"), "write `true` or `false`")),
    }
}

/// IDs of Artifact Hub, several of which may stand in one text.
pub(super) fn artifact_hub(given: &[String]) -> Result<Vec<ArtifactHubId>, Wrong> {
    let fix = "write the ID of the root, or `PATH=ID`";
    let texts = given.iter().flat_map(|text| text.split(','));
    texts.map(|text| text.parse().map_err(|error: String| Wrong::new(error, fix))).collect()
}

/// An address and a port.
pub(super) fn address(text: &str) -> Result<SocketAddr, Wrong> {
    text.parse().map_err(|_| {
        Wrong::new(
            format!("`{text}` is no address with a port"),
            "write one like `127.0.0.1:8080`, `0.0.0.0:8080` or `[::]:8080`",
        )
    })
}

/// The path of a file or directory.
pub(super) fn path(text: &str) -> Result<PathBuf, Wrong> {
    if text.is_empty() {
        return Err(Wrong::new("the path is empty", "write one, or remove the setting"));
    }
    Ok(PathBuf::from(text))
}

/// A directory or the address of a bucket.
pub(super) fn location(text: &str) -> Result<Location, Wrong> {
    path(text)?;
    text.parse().map_err(|error: AddressError| {
        Wrong::new(error.to_string(), "write a directory, or an address like `s3://BUCKET/PREFIX`")
    })
}

/// Ranges of addresses.
pub(super) fn networks(texts: &[String]) -> Result<Vec<Network>, Wrong> {
    let wrong = |error: NetworkError| {
        Wrong::new(error.to_string(), "write one like `10.0.0.7`, `10.0.0.0/8` or `fd00::/8`")
    };
    texts.iter().map(|text| text.parse().map_err(wrong)).collect()
}

/// A path below which the registry is reached.
pub(super) fn base_path(text: &str) -> Result<String, Wrong> {
    parse_base_path(text)
        .map_err(|what| Wrong::new(what, "write one like `charts` or `/team/charts`"))
}

/// The URL that clients reach the registry under.
pub(super) fn external_url(text: &str) -> Result<String, Wrong> {
    let fix = "write one like `https://charts.example.com/helm`";
    parse_external_url(text).map_err(|what| Wrong::new(what, fix))
}

/// One of a few words.
pub(super) fn word<T: Copy>(text: &str, words: &[(&str, T)]) -> Result<T, Wrong> {
    let found = words.iter().find(|(word, _)| *word == text);
    found.map(|(_, value)| *value).ok_or_else(|| {
        let known: Vec<String> = words.iter().map(|(word, _)| format!("`{word}`")).collect();
        Wrong::new(
            format!("`{text}` is none of the choices"),
            format!("write {}", known.join(" or ")),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_read_with_units_and_shown_in_the_longest_that_fits() {
        assert_eq!(bytes("20 MiB").unwrap(), 20 << 20);
        assert_eq!(bytes("20MiB").unwrap(), 20 << 20);
        assert_eq!(bytes("7").unwrap(), 7);
        assert_eq!(bytes("7B").unwrap(), 7);
        for text in ["", "0", "-1", "1 MB", "MiB", "99999999999 GiB"] {
            assert!(bytes(text).is_err(), "{text}");
        }
        assert_eq!(show_bytes(20 << 20), "20 MiB");
        assert_eq!(show_bytes(1_500), "1500");
        assert_eq!(show_bytes(10 << 30), "10 GiB");
    }

    #[test]
    fn time_spans_are_read_and_shown_alike() {
        for text in ["500ms", "30s", "5m", "2h", "90s"] {
            assert_eq!(show_duration(duration(text).unwrap()), text);
        }
        for text in ["", "30", "s", "1 day", "-1s"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_told_with_examples() {
        assert!(switch("yes").unwrap_err().fix.contains("`true`"));
        assert!(address("8080").unwrap_err().fix.contains("127.0.0.1:8080"));
        assert!(base_path("a b").is_err());
        assert!(path("").is_err());
        assert!(word("xml", &[("text", 1), ("json", 2)]).unwrap_err().fix.contains("`json`"));
    }
}
