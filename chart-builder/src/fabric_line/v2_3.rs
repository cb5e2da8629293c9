//! Fabric 2.3: the first line whose orderers join channels without a system channel.

use super::generations::FABRIC_2;
use super::line::{FabricLine, always, since};

pub(super) static LINE: FabricLine = FabricLine {
    name: "2.3",
    number: (2, 3),
    newest_patch: 3,
    follows: &["2.2"],
    service_builder: None,
    sections: &[
        always("kafkaTopic"),
        always("kafkaVersion"),
        always("warmIndexes"),
        always("implicitCollections"),
        always("concurrency"),
        always("gossipLimits"),
        always("deprioritizedData"),
        always("snapshots"),
        always("participation"),
        since(3, "blockGossip"),
        since(3, "messageSizes"),
    ],
    ..FABRIC_2
};
