//! The arguments of a transaction as a call that cannot be wrong any more.

use std::collections::BTreeSet;

use super::Refusal;

/// One function with its arguments, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Call {
    /// Set balances.
    Init {
        /// Accounts and their balances, no account twice.
        accounts: Vec<(String, u64)>,
    },
    /// Write a value.
    Put {
        /// The key.
        key: String,
        /// Any bytes, at least one.
        value: Vec<u8>,
    },
    /// Read a value.
    Get {
        /// The key.
        key: String,
    },
    /// Take a value away.
    Delete {
        /// The key.
        key: String,
    },
    /// Read a balance.
    Query {
        /// The account.
        account: String,
    },
    /// Move an amount from one account to another one.
    Transfer {
        /// The source.
        from: String,
        /// The destination, another account.
        to: String,
        /// At least 1.
        amount: u64,
    },
    /// Answer `pong` without touching the state.
    Ping,
}

/// What `init` sets without arguments: the accounts of the network of 2017.
const DEFAULT_ACCOUNTS: [(&str, u64); 2] = [("a", 100), ("b", 200)];

impl Call {
    /// Every function, in the order of the README.
    pub const NAMES: [&'static str; 7] =
        ["put", "get", "delete", "init", "query", "transfer", "ping"];

    /// Parse a function's name and its arguments.
    pub fn parse(arguments: &[Vec<u8>]) -> Result<Self, Refusal> {
        let Some((name, rest)) = arguments.split_first() else {
            return Err(Refusal::NoFunction);
        };
        match name.as_slice() {
            b"put" => parse_put(rest),
            b"get" => Ok(Self::Get { key: single_key("get", "get KEY", rest)? }),
            b"delete" => Ok(Self::Delete { key: single_key("delete", "delete KEY", rest)? }),
            b"init" => parse_init(rest),
            b"query" => Ok(Self::Query { account: single_key("query", "query ACCOUNT", rest)? }),
            b"transfer" => parse_transfer(rest),
            b"ping" if rest.is_empty() => Ok(Self::Ping),
            b"ping" => {
                Err(Refusal::Arguments { function: "ping", usage: "ping", given: rest.len() })
            }
            unknown => Err(Refusal::UnknownFunction {
                name: String::from_utf8_lossy(unknown).into_owned(),
            }),
        }
    }
}

/// A whole number as balances are written: digits only, no sign.
pub(super) fn parse_amount(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

fn parse_put(arguments: &[Vec<u8>]) -> Result<Call, Refusal> {
    let [key, value] = arguments else {
        return Err(Refusal::Arguments {
            function: "put",
            usage: "put KEY VALUE",
            given: arguments.len(),
        });
    };
    let key = parse_key("put", 1, key)?;
    if value.is_empty() {
        return Err(Refusal::EmptyValue { key });
    }
    Ok(Call::Put { key, value: value.clone() })
}

fn parse_init(arguments: &[Vec<u8>]) -> Result<Call, Refusal> {
    if arguments.is_empty() {
        let accounts = DEFAULT_ACCOUNTS.map(|(account, amount)| (account.to_owned(), amount));
        return Ok(Call::Init { accounts: accounts.into() });
    }
    let (pairs, rest) = arguments.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(Refusal::Arguments {
            function: "init",
            usage: "init [ACCOUNT AMOUNT]...",
            given: arguments.len(),
        });
    }
    let mut seen = BTreeSet::new();
    let mut accounts = Vec::with_capacity(pairs.len());
    for (index, [account, amount]) in pairs.iter().enumerate() {
        let account = parse_key("init", 2 * index + 1, account)?;
        if !seen.insert(account.clone()) {
            return Err(Refusal::SameAccount { account });
        }
        accounts.push((account, amount_argument(amount, 0)?));
    }
    Ok(Call::Init { accounts })
}

fn parse_transfer(arguments: &[Vec<u8>]) -> Result<Call, Refusal> {
    let [from, to, amount] = arguments else {
        return Err(Refusal::Arguments {
            function: "transfer",
            usage: "transfer FROM TO AMOUNT",
            given: arguments.len(),
        });
    };
    let from = parse_key("transfer", 1, from)?;
    let to = parse_key("transfer", 2, to)?;
    if from == to {
        return Err(Refusal::SameAccount { account: from });
    }
    Ok(Call::Transfer { from, to, amount: amount_argument(amount, 1)? })
}

fn single_key(
    function: &'static str,
    usage: &'static str,
    arguments: &[Vec<u8>],
) -> Result<String, Refusal> {
    match arguments {
        [key] => parse_key(function, 1, key),
        _ => Err(Refusal::Arguments { function, usage, given: arguments.len() }),
    }
}

/// Keys as Fabric takes them: not empty, and not in the name space of composite keys.
fn parse_key(function: &'static str, position: usize, bytes: &[u8]) -> Result<String, Refusal> {
    let key = std::str::from_utf8(bytes).map_err(|_| Refusal::NotText { function, position })?;
    let reason = if key.is_empty() {
        "it is empty"
    } else if key.starts_with('\0') {
        "it begins with U+0000, which marks composite keys"
    } else {
        return Ok(key.to_owned());
    };
    Err(Refusal::Key { key: key.to_owned(), reason })
}

fn amount_argument(bytes: &[u8], least: u64) -> Result<u64, Refusal> {
    let text = String::from_utf8_lossy(bytes);
    match parse_amount(&text) {
        Some(amount) if amount >= least => Ok(amount),
        _ => Err(Refusal::Amount { text: text.into_owned(), least }),
    }
}
