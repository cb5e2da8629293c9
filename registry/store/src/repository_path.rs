//! The path of a repository: how tenants are told apart, in the journal, in rights and in requests.
//!
//! A path is a list of segments, none for the root. Segments are those of an OCI name, so that one
//! path serves both protocols, and none of them is a word that routes use.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// Most segments of a path, as `ChartMuseum`'s `--depth` is used.
pub const MAX_DEPTH: usize = 8;

/// Most bytes of a path; an OCI name, which adds the chart, stays below the 255 that clients allow.
pub const MAX_PATH_BYTES: usize = 191;

/// Words that begin or continue routes, and so cannot be segments.
pub const RESERVED: [&str; 4] = ["api", "charts", "prov", "v2"];

/// The path of a repository; the empty one is the root.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RepositoryPath(Arc<str>);

/// Why a text is not the path of a repository.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// There are too many segments.
    #[error("a repository path has at most {MAX_DEPTH} segments")]
    TooDeep,
    /// It has too many bytes.
    #[error("a repository path has at most {MAX_PATH_BYTES} bytes")]
    TooLong,
    /// A segment is a word that routes use.
    #[error("`{0}` is a word of the registry's own routes")]
    Reserved(String),
    /// A segment has other characters than an OCI name.
    #[error(
        "`{0}` is not a segment of a repository path: use a-z, 0-9, and single `.`, `_` or `-` \
         between them"
    )]
    Segment(String),
}

impl RepositoryPath {
    /// The path of the root.
    pub fn root() -> Self {
        Self(Arc::from(""))
    }

    /// Reads a path, as it stands between slashes.
    ///
    /// # Errors
    ///
    /// When the path is too deep or too long, or a segment is not allowed.
    pub fn parse(text: &str) -> Result<Self, PathError> {
        if text.is_empty() {
            return Ok(Self::root());
        }
        if text.len() > MAX_PATH_BYTES {
            return Err(PathError::TooLong);
        }
        if text.split('/').count() > MAX_DEPTH {
            return Err(PathError::TooDeep);
        }
        text.split('/').try_for_each(check_segment)?;
        Ok(Self(Arc::from(text)))
    }

    /// Its text, empty for the root.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// True when `self` is `above` or lies below it.
    pub fn is_within(&self, above: &Self) -> bool {
        let rest = self.0.strip_prefix(&*above.0);
        rest.is_some_and(|rest| rest.is_empty() || above.0.is_empty() || rest.starts_with('/'))
    }

    /// The path itself, what lies above it, and last the root: the order in which settings count.
    pub fn upwards(&self) -> impl Iterator<Item = &str> {
        let mut rest = Some(self.as_str());
        std::iter::from_fn(move || {
            let here = rest?;
            rest = match here.rsplit_once('/') {
                Some((above, _)) => Some(above),
                None if here.is_empty() => None,
                None => Some(""),
            };
            Some(here)
        })
    }
}

fn check_segment(segment: &str) -> Result<(), PathError> {
    if RESERVED.contains(&segment) {
        return Err(PathError::Reserved(segment.to_owned()));
    }
    if is_oci_component(segment) { Ok(()) } else { Err(PathError::Segment(segment.to_owned())) }
}

/// True for `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*`, the component of a name in the OCI specification.
pub fn is_oci_component(text: &str) -> bool {
    let word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let mut separator = String::new();
    for byte in text.bytes() {
        if word(byte) {
            separator.clear();
        } else {
            separator.push(char::from(byte));
            let dashes = separator.bytes().all(|byte| byte == b'-');
            if !dashes && ![".", "_", "__"].contains(&separator.as_str()) {
                return false;
            }
        }
    }
    let ends = |byte: Option<&u8>| byte.is_some_and(|byte| word(*byte));
    ends(text.as_bytes().first()) && ends(text.as_bytes().last())
}

impl fmt::Display for RepositoryPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl TryFrom<String> for RepositoryPath {
    type Error = PathError;

    fn try_from(text: String) -> Result<Self, PathError> {
        Self::parse(&text)
    }
}

impl From<RepositoryPath> for String {
    fn from(path: RepositoryPath) -> Self {
        path.0.as_ref().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_are_those_of_an_oci_name_and_no_words_of_routes() {
        for text in ["", "a", "team-1/fabric.net/x_y/z__1/a--b", "1/2/3/4/5/6/7/8"] {
            assert_eq!(RepositoryPath::parse(text).unwrap().as_str(), text);
        }
        for text in ["/", "a/", "/a", "a//b", "A", "a b", "-", "-a", "a-", "a._b", "a___b", "~x"] {
            assert!(matches!(RepositoryPath::parse(text), Err(PathError::Segment(_))), "{text}");
        }
        for text in ["api", "a/charts", "v2/a", "prov"] {
            assert!(matches!(RepositoryPath::parse(text), Err(PathError::Reserved(_))), "{text}");
        }
        assert_eq!(RepositoryPath::parse("1/2/3/4/5/6/7/8/9"), Err(PathError::TooDeep));
        assert_eq!(RepositoryPath::parse(&"a".repeat(192)), Err(PathError::TooLong));
        assert!(RepositoryPath::parse(&"a".repeat(191)).is_ok());
    }

    #[test]
    fn a_path_is_within_itself_and_what_lies_above_but_not_within_a_longer_name() {
        let path = |text| RepositoryPath::parse(text).unwrap();
        for above in ["", "team", "team/a"] {
            assert!(path("team/a").is_within(&path(above)), "{above}");
        }
        for other in ["tea", "team/a/b", "team/aa", "a"] {
            assert!(!path("team/a").is_within(&path(other)), "{other}");
        }
        assert_eq!(path("a/b/c").upwards().collect::<Vec<_>>(), ["a/b/c", "a/b", "a", ""]);
        assert_eq!(path("").upwards().collect::<Vec<_>>(), [""]);
    }
}
