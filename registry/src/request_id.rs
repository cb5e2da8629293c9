//! The name of a request: in the log, in the journal, and in the answer's `X-Request-Id`.

use std::sync::Arc;

use axum::http::{Extensions, HeaderMap, HeaderName, HeaderValue};

/// The header in both directions.
pub(crate) const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// The header in which tracing systems name a trace and the caller's part of it.
const TRACE_PARENT: &str = "traceparent";

/// A caller's own name for a request is taken when it is short and harmless.
const MAX_BYTES: usize = 64;

/// The name of one request.
#[derive(Debug, Clone, Default)]
pub(crate) struct RequestId(Name);

#[derive(Debug, Clone)]
enum Name {
    Given(Arc<str>),
    /// Hexadecimal digits.
    Random([u8; 32]),
}

impl Default for Name {
    fn default() -> Self {
        Self::Given(Arc::default())
    }
}

impl RequestId {
    /// The caller's name for the request, else that of the trace which it belongs to, else a random one.
    pub(crate) fn choose(headers: &HeaderMap) -> Self {
        let given = headers.get(HEADER).and_then(|value| value.to_str().ok());
        match given {
            Some(text) if acceptable(text) => Self(Name::Given(Arc::from(text))),
            Some(_) | None => traced(headers).unwrap_or_else(Self::random),
        }
    }

    fn random() -> Self {
        Self(Name::Random(digits(rand::random())))
    }

    /// The name that the request's extensions carry; empty outside of the server's own routes.
    pub(crate) fn of(extensions: &Extensions) -> Self {
        extensions.get::<Self>().cloned().unwrap_or_default()
    }

    pub(crate) fn as_str(&self) -> &str {
        match &self.0 {
            Name::Given(text) => text,
            // Digits are always text.
            Name::Random(digits) => std::str::from_utf8(digits).unwrap_or_default(),
        }
    }

    pub(crate) fn header_value(&self) -> Option<HeaderValue> {
        HeaderValue::from_str(self.as_str()).ok()
    }
}

/// `<trace>-<span>` of a request that is part of a trace, as W3C Trace Context has it.
fn traced(headers: &HeaderMap) -> Option<RequestId> {
    let text = headers.get(TRACE_PARENT)?.to_str().ok()?;
    let mut parts = text.split('-');
    let (version, trace, span) = (parts.next()?, parts.next()?, parts.next()?);
    // Later versions may have more parts behind the flags.
    parts.next().filter(|flags| is_hex(flags, 2))?;
    let known =
        is_hex(version, 2) && version != "ff" && (version != "00" || parts.next().is_none());
    let is_name = |text: &str, length| is_hex(text, length) && text.bytes().any(|it| it != b'0');
    (known && is_name(trace, 32) && is_name(span, 16))
        .then(|| RequestId(Name::Given(Arc::from(format!("{trace}-{span}")))))
}

fn digits(bytes: [u8; 16]) -> [u8; 32] {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut digits = [0; 32];
    for (pair, byte) in digits.as_chunks_mut::<2>().0.iter_mut().zip(bytes) {
        *pair = [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]];
    }
    digits
}

fn is_hex(text: &str, length: usize) -> bool {
    text.len() == length
        && text.bytes().all(|it| it.is_ascii_digit() || (b'a'..=b'f').contains(&it))
}

fn acceptable(text: &str) -> bool {
    let harmless = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:/".contains(&byte);
    !text.is_empty() && text.len() <= MAX_BYTES && text.bytes().all(harmless)
}
