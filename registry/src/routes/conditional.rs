//! Strong validators, and the answer to a client that has the body already.

use axum::http::header::{CACHE_CONTROL, ETAG, IF_NONE_MATCH, VARY};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

/// What a cache needs to know about a body.
#[derive(Debug, Clone)]
pub(super) struct Validator {
    /// The text between the quotes of the `ETag`.
    pub(super) tag: String,
    /// How long it may be used unasked.
    pub(super) cache_control: &'static str,
    /// Which request headers choose the representation.
    pub(super) vary: Option<&'static str>,
}

impl Validator {
    /// Of bytes that never change, with their digest as the tag.
    pub(super) fn immutable(tag: String) -> Self {
        Self { tag, cache_control: "public, max-age=31536000, immutable", vary: None }
    }

    /// The answer 304 when the client's `If-None-Match` names this body.
    pub(super) fn not_modified(&self, request: &HeaderMap) -> Option<Response> {
        let known = request
            .get_all(IF_NONE_MATCH)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .any(|tag| self.names(tag.trim()));
        known.then(|| {
            let mut response = StatusCode::NOT_MODIFIED.into_response();
            self.put_into(response.headers_mut());
            response
        })
    }

    /// Comparison is weak, as RFC 9110 asks for `If-None-Match`.
    fn names(&self, tag: &str) -> bool {
        let strong = tag.strip_prefix("W/").unwrap_or(tag);
        let text = strong.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        tag == "*" || text == Some(self.tag.as_str())
    }

    /// Sets the headers of the body or of the 304.
    pub(super) fn put_into(&self, headers: &mut HeaderMap) {
        // As it stands in the header, so that its text is copied once.
        let mut quoted = String::with_capacity(self.tag.len() + 2);
        quoted.extend(["\"", &self.tag, "\""]);
        if let Ok(tag) = HeaderValue::try_from(quoted) {
            headers.insert(ETAG, tag);
        }
        headers.insert(CACHE_CONTROL, HeaderValue::from_static(self.cache_control));
        if let Some(vary) = self.vary {
            headers.insert(VARY, HeaderValue::from_static(vary));
        }
    }
}
