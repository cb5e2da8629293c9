//! What a transaction can do with the world state.

use std::future::Future;

/// The world state as one transaction sees it.
pub trait Ledger: Send {
    /// The committed value of a key; none when the key has no value.
    fn get(
        &mut self,
        key: &str,
    ) -> impl Future<Output = Result<Option<Vec<u8>>, LedgerError>> + Send;

    /// Write a value; seen by others once the transaction is committed.
    fn put(
        &mut self,
        key: &str,
        value: Vec<u8>,
    ) -> impl Future<Output = Result<(), LedgerError>> + Send;

    /// Take a key's value away.
    fn delete(&mut self, key: &str) -> impl Future<Output = Result<(), LedgerError>> + Send;
}

/// Why the peer did not do what a transaction asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LedgerError {
    /// The peer answered with an error.
    #[error("the peer refused to {request} key `{key}`: {reason}")]
    Refused {
        /// `read`, `write` or `delete`.
        request: &'static str,
        /// The key.
        key: String,
        /// The peer's words.
        reason: String,
    },
    /// The stream to the peer ended in the middle of the transaction.
    #[error("the stream to the peer ended while waiting to {request} key `{key}`")]
    Ended {
        /// `read`, `write` or `delete`.
        request: &'static str,
        /// The key.
        key: String,
    },
}
