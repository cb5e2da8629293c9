//! Fields of private data collections.

use super::super::schema::Default::{Is, Required};
use super::super::schema::{Kind, Table, Word};
use super::{field, word};

const YES_OR_NO: &[Word] = &[word("true", "yes"), word("false", "no")];

pub(super) static COLLECTION: Table = Table {
    title: "collection",
    about: "Private data of some members: their peers have it, everybody else on the channel has its hash. Part of the definition, \
            so that another set of collections is another `sequence`; one that is there stays, with its `blockToLive`.",
    fields: &[
        field("name", Kind::Text, Required, "Name of the collection, as the chaincode uses it."),
        field(
            "members",
            Kind::List(&Kind::Text),
            Is("none; then there has to be a `policy`"),
            "Organizations whose peers have the data.",
        ),
        field(
            "policy",
            Kind::Text,
            Is("any identity of `members`"),
            "The same as a signature policy of `OR` alone, in place of `members`, for example `OR('Org1MSP.member','Org2MSP.member')`.",
        ),
        field(
            "requiredPeerCount",
            Kind::Number { least: 0, most: 1000 },
            Is("`0`"),
            "Other peers that have to have the data before a peer endorses.",
        ),
        field(
            "maxPeerCount",
            Kind::Number { least: 0, most: 1000 },
            Is("`1`, or `requiredPeerCount` if that is more"),
            "Other peers to which an endorsing peer sends the data.",
        ),
        field(
            "blockToLive",
            Kind::Number { least: 0, most: 9_000_000_000_000_000_000 },
            Is("`0`: for ever"),
            "Blocks after which peers forget the data.",
        ),
        field(
            "memberOnlyRead",
            Kind::Word(YES_OR_NO),
            Is("`false`"),
            "Only clients of members may read; Fabric 1.4 and later.",
        ),
        field(
            "memberOnlyWrite",
            Kind::Word(YES_OR_NO),
            Is("`false`"),
            "Only clients of members may write; Fabric 2.0 and later.",
        ),
        field(
            "endorsement",
            Kind::Text,
            Is("the chaincode's own"),
            "Signature policy of what is written to the collection; with the application capability V2_0.",
        ),
    ],
};
