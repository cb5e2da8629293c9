//! What a view is asked for: a segment of a path, `~key=value;key=value;flag`.
//!
//! The same conditions in another order are the same view. Left out: percent-encoding, which whoever
//! takes the path apart has undone.

use std::fmt;

use chart_registry_store::Timestamp;

/// Most versions of a chart that `latest` takes; beyond that the whole index is not larger.
const MOST_VERSIONS: usize = 1_000;

/// Longest value in bytes.
const LONGEST_VALUE: usize = 250;

/// A condition that views know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ViewKey {
    /// How it is written.
    pub form: &'static str,
    /// What it does.
    pub meaning: &'static str,
    name: &'static str,
}

/// Every condition, in the order in which a view's name is written.
pub const VIEW_KEYS: &[ViewKey] = &[
    key("at", "at=TIME", "The index as it was at a moment, in RFC 3339."),
    key("chart", "chart=NAME", "One chart."),
    key("prefix", "prefix=TEXT", "Charts whose names begin so."),
    key("network", "network=NAME", "Versions whose annotation `fabric.network` says so."),
    key("channel", "channel=NAME", "Versions that were promoted to a channel."),
    key(
        "latest",
        "latest=N",
        "The newest N versions of each chart, and N pre-releases; 1 to 1000.",
    ),
    key("full", "full", "All fields of all versions; else older ones have few."),
];

const fn key(name: &'static str, form: &'static str, meaning: &'static str) -> ViewKey {
    ViewKey { form, meaning, name }
}

/// The conditions of a view.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct ViewSpec {
    pub(crate) at: Option<Timestamp>,
    pub(crate) chart: Option<String>,
    pub(crate) prefix: Option<String>,
    pub(crate) network: Option<String>,
    pub(crate) channel: Option<String>,
    pub(crate) latest: Option<usize>,
    full: bool,
}

/// Why a segment names no view.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ViewFault {
    /// It has no condition.
    #[error("a view has at least one condition")]
    Empty,
    /// No view knows the condition.
    #[error("views know no condition `{0}`")]
    Unknown(String),
    /// The condition is there twice.
    #[error("the condition `{0}` is there twice")]
    Twice(&'static str),
    /// The condition is written another way.
    #[error("`{written}` is not how the condition `{name}` is written")]
    Value {
        /// Its name.
        name: &'static str,
        /// What was written.
        written: String,
    },
}

impl ViewFault {
    /// What to write instead.
    pub fn fix(&self) -> String {
        let forms = VIEW_KEYS.iter().filter(|key| match self {
            Self::Value { name, .. } | Self::Twice(name) => key.name == *name,
            Self::Empty | Self::Unknown(_) => true,
        });
        let forms: Vec<String> = forms.map(|key| format!("`{}`", key.form)).collect();
        format!("write {}; several conditions are parted by `;`", forms.join(", "))
    }
}

impl ViewSpec {
    /// Reads a segment without the `~` before it.
    pub fn parse(conditions: &str) -> Result<Self, ViewFault> {
        if conditions.is_empty() {
            return Err(ViewFault::Empty);
        }
        let (mut spec, mut seen) = (Self::default(), Vec::new());
        for condition in conditions.split(';') {
            let (name, value) = match condition.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (condition, None),
            };
            let known = VIEW_KEYS.iter().find(|key| key.name == name);
            let name = known.ok_or_else(|| ViewFault::Unknown(shortened(name)))?.name;
            if seen.contains(&name) {
                return Err(ViewFault::Twice(name));
            }
            seen.push(name);
            let written = || ViewFault::Value { name, written: shortened(condition) };
            spec.set(name, value).ok_or_else(written)?;
        }
        Ok(spec)
    }

    fn set(&mut self, name: &str, value: Option<&str>) -> Option<()> {
        let text = value.filter(|text| (1..=LONGEST_VALUE).contains(&text.len()));
        let owned = text.map(str::to_owned);
        match name {
            "at" => self.at = Some(Timestamp::parse(text?)?),
            "chart" => self.chart = Some(owned?),
            "prefix" => self.prefix = Some(owned?),
            "network" => self.network = Some(owned?),
            "channel" => self.channel = Some(owned?),
            "latest" => self.latest = Some(number(text?)?),
            _ if value.is_none() => self.full = true,
            _ => return None,
        }
        Some(())
    }

    /// True when all fields of all versions are asked for.
    pub fn full(&self) -> bool {
        self.full
    }

    /// The conditions that choose versions; `None` when all are chosen.
    pub fn selection(&self) -> Option<Self> {
        let selection = Self { full: false, ..self.clone() };
        (selection != Self::default()).then_some(selection)
    }
}

/// The one way to write a view, with its `~`.
impl fmt::Display for ViewSpec {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let values = [
            ("at", self.at.map(|at| at.to_string())),
            ("chart", self.chart.clone()),
            ("prefix", self.prefix.clone()),
            ("network", self.network.clone()),
            ("channel", self.channel.clone()),
            ("latest", self.latest.map(|number| number.to_string())),
        ];
        let values = values.iter().filter_map(|(name, value)| value.as_ref().map(|it| (name, it)));
        let mut before = '~';
        for (name, value) in values {
            write!(formatter, "{before}{name}={value}")?;
            before = ';';
        }
        if self.full {
            write!(formatter, "{before}full")?;
        }
        Ok(())
    }
}

/// Decimal digits alone, so that a view has one name.
fn number(text: &str) -> Option<usize> {
    let digits = !text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|number| digits && (1..=MOST_VERSIONS).contains(number))
}

fn shortened(text: &str) -> String {
    let mut short = String::new();
    for character in text.chars().take(80) {
        short.push(if character.is_control() { '?' } else { character });
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_conditions_makes_no_difference() {
        let spec = ViewSpec::parse("full;latest=3;chart=org;at=2026-11-01T01:00:00%2B01:00");
        assert!(matches!(spec, Err(ViewFault::Value { name: "at", .. })), "{spec:?}");
        let spec = ViewSpec::parse("full;latest=3;prefix=o;at=2026-11-01T01:00:00+01:00").unwrap();
        let same = ViewSpec::parse("at=2026-11-01T00:00:00Z;prefix=o;full;latest=3").unwrap();
        assert_eq!(spec, same);
        assert_eq!(spec.to_string(), "~at=2026-11-01T00:00:00.000Z;prefix=o;latest=3;full");
        assert!(spec.full());
        assert_eq!(ViewSpec::parse("full").unwrap().selection(), None);
        assert!(!spec.selection().unwrap().full());
    }

    #[test]
    fn every_name_that_is_written_reads_as_the_same_view() {
        for text in ["chart=a-b", "network=net;channel=stable", "latest=1000", "full", "prefix=a=b"]
        {
            let spec = ViewSpec::parse(text).unwrap();
            assert_eq!(ViewSpec::parse(&spec.to_string()[1..]), Ok(spec.clone()), "{text}");
            assert_eq!(spec.to_string(), format!("~{text}"));
        }
    }

    #[test]
    fn what_is_no_view_is_refused_with_what_would_be_one() {
        let fix = |text: &str| ViewSpec::parse(text).unwrap_err().fix();
        for text in ["", "colour=red", "latest=3;", ";", "Latest=3"] {
            for key in VIEW_KEYS {
                assert!(fix(text).contains(key.form), "{text}: {}", fix(text));
            }
        }
        for text in ["latest=0", "latest=+1", "latest=01", "latest=1001", "latest", "latest="] {
            assert_eq!(
                fix(text),
                "write `latest=N`; several conditions are parted by `;`",
                "{text}"
            );
        }
        let long = format!("chart={}", "x".repeat(251));
        for text in
            ["full=1", "full=", "at=yesterday", "chart=", "chart", "latest=1;latest=1", &long]
        {
            assert!(ViewSpec::parse(text).is_err(), "{text}");
        }
    }
}
