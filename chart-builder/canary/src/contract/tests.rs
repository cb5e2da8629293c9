use std::collections::BTreeMap;

use super::{Ledger, LedgerError, Refusal, invoke};

/// Committed values and the writes of one transaction, apart: as in Fabric, a transaction does not see its writes.
#[derive(Default)]
struct Memory {
    committed: BTreeMap<String, Vec<u8>>,
    written: BTreeMap<String, Option<Vec<u8>>>,
    refusing: bool,
}

impl Memory {
    fn refused(&self, request: &'static str, key: &str) -> Result<(), LedgerError> {
        if self.refusing {
            let (key, reason) = (key.to_owned(), "no simulator".to_owned());
            return Err(LedgerError::Refused { request, key, reason });
        }
        Ok(())
    }

    async fn call(&mut self, words: &[&str]) -> Result<String, Refusal> {
        let arguments: Vec<_> = words.iter().map(|word| word.as_bytes().to_vec()).collect();
        self.written.clear();
        let result = invoke(self, &arguments).await?;
        for (key, value) in std::mem::take(&mut self.written) {
            match value {
                Some(value) => self.committed.insert(key, value),
                None => self.committed.remove(&key),
            };
        }
        Ok(String::from_utf8(result).unwrap())
    }

    async fn refusal(&mut self, words: &[&str]) -> (i32, String) {
        let before = self.committed.clone();
        let refusal = self.call(words).await.unwrap_err();
        assert_eq!(before, self.committed);
        (refusal.status(), refusal.to_string())
    }
}

impl Ledger for Memory {
    async fn get(&mut self, key: &str) -> Result<Option<Vec<u8>>, LedgerError> {
        self.refused("read", key)?;
        Ok(self.committed.get(key).cloned())
    }

    async fn put(&mut self, key: &str, value: Vec<u8>) -> Result<(), LedgerError> {
        self.refused("write", key)?;
        self.written.insert(key.to_owned(), Some(value));
        Ok(())
    }

    async fn delete(&mut self, key: &str) -> Result<(), LedgerError> {
        self.refused("delete", key)?;
        self.written.insert(key.to_owned(), None);
        Ok(())
    }
}

#[tokio::test]
async fn transfers_between_the_accounts_of_2017() {
    let mut ledger = Memory::default();
    ledger.call(&["init"]).await.unwrap();
    assert_eq!(ledger.call(&["query", "a"]).await.unwrap(), "100");
    assert_eq!(ledger.call(&["query", "b"]).await.unwrap(), "200");
    ledger.call(&["transfer", "a", "b", "10"]).await.unwrap();
    assert_eq!(ledger.call(&["query", "a"]).await.unwrap(), "90");
    assert_eq!(ledger.call(&["query", "b"]).await.unwrap(), "210");
    ledger.call(&["transfer", "a", "b", "90"]).await.unwrap();
    assert_eq!(ledger.call(&["query", "a"]).await.unwrap(), "0");
}

#[tokio::test]
async fn init_takes_accounts_of_any_name() {
    let mut ledger = Memory::default();
    ledger.call(&["init", "alice", "7", "bob", "0"]).await.unwrap();
    assert_eq!(ledger.call(&["query", "alice"]).await.unwrap(), "7");
    assert_eq!(ledger.call(&["query", "bob"]).await.unwrap(), "0");
    assert_eq!(
        ledger.refusal(&["init", "x", "1", "x", "2"]).await,
        (400, "account `x` is named twice".to_owned())
    );
}

#[tokio::test]
async fn keeps_values_and_takes_them_away() {
    let mut ledger = Memory::default();
    ledger.call(&["put", "k", "v"]).await.unwrap();
    assert_eq!(ledger.call(&["get", "k"]).await.unwrap(), "v");
    ledger.call(&["delete", "k"]).await.unwrap();
    assert_eq!(ledger.refusal(&["get", "k"]).await, (404, "key `k` has no value".to_owned()));
    assert_eq!(ledger.call(&["ping"]).await.unwrap(), "pong");
}

#[tokio::test]
async fn refuses_calls_that_are_wrong_in_words() {
    let mut ledger = Memory::default();
    let known = "known are put, get, delete, init, query, transfer, ping";
    let cases: &[(&[&str], &str)] = &[
        (&[], &format!("no function is named; {known}")),
        (&["mint"], &format!("function `mint` is not known; {known}")),
        (&["put", "k"], "`put` was given 1 argument(s); write `put KEY VALUE`"),
        (&["get"], "`get` was given 0 argument(s); write `get KEY`"),
        (&["ping", "x"], "`ping` was given 1 argument(s); write `ping`"),
        (&["init", "a"], "`init` was given 1 argument(s); write `init [ACCOUNT AMOUNT]...`"),
        (
            &["transfer", "a", "b"],
            "`transfer` was given 2 argument(s); write `transfer FROM TO AMOUNT`",
        ),
        (&["put", "", "v"], "key `` cannot be used: it is empty"),
        (
            &["get", "\0x"],
            "key `\\0x` cannot be used: it begins with U+0000, which marks composite keys",
        ),
        (&["put", "k", ""], "the value of key `k` is empty; use `delete k` to take a value away"),
        (
            &["transfer", "a", "b", "-1"],
            "amount `-1` is not a whole number from 1 to 18446744073709551615",
        ),
        (
            &["transfer", "a", "b", "+1"],
            "amount `+1` is not a whole number from 1 to 18446744073709551615",
        ),
        (
            &["transfer", "a", "b", "0"],
            "amount `0` is not a whole number from 1 to 18446744073709551615",
        ),
        (&["init", "a", ""], "amount `` is not a whole number from 0 to 18446744073709551615"),
        (&["transfer", "a", "a", "1"], "account `a` is named twice"),
    ];
    for (words, message) in cases {
        assert_eq!(ledger.refusal(words).await, (400, (*message).to_owned()), "{words:?}");
    }
}

#[tokio::test]
async fn refuses_what_the_state_forbids() {
    let mut ledger = Memory::default();
    ledger.call(&["init"]).await.unwrap();
    ledger.call(&["put", "text", "hello"]).await.unwrap();
    ledger.call(&["init", "rich", "18446744073709551615"]).await.unwrap();
    let cases: &[(&[&str], i32, &str)] = &[
        (&["transfer", "a", "b", "101"], 409, "account `a` has 100, which is less than 101"),
        (&["transfer", "a", "nobody", "1"], 404, "key `nobody` has no value"),
        (&["query", "nobody"], 404, "key `nobody` has no value"),
        (&["query", "text"], 409, "the value of key `text` is not a balance"),
        (
            &["transfer", "a", "rich", "1"],
            409,
            "account `rich` has 18446744073709551615 and cannot hold 1 more",
        ),
    ];
    for (words, status, message) in cases {
        assert_eq!(ledger.refusal(words).await, (*status, (*message).to_owned()), "{words:?}");
    }
}

#[tokio::test]
async fn passes_on_what_the_peer_refuses() {
    let mut ledger = Memory { refusing: true, ..Memory::default() };
    assert_eq!(
        ledger.refusal(&["get", "k"]).await,
        (500, "the peer refused to read key `k`: no simulator".to_owned())
    );
}

#[tokio::test]
async fn refuses_arguments_that_are_not_text() {
    let arguments = [b"get".to_vec(), vec![0xff]];
    let refusal = invoke(&mut Memory::default(), &arguments).await.unwrap_err();
    assert_eq!(refusal.to_string(), "argument 1 of `get` is not UTF-8 text");
}
