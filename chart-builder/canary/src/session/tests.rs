use prost::Message;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio_stream::StreamExt as _;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Status};

use super::converse;
use crate::fake_peer::{FakePeer, message, transaction};
use crate::message::{Response, Type};

struct Conversation {
    peer: FakePeer,
    drain: watch::Sender<bool>,
    ended: JoinHandle<Result<(), Status>>,
}

/// A conversation over channels, not registered yet.
fn conversation() -> Conversation {
    let (to_chaincode, from_peer) = mpsc::channel(16);
    let (to_peer, from_chaincode) = mpsc::channel(16);
    let (drain, draining) = watch::channel(false);
    let inbound = ReceiverStream::new(from_peer).map(Ok);
    let ended =
        tokio::spawn(async move { converse("canary-1:00", inbound, to_peer, draining).await });
    let peer = FakePeer::new(to_chaincode, Box::pin(ReceiverStream::new(from_chaincode)));
    Conversation { peer, drain, ended }
}

async fn registered() -> Conversation {
    let mut conversation = conversation();
    assert_eq!(conversation.peer.register().await, "canary-1:00");
    conversation
}

#[tokio::test]
async fn writes_and_reads_over_the_stream() {
    let Conversation { mut peer, drain: _drain, .. } = registered().await;
    assert_eq!(peer.transact("t1", &["put", "k", "v"]).await.status, 200);
    let response = peer.transact("t2", &["get", "k"]).await;
    assert_eq!((response.status, response.payload), (200, b"v".to_vec()));
    assert_eq!(peer.transact("t3", &["delete", "k"]).await.status, 200);
    let response = peer.transact("t4", &["get", "k"]).await;
    assert_eq!((response.status, response.message.as_str()), (404, "key `k` has no value"));
}

#[tokio::test]
async fn an_initializing_transaction_is_one_as_any() {
    let Conversation { mut peer, drain: _drain, .. } = registered().await;
    let init = transaction("t1", &["init"]);
    peer.send(message(Type::Init, "t1", init.payload)).await;
    for _ in 0..2 {
        let request = peer.next().await.unwrap();
        peer.answer(&request).await;
    }
    assert_eq!(peer.next().await.unwrap().r#type(), Type::Completed);
    assert_eq!(peer.state["b"], b"200");
}

#[tokio::test]
async fn transactions_interleave_by_channel_and_id() {
    let Conversation { mut peer, drain: _drain, .. } = registered().await;
    peer.begin("t1", &["get", "x"]).await;
    let first = peer.next().await.unwrap();
    peer.begin("t2", &["get", "y"]).await;
    let second = peer.next().await.unwrap();
    let mut elsewhere = transaction("t1", &["get", "z"]);
    elsewhere.channel_id = "ch2".to_owned();
    peer.send(elsewhere).await;
    let third = peer.next().await.unwrap();
    for (key, value) in [("x", "one"), ("y", "two"), ("z", "three")] {
        peer.state.insert(key.to_owned(), value.as_bytes().to_vec());
    }
    for (request, value) in [(third, "three"), (second, "two"), (first, "one")] {
        peer.answer(&request).await;
        let completed = peer.next().await.unwrap();
        assert_eq!((&completed.channel_id, &completed.txid), (&request.channel_id, &request.txid));
        let response = Response::decode(completed.payload.as_slice()).unwrap();
        assert_eq!(response.payload, value.as_bytes());
    }
}

#[tokio::test]
async fn an_id_is_free_again_once_its_transaction_ended() {
    let Conversation { mut peer, drain: _drain, .. } = registered().await;
    for _ in 0..50 {
        assert_eq!(peer.transact("t1", &["ping"]).await.payload, b"pong");
    }
}

#[tokio::test]
async fn refuses_a_second_transaction_of_the_same_id() {
    let Conversation { mut peer, drain: _drain, .. } = registered().await;
    peer.begin("t1", &["get", "x"]).await;
    let request = peer.next().await.unwrap();
    peer.begin("t1", &["get", "x"]).await;
    let refused = peer.next().await.unwrap();
    assert_eq!(refused.r#type(), Type::Error);
    assert_eq!(refused.payload, b"a transaction of this id is running already");
    peer.answer(&request).await;
    assert_eq!(peer.next().await.unwrap().r#type(), Type::Completed);
}

#[tokio::test]
async fn a_refusal_of_the_peer_reaches_the_client() {
    let Conversation { mut peer, drain: _drain, .. } = registered().await;
    peer.begin("t1", &["get", "x"]).await;
    peer.next().await.unwrap();
    peer.send(message(Type::Error, "t1", b"no ledger context".to_vec())).await;
    let completed = peer.next().await.unwrap();
    let response = Response::decode(completed.payload.as_slice()).unwrap();
    assert_eq!(response.status, 500);
    assert_eq!(response.message, "the peer refused to read key `x`: no ledger context");
}

#[tokio::test]
async fn an_input_that_is_no_message_fails_its_transaction_only() {
    let Conversation { mut peer, drain: _drain, .. } = registered().await;
    peer.send(message(Type::Transaction, "t1", vec![0xff])).await;
    let failed = peer.next().await.unwrap();
    assert_eq!((failed.r#type(), failed.txid.as_str()), (Type::Error, "t1"));
    assert!(failed.payload.starts_with(b"the transaction's input cannot be read"));
    assert_eq!(peer.transact("t2", &["ping"]).await.payload, b"pong");
}

#[tokio::test]
async fn answers_keepalives_in_every_state() {
    let Conversation { mut peer, drain: _drain, .. } = conversation();
    let register = peer.next().await.unwrap();
    peer.say(Type::Keepalive).await;
    assert_eq!(peer.next().await.unwrap().r#type(), Type::Keepalive);
    assert_eq!(register.r#type(), Type::Register);
    peer.say(Type::Registered).await;
    peer.say(Type::Ready).await;
    peer.say(Type::Keepalive).await;
    assert_eq!(peer.next().await.unwrap().r#type(), Type::Keepalive);
}

#[tokio::test]
async fn a_transaction_before_ready_ends_the_stream_with_the_reason() {
    let Conversation { mut peer, ended, drain: _drain } = conversation();
    peer.next().await.unwrap();
    peer.say(Type::Registered).await;
    peer.begin("t1", &["ping"]).await;
    let status = ended.await.unwrap().unwrap_err();
    assert_eq!(status.code(), Code::FailedPrecondition);
    assert_eq!(status.message(), "message Transaction (5) is not expected in state Established");
}

#[tokio::test]
async fn an_answer_that_nobody_asked_for_ends_the_stream() {
    let Conversation { mut peer, ended, drain: _drain } = registered().await;
    peer.send(message(Type::Response, "t9", Vec::new())).await;
    let status = ended.await.unwrap().unwrap_err();
    assert_eq!(
        status.message(),
        "an answer came for transaction `t9` of channel `ch1`, which does not run"
    );
}

#[tokio::test]
async fn a_peer_that_goes_away_ends_the_conversation_and_its_transactions() {
    let Conversation { mut peer, ended, drain: _drain } = registered().await;
    peer.begin("t1", &["get", "x"]).await;
    peer.next().await.unwrap();
    drop(peer);
    assert!(ended.await.unwrap().is_ok());
}

#[tokio::test]
async fn draining_ends_running_transactions_well_and_refuses_new_ones() {
    let Conversation { mut peer, ended, drain } = registered().await;
    peer.begin("t1", &["get", "x"]).await;
    let request = peer.next().await.unwrap();
    drain.send_replace(true);
    // The stream and the signal race: the first one that is refused shows that the signal was seen.
    let mut count = 2;
    loop {
        peer.begin(&format!("t{count}"), &["ping"]).await;
        let message = peer.next().await.unwrap();
        if message.r#type() == Type::Error {
            let reason = "the chaincode server is shutting down, send the transaction again";
            assert_eq!(message.payload, reason.as_bytes());
            break;
        }
        count += 1;
    }
    peer.answer(&request).await;
    assert_eq!(peer.next().await.unwrap().r#type(), Type::Completed);
    assert!(peer.try_next().await.is_none());
    assert!(ended.await.unwrap().is_ok());
}
