//! Fabric's messages between a peer and a chaincode: the subset that this chaincode speaks, declared by hand.
//!
//! Tags and types are those of `peer/chaincode_shim.proto`, `peer/chaincode.proto` and `peer/proposal_response.proto`.
//! Fields that are left out here are skipped when they arrive.

/// One message of the stream, in either direction.
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct ChaincodeMessage {
    /// What the payload is.
    #[prost(enumeration = "Type", tag = "1")]
    pub r#type: i32,
    /// A message of the kind that `type` says, encoded; for [`Type::Error`] a text.
    #[prost(bytes = "vec", tag = "3")]
    pub payload: Vec<u8>,
    /// The transaction; unique within a channel.
    #[prost(string, tag = "4")]
    pub txid: String,
    /// The channel.
    #[prost(string, tag = "7")]
    pub channel_id: String,
}

/// Kinds of messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, prost::Enumeration)]
#[repr(i32)]
pub enum Type {
    /// Not a message.
    Undefined = 0,
    /// Chaincode to peer, first: a [`ChaincodeId`].
    Register = 1,
    /// Peer to chaincode: the id is known.
    Registered = 2,
    /// Peer to chaincode: a transaction that initializes; a [`ChaincodeInput`].
    Init = 3,
    /// Peer to chaincode: transactions follow.
    Ready = 4,
    /// Peer to chaincode: a [`ChaincodeInput`].
    Transaction = 5,
    /// Chaincode to peer: a transaction's [`Response`], refusals included.
    Completed = 6,
    /// Either way: a request or a transaction failed; the payload is the reason.
    Error = 7,
    /// Chaincode to peer: a [`GetState`].
    GetState = 8,
    /// Chaincode to peer: a [`PutState`].
    PutState = 9,
    /// Chaincode to peer: a [`DelState`].
    DelState = 10,
    /// Peer to chaincode: the answer to a request; for [`Type::GetState`] the value.
    Response = 13,
    /// Either way: answered with the same.
    Keepalive = 18,
}

/// Payload of [`Type::Register`].
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct ChaincodeId {
    /// The package id, `<label>:<sha256>`.
    #[prost(string, tag = "2")]
    pub name: String,
}

/// Payload of [`Type::Transaction`] and [`Type::Init`].
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct ChaincodeInput {
    /// The function's name, then its arguments.
    #[prost(bytes = "vec", repeated, tag = "1")]
    pub args: Vec<Vec<u8>>,
}

/// Payload of [`Type::GetState`].
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct GetState {
    /// The key.
    #[prost(string, tag = "1")]
    pub key: String,
}

/// Payload of [`Type::PutState`].
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct PutState {
    /// The key.
    #[prost(string, tag = "1")]
    pub key: String,
    /// The value.
    #[prost(bytes = "vec", tag = "2")]
    pub value: Vec<u8>,
}

/// Payload of [`Type::DelState`].
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct DelState {
    /// The key.
    #[prost(string, tag = "1")]
    pub key: String,
}

/// Payload of [`Type::Completed`]: what the client of the transaction gets.
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct Response {
    /// Below 400 the transaction is endorsed, from 400 on it is refused.
    #[prost(int32, tag = "1")]
    pub status: i32,
    /// Why it was refused.
    #[prost(string, tag = "2")]
    pub message: String,
    /// What the function returns.
    #[prost(bytes = "vec", tag = "3")]
    pub payload: Vec<u8>,
}
