//! The fields of `fabric-topology/v1`, table by table: the network as a whole. Adding a field starts here.

mod bft;
mod chaincode_runtime;
mod channels;
mod cluster;
mod collection;
mod exposure;
mod external;
mod images;
mod kafka;
mod monitoring;
mod nodes;
mod services;
mod storage;

use chaincode_runtime::CHAINCODE_RUNTIME;
use channels::{CHAINCODE, CHANNEL, ORDERING};
use cluster::{CLUSTER, DOMAINS};
use exposure::EXPOSURE_FIELD;
use images::{IMAGE, IMAGES};
use monitoring::MONITORING;
use nodes::{DEFAULTS, ORGANIZATION, REMOVAL};
use storage::{CRYPTO, NETWORK_STORAGE};

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

static TLS: Table = Table {
    title: "tls",
    about: "TLS between all nodes and clients of the network.",
    fields: &[field(
        "enabled",
        Kind::Word(&[
            word("true", "everybody proves who it is, and nobody else reads along"),
            word(
                "false",
                "everything in the clear, but for what consenters tell each other; profile `dev` only",
            ),
        ]),
        Is("`true`"),
        "Never changes. Without it orderers of etcdraft speak TLS with each other on a port of their own, because Raft knows \
         them by their certificates; one that has fallen behind a snapshot of the others does not catch up.",
    )],
};

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
            "cluster",
            Kind::Mapping(&CLUSTER),
            Is("nothing is known"),
            "What is true of the Kubernetes cluster.",
        ),
        field(
            "domains",
            Kind::Mapping(&DOMAINS),
            Is("every default below it"),
            "Names with the domains of organizations.",
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
            "crypto",
            Kind::Mapping(&CRYPTO),
            Is("generated"),
            "Where keys and certificates come from.",
        ),
        field(
            "storage",
            Kind::Mapping(&NETWORK_STORAGE),
            Is("claims of a StorageClass for data, Secrets for keys"),
            "Directories of an NFS server or of Kubernetes nodes, for data and for key material.",
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
            "chaincode",
            Kind::Mapping(&CHAINCODE_RUNTIME),
            Is("every default below it"),
            "How peers run chaincodes.",
        ),
        field(
            "removals",
            Kind::List(&Kind::Mapping(&REMOVAL)),
            Is("none"),
            "Nodes that were taken out: a node never disappears by a smaller count alone.",
        ),
        field("tls", Kind::Mapping(&TLS), Is("on everywhere"), "Networks without TLS, as in 2017."),
        field(
            "monitoring",
            Kind::Mapping(&MONITORING),
            Is("none: metrics are there and nobody asks for them"),
            "What Prometheus and Grafana are given.",
        ),
        EXPOSURE_FIELD,
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
                word("per-owner", "one release `<network>-<organization>` for each organization"),
            ]),
            Is("`umbrella`, or what the network was built with"),
            "One Helm release, or one for each owner in its own namespace.",
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
        field(
            "rollout",
            Kind::Word(&[
                word(
                    "one-by-one",
                    "one node of an organization after the other, while every channel keeps its quorum",
                ),
                word(
                    "all-at-once",
                    "every changed node at the same time: ordering stands still meanwhile",
                ),
            ]),
            Is("`one-by-one`; `all-at-once` in the profile `dev`"),
            "How a release replaces the pods of nodes that it changes.",
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
            "`2.5.16`, or a line from `1.0` to `3.1` for its newest known version.",
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
        field(
            "channel",
            Kind::Text,
            Is("that of the Fabric version; `V2_0` from 2.0 on"),
            "Capability of the channel group; below V1_4_3 administrators are known by certificate.",
        ),
        field(
            "orderer",
            Kind::Text,
            Is("that of the Fabric version; `V2_0` from 2.0 on"),
            "Capability of the orderer group.",
        ),
        field(
            "application",
            Kind::Text,
            Is("that of the Fabric version; `V2_5` from 2.5 on"),
            "Capability of the application group; chaincodes as a service need V2_0.",
        ),
    ],
};
