//! The tree of a channel's configuration, and its policies.

#![expect(clippy::too_many_arguments, reason = "the derive for a oneof writes such a function")]

use std::collections::BTreeMap;

use prost::{Message, Oneof};

use super::block::Envelope;

/// `common.ConfigEnvelope`.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct ConfigEnvelope {
    #[prost(message, optional, tag = "1")]
    pub(crate) config: Option<Config>,
    #[prost(message, optional, tag = "2")]
    pub(crate) last_update: Option<Envelope>,
}

/// `common.Config`.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct Config {
    #[prost(uint64, tag = "1")]
    pub(crate) sequence: u64,
    #[prost(message, optional, tag = "2")]
    pub(crate) channel_group: Option<ConfigGroup>,
}

/// `common.ConfigGroup`.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct ConfigGroup {
    #[prost(uint64, tag = "1")]
    pub(crate) version: u64,
    #[prost(btree_map = "string, message", tag = "2")]
    pub(crate) groups: BTreeMap<String, ConfigGroup>,
    #[prost(btree_map = "string, message", tag = "3")]
    pub(crate) values: BTreeMap<String, ConfigValue>,
    #[prost(btree_map = "string, message", tag = "4")]
    pub(crate) policies: BTreeMap<String, ConfigPolicy>,
    #[prost(string, tag = "5")]
    pub(crate) mod_policy: String,
}

/// `common.ConfigValue`.
#[derive(Clone, PartialEq, Eq, Hash, Message)]
pub(crate) struct ConfigValue {
    #[prost(uint64, tag = "1")]
    pub(crate) version: u64,
    #[prost(bytes = "vec", tag = "2")]
    pub(crate) value: Vec<u8>,
    #[prost(string, tag = "3")]
    pub(crate) mod_policy: String,
}

/// `common.ConfigPolicy`.
#[derive(Clone, PartialEq, Eq, Hash, Message)]
pub(crate) struct ConfigPolicy {
    #[prost(uint64, tag = "1")]
    pub(crate) version: u64,
    #[prost(message, optional, tag = "2")]
    pub(crate) policy: Option<Policy>,
    #[prost(string, tag = "3")]
    pub(crate) mod_policy: String,
}

/// `common.Policy`.
#[derive(Clone, PartialEq, Eq, Hash, Message)]
pub(crate) struct Policy {
    #[prost(int32, tag = "1")]
    pub(crate) r#type: i32,
    #[prost(bytes = "vec", tag = "2")]
    pub(crate) value: Vec<u8>,
}

/// `common.ImplicitMetaPolicy`.
#[derive(Clone, PartialEq, Eq, Hash, Message)]
pub(crate) struct ImplicitMetaPolicy {
    #[prost(string, tag = "1")]
    pub(crate) sub_policy: String,
    #[prost(int32, tag = "2")]
    pub(crate) rule: i32,
}

/// `common.SignaturePolicyEnvelope`.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct SignaturePolicyEnvelope {
    #[prost(int32, tag = "1")]
    pub(crate) version: i32,
    #[prost(message, optional, tag = "2")]
    pub(crate) rule: Option<SignaturePolicy>,
    #[prost(message, repeated, tag = "3")]
    pub(crate) identities: Vec<MspPrincipal>,
}

/// `common.SignaturePolicy`.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct SignaturePolicy {
    #[prost(oneof = "SignatureRule", tags = "1, 2")]
    pub(crate) rule: Option<SignatureRule>,
}

/// The two kinds of `common.SignaturePolicy`.
#[derive(Clone, PartialEq, Oneof)]
pub(crate) enum SignatureRule {
    #[prost(int32, tag = "1")]
    SignedBy(i32),
    #[prost(message, tag = "2")]
    OutOf(OutOf),
}

/// `common.SignaturePolicy.NOutOf`.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct OutOf {
    #[prost(int32, tag = "1")]
    pub(crate) n: i32,
    #[prost(message, repeated, tag = "2")]
    pub(crate) rules: Vec<SignaturePolicy>,
}

/// `common.MSPPrincipal`.
#[derive(Clone, PartialEq, Eq, Hash, Message)]
pub(crate) struct MspPrincipal {
    #[prost(int32, tag = "1")]
    pub(crate) principal_classification: i32,
    #[prost(bytes = "vec", tag = "2")]
    pub(crate) principal: Vec<u8>,
}

/// `common.MSPRole`.
#[derive(Clone, PartialEq, Eq, Hash, Message)]
pub(crate) struct MspRole {
    #[prost(string, tag = "1")]
    pub(crate) msp_identifier: String,
    #[prost(int32, tag = "2")]
    pub(crate) role: i32,
}
