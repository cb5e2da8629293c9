//! Where the journal stands, in headers: `X-Registry-Seq` in answers, `X-Registry-At-Least` in requests.
//!
//! A client that heard a number from one process sends it to another one, and gets an answer that
//! knows at least as much, or a refusal; never an older one.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::http::{HeaderMap, HeaderName, HeaderValue};

use crate::authorization::Gate;
use crate::refusal::{Code, PublishError, Refusal};

/// Number of the commit that an answer knows.
pub(super) const SEQ: HeaderName = HeaderName::from_static("x-registry-seq");

/// Number of the commit that an answer has to know.
const AT_LEAST: HeaderName = HeaderName::from_static("x-registry-at-least");

/// The newest snapshot that a request was answered from, as far as its handler told.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seen(Arc<AtomicU64>);

impl Seen {
    /// Tells that a snapshot was used.
    pub(crate) fn note(&self, seq: u64) {
        self.0.fetch_max(seq, Ordering::Relaxed);
    }

    fn number(&self) -> Option<u64> {
        Some(self.0.load(Ordering::Relaxed)).filter(|seq| *seq > 0)
    }
}

/// Waits for the commit that a request names.
pub(super) async fn wait(gate: &Gate, headers: &HeaderMap) -> Result<(), PublishError> {
    let Some(value) = headers.get(AT_LEAST) else { return Ok(()) };
    let number = value.to_str().ok().and_then(|text| text.parse().ok());
    let Some(seq) = number else {
        let what = "the header `X-Registry-At-Least` is no number";
        let fix = "send the number of an `X-Registry-Seq` in decimal digits, or leave it out";
        return Err(Refusal::new(Code::BadRequest, what, "request", fix).into());
    };
    // In a box, because few requests wait.
    if Box::pin(gate.reaches(seq)).await? {
        return Ok(());
    }
    let what = format!("journal entry {seq} is not known here");
    let fix = "send it again in a moment, or without the header";
    Err(Refusal::new(Code::Behind, &what, "X-Registry-At-Least", fix).into())
}

/// Tells which commit an answer knows; what the handler told is exact, and stays.
///
/// Without a word from the handler it is the present one: the answer may know less of it than of
/// what was there before, and whoever asks another process for that much misses nothing.
pub(super) fn tell(gate: &Gate, seen: &Seen, headers: &mut HeaderMap) {
    if !headers.contains_key(SEQ) {
        let seq = seen.number().unwrap_or_else(|| gate.sequence());
        headers.insert(SEQ, HeaderValue::from(seq));
    }
}
