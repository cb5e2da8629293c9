//! What keeps a network from being lowered.

use crate::render::RenderError;

/// A network that no chart can be made of.
#[derive(Debug, thiserror::Error)]
pub enum LowerError {
    /// Certificates of an organization.
    #[error(
        "there are no certificates of organization `{organization}`; run `chart-builder identities`"
    )]
    NoOrganization {
        /// Its name.
        organization: String,
    },
    /// Certificates of a node.
    #[error(
        "there are no certificates of `{node}` of organization `{organization}`; run `chart-builder identities`"
    )]
    NoNode {
        /// Name of the organization.
        organization: String,
        /// Name of the node.
        node: String,
    },
    /// A certificate whose end cannot be told.
    #[error(
        "a certificate of `{node}` of organization `{organization}` cannot be read; run `chart-builder identities`"
    )]
    Certificate {
        /// Name of the organization.
        organization: String,
        /// Name of the node, `admin` or `organization`.
        node: String,
        /// What is wrong with it.
        source: Box<fabric_artifacts::Error>,
    },
    /// A channel without a genesis block.
    #[error("channel `{channel}` has no genesis block; build it first")]
    NoGenesis {
        /// Its name.
        channel: String,
    },
    /// A chaincode without a package.
    #[error("chaincode `{chaincode}` has no package for sequence {sequence}")]
    NoPackage {
        /// Its name.
        chaincode: String,
        /// The sequence.
        sequence: u64,
    },
    /// Something that the model names and does not have.
    #[error("{kind} `{name}` is named and does not exist")]
    Unknown {
        /// What it is.
        kind: &'static str,
        /// Its name.
        name: String,
    },
    /// Two parts of the chart with one key in the values.
    #[error("values key `{alias}` is needed by {first} and by {second}; rename one of them")]
    AliasTaken {
        /// The key.
        alias: String,
        /// Who has it.
        first: String,
        /// Who wants it, too.
        second: String,
    },
    /// A number that Helm cannot carry.
    #[error("{what} {number} is above 9007199254740991, which Helm's values cannot hold exactly")]
    TooLarge {
        /// What it counts.
        what: &'static str,
        /// The number.
        number: u64,
    },
    /// The network's summary.
    #[error(transparent)]
    Summary(#[from] chart_format::summary::SummaryError),
    /// A template of this program.
    #[error(transparent)]
    Render(#[from] RenderError),
}
