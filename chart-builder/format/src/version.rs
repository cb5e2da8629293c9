//! The version of a chart, as it is written and as it is ordered.
//!
//! Helm reads versions loosely, and charts in the world are named so: `v1.19.1`, `1.2`, `2024.01.15`.
//! Such a text stays as it is in file names, indexes and tags, because clients ask for it; only its
//! place in the order is that of the full version that it stands for.

use std::fmt;
use std::str::FromStr;

use semver::Version;
use serde::{Serialize, Serializer};

use crate::constraint::{VersionError, parse_version};

/// Longest text of a version in bytes: that of a tag, by which OCI clients ask for it.
pub const MAX_VERSION_BYTES: usize = 128;

/// A chart's version: equal when it is written equally.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChartVersion {
    text: String,
    precedence: Version,
}

impl ChartVersion {
    /// Reads a version as Helm does: `SemVer` 2, but for a `v` before it, missing minor and patch
    /// numbers, and leading zeros of the three numbers.
    ///
    /// # Errors
    ///
    /// When Helm reads no version in it, or it has more than [`MAX_VERSION_BYTES`], or it is a
    /// pre-release of a single number: `a-1-2.0.0.tgz` would be `1-2.0.0` of `a` as well as `2.0.0` of
    /// `a-1`.
    pub fn parse(text: &str) -> Result<Self, VersionError> {
        let precedence = parse_version(text)?;
        let numbers = text.split(['-', '+']).next().unwrap_or_default();
        if text.len() > MAX_VERSION_BYTES || (!precedence.pre.is_empty() && !numbers.contains('.'))
        {
            return Err(VersionError::of(text));
        }
        Ok(Self { text: text.to_owned(), precedence })
    }

    /// The name and version of the chart whose package has this file name, when it can have one: a
    /// name holds no dots, and so each file name stands for one version at most.
    pub fn in_file_name(file_name: &str) -> Option<(&str, &str)> {
        let stem = file_name.strip_suffix(".tgz")?;
        let splits = stem.match_indices('-').map(|(at, _)| (&stem[..at], &stem[at + 1..]));
        splits.into_iter().find(|(_, version)| begins_a_version(version))
    }

    /// The version as it is written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The full version that it stands for. Two versions whose full ones differ in nothing but build
    /// metadata are one version to Helm.
    pub fn precedence(&self) -> &Version {
        &self.precedence
    }

    /// Whether it is written in full, as `SemVer` 2 asks for.
    pub fn is_strict(&self) -> bool {
        Version::parse(&self.text).is_ok()
    }
}

/// Whether what stands behind a `-` of a file name is a version, and not a part of the name: it begins
/// with a number, and has a dot in its numbers if anything follows them behind another `-`.
fn begins_a_version(text: &str) -> bool {
    let digits = text.strip_prefix('v').unwrap_or(text);
    let numbers = digits.find(['-', '+']);
    let alone = numbers.is_none_or(|end| digits.as_bytes().get(end) == Some(&b'+'));
    let numbers = &digits[..numbers.unwrap_or(digits.len())];
    let numeric = |byte: u8| byte.is_ascii_digit() || byte == b'.';
    digits.starts_with(|first: char| first.is_ascii_digit())
        && numbers.bytes().all(numeric)
        && (alone || numbers.contains('.'))
}

impl From<Version> for ChartVersion {
    fn from(precedence: Version) -> Self {
        Self { text: precedence.to_string(), precedence }
    }
}

impl FromStr for ChartVersion {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<Self, VersionError> {
        Self::parse(text)
    }
}

impl fmt::Display for ChartVersion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.text)
    }
}

impl Serialize for ChartVersion {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loose_version_keeps_its_text_and_has_the_place_of_the_full_one() {
        for (text, full, strict) in [
            ("1.2.3-rc.1+a", "1.2.3-rc.1+a", true),
            ("v1.19.1", "1.19.1", false),
            ("1.2", "1.2.0", false),
            ("2", "2.0.0", false),
            ("2024.01.05", "2024.1.5", false),
            ("v1.2-beta", "1.2.0-beta", false),
        ] {
            let version = ChartVersion::parse(text).unwrap();
            assert_eq!((version.as_str(), version.to_string().as_str()), (text, text));
            assert_eq!(version.precedence().to_string(), full);
            assert_eq!(version.is_strict(), strict, "{text}");
        }
    }

    #[test]
    fn what_helm_reads_no_version_in_is_refused_and_so_is_what_no_tag_can_hold() {
        let none =
            ["", "v", "V1.2.3", "1.2.3.4", "1.2.3-01", "latest", "1.x", "1.2.3 ", "-1", "1-rc"];
        for text in none {
            assert!(ChartVersion::parse(text).is_err(), "{text}");
        }
        let long = |bytes: usize| format!("1.2.3-{}", "a".repeat(bytes - 6));
        assert!(ChartVersion::parse(&long(MAX_VERSION_BYTES)).is_ok());
        assert!(ChartVersion::parse(&long(MAX_VERSION_BYTES + 1)).is_err());
    }

    #[test]
    fn a_file_name_stands_for_one_version() {
        let names = ["a", "a-1", "a-v1", "a-1a", "1", "k8s-2-b"];
        let versions = [
            "1.2.3",
            "1.2.3-4.5",
            "1.2.3-4-5",
            "1.2.3+4-5",
            "v1.2.3",
            "v1.2-3",
            "1.2",
            "7",
            "v7",
            "7+1-2.0",
            "2024.01.05",
            "1.0.0-v2",
            "1.0.0-1.2.3-x",
        ];
        for (name, version) in names.iter().flat_map(|name| versions.map(|it| (*name, it))) {
            assert!(ChartVersion::parse(version).is_ok(), "{version}");
            let file_name = format!("{name}-{version}.tgz");
            assert_eq!(
                ChartVersion::in_file_name(&file_name),
                Some((name, version)),
                "{file_name}"
            );
        }
        for none in ["a.tgz", "a-1.0.0", "a-1.0.0.zip", "-.tgz", ".tgz", "a-b.tgz", "a-1b.tgz"] {
            assert_eq!(ChartVersion::in_file_name(none), None, "{none}");
        }
    }
}
