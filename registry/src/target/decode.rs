//! From the bytes of a path to its segments: decoded once, refused when they could mean two things.

use crate::refusal::{Code, Refusal};

/// The decoded segments of a path, without the slash at its beginning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Segments(Vec<String>);

/// Why a path has no segments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unreadable {
    /// A `%` without two hexadecimal digits behind it, or no UTF-8.
    Encoding,
    /// A segment that is a way, not a name: `.` or `..`, or one with a slash or a control character
    /// in it.
    Segment,
    /// It does not lie below the path that this registry is served under.
    Elsewhere,
}

impl From<Unreadable> for Refusal {
    fn from(reason: Unreadable) -> Self {
        match reason {
            Unreadable::Encoding => Self::new(
                Code::BadRequest,
                "the path is not percent-encoded UTF-8",
                "path",
                "write the path in UTF-8, percent-encoded",
            ),
            Unreadable::Segment => Self::new(
                Code::BadRequest,
                "the path has a segment that is no name",
                "path",
                "leave out `.`, `..`, encoded slashes, backslashes and control characters",
            ),
            Unreadable::Elsewhere => Self::not_found("not found", "path"),
        }
    }
}

/// Words that stand before the path that a proxy adds: clients put them first.
const LEADING_WORDS: [&str; 2] = ["api", "v2"];

/// The text of a base path without slashes at its ends, or what is wrong with it.
pub(crate) fn base_path(text: &str) -> Result<String, String> {
    let path = text.trim_matches('/');
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    let fine = |segment: &str| {
        !segment.is_empty() && ![".", ".."].contains(&segment) && segment.bytes().all(plain)
    };
    if path.is_empty() || path.split('/').all(fine) {
        return Ok(path.to_owned());
    }
    Err(format!("`{text}` is not a path of letters, digits, `-`, `.` and `_` between slashes"))
}

impl Segments {
    /// The segments of `path` below `base`.
    ///
    /// `helm cm-push` puts `/api` before the whole path of the repository's URL, and OCI clients put
    /// `/v2` there; both mean the same repository as the path behind the base.
    pub(crate) fn read(path: &str, base: &str) -> Result<Self, Unreadable> {
        let path = path.strip_prefix('/').ok_or(Unreadable::Elsewhere)?;
        let segments = path.split('/').map(segment).collect::<Result<Vec<_>, _>>()?;
        below(segments, base).map(Self)
    }

    pub(super) fn as_slice(&self) -> &[String] {
        &self.0
    }
}

fn below(mut segments: Vec<String>, base: &str) -> Result<Vec<String>, Unreadable> {
    if base.is_empty() {
        return Ok(segments);
    }
    let leading = segments.first().is_some_and(|word| LEADING_WORDS.contains(&word.as_str()));
    let start = usize::from(leading);
    let depth = base.split('/').count();
    let given = segments.get(start..start + depth).unwrap_or_default();
    if given.iter().map(String::as_str).eq(base.split('/')) {
        segments.drain(start..start + depth);
        return Ok(segments);
    }
    // OCI knows no base: `/v2/` itself is asked for at the host's root.
    let is_ping = segments == ["v2", ""] || segments == ["v2"];
    if is_ping { Ok(segments) } else { Err(Unreadable::Elsewhere) }
}

fn segment(text: &str) -> Result<String, Unreadable> {
    let decoded = decoded(text)?;
    let confusing = |c: char| c == '/' || c == '\\' || c.is_control();
    if decoded == "." || decoded == ".." || decoded.contains(confusing) {
        return Err(Unreadable::Segment);
    }
    Ok(decoded)
}

fn decoded(text: &str) -> Result<String, Unreadable> {
    if !text.contains('%') {
        return Ok(text.to_owned());
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        rest = behind;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let [high, low, behind @ ..] = rest else { return Err(Unreadable::Encoding) };
        bytes.push(digit(*high)? << 4 | digit(*low)?);
        rest = behind;
    }
    String::from_utf8(bytes).map_err(|_| Unreadable::Encoding)
}

fn digit(byte: u8) -> Result<u8, Unreadable> {
    match byte {
        b'0'..=b'9' => Ok(byte - b'0'),
        b'a'..=b'f' => Ok(byte - b'a' + 10),
        b'A'..=b'F' => Ok(byte - b'A' + 10),
        _ => Err(Unreadable::Encoding),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(path: &str, base: &str) -> Result<Vec<String>, Unreadable> {
        Segments::read(path, base).map(|segments| segments.0)
    }

    #[test]
    fn segments_are_decoded_once_and_ways_are_refused() {
        assert_eq!(read("/a/b%2Bc+d%25", "").unwrap(), ["a", "b+c+d%"]);
        assert_eq!(read("/%252e%252e", "").unwrap(), ["%2e%2e"]);
        assert_eq!(read("/", "").unwrap(), [""]);
        for path in ["/..", "/a/%2e%2e/b", "/.", "/a%2fb", "/a%5Cb", "/a%00", "/a%0Ab"] {
            assert_eq!(read(path, ""), Err(Unreadable::Segment), "{path}");
        }
        for path in ["/%", "/%4", "/%zz", "/%ff"] {
            assert_eq!(read(path, ""), Err(Unreadable::Encoding), "{path}");
        }
        assert_eq!(read("*", ""), Err(Unreadable::Elsewhere));
    }

    #[test]
    fn a_base_path_is_left_away_behind_the_words_that_clients_put_first() {
        let base = "x/helm";
        assert_eq!(read("/x/helm/a/index.yaml", base).unwrap(), ["a", "index.yaml"]);
        assert_eq!(read("/x/helm/api/a/charts", base).unwrap(), ["api", "a", "charts"]);
        assert_eq!(read("/api/x/helm/a/charts", base).unwrap(), ["api", "a", "charts"]);
        assert_eq!(read("/v2/x/helm/a/tags/list", base).unwrap(), ["v2", "a", "tags", "list"]);
        assert_eq!(read("/v2/", base).unwrap(), ["v2", ""]);
        for path in ["/a/index.yaml", "/x/index.yaml", "/x/helmet/index.yaml", "/api/charts", "/"] {
            assert_eq!(read(path, base), Err(Unreadable::Elsewhere), "{path}");
        }
        assert_eq!(base_path("/x/helm/").unwrap(), base);
        assert_eq!(base_path("/").unwrap(), "");
        for text in ["a//b", "a/../b", "a b", "%41"] {
            assert!(base_path(text).is_err(), "{text}");
        }
    }
}
