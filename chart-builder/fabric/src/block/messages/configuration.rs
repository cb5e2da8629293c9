//! The tree of a channel's configuration, and its policies.

#![expect(clippy::too_many_arguments, reason = "the derive for a oneof writes such a function")]

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

/// `common.ConfigUpdateEnvelope`.
#[derive(Clone, PartialEq, Eq, Hash, Message)]
pub(crate) struct ConfigUpdateEnvelope {
    #[prost(bytes = "vec", tag = "1")]
    pub(crate) config_update: Vec<u8>,
    #[prost(message, repeated, tag = "2")]
    pub(crate) signatures: Vec<ConfigSignature>,
}

/// `common.ConfigSignature`.
#[derive(Clone, PartialEq, Eq, Hash, Message)]
pub(crate) struct ConfigSignature {
    #[prost(bytes = "vec", tag = "1")]
    pub(crate) signature_header: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    pub(crate) signature: Vec<u8>,
}

/// `common.ConfigUpdate`.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct ConfigUpdate {
    #[prost(string, tag = "1")]
    pub(crate) channel_id: String,
    #[prost(message, optional, tag = "2")]
    pub(crate) read_set: Option<ConfigGroup>,
    #[prost(message, optional, tag = "3")]
    pub(crate) write_set: Option<ConfigGroup>,
}

/// `common.ConfigGroup`.
///
/// Its maps are declared as the entries that a map is on the wire, because Go writes the empty value of an entry and the
/// derive for maps leaves it out: the read set of an update is full of empty groups, and Fabric up to 2.2 reads an entry
/// without a value as none at all.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct ConfigGroup {
    #[prost(uint64, tag = "1")]
    pub(crate) version: u64,
    #[prost(message, repeated, tag = "2")]
    pub(crate) groups: Vec<GroupEntry>,
    #[prost(message, repeated, tag = "3")]
    pub(crate) values: Vec<ValueEntry>,
    #[prost(message, repeated, tag = "4")]
    pub(crate) policies: Vec<PolicyEntry>,
    #[prost(string, tag = "5")]
    pub(crate) mod_policy: String,
}

/// One entry of `common.ConfigGroup.groups`.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct GroupEntry {
    #[prost(string, tag = "1")]
    pub(crate) name: String,
    #[prost(message, optional, tag = "2")]
    pub(crate) group: Option<ConfigGroup>,
}

/// One entry of `common.ConfigGroup.values`.
#[derive(Clone, PartialEq, Eq, Hash, Message)]
pub(crate) struct ValueEntry {
    #[prost(string, tag = "1")]
    pub(crate) name: String,
    #[prost(message, optional, tag = "2")]
    pub(crate) value: Option<ConfigValue>,
}

/// One entry of `common.ConfigGroup.policies`.
#[derive(Clone, PartialEq, Eq, Hash, Message)]
pub(crate) struct PolicyEntry {
    #[prost(string, tag = "1")]
    pub(crate) name: String,
    #[prost(message, optional, tag = "2")]
    pub(crate) policy: Option<ConfigPolicy>,
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
