//! Fabric 2.5: the line with long-term support.

use super::generations::FABRIC_2;
use super::line::{FabricLine, always};

pub(super) static LINE: FabricLine = FabricLine {
    name: "2.5",
    number: (2, 5),
    newest_patch: 16,
    follows: &["2.2", "2.3", "2.4"],
    application_capabilities: &[
        always("V2_5"),
        always("V2_0"),
        always("V1_4_2"),
        always("V1_3"),
        always("V1_2"),
        always("V1_1"),
    ],
    sections: &[
        always("kafkaTopic"),
        always("kafkaVersion"),
        always("implicitCollections"),
        always("concurrency"),
        always("gossipLimits"),
        always("deprioritizedData"),
        always("snapshots"),
        always("participation"),
        always("blockGossip"),
        always("messageSizes"),
        always("gateway"),
        always("gatewayLimit"),
        always("gatewayBroadcast"),
        always("purge"),
    ],
    ..FABRIC_2
};
