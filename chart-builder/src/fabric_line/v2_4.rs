//! Fabric 2.4: the gateway; from 2.4.1 on the peer's image has the builder of chaincodes as a service.

use super::generations::FABRIC_2;
use super::line::{FabricLine, always, since};

pub(super) static LINE: FabricLine = FabricLine {
    name: "2.4",
    number: (2, 4),
    newest_patch: 9,
    follows: &["2.2", "2.3"],
    service_builder: Some(1),
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
        since(1, "gatewayLimit"),
        since(8, "gatewayBroadcast"),
    ],
    ..FABRIC_2
};
