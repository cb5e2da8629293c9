//! A peer for tests: the other end of a stream, with a world state of its own.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::time::Duration;

use futures_util::{Stream, StreamExt};
use prost::Message;
use tokio::sync::mpsc;
use tonic::Status;

use crate::message::{
    ChaincodeId, ChaincodeInput, ChaincodeMessage, DelState, GetState, PutState, Response, Type,
};

/// Longer than any test takes; only a hanging one meets it.
const DEADLINE: Duration = Duration::from_mins(2);

pub(crate) type Inbound = Pin<Box<dyn Stream<Item = Result<ChaincodeMessage, Status>> + Send>>;

pub(crate) struct FakePeer {
    outbound: mpsc::Sender<ChaincodeMessage>,
    inbound: Inbound,
    pub(crate) state: BTreeMap<String, Vec<u8>>,
}

impl FakePeer {
    pub(crate) fn new(outbound: mpsc::Sender<ChaincodeMessage>, inbound: Inbound) -> Self {
        Self { outbound, inbound, state: BTreeMap::new() }
    }

    /// The handshake; the id that the chaincode gave.
    pub(crate) async fn register(&mut self) -> String {
        let register = self.next().await.unwrap();
        assert_eq!(register.r#type(), Type::Register);
        self.say(Type::Registered).await;
        self.say(Type::Ready).await;
        ChaincodeId::decode(register.payload.as_slice()).unwrap().name
    }

    pub(crate) async fn say(&mut self, kind: Type) {
        self.send(message(kind, "", Vec::new())).await;
    }

    pub(crate) async fn send(&mut self, message: ChaincodeMessage) {
        self.outbound.send(message).await.unwrap();
    }

    pub(crate) async fn begin(&mut self, txid: &str, words: &[&str]) {
        self.send(transaction(txid, words)).await;
    }

    /// The next message, or what ended the stream; none when it ended well.
    pub(crate) async fn try_next(&mut self) -> Option<Result<ChaincodeMessage, Status>> {
        tokio::time::timeout(DEADLINE, self.inbound.next()).await.unwrap()
    }

    pub(crate) async fn next(&mut self) -> Result<ChaincodeMessage, Status> {
        self.try_next().await.unwrap()
    }

    /// Answer a request from the world state, writes at once.
    pub(crate) async fn answer(&mut self, request: &ChaincodeMessage) {
        let payload = request.payload.as_slice();
        let value = match request.r#type() {
            Type::GetState => {
                let key = GetState::decode(payload).unwrap().key;
                self.state.get(&key).cloned().unwrap_or_default()
            }
            Type::PutState => {
                let put = PutState::decode(payload).unwrap();
                self.state.insert(put.key, put.value);
                Vec::new()
            }
            Type::DelState => {
                self.state.remove(&DelState::decode(payload).unwrap().key);
                Vec::new()
            }
            other => panic!("{other:?} is no request"),
        };
        let response =
            ChaincodeMessage { r#type: Type::Response.into(), payload: value, ..request.clone() };
        self.send(response).await;
    }

    /// Do one transaction to its end.
    pub(crate) async fn transact(&mut self, txid: &str, words: &[&str]) -> Response {
        self.begin(txid, words).await;
        loop {
            let message = self.next().await.unwrap();
            assert_eq!(message.txid, txid);
            if message.r#type() == Type::Completed {
                return Response::decode(message.payload.as_slice()).unwrap();
            }
            self.answer(&message).await;
        }
    }
}

pub(crate) fn transaction(txid: &str, words: &[&str]) -> ChaincodeMessage {
    let args = words.iter().map(|word| word.as_bytes().to_vec()).collect();
    message(Type::Transaction, txid, ChaincodeInput { args }.encode_to_vec())
}

pub(crate) fn message(kind: Type, txid: &str, payload: Vec<u8>) -> ChaincodeMessage {
    let channel_id = if txid.is_empty() { "" } else { "ch1" }.to_owned();
    ChaincodeMessage { r#type: kind.into(), payload, txid: txid.to_owned(), channel_id }
}
