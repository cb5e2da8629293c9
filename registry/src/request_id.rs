//! The name of a request: in the log, in the journal, and in the answer's `X-Request-Id`.

use std::sync::Arc;

use axum::http::{Extensions, HeaderMap, HeaderName, HeaderValue};

/// The header in both directions.
pub(crate) const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// A caller's own name for a request is taken when it is short and harmless.
const MAX_BYTES: usize = 64;

/// The name of one request.
#[derive(Debug, Clone, Default)]
pub(crate) struct RequestId(Arc<str>);

impl RequestId {
    /// The caller's name for the request, else a random one.
    pub(crate) fn choose(headers: &HeaderMap) -> Self {
        let given = headers.get(HEADER).and_then(|value| value.to_str().ok());
        match given {
            Some(text) if acceptable(text) => Self(Arc::from(text)),
            Some(_) | None => Self(Arc::from(format!("{:032x}", rand::random::<u128>()))),
        }
    }

    /// The name that the request's extensions carry; empty outside of the server's own routes.
    pub(crate) fn of(extensions: &Extensions) -> Self {
        extensions.get::<Self>().cloned().unwrap_or_default()
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn header_value(&self) -> Option<HeaderValue> {
        HeaderValue::from_str(&self.0).ok()
    }
}

fn acceptable(text: &str) -> bool {
    let harmless = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:/".contains(&byte);
    !text.is_empty() && text.len() <= MAX_BYTES && text.bytes().all(harmless)
}
