//! The fields of `fabric-topology/v1`, table by table. Adding a field starts here.
// tidy: table

use super::schema::Default::{Is, Required};
use super::schema::{Default, Field, Kind, Table, Word};

const fn field(name: &'static str, kind: Kind, default: Default, about: &'static str) -> Field {
    Field { name, kind, default, about }
}

const fn word(word: &'static str, about: &'static str) -> Word {
    Word { word, about, built: true }
}

const fn planned(word: &'static str, about: &'static str) -> Word {
    Word { word, about, built: false }
}

/// Most peers or orderers of one organization.
const MOST_NODES: u64 = 1000;

/// The whole file.
pub static TOPOLOGY: Table = Table {
    title: "network.yaml",
    about: "The topology: the only file of a network that a person writes.",
    fields: &[
        field(
            "apiVersion",
            Kind::Word(&[word("fabric-topology/v1", "this language")]),
            Required,
            "Version of this language.",
        ),
        field(
            "kind",
            Kind::Word(&[word("FabricNetwork", "a network")]),
            Required,
            "What the file describes.",
        ),
        field("metadata", Kind::Mapping(&METADATA), Required, "Name and version of the network."),
        field(
            "release",
            Kind::Mapping(&RELEASE),
            Is("every default below it"),
            "How the network is cut into Helm releases and namespaces.",
        ),
        field("fabric", Kind::Mapping(&FABRIC), Required, "Version of Hyperledger Fabric."),
        field(
            "clusterDomain",
            Kind::Text,
            Is("`cluster.local`"),
            "Domain of the Kubernetes cluster; stands in TLS certificates.",
        ),
        field(
            "images",
            Kind::Mapping(&IMAGES),
            Is("the official images of the Fabric version"),
            "Where images come from.",
        ),
        field(
            "defaults",
            Kind::Mapping(&DEFAULTS),
            Is("every default below it"),
            "Storage and resources of all nodes; an organization or a node may say otherwise.",
        ),
        field(
            "organizations",
            Kind::List(&Kind::Mapping(&ORGANIZATION)),
            Required,
            "Owners of nodes: one MSP and one namespace each.",
        ),
        field(
            "ordering",
            Kind::Mapping(&ORDERING),
            Is("one etcdraft group of all orderers"),
            "Consensus: one block for all channels, or named `groups`.",
        ),
        field(
            "channels",
            Kind::List(&Kind::Mapping(&CHANNEL)),
            Required,
            "Channels and their members.",
        ),
        field(
            "chaincodes",
            Kind::List(&Kind::Mapping(&CHAINCODE)),
            Is("none"),
            "Chaincodes as a service.",
        ),
        field(
            "removals",
            Kind::List(&Kind::Mapping(&REMOVAL)),
            Is("none"),
            "Nodes that were taken out: a node never disappears by a smaller count alone.",
        ),
        field(
            "exposure",
            Kind::NotBuilt("networks stay inside their cluster for now"),
            Is("nothing is exposed"),
            "Access from outside of the cluster.",
        ),
    ],
};

static METADATA: Table = Table {
    title: "metadata",
    about: "Name and version of the network's chart.",
    fields: &[
        field(
            "name",
            Kind::Text,
            Required,
            "Name of the chart, the umbrella's release and its namespace: a DNS label of at most 53 characters.",
        ),
        field("version", Kind::Text, Required, "SemVer version of this release of the network."),
    ],
};

static RELEASE: Table = Table {
    title: "release",
    about: "How the network is cut into Helm releases and namespaces.",
    fields: &[
        field(
            "layout",
            Kind::Word(&[
                word("umbrella", "one release for the whole network"),
                planned("per-owner", "one release for each organization"),
            ]),
            Is("`umbrella`"),
            "One Helm release, or one for each owner.",
        ),
        field(
            "namespaces",
            Kind::Word(&[
                word("plain", "`org1`: one network in a cluster"),
                word("prefixed", "`<network>-org1`: several networks side by side"),
            ]),
            Is("`plain`"),
            "How an organization's namespace is named.",
        ),
        field(
            "profile",
            Kind::Word(&[
                word("production", "what loses data is refused"),
                word("dev", "throw-away networks: emptyDir and a single orderer are fine"),
            ]),
            Is("`production`"),
            "How strict the rules are.",
        ),
    ],
};

static FABRIC: Table = Table {
    title: "fabric",
    about: "Version of Hyperledger Fabric.",
    fields: &[
        field(
            "version",
            Kind::Text,
            Required,
            "`2.5.16`, or a line like `2.5` for its newest known version.",
        ),
        field(
            "capabilities",
            Kind::Mapping(&CAPABILITIES),
            Is("those of the Fabric line"),
            "Capabilities of new channels.",
        ),
    ],
};

static CAPABILITIES: Table = Table {
    title: "capabilities",
    about: "What every component of a channel has to support; frozen with the channel.",
    fields: &[
        field("channel", Kind::Text, Is("`V2_0`"), "Capability of the channel group."),
        field("orderer", Kind::Text, Is("`V2_0`"), "Capability of the orderer group."),
        field("application", Kind::Text, Is("`V2_5`"), "Capability of the application group."),
    ],
};

static IMAGES: Table = Table {
    title: "images",
    about: "Where images come from.",
    fields: &[
        field(
            "registry",
            Kind::Text,
            Is("the container runtime's default registry"),
            "Registry host and optional path, put before every repository that does not name a host itself.",
        ),
        field(
            "pullPolicy",
            Kind::Word(&[
                word("IfNotPresent", "unless it is on the node"),
                word("Always", "at every start"),
                word("Never", "the image has to be on the node"),
            ]),
            Is("`IfNotPresent`"),
            "When the kubelet pulls.",
        ),
        field(
            "pullSecrets",
            Kind::List(&Kind::Text),
            Is("none"),
            "Names of Secrets with registry credentials, in every namespace.",
        ),
        field(
            "peer",
            IMAGE,
            Is("`hyperledger/fabric-peer:<fabric.version>`"),
            "Peers and the converge Deployment.",
        ),
        field("orderer", IMAGE, Is("`hyperledger/fabric-orderer:<fabric.version>`"), "Orderers."),
        field(
            "tools",
            IMAGE,
            Is("`busybox:1.36.1`"),
            "Init containers, hooks and tests: needs a shell and wget.",
        ),
    ],
};

const IMAGE: Kind = Kind::Either { short: &Kind::Text, long: &Kind::Mapping(&IMAGE_FIELDS) };

static IMAGE_FIELDS: Table = Table {
    title: "image",
    about: "An image; the short form is `repository:tag`, `repository@sha256:…` or both.",
    fields: &[
        field(
            "repository",
            Kind::Text,
            Is("the default image's repository; a chaincode has to name one"),
            "Repository, with or without a registry host.",
        ),
        field(
            "tag",
            Kind::Text,
            Is("the default image's tag, or none beside a digest"),
            "Tag; never `latest`.",
        ),
        field(
            "digest",
            Kind::Text,
            Is("none"),
            "`sha256:` and 64 hexadecimal digits; wins over the tag.",
        ),
    ],
};

static DEFAULTS: Table = Table {
    title: "defaults",
    about: "What all nodes of a kind share.",
    fields: &[
        field("peer", Kind::Mapping(&NODE), Is("the built-in sizes"), "Peers."),
        field("orderer", Kind::Mapping(&NODE), Is("the built-in sizes"), "Orderers."),
    ],
};

static NODE: Table = Table {
    title: "node",
    about: "Storage and resources of a node. What is not written comes from the organization, then from `defaults`.",
    fields: &[
        field(
            "storage",
            STORAGE,
            Is("a claim of `10Gi` of the cluster's default class"),
            "Where the ledger lives.",
        ),
        field(
            "resources",
            Kind::Mapping(&RESOURCES),
            Is(
                "peers: requests of `100m` and `256Mi`, limit of `1Gi`; orderers: `100m`, `128Mi`, `512Mi`",
            ),
            "Requests and limits.",
        ),
    ],
};

const STORAGE: Kind = Kind::Either { short: &Kind::Text, long: &Kind::Mapping(&STORAGE_FIELDS) };

static STORAGE_FIELDS: Table = Table {
    title: "storage",
    about: "A claim that the chart makes, one that exists, or a directory that is lost with the pod; the short form is a size or the word `emptyDir`.",
    fields: &[
        field(
            "class",
            Kind::Text,
            Is("the cluster's default class"),
            "StorageClass of the claim; never changes.",
        ),
        field("size", Kind::Text, Is("`10Gi`"), "Size of the claim; may grow."),
        field(
            "existingClaim",
            Kind::Text,
            Is("the chart makes a claim"),
            "A claim in the organization's namespace that somebody else made; only for one node.",
        ),
        field(
            "emptyDir",
            Kind::Word(&[word("true", "lost with the pod"), word("false", "a claim")]),
            Is("`false`"),
            "Keep nothing: profile `dev` with one consenter only.",
        ),
    ],
};

static RESOURCES: Table = Table {
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

static ORGANIZATION: Table = Table {
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
            "external",
            Kind::NotBuilt("every organization is built from this file for now"),
            Is("its nodes are built"),
            "An organization that runs its own infrastructure.",
        ),
        field(
            "ca",
            Kind::NotBuilt("`chart-builder identities` makes the certificates"),
            Is("none"),
            "A Fabric CA server.",
        ),
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
        field(
            "stateDB",
            Kind::Word(&[
                word("leveldb", "inside of the peer"),
                planned("couchdb", "a CouchDB beside the peer"),
            ]),
            Is("`leveldb`"),
            "State database.",
        ),
        field("storage", STORAGE, Is("`defaults.peer.storage`"), "Where the ledgers live."),
        field(
            "resources",
            Kind::Mapping(&RESOURCES),
            Is("`defaults.peer.resources`"),
            "Requests and limits.",
        ),
        field(
            "overrides",
            Kind::Named { key: "a peer", value: &Kind::Mapping(&NODE) },
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

static ORDERING: Table = Table {
    title: "ordering",
    about: "Consensus of all channels; with `groups` a channel names the group that orders it.",
    fields: &[
        CONSENSUS_TYPE,
        CONSENTERS,
        BATCH_FIELD,
        RAFT_FIELD,
        field(
            "groups",
            Kind::Named { key: "a group", value: &Kind::Mapping(&GROUP) },
            Is("this block is the only group"),
            "Several groups of consenters.",
        ),
    ],
};

static GROUP: Table = Table {
    title: "group",
    about: "A group of consenters.",
    fields: &[CONSENSUS_TYPE, CONSENTERS, BATCH_FIELD, RAFT_FIELD],
};

const CONSENSUS_TYPE: Field = field(
    "type",
    Kind::Word(&[
        word("etcdraft", "Raft: survives the loss of fewer than half"),
        planned("bft", "SmartBFT: Fabric 3.0 and later"),
        planned("kafka", "Fabric before 3.0"),
        planned("solo", "Fabric before 3.0, one orderer"),
    ]),
    Is("`etcdraft`"),
    "Consensus.",
);

const CONSENTERS: Field = field(
    "consenters",
    Kind::List(&Kind::Text),
    Is("all orderers"),
    "Orderers that vote, as `<organization>/<orderer>`.",
);

const BATCH_FIELD: Field =
    field("batch", Kind::Mapping(&BATCH), Is("every default below it"), "How blocks are cut.");

const RAFT_FIELD: Field = field(
    "raft",
    Kind::Mapping(&RAFT),
    Is("every default below it"),
    "Timing and limits of etcdraft.",
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
            Is("10"),
            "Ticks without a leader until an election.",
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

static CHANNEL: Table = Table {
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
            "Organizations on the channel, the first one commits definitions; a name is short for `{org: <name>}`.",
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

static CHAINCODE: Table = Table {
    title: "chaincode",
    about: "A chaincode as a service on one channel. The next definition is a new `sequence`.",
    fields: &[
        field(
            "name",
            Kind::Text,
            Required,
            "Name on the channel and of its Services: lower-case letters, digits and dashes.",
        ),
        field("channel", Kind::Text, Is("the only channel"), "Name of the channel."),
        field("version", Kind::Text, Required, "Version text of the definition."),
        field(
            "sequence",
            Kind::Number { least: 1, most: 1_000_000 },
            Is("1"),
            "Sequence of the definition: grows by 1 when the definition changes.",
        ),
        field("image", IMAGE, Required, "Image of the server."),
        field(
            "endorsement",
            Kind::Text,
            Is("the channel's own policy, a majority"),
            "Signature policy, for example `AND('Org1MSP.peer','Org2MSP.peer')`.",
        ),
        field(
            "replicas",
            Kind::Number { least: 1, most: 100 },
            Is("1"),
            "Servers in each member organization.",
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
                planned("docker", "the peer builds and starts it"),
            ]),
            Is("`ccaas`"),
            "How it runs.",
        ),
        field(
            "collections",
            Kind::NotBuilt("definitions carry no private data collections yet"),
            Is("none"),
            "Private data collections.",
        ),
    ],
};

static REMOVAL: Table = Table {
    title: "removal",
    about: "A node that was taken out. Its index is never used again.",
    fields: &[
        field("org", Kind::Text, Required, "Name of the organization."),
        field("peer", Kind::Text, Required, "Name of the peer, for example `peer2`."),
    ],
};
