//! What is asked, and what the answer may cost.

use std::time::Duration;

use axum::http::{HeaderName, HeaderValue, Method};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use reqwest::Url;

/// One request.
#[derive(Debug, Clone)]
pub struct Request {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    pub(super) body: Bytes,
    pub(super) credentials: Option<Credentials>,
    pub(super) limits: Limits,
}

/// What an answer may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most bytes of the body.
    pub bytes: u64,
    /// From the start to the last byte, redirects included.
    pub time: Duration,
}

/// What shows who the registry is. It is sent to the host of the request's own URL and to no other.
#[derive(Clone, PartialEq, Eq)]
pub enum Credentials {
    /// A name and a password.
    Basic {
        /// The name.
        user: String,
        /// The password.
        password: String,
    },
    /// A token.
    Bearer(String),
}

/// Says whose they are at most.
impl std::fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Basic { user, .. } => write!(formatter, "Basic({user})"),
            Self::Bearer(_) => formatter.write_str("Bearer"),
        }
    }
}

impl Credentials {
    /// The value of `Authorization`; `None` for characters that no header can hold.
    pub(super) fn header(&self) -> Option<HeaderValue> {
        let text = match self {
            Self::Basic { user, password } => {
                format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
            }
            Self::Bearer(token) => format!("Bearer {token}"),
        };
        let mut value = HeaderValue::from_str(&text).ok()?;
        value.set_sensitive(true);
        Some(value)
    }
}

impl Request {
    /// `GET` of a URL. Redirects are followed as far as the client allows it.
    pub fn get(url: Url, limits: Limits) -> Self {
        Self::new(Method::GET, url, limits)
    }

    /// `HEAD` of a URL: what `GET` would say, without the body.
    pub fn head(url: Url, limits: Limits) -> Self {
        Self::new(Method::HEAD, url, limits)
    }

    /// `POST` of a body. Redirects are answers like others.
    pub fn post(url: Url, body: Bytes, limits: Limits) -> Self {
        Self { body, ..Self::new(Method::POST, url, limits) }
    }

    fn new(method: Method, url: Url, limits: Limits) -> Self {
        let (headers, body) = (Vec::new(), Bytes::new());
        Self { method, url, headers, body, credentials: None, limits }
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Says who the registry is.
    #[must_use]
    pub fn credentials(mut self, credentials: Option<Credentials>) -> Self {
        self.credentials = credentials;
        self
    }
}
