//! Fields of BFT consensus.

use super::super::schema::Default::Is;
use super::super::schema::{Field, Kind, Table};
use super::{field, planned, word};

const MOST: u64 = 1_000_000;

pub(super) const BFT_FIELD: Field = field(
    "bft",
    Kind::Mapping(&BFT),
    Is("every default below it"),
    "Timing and limits of BFT; only with `type: bft`.",
);

static BFT: Table = Table {
    title: "bft",
    about: "Timing and limits of BFT; frozen with the channel. Blocks are cut by `batch` alone.",
    fields: &[
        field(
            "requestBatchMaxInterval",
            Kind::Text,
            Is("`50ms`"),
            "Longest wait of the leader for more requests, as a Go duration.",
        ),
        field(
            "incomingMessageBufferSize",
            Kind::Number { least: 1, most: MOST },
            Is("200"),
            "Messages of other orderers that wait.",
        ),
        field(
            "requestPoolSize",
            Kind::Number { least: 1, most: MOST },
            Is("400"),
            "Requests that wait; it has to be larger where many clients write at once.",
        ),
        field(
            "requestForwardTimeout",
            Kind::Text,
            Is("`2s`"),
            "Wait until a request is forwarded to the leader.",
        ),
        field(
            "requestComplainTimeout",
            Kind::Text,
            Is("`20s`"),
            "Wait until the leader is complained about.",
        ),
        field(
            "requestAutoRemoveTimeout",
            Kind::Text,
            Is("`3m0s`"),
            "Wait until a request is dropped.",
        ),
        field(
            "viewChangeResendInterval",
            Kind::Text,
            Is("`5s`"),
            "Wait until a view change is asked for again.",
        ),
        field("viewChangeTimeout", Kind::Text, Is("`20s`"), "Wait until a view change has failed."),
        field(
            "leaderHeartbeatTimeout",
            Kind::Text,
            Is("`1m0s`"),
            "Silence after which the leader is complained about.",
        ),
        field(
            "leaderHeartbeatCount",
            Kind::Number { least: 1, most: MOST },
            Is("10"),
            "Heartbeats in that time.",
        ),
        field(
            "collectTimeout",
            Kind::Text,
            Is("`1s`"),
            "Time in which states of other orderers are collected.",
        ),
        field(
            "leaderRotation",
            Kind::Word(&[
                word("off", "the leader stays while it works"),
                planned("on", "orderers refuse every later update of such a channel"),
            ]),
            Is("`off`"),
            "Whether leaders take turns.",
        ),
    ],
};
