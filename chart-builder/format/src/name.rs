//! The name of a chart.
//!
//! Helm itself accepts nearly any text; OCI registries, label values and paths do not, so a name
//! is a DNS-1123 label here, as Helm's own conventions ask for.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize};

/// Longest name in bytes: that of a DNS-1123 label.
pub const MAX_NAME_BYTES: usize = 63;

/// A DNS-1123 label of at most 63 bytes: lower-case letters, digits and inner hyphens.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct ChartName(String);

/// Why a text cannot name a chart.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// There is no text.
    #[error("the chart has no name: write `name:` with lower-case letters, digits and `-`")]
    Empty,
    /// More than [`MAX_NAME_BYTES`].
    #[error("chart name `{name}` has {length} bytes: use at most {MAX_NAME_BYTES}")]
    TooLong {
        /// The name, cut to 80 characters.
        name: String,
        /// Its length in bytes.
        length: usize,
    },
    /// A character that a DNS-1123 label cannot hold at this place.
    #[error(
        "chart name `{name}` has `{}` at position {position}: use lower-case letters, digits and inner `-`",
        character.escape_default()
    )]
    BadCharacter {
        /// The name.
        name: String,
        /// The first such character.
        character: char,
        /// Its position, counted in characters from 1.
        position: usize,
    },
}

impl ChartName {
    /// Accepts `text` if it is a DNS-1123 label.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        if text.is_empty() {
            return Err(NameError::Empty);
        }
        if text.len() > MAX_NAME_BYTES {
            return Err(NameError::TooLong {
                name: text.chars().take(80).collect(),
                length: text.len(),
            });
        }
        let fits = |index: usize, character: char| match character {
            'a'..='z' | '0'..='9' => true,
            '-' => index > 0 && index + 1 < text.len(),
            _ => false,
        };
        match text
            .char_indices()
            .enumerate()
            .find(|(_, (index, character))| !fits(*index, *character))
        {
            Some((position, (_, character))) => Err(NameError::BadCharacter {
                name: text.to_owned(),
                character,
                position: position + 1,
            }),
            None => Ok(Self(text.to_owned())),
        }
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ChartName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

impl FromStr for ChartName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        Self::parse(text)
    }
}

impl AsRef<str> for ChartName {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for ChartName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl From<ChartName> for String {
    fn from(name: ChartName) -> Self {
        name.0
    }
}

impl<'de> Deserialize<'de> for ChartName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_dns_labels() {
        for text in ["a", "0", "fabric-org", "a--b", &"x".repeat(63)] {
            assert_eq!(ChartName::parse(text).map(String::from), Ok(text.to_owned()));
        }
    }

    #[test]
    fn refuses_everything_else_and_names_the_place() {
        assert_eq!(ChartName::parse(""), Err(NameError::Empty));
        assert!(matches!(
            ChartName::parse(&"x".repeat(64)),
            Err(NameError::TooLong { length: 64, .. })
        ));
        for (text, place, bad) in
            [("-a", 1, '-'), ("a-", 2, '-'), ("aB", 2, 'B'), ("a.b", 2, '.'), ("é/x", 1, 'é')]
        {
            assert_eq!(
                ChartName::parse(text),
                Err(NameError::BadCharacter {
                    name: text.to_owned(),
                    character: bad,
                    position: place
                }),
            );
        }
    }

    #[test]
    fn deserializing_goes_through_parse() {
        assert!(serde_json::from_str::<ChartName>("\"fabric-org\"").is_ok());
        assert!(serde_json::from_str::<ChartName>("\"Fabric\"").is_err());
    }
}
