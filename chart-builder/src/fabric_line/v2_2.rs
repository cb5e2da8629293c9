//! Fabric 2.2: the first line of Fabric 2 with long-term support, which has ended.

use super::generations::FABRIC_2;
use super::line::{FabricLine, always, since};

pub(super) static LINE: FabricLine = FabricLine {
    name: "2.2",
    number: (2, 2),
    newest_patch: 15,
    participation: None,
    service_builder: None,
    sections: &[
        always("kafkaTopic"),
        always("kafkaVersion"),
        always("warmIndexes"),
        always("implicitCollections"),
        always("concurrency"),
        always("gossipLimits"),
        since(1, "deprioritizedData"),
        since(4, "blockGossip"),
        since(4, "messageSizes"),
    ],
    ..FABRIC_2
};
