//! The conversation with one peer: register, then many transactions at once on one stream.
//!
//! The peer names a transaction by channel and id; its requests and their answers alternate, so one waiting place for
//! each transaction is enough. A message that breaks the protocol ends the stream with its reason: the peer connects
//! again at the next transaction. Nothing here knows about TLS or sockets.

mod transaction;

use std::collections::BTreeMap;

use futures_util::{Stream, StreamExt};
use prost::Message;
use tokio::sync::{mpsc, watch};
use tokio::task::{JoinError, JoinSet};
use tonic::Status;

use crate::message::{ChaincodeId, ChaincodeInput, ChaincodeMessage, Type};
use transaction::RemoteLedger;

/// Transactions of one peer at the same time; a peer itself admits 2500 by default.
pub const MAX_TRANSACTIONS: usize = 2500;

/// Where messages to the peer go; a full one makes transactions wait.
pub type Outbound = mpsc::Sender<Result<ChaincodeMessage, Status>>;

/// Speak with a peer until it goes away, breaks the protocol, or the server drains and nothing runs any more.
///
/// The error is what ends the stream; it is meant to be sent to the peer as well.
pub async fn converse<S>(
    chaincode_id: &str,
    inbound: S,
    outbound: Outbound,
    mut draining: watch::Receiver<bool>,
) -> Result<(), Status>
where
    S: Stream<Item = Result<ChaincodeMessage, Status>> + Unpin,
{
    let mut session = Session::new(outbound);
    let mut inbound = inbound;
    session.register(chaincode_id).await?;
    let mut stopping = false;
    while !(stopping && session.running.is_empty()) {
        tokio::select! {
            message = inbound.next() => match message {
                Some(message) => session.receive(message?, stopping).await?,
                None => return Ok(()),
            },
            Some(finished) = session.running.join_next() => session.finish(finished).await?,
            () = drains(&mut draining), if !stopping => stopping = true,
        }
    }
    Ok(())
}

/// Done when the server drains; a dropped sender counts, there is no server left then.
pub(crate) async fn drains(draining: &mut watch::Receiver<bool>) {
    drop(draining.wait_for(|draining| *draining).await);
}

/// A transaction's name: channel, then id.
type Key = (String, String);

/// How far the registration is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Created,
    Established,
    Ready,
}

struct Session {
    state: State,
    outbound: Outbound,
    /// Where the answers for a running transaction go.
    answers: BTreeMap<Key, mpsc::Sender<ChaincodeMessage>>,
    /// Each ends with the message that completes it. Dropped with the session, and stopped by that.
    running: JoinSet<ChaincodeMessage>,
}

impl Session {
    fn new(outbound: Outbound) -> Self {
        Self { state: State::Created, outbound, answers: BTreeMap::new(), running: JoinSet::new() }
    }

    async fn register(&self, chaincode_id: &str) -> Result<(), Status> {
        let payload = ChaincodeId { name: chaincode_id.to_owned() }.encode_to_vec();
        self.send(ChaincodeMessage {
            r#type: Type::Register.into(),
            payload,
            ..ChaincodeMessage::default()
        })
        .await
    }

    async fn send(&self, message: ChaincodeMessage) -> Result<(), Status> {
        let gone = |_| Status::cancelled("the peer reads no more");
        self.outbound.send(Ok(message)).await.map_err(gone)
    }

    async fn receive(&mut self, message: ChaincodeMessage, stopping: bool) -> Result<(), Status> {
        match (self.state, message.r#type()) {
            (_, Type::Keepalive) => self.send(message).await,
            (State::Created, Type::Registered) => {
                self.state = State::Established;
                Ok(())
            }
            (State::Established, Type::Ready) => {
                self.state = State::Ready;
                Ok(())
            }
            (State::Ready, Type::Init | Type::Transaction) => self.begin(message, stopping).await,
            (State::Ready, Type::Response | Type::Error) => self.answer(message),
            (state, kind) => Err(Status::failed_precondition(format!(
                "message {kind:?} ({}) is not expected in state {state:?}",
                message.r#type
            ))),
        }
    }

    async fn begin(&mut self, message: ChaincodeMessage, stopping: bool) -> Result<(), Status> {
        let key = (message.channel_id.clone(), message.txid.clone());
        let refused = if stopping {
            Some("the chaincode server is shutting down, send the transaction again".to_owned())
        } else if self.answers.contains_key(&key) {
            Some("a transaction of this id is running already".to_owned())
        } else if self.answers.len() >= MAX_TRANSACTIONS {
            Some(format!("{MAX_TRANSACTIONS} transactions are running already"))
        } else {
            None
        };
        if let Some(reason) = refused {
            return self.send(transaction::failed(key, &reason)).await;
        }
        let input = match ChaincodeInput::decode(message.payload.as_slice()) {
            Ok(input) => input,
            Err(error) => {
                let reason = format!("the transaction's input cannot be read: {error}");
                return self.send(transaction::failed(key, &reason)).await;
            }
        };
        let (sender, receiver) = mpsc::channel(1);
        self.answers.insert(key.clone(), sender);
        let ledger = RemoteLedger::new(key, self.outbound.clone(), receiver);
        self.running.spawn(transaction::run(ledger, input.args));
        Ok(())
    }

    fn answer(&mut self, message: ChaincodeMessage) -> Result<(), Status> {
        let key = (message.channel_id.clone(), message.txid.clone());
        let Some(sender) = self.answers.get(&key) else {
            return Err(Status::failed_precondition(format!(
                "an answer came for transaction `{}` of channel `{}`, which does not run",
                key.1, key.0
            )));
        };
        sender.try_send(message).map_err(|_| {
            Status::failed_precondition(format!(
                "an answer came for transaction `{}` of channel `{}`, which had asked for nothing",
                key.1, key.0
            ))
        })
    }

    /// The name is free again before the peer hears of the end: it may use it at once.
    async fn finish(
        &mut self,
        finished: Result<ChaincodeMessage, JoinError>,
    ) -> Result<(), Status> {
        let message = finished
            .map_err(|error| Status::internal(format!("a transaction was torn down: {error}")))?;
        self.answers.remove(&(message.channel_id.clone(), message.txid.clone()));
        self.send(message).await
    }
}

#[cfg(test)]
mod tests;
