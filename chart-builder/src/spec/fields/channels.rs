//! Fields of consensus, channels and chaincodes.

use super::super::schema::Default::{Is, Required};
use super::super::schema::{Field, Kind, Table};
use super::bft::BFT_FIELD;
use super::collection::COLLECTION;
use super::kafka::KAFKA;
use super::nodes::RESOURCES;
use super::{IMAGE, field, word};

pub(super) static ORDERING: Table = Table {
    title: "ordering",
    about: "Consensus of all channels; with `groups` a channel names the group that orders it.",
    fields: &[
        CONSENSUS_TYPE,
        CONSENTERS,
        BATCH_FIELD,
        RAFT_FIELD,
        BFT_FIELD,
        SYSTEM_CHANNEL,
        field(
            "groups",
            Kind::Named { key: "a group", value: &Kind::Mapping(&GROUP) },
            Is("this block is the only group"),
            "Several groups of orderers.",
        ),
        field(
            "kafka",
            Kind::Mapping(&KAFKA),
            Is("every default below it, if a group has the type `kafka`; else none"),
            "The Kafka cluster of the network: one for all groups of type `kafka`.",
        ),
    ],
};

static GROUP: Table = Table {
    title: "group",
    about: "A group of orderers.",
    fields: &[CONSENSUS_TYPE, CONSENTERS, BATCH_FIELD, RAFT_FIELD, BFT_FIELD, SYSTEM_CHANNEL],
};

const CONSENSUS_TYPE: Field = field(
    "type",
    Kind::Word(&[
        word("etcdraft", "Raft: survives the loss of fewer than half; Fabric 1.4.1 and later"),
        word("bft", "SmartBFT: survives fewer than a third of liars; Fabric 3.0 and later"),
        word("kafka", "Apache Kafka orders; Fabric before 3.0"),
        word("solo", "one orderer, without any copy; Fabric before 3.0"),
    ]),
    Is("`etcdraft`"),
    "Consensus.",
);

const CONSENTERS: Field = field(
    "consenters",
    Kind::List(&Kind::Text),
    Is("all orderers"),
    "Orderers of the group, as `<organization>/<orderer>`: with etcdraft and bft those that vote.",
);

const SYSTEM_CHANNEL: Field = field(
    "systemChannel",
    Kind::Text,
    Is("`system-channel`, or `<group>-system-channel` of a named group"),
    "Name of the channel from which the orderers start and channels are made: with kafka and solo, and below Fabric 2.3; \
     elsewhere there is none.",
);

const BATCH_FIELD: Field =
    field("batch", Kind::Mapping(&BATCH), Is("every default below it"), "How blocks are cut.");

const RAFT_FIELD: Field = field(
    "raft",
    Kind::Mapping(&RAFT),
    Is("every default below it"),
    "Timing and limits of etcdraft; only with `type: etcdraft`.",
);

static BATCH: Table = Table {
    title: "batch",
    about: "When a block is cut; frozen with the channel.",
    fields: &[
        field(
            "timeout",
            Kind::Text,
            Is("`2s`"),
            "Longest wait for more transactions, as a Go duration.",
        ),
        field(
            "maxMessages",
            Kind::Number { least: 1, most: MOST_U32 },
            Is("500"),
            "Transactions in a block.",
        ),
        field("absoluteMaxBytes", Kind::Text, Is("`10MiB`"), "Bytes that no block exceeds."),
        field("preferredMaxBytes", Kind::Text, Is("`2MiB`"), "Bytes at which a block is cut."),
    ],
};

const MOST_U32: u64 = u32::MAX as u64;

static RAFT: Table = Table {
    title: "raft",
    about: "Timing and limits of etcdraft; frozen with the channel.",
    fields: &[
        field("tickInterval", Kind::Text, Is("`500ms`"), "Length of a tick, as a Go duration."),
        field(
            "electionTick",
            Kind::Number { least: 1, most: MOST_U32 },
            Is("7"),
            "Ticks without a leader until an election: it begins after one to two times as many. Fabric's own tools take 10.",
        ),
        field(
            "heartbeatTick",
            Kind::Number { least: 1, most: MOST_U32 },
            Is("1"),
            "Ticks between heartbeats.",
        ),
        field(
            "maxInflightBlocks",
            Kind::Number { least: 1, most: MOST_U32 },
            Is("5"),
            "Blocks in flight.",
        ),
        field(
            "snapshotIntervalSize",
            Kind::Text,
            Is("`16MiB`"),
            "Log bytes after which a snapshot is taken.",
        ),
    ],
};

pub(super) static CHANNEL: Table = Table {
    title: "channel",
    about: "A channel; after the first build only new channels can be added.",
    fields: &[
        field(
            "name",
            Kind::Text,
            Required,
            "Name: lower-case letters, digits, dots and dashes, a letter first.",
        ),
        field("ordering", Kind::Text, Is("the only group"), "Name of the group that orders it."),
        field(
            "members",
            Kind::List(&Kind::Either { short: &Kind::Text, long: &Kind::Mapping(&MEMBER) }),
            Required,
            "Organizations on the channel, the first one commits definitions; a name is short for `{org: <name>}`. One that is \
             added to a built channel joins it when a majority of those before has signed (`chart-builder sign`).",
        ),
    ],
};

static MEMBER: Table = Table {
    title: "member",
    about: "An organization on a channel.",
    fields: &[
        field("org", Kind::Text, Required, "Name of the organization."),
        field(
            "peers",
            Kind::Either {
                short: &Kind::Word(&[word("all", "every peer, also the ones to come")]),
                long: &Kind::List(&Kind::Text),
            },
            Is("`all`"),
            "Peers that join.",
        ),
        field(
            "anchors",
            Kind::List(&Kind::Text),
            Is("the anchors of the organization that join"),
            "Anchor peers on this channel.",
        ),
    ],
};

static TRANSACTION: Table = Table {
    title: "test",
    about: "A transaction that every member endorses, and a query that a peer of each member answers afterwards: all of them have \
            to answer the same.",
    fields: &[
        field(
            "invoke",
            Kind::Text,
            Required,
            "Arguments as JSON, for example `{\"Args\":[\"init\",\"a\",\"100\",\"b\",\"200\"]}`; `@VALUE@` stands for a word that is new in \
             every test.",
        ),
        field(
            "query",
            Kind::Text,
            Required,
            "Arguments as JSON, for example `{\"Args\":[\"query\",\"a\"]}`.",
        ),
        field(
            "expect",
            Kind::Text,
            Is("`@VALUE@`, if `invoke` has it"),
            "The whole answer, for example `100`.",
        ),
    ],
};

pub(super) static CHAINCODE: Table = Table {
    title: "chaincode",
    about: "A chaincode as a service on one channel. The next definition is a new `sequence`.",
    fields: &[
        field(
            "name",
            Kind::Text,
            Required,
            "Name on the channel and of its Services: lower-case letters, digits and dashes.",
        ),
        field(
            "channel",
            Kind::Text,
            Is("the only channel; after the first build, the channel that it is on"),
            "Name of the channel.",
        ),
        field("version", Kind::Text, Required, "Version text of the definition."),
        field(
            "sequence",
            Kind::Number { least: 1, most: 1_000_000 },
            Is("1"),
            "Sequence of the definition: grows by 1 when the definition changes. The server of the sequence before runs on in \
             the version of the network that brings the new one, and goes with the version after it: install each of the \
             two, since raising `metadata.version` twice in between leaves no server until the new definition is \
             committed.",
        ),
        field(
            "image",
            IMAGE,
            Is("none with a `package`; a service has to name one"),
            "Image of the server.",
        ),
        field(
            "endorsement",
            Kind::Text,
            Is("the channel's own policy, a majority"),
            "Signature policy, for example `AND('Org1MSP.peer','Org2MSP.peer')`.",
        ),
        field(
            "replicas",
            Kind::Number { least: 1, most: 100 },
            Is("2 in production, 1 in development"),
            "Servers in each member organization. A peer that loses one reaches the other at once.",
        ),
        field(
            "resources",
            Kind::Mapping(&RESOURCES),
            Is("requests of `50m` and `64Mi`, limit of `256Mi`"),
            "Requests and limits of a server.",
        ),
        field(
            "runtime",
            Kind::Word(&[
                word("ccaas", "a server in the cluster"),
                word("docker", "the peer builds and starts it in Docker"),
                word("k8s", "the peer's builder starts a Job"),
            ]),
            Is("`ccaas`"),
            "How it runs.",
        ),
        field(
            "package",
            Kind::Text,
            Is("made for a service; the other runtimes have to name one"),
            "What peers build and start, within the network's directory: a file made by `peer lifecycle chaincode package`, or a \
             directory with the sources of a chaincode in Go, `vendor` included. Other bytes are another `sequence`.",
        ),
        field(
            "init",
            Kind::Text,
            Is("no arguments"),
            "Arguments as JSON, for example `{\"Args\":[\"init\",\"a\",\"100\",\"b\",\"200\"]}`, with which the chaincode is \
             instantiated and upgraded on a channel with the legacy lifecycle (below the application capability V2_0). There \
             every `sequence` has a `version` of its own, and without an `endorsement` any member endorses.",
        ),
        field(
            "test",
            Kind::Mapping(&TRANSACTION),
            Is("a value is put and read back, with the functions `put` and `get` of the canary"),
            "What `helm test` does with it.",
        ),
        field(
            "indexes",
            Kind::Text,
            Is("none"),
            "Directory with CouchDB indexes, within the network's directory: `*.json`, and \
             `collections/<collection>/indexes/*.json` for private data. They travel in the package, so another set of \
             them is another `sequence`.",
        ),
        field(
            "collections",
            Kind::List(&Kind::Mapping(&COLLECTION)),
            Is("none"),
            "Private data collections.",
        ),
    ],
};
