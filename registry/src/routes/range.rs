//! A part of a body, as `Range` and `If-Range` ask for it (RFC 9110, sections 13 and 14).
//!
//! One range per request. Several at once are answered with the whole body, which is allowed and
//! what every client handles.

use axum::http::header::{CONTENT_RANGE, IF_RANGE, RANGE};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};

/// What part of a body of known size is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part {
    /// All of it.
    Whole,
    /// Bytes from `start` to before `end`; never empty.
    Bytes(std::ops::Range<u64>),
    /// A part that the body does not have.
    Unsatisfiable,
}

/// The part of a body of `size` bytes with the strong validator `tag` that a client asks for.
pub(crate) fn wanted(headers: &HeaderMap, tag: &str, size: u64) -> Part {
    let range = headers.get(RANGE).and_then(|value| value.to_str().ok());
    let Some(range) = range.filter(|_| still_the_same(headers, tag)) else { return Part::Whole };
    let Some(set) = range.strip_prefix("bytes=") else { return Part::Whole };
    if set.contains(',') {
        return Part::Whole;
    }
    parse(set.trim(), size).unwrap_or(Part::Whole)
}

/// The status and the bytes of an answer; `None` for a part that the body does not have.
///
/// Ranges have a meaning for GET only: HEAD tells of the whole body.
pub(super) fn chosen(
    (method, headers): (&Method, &HeaderMap),
    tag: &str,
    size: u64,
) -> Option<(StatusCode, std::ops::Range<u64>)> {
    let part = if method == Method::HEAD { Part::Whole } else { wanted(headers, tag, size) };
    match part {
        Part::Whole => Some((StatusCode::OK, 0..size)),
        Part::Bytes(bytes) => Some((StatusCode::PARTIAL_CONTENT, bytes)),
        Part::Unsatisfiable => None,
    }
}

/// True unless the client has parts of another body.
fn still_the_same(headers: &HeaderMap, tag: &str) -> bool {
    headers.get(IF_RANGE).is_none_or(|known| known.as_bytes() == format!("\"{tag}\"").as_bytes())
}

/// `None` for what is no range at all.
fn parse(range: &str, size: u64) -> Option<Part> {
    let (first, last) = range.split_once('-')?;
    if first.is_empty() {
        let count = digits(last)?.min(size);
        return Some(part(size - count, size));
    }
    let start = digits(first)?;
    let end = if last.is_empty() { size } else { digits(last)?.saturating_add(1).min(size) };
    Some(part(start, end))
}

fn digits(text: &str) -> Option<u64> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().unwrap_or(u64::MAX))
}

fn part(start: u64, end: u64) -> Part {
    if start < end { Part::Bytes(start..end) } else { Part::Unsatisfiable }
}

/// The value of `Content-Range`.
pub(super) fn content_range(part: &std::ops::Range<u64>, size: u64) -> Option<HeaderValue> {
    let last = part.end.saturating_sub(1);
    HeaderValue::from_str(&format!("bytes {}-{last}/{size}", part.start)).ok()
}

/// The answer to a range that the body does not have.
pub(super) fn unsatisfiable(size: u64) -> Response {
    let mut response = StatusCode::RANGE_NOT_SATISFIABLE.into_response();
    if let Ok(value) = HeaderValue::from_str(&format!("bytes */{size}")) {
        response.headers_mut().insert(CONTENT_RANGE, value);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(range: &str, if_range: Option<&str>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(RANGE, HeaderValue::from_str(range).unwrap());
        if let Some(known) = if_range {
            headers.insert(IF_RANGE, HeaderValue::from_str(known).unwrap());
        }
        headers
    }

    #[test]
    fn reads_ranges_as_the_rfc_has_them() {
        for (range, expected) in [
            ("bytes=0-0", Part::Bytes(0..1)),
            ("bytes=2-5", Part::Bytes(2..6)),
            ("bytes=2-", Part::Bytes(2..10)),
            ("bytes=-3", Part::Bytes(7..10)),
            ("bytes=-30", Part::Bytes(0..10)),
            ("bytes=5-99999999999999999999", Part::Bytes(5..10)),
            ("bytes=10-", Part::Unsatisfiable),
            ("bytes=5-0", Part::Unsatisfiable),
            ("bytes=-0", Part::Unsatisfiable),
            ("bytes=0-1,3-4", Part::Whole),
            ("bytes=-", Part::Whole),
            ("bytes=+1-2", Part::Whole),
            ("items=0-1", Part::Whole),
        ] {
            assert_eq!(wanted(&headers(range, None), "tag", 10), expected, "{range}");
        }
        assert_eq!(wanted(&headers("bytes=0-", None), "tag", 0), Part::Unsatisfiable);
    }

    #[test]
    fn a_part_of_another_body_is_not_sent() {
        for (known, expected) in [
            ("\"tag\"", Part::Bytes(0..1)),
            ("\"other\"", Part::Whole),
            ("W/\"tag\"", Part::Whole),
            ("Wed, 21 Oct 2026 07:28:00 GMT", Part::Whole),
        ] {
            assert_eq!(wanted(&headers("bytes=0-0", Some(known)), "tag", 10), expected, "{known}");
        }
    }
}
