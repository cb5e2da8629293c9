//! Fields of organizations and their nodes.

use super::super::schema::Default::{Is, Required};
use super::super::schema::{Field, Kind, Table};
use super::chaincode_runtime::CHAINCODE_RUNTIME;
use super::external::EXTERNAL_FIELD;
use super::services::{CA_FIELD, CLI_FIELD};
use super::storage::{CLAIM, STORAGE};
use super::{field, word};

/// Most peers or orderers of one organization.
const MOST_NODES: u64 = 1000;

pub(super) static DEFAULTS: Table = Table {
    title: "defaults",
    about: "What all nodes of a kind share.",
    fields: &[
        field("peer", Kind::Mapping(&PEER), Is("the built-in sizes"), "Peers."),
        field("orderer", Kind::Mapping(&NODE), Is("the built-in sizes"), "Orderers."),
    ],
};

const WAL_FIELD: Field = field(
    "wal",
    CLAIM,
    Is("beside the ledger, in `storage`"),
    "A claim for the write-ahead log of etcdraft and BFT alone, for example on a faster disk; never moves.",
);

const SNAPSHOTS_FIELD: Field = field(
    "snapshots",
    CLAIM,
    Is("beside the ledger, in `storage`"),
    "A claim for the snapshots of etcdraft alone; never moves.",
);

static NODE: Table = Table {
    title: "node",
    about: "Storage and resources of an orderer. What is not written comes from the organization, then from `defaults`.",
    fields: &[
        field(
            "storage",
            STORAGE,
            Is("a claim of `10Gi` of the cluster's default class"),
            "Where the ledger lives.",
        ),
        WAL_FIELD,
        SNAPSHOTS_FIELD,
        field(
            "resources",
            Kind::Mapping(&RESOURCES),
            Is("requests of `100m` and `128Mi`, limit of `512Mi`"),
            "Requests and limits.",
        ),
    ],
};

static PEER: Table = Table {
    title: "peer",
    about: "What a peer is. What is not written comes from the organization, then from `defaults`.",
    fields: &[
        STATE_DATABASE,
        COUCHDB_FIELD,
        field(
            "storage",
            STORAGE,
            Is("a claim of `10Gi` of the cluster's default class"),
            "Where the ledger lives.",
        ),
        field(
            "resources",
            Kind::Mapping(&RESOURCES),
            Is("requests of `100m` and `256Mi`, limit of `1Gi`"),
            "Requests and limits.",
        ),
    ],
};

const STATE_DATABASE: Field = field(
    "stateDB",
    Kind::Word(&[
        word("leveldb", "inside of the peer"),
        word("couchdb", "a CouchDB in the peer's pod: rich queries"),
    ]),
    Is("`leveldb`"),
    "State database; never changes.",
);

const COUCHDB_FIELD: Field = field(
    "couchdb",
    Kind::Mapping(&COUCHDB),
    Is("every default below it"),
    "The CouchDB of a peer with `stateDB: couchdb`.",
);

static COUCHDB: Table = Table {
    title: "couchdb",
    about: "A CouchDB in the pod of its peer, with a claim and credentials of its own: nothing else reaches it.",
    fields: &[
        field(
            "storage",
            CLAIM,
            Is("a claim of `10Gi` of the cluster's default class"),
            "Where the state lives; with `emptyDir` a peer computes it again from its blocks at every start of its pod.",
        ),
        field(
            "resources",
            Kind::Mapping(&RESOURCES),
            Is("requests of `100m` and `256Mi`, limit of `1Gi`"),
            "Requests and limits.",
        ),
    ],
};

pub(super) static RESOURCES: Table = Table {
    title: "resources",
    about: "Requests and limits of a container; quantities as Kubernetes writes them.",
    fields: &[
        field(
            "requests",
            Kind::Mapping(&QUANTITIES),
            Is("inherited"),
            "What the scheduler reserves.",
        ),
        field("limits", Kind::Mapping(&QUANTITIES), Is("inherited"), "What the kernel enforces."),
    ],
};

static QUANTITIES: Table = Table {
    title: "quantities",
    about: "Processor time and memory.",
    fields: &[
        field("cpu", Kind::Text, Is("inherited"), "Processor time, for example `500m`."),
        field("memory", Kind::Text, Is("inherited"), "Memory, for example `1Gi`."),
    ],
};

pub(super) static ORGANIZATION: Table = Table {
    title: "organization",
    about: "An owner of nodes. It may own peers and orderers at once, under one MSP.",
    fields: &[
        field("name", Kind::Text, Required, "Name, also of its group in channel configurations."),
        field("mspId", Kind::Text, Is("`<name>MSP`"), "MSP id; never changes."),
        field(
            "namespace",
            Kind::Text,
            Is("the name in lower case"),
            "Namespace without the prefix; never changes.",
        ),
        field(
            "domain",
            Kind::Text,
            Is("the namespace without the prefix"),
            "Name of its directory in a tree `crypto-config`, on a share or imported.",
        ),
        field(
            "peers",
            Kind::Either {
                short: &Kind::Number { least: 0, most: MOST_NODES },
                long: &Kind::Mapping(&PEERS),
            },
            Is("0"),
            "Peers: their number, or more about them.",
        ),
        field(
            "orderers",
            Kind::Either {
                short: &Kind::Number { least: 0, most: MOST_NODES },
                long: &Kind::Mapping(&ORDERERS),
            },
            Is("0"),
            "Orderers: their number, or more about them.",
        ),
        field(
            "chaincode",
            Kind::Mapping(&CHAINCODE_RUNTIME),
            Is("that of the network"),
            "How its peers run chaincodes.",
        ),
        EXTERNAL_FIELD,
        CA_FIELD,
        CLI_FIELD,
    ],
};

static PEERS: Table = Table {
    title: "peers",
    about: "Peers of an organization: `peer0`, `peer1`, …",
    fields: &[
        field(
            "count",
            Kind::Number { least: 0, most: MOST_NODES },
            Required,
            "How many live; indexes that `removals` or the lock name are skipped.",
        ),
        field(
            "anchors",
            Kind::List(&Kind::Text),
            Is("the lowest peer, `peer0`"),
            "Anchor peers on every channel that does not say otherwise.",
        ),
        STATE_DATABASE,
        COUCHDB_FIELD,
        field("storage", STORAGE, Is("`defaults.peer.storage`"), "Where the ledgers live."),
        field(
            "resources",
            Kind::Mapping(&RESOURCES),
            Is("`defaults.peer.resources`"),
            "Requests and limits.",
        ),
        field(
            "overrides",
            Kind::Named { key: "a peer", value: &Kind::Mapping(&PEER) },
            Is("none"),
            "What single peers do otherwise, for example `peer1: {storage: 50Gi}`.",
        ),
    ],
};

static ORDERERS: Table = Table {
    title: "orderers",
    about: "Orderers of an organization: `orderer0`, `orderer1`, …",
    fields: &[
        field(
            "count",
            Kind::Number { least: 0, most: MOST_NODES },
            Required,
            "How many live; indexes that `removals` or the lock name are skipped.",
        ),
        field(
            "storage",
            STORAGE,
            Is("`defaults.orderer.storage`"),
            "Where ledgers, write-ahead log and snapshots live.",
        ),
        WAL_FIELD,
        SNAPSHOTS_FIELD,
        field(
            "resources",
            Kind::Mapping(&RESOURCES),
            Is("`defaults.orderer.resources`"),
            "Requests and limits.",
        ),
        field(
            "overrides",
            Kind::Named { key: "an orderer", value: &Kind::Mapping(&NODE) },
            Is("none"),
            "What single orderers do otherwise.",
        ),
    ],
};

pub(super) static REMOVAL: Table = Table {
    title: "removal",
    about: "A node that was taken out. Its index is never used again.",
    fields: &[
        field("org", Kind::Text, Required, "Name of the organization."),
        field("peer", Kind::Text, Required, "Name of the peer, for example `peer2`."),
    ],
};
