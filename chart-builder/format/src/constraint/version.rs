//! Versions as Helm spells them.

use semver::{BuildMetadata, Prerelease, Version};

/// Why a text is not even a loose version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no version: write `major.minor.patch`, as in `1.2.3` or `1.2.3-rc.1`")]
pub struct VersionError {
    /// The text, cut to 80 characters.
    pub text: String,
}

impl VersionError {
    pub(crate) fn of(text: &str) -> Self {
        Self { text: text.chars().take(80).collect() }
    }
}

/// Parses a version as Helm does: `v` before it, missing parts and leading zeros are allowed in
/// the three numbers, everything else is as in `SemVer` 2.
pub fn parse_version(text: &str) -> Result<Version, VersionError> {
    loose(text).ok_or_else(|| VersionError::of(text))
}

fn loose(text: &str) -> Option<Version> {
    if text.len() > super::MAX_CONSTRAINT_BYTES {
        return None;
    }
    let text = text.strip_prefix('v').unwrap_or(text);
    let (text, build) = split_once(text, '+');
    let (numbers, prerelease) = split_once(text, '-');
    let mut parts = numbers.split('.').map(number);
    let version = Version {
        major: parts.next()??,
        minor: parts.next().unwrap_or(Some(0))?,
        patch: parts.next().unwrap_or(Some(0))?,
        pre: match prerelease {
            Some("") => return None,
            Some(prerelease) => Prerelease::new(prerelease).ok()?,
            None => Prerelease::EMPTY,
        },
        build: match build {
            Some("") => return None,
            Some(build) => BuildMetadata::new(build).ok()?,
            None => BuildMetadata::EMPTY,
        },
    };
    parts.next().is_none().then_some(version)
}

fn split_once(text: &str, separator: char) -> (&str, Option<&str>) {
    text.split_once(separator).map_or((text, None), |(before, after)| (before, Some(after)))
}

fn number(text: &str) -> Option<u64> {
    // `parse` alone would take a sign.
    if text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().ok() } else { None }
}
