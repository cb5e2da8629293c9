//! Fields of the Kafka cluster.

use super::super::schema::Default::Is;
use super::super::schema::{Kind, Table};
use super::field;
use super::nodes::RESOURCES;
use super::storage::CLAIM;

/// Most brokers or ZooKeeper nodes.
const MOST_NODES: u64 = 100;

pub(super) static KAFKA: Table = Table {
    title: "kafka",
    about: "Kafka and ZooKeeper in a namespace of their own, for Fabric before 3.0. What orderers agreed on lies in Kafka's \
            logs: a cluster that lost them cannot be replaced under a running network.",
    fields: &[
        field(
            "namespace",
            Kind::Text,
            Is("`kafka`"),
            "Namespace without the prefix; never changes.",
        ),
        field(
            "brokers",
            Kind::Either {
                short: &Kind::Number { least: 1, most: MOST_NODES },
                long: &Kind::Mapping(&BROKERS),
            },
            Is("4"),
            "Brokers `kafka0`, `kafka1`, …: their number, or more about them.",
        ),
        field(
            "zookeeper",
            Kind::Either {
                short: &Kind::Number { least: 1, most: MOST_NODES },
                long: &Kind::Mapping(&ZOOKEEPER),
            },
            Is("3"),
            "ZooKeeper nodes `zookeeper0`, `zookeeper1`, …: their number, or more about them.",
        ),
    ],
};

static BROKERS: Table = Table {
    title: "brokers",
    about: "Brokers of the Kafka cluster. One may be lost: channels stay writable and new ones can be created.",
    fields: &[
        field(
            "count",
            Kind::Number { least: 1, most: MOST_NODES },
            Is("4"),
            "How many: at least 4. May grow; topics that exist stay where they are.",
        ),
        field(
            "replicationFactor",
            Kind::Number { least: 1, most: MOST_NODES },
            Is("3"),
            "Brokers that keep a copy of a channel: more than `minInsync`, fewer than `count`. Counts for new channels.",
        ),
        field(
            "minInsync",
            Kind::Number { least: 1, most: MOST_NODES },
            Is("2"),
            "Copies that have a transaction before it counts: at least 2.",
        ),
        field(
            "messageMaxBytes",
            Kind::Text,
            Is("`99MiB`"),
            "Bytes of the largest block and 1 MiB; below 100 MiB.",
        ),
        field(
            "storage",
            CLAIM,
            Is("a claim of `10Gi` of the cluster's default class"),
            "Where the logs live.",
        ),
        field(
            "resources",
            Kind::Mapping(&RESOURCES),
            Is("requests of `100m` and `512Mi`, limit of `1Gi`"),
            "Requests and limits of a broker; half of the memory's limit is the heap.",
        ),
    ],
};

static ZOOKEEPER: Table = Table {
    title: "zookeeper",
    about: "The ensemble in which the brokers keep what they know of each other.",
    fields: &[
        field(
            "count",
            Kind::Number { least: 1, most: MOST_NODES },
            Is("3"),
            "How many: 3, 5 or 7; never changes.",
        ),
        field(
            "storage",
            CLAIM,
            Is("a claim of `10Gi` of the cluster's default class"),
            "Where snapshots and transaction log live.",
        ),
        field(
            "resources",
            Kind::Mapping(&RESOURCES),
            Is("requests of `50m` and `128Mi`, limit of `512Mi`"),
            "Requests and limits of a node; half of the memory's limit is the heap.",
        ),
    ],
};
