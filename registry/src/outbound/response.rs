//! The answer, read within the limits of the request.

use std::pin::Pin;

use axum::http::{HeaderMap, StatusCode};
use bytes::{Bytes, BytesMut};
use futures_util::Stream;
use futures_util::stream::try_unfold;
use reqwest::Url;
use tokio::time::{Instant, timeout_at};

use super::{Limits, OutboundError, shown};

/// An answer whose body is still to be read.
#[derive(Debug)]
pub struct Response {
    inner: reqwest::Response,
    url: Url,
    limits: Limits,
    left: u64,
    deadline: Instant,
}

impl Response {
    pub(super) fn new(
        inner: reqwest::Response,
        url: Url,
        (limits, deadline): (Limits, Instant),
    ) -> Result<Self, OutboundError> {
        let response = Self { inner, url, limits, left: limits.bytes, deadline };
        match response.inner.content_length() {
            Some(length) if length > limits.bytes => Err(response.too_large()),
            _ => Ok(response),
        }
    }

    /// Its status.
    pub fn status(&self) -> StatusCode {
        self.inner.status()
    }

    /// Its headers.
    pub fn headers(&self) -> &HeaderMap {
        self.inner.headers()
    }

    /// A header as text; `None` when it is absent or no text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers().get(name).and_then(|value| value.to_str().ok())
    }

    /// Where it came from, after redirects.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The next bytes of the body; `None` at its end.
    ///
    /// # Errors
    ///
    /// When the body breaks off, or takes more bytes or time than it may.
    pub async fn piece(&mut self) -> Result<Option<Bytes>, OutboundError> {
        let piece = match timeout_at(self.deadline, self.inner.chunk()).await {
            Ok(Ok(piece)) => piece,
            Ok(Err(error)) => return Err(OutboundError::failed(&self.url, &error)),
            Err(_) => return Err(OutboundError::too_slow(&self.url, self.limits.time)),
        };
        let length = piece.as_ref().map_or(0, |piece| piece.len() as u64);
        self.left = self.left.checked_sub(length).ok_or_else(|| self.too_large())?;
        Ok(piece)
    }

    /// The whole body.
    ///
    /// # Errors
    ///
    /// As [`Self::piece`].
    pub async fn bytes(mut self) -> Result<Bytes, OutboundError> {
        let mut all = BytesMut::new();
        while let Some(piece) = self.piece().await? {
            all.extend_from_slice(&piece);
        }
        Ok(all.freeze())
    }

    /// The body piece by piece, ended by the first error.
    pub fn into_pieces(
        self,
    ) -> Pin<Box<impl Stream<Item = Result<Bytes, OutboundError>> + Send + 'static>> {
        Box::pin(try_unfold(self, |mut response| async move {
            let piece = response.piece().await?;
            Ok(piece.map(|piece| (piece, response)))
        }))
    }

    fn too_large(&self) -> OutboundError {
        OutboundError::TooLarge { url: shown(&self.url), limit: self.limits.bytes }
    }
}
