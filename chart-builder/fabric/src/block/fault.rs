//! What is wrong with the inputs of a genesis block: mostly what an orderer would refuse with a less helpful text.

/// One fault; a block is made only from inputs without any.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GenesisFault {
    /// Fabric refuses the channel's name.
    #[error("the channel's name has to match `[a-z][a-z0-9.-]*` with at most 249 characters")]
    ChannelName,
    /// No organization is in this group.
    #[error("no organization is in the group `{group}`")]
    NoOrganization {
        /// `Orderer` or `Application`.
        group: &'static str,
    },
    /// Fabric refuses the name of a group.
    #[error(
        "organization `{name}`: the name has to match `[a-zA-Z0-9.-]+` with at most 249 characters"
    )]
    OrganizationName {
        /// The name.
        name: String,
    },
    /// Two organizations of one group have the same name.
    #[error("organization `{name}` is in the group `{group}` twice")]
    DuplicateOrganization {
        /// `Orderer` or `Application`.
        group: &'static str,
        /// The name.
        name: String,
    },
    /// Policies cannot name this MSP.
    #[error("organization `{organization}`: the MSP id `{id}` has to match `[a-zA-Z0-9.-]+`")]
    MspId {
        /// The organization.
        organization: String,
        /// Its MSP id.
        id: String,
    },
    /// Two organizations of one group share an MSP id.
    #[error("organizations `{first}` and `{second}` have the same MSP id `{id}`")]
    DuplicateMspId {
        /// The one that has it first.
        first: String,
        /// The other one.
        second: String,
        /// The MSP id.
        id: String,
    },
    /// An organization stands in several groups, with different MSPs.
    #[error("MSP `{id}` is not the same in all groups: its certificates or roles differ")]
    DifferentMsp {
        /// The MSP id.
        id: String,
    },
    /// An MSP without roots, or with something else in their place.
    #[error("organization `{organization}`: {reason}")]
    Roots {
        /// The organization.
        organization: String,
        /// What is wrong with its roots.
        reason: String,
    },
    /// Nobody could administer, or Fabric refuses the administrator's certificate.
    #[error("organization `{organization}`: {reason}")]
    Admins {
        /// The organization.
        organization: String,
        /// What is wrong, by the rules of the channel's capability.
        reason: String,
    },
    /// A name that is no capability.
    #[error("capability `{name}` of the group `{group}` has to look like `V2_0` or `V1_4_2`")]
    Capability {
        /// `Channel`, `Orderer` or `Application`.
        group: &'static str,
        /// The name.
        name: String,
    },
    /// Fabric refuses capabilities elsewhere when the orderers have none.
    #[error(
        "the group `Orderer` needs a capability, because the channel or its application has one"
    )]
    NoOrdererCapability,
    /// The name of a consortium is there twice, or Fabric refuses it.
    #[error("consortium `{name}`: the name has to match `[a-zA-Z0-9.-]+` and stand there once")]
    Consortium {
        /// The name.
        name: String,
    },
    /// This consensus is not possible here.
    #[error("consensus: {reason}")]
    Consensus {
        /// What is missing, or what is too much.
        reason: &'static str,
    },
    /// A Kafka broker that orderers cannot dial.
    #[error("Kafka broker `{broker}` is not `host:port`")]
    Broker {
        /// The address.
        broker: String,
    },
    /// Clients cannot find the orderers of this organization.
    #[error("organization `{organization}` has orderers but no endpoint `host:port`")]
    NoEndpoint {
        /// The organization.
        organization: String,
    },
    /// An address is not `host:port`.
    #[error("organization `{organization}`: `{endpoint}` is not `host:port`")]
    Endpoint {
        /// The organization.
        organization: String,
        /// The address.
        endpoint: String,
    },
    /// Nobody orders.
    #[error("the channel has no consenter")]
    NoConsenter,
    /// A consenter's certificate is not usable.
    #[error("consenter `{consenter}`: {reason}")]
    Consenter {
        /// `host:port`.
        consenter: String,
        /// What is wrong.
        reason: String,
    },
    /// Block cutting is impossible.
    #[error("batch limits: {reason}")]
    Batch {
        /// What is wrong.
        reason: &'static str,
    },
    /// Raft cannot run with these options.
    #[error("raft options: {reason}")]
    Raft {
        /// What is wrong.
        reason: &'static str,
    },
    /// `BFT` cannot run with these options.
    #[error("BFT options: {reason}")]
    Bft {
        /// What is wrong.
        reason: &'static str,
    },
    /// Go cannot read the duration, or it is not above zero.
    #[error("{what}: `{text}` is no duration above zero, for example `2s` or `500ms`")]
    Duration {
        /// Which one.
        what: &'static str,
        /// The text.
        text: String,
    },
}
