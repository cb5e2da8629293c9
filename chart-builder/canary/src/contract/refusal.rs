//! Why a transaction is not endorsed, in words for the client.

use super::{Call, LedgerError};

/// Why a transaction is not endorsed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The transaction has no arguments at all.
    #[error("no function is named; known are {}", Call::NAMES.join(", "))]
    NoFunction,
    /// The first argument is not the name of a function.
    #[error("function `{name}` is not known; known are {}", Call::NAMES.join(", "))]
    UnknownFunction {
        /// The name as given.
        name: String,
    },
    /// Too many or too few arguments.
    #[error("`{function}` was given {given} argument(s); write `{usage}`")]
    Arguments {
        /// The function.
        function: &'static str,
        /// How to call it.
        usage: &'static str,
        /// Arguments after the function's name.
        given: usize,
    },
    /// An argument that has to be text is not UTF-8.
    #[error("argument {position} of `{function}` is not UTF-8 text")]
    NotText {
        /// The function.
        function: &'static str,
        /// Position, the first argument after the function's name is 1.
        position: usize,
    },
    /// A key that Fabric reserves or refuses.
    #[error("key `{}` cannot be used: {reason}", key.escape_debug())]
    Key {
        /// The key.
        key: String,
        /// The rule that it breaks.
        reason: &'static str,
    },
    /// An empty value, which no reader can tell from a missing one.
    #[error("the value of key `{key}` is empty; use `delete {key}` to take a value away")]
    EmptyValue {
        /// The key.
        key: String,
    },
    /// An amount that is no whole number of the right size.
    #[error("amount `{}` is not a whole number from {least} to {}", text.escape_debug(), u64::MAX)]
    Amount {
        /// As given.
        text: String,
        /// The least amount that the function takes.
        least: u64,
    },
    /// One account twice in one call, where only the last write would count.
    #[error("account `{account}` is named twice")]
    SameAccount {
        /// The account.
        account: String,
    },
    /// A key without a value.
    #[error("key `{key}` has no value")]
    UnknownKey {
        /// The key.
        key: String,
    },
    /// A key whose value is no balance.
    #[error("the value of key `{key}` is not a balance")]
    NotAnAccount {
        /// The key.
        key: String,
    },
    /// The source has less than the amount.
    #[error("account `{account}` has {balance}, which is less than {amount}")]
    InsufficientFunds {
        /// The source.
        account: String,
        /// What it has.
        balance: u64,
        /// What it should give.
        amount: u64,
    },
    /// The destination cannot hold the sum.
    #[error("account `{account}` has {balance} and cannot hold {amount} more")]
    TooMuch {
        /// The destination.
        account: String,
        /// What it has.
        balance: u64,
        /// What it should get.
        amount: u64,
    },
    /// The peer did not do what the transaction asked for.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl Refusal {
    /// The status of the response: 400 the call is wrong, 404 no such key, 409 the state forbids it, 500 the peer failed.
    ///
    /// Fabric endorses below 400 only and passes every other status and the message on to the client.
    pub fn status(&self) -> i32 {
        match self {
            Self::NoFunction
            | Self::UnknownFunction { .. }
            | Self::Arguments { .. }
            | Self::NotText { .. }
            | Self::Key { .. }
            | Self::EmptyValue { .. }
            | Self::Amount { .. }
            | Self::SameAccount { .. } => 400,
            Self::UnknownKey { .. } => 404,
            Self::NotAnAccount { .. } | Self::InsufficientFunds { .. } | Self::TooMuch { .. } => {
                409
            }
            Self::Ledger(_) => 500,
        }
    }
}
