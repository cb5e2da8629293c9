//! One transaction on the stream: its requests to the peer and the message that ends it.

use prost::Message;
use tokio::sync::mpsc;

use super::{Key, Outbound};
use crate::contract::{self, Ledger, LedgerError};
use crate::message::{ChaincodeMessage, DelState, GetState, PutState, Response, Type};

/// Status of a response that is endorsed, Fabric's `shim.OK`.
const STATUS_OK: i32 = 200;

/// Do a transaction; the message that ends it, refusals included.
///
/// A refusal of the contract is a completed transaction with a status from 400 on; [`failed`] is for what the contract
/// never saw.
pub(super) async fn run(mut ledger: RemoteLedger, arguments: Vec<Vec<u8>>) -> ChaincodeMessage {
    let response = match contract::invoke(&mut ledger, &arguments).await {
        Ok(payload) => Response { status: STATUS_OK, message: String::new(), payload },
        Err(refusal) => {
            tracing::debug!(txid = ledger.key.1, %refusal, "transaction refused");
            let (status, message) = (refusal.status(), refusal.to_string());
            Response { status, message, payload: Vec::new() }
        }
    };
    message(ledger.key, Type::Completed, response.encode_to_vec())
}

/// The message that ends a transaction which never ran.
pub(super) fn failed(key: Key, reason: &str) -> ChaincodeMessage {
    tracing::warn!(channel = key.0, txid = key.1, reason, "transaction not started");
    message(key, Type::Error, reason.as_bytes().to_vec())
}

fn message((channel_id, txid): Key, kind: Type, payload: Vec<u8>) -> ChaincodeMessage {
    ChaincodeMessage { r#type: kind.into(), payload, txid, channel_id }
}

/// The world state, asked for over the stream: one request at a time.
pub(super) struct RemoteLedger {
    key: Key,
    outbound: Outbound,
    answers: mpsc::Receiver<ChaincodeMessage>,
}

impl RemoteLedger {
    pub(super) fn new(
        key: Key,
        outbound: Outbound,
        answers: mpsc::Receiver<ChaincodeMessage>,
    ) -> Self {
        Self { key, outbound, answers }
    }

    async fn ask(
        &mut self,
        request: &'static str,
        key: &str,
        (kind, payload): (Type, Vec<u8>),
    ) -> Result<Vec<u8>, LedgerError> {
        let ended = || LedgerError::Ended { request, key: key.to_owned() };
        let question = message(self.key.clone(), kind, payload);
        self.outbound.send(Ok(question)).await.map_err(|_| ended())?;
        let answer = self.answers.recv().await.ok_or_else(ended)?;
        if answer.r#type() == Type::Response {
            return Ok(answer.payload);
        }
        let reason = String::from_utf8_lossy(&answer.payload).into_owned();
        Err(LedgerError::Refused { request, key: key.to_owned(), reason })
    }
}

impl Ledger for RemoteLedger {
    /// The protocol has no missing value, only an empty one; [`contract`] writes no empty value.
    async fn get(&mut self, key: &str) -> Result<Option<Vec<u8>>, LedgerError> {
        let question = GetState { key: key.to_owned() }.encode_to_vec();
        let value = self.ask("read", key, (Type::GetState, question)).await?;
        Ok((!value.is_empty()).then_some(value))
    }

    async fn put(&mut self, key: &str, value: Vec<u8>) -> Result<(), LedgerError> {
        let question = PutState { key: key.to_owned(), value }.encode_to_vec();
        self.ask("write", key, (Type::PutState, question)).await.map(drop)
    }

    async fn delete(&mut self, key: &str) -> Result<(), LedgerError> {
        let question = DelState { key: key.to_owned() }.encode_to_vec();
        self.ask("delete", key, (Type::DelState, question)).await.map(drop)
    }
}
