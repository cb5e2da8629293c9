//! What the functions do, over any [`Ledger`]: no streams, no messages.
//!
//! `put KEY VALUE`, `get KEY`, `delete KEY`; `init [ACCOUNT AMOUNT]...` (without arguments `a` 100 and `b` 200),
//! `query ACCOUNT`, `transfer FROM TO AMOUNT`; `ping`. A transaction reads what was committed before it, never its own
//! writes: Fabric's rule, and the reason why a transfer to the same account is refused.

mod call;
mod ledger;
mod refusal;

pub use call::Call;
pub use ledger::{Ledger, LedgerError};
pub use refusal::Refusal;

/// Parse the arguments of a transaction, do it, and return what the client gets.
pub async fn invoke(ledger: &mut impl Ledger, arguments: &[Vec<u8>]) -> Result<Vec<u8>, Refusal> {
    match Call::parse(arguments)? {
        Call::Init { accounts } => {
            for (account, amount) in accounts {
                set_balance(ledger, &account, amount).await?;
            }
            Ok(Vec::new())
        }
        Call::Put { key, value } => {
            ledger.put(&key, value).await?;
            Ok(Vec::new())
        }
        Call::Get { key } => ledger.get(&key).await?.ok_or(Refusal::UnknownKey { key }),
        Call::Delete { key } => {
            ledger.delete(&key).await?;
            Ok(Vec::new())
        }
        Call::Query { account } => Ok(balance(ledger, &account).await?.to_string().into_bytes()),
        Call::Transfer { from, to, amount } => transfer(ledger, from, to, amount).await,
        Call::Ping => Ok(b"pong".to_vec()),
    }
}

async fn transfer(
    ledger: &mut impl Ledger,
    from: String,
    to: String,
    amount: u64,
) -> Result<Vec<u8>, Refusal> {
    let source = balance(ledger, &from).await?;
    let destination = balance(ledger, &to).await?;
    let Some(rest) = source.checked_sub(amount) else {
        return Err(Refusal::InsufficientFunds { account: from, balance: source, amount });
    };
    let Some(sum) = destination.checked_add(amount) else {
        return Err(Refusal::TooMuch { account: to, balance: destination, amount });
    };
    set_balance(ledger, &from, rest).await?;
    set_balance(ledger, &to, sum).await?;
    Ok(Vec::new())
}

async fn balance(ledger: &mut impl Ledger, account: &str) -> Result<u64, Refusal> {
    let Some(value) = ledger.get(account).await? else {
        return Err(Refusal::UnknownKey { key: account.to_owned() });
    };
    std::str::from_utf8(&value)
        .ok()
        .and_then(call::parse_amount)
        .ok_or_else(|| Refusal::NotAnAccount { key: account.to_owned() })
}

async fn set_balance(
    ledger: &mut impl Ledger,
    account: &str,
    amount: u64,
) -> Result<(), LedgerError> {
    ledger.put(account, amount.to_string().into_bytes()).await
}

#[cfg(test)]
mod tests;
