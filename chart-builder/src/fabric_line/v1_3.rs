//! Fabric 1.3: without the event hub; the last line without operations endpoints.

use super::generations::FABRIC_1;
use super::line::{FabricLine, always};

pub(super) static LINE: FabricLine = FabricLine {
    name: "1.3",
    number: (1, 3),
    newest_patch: 0,
    channel_capabilities: &[always("V1_3"), always("V1_1")],
    application_capabilities: &[always("V1_3"), always("V1_2"), always("V1_1")],
    sections: &[
        always("logging"),
        always("ordererLogFormat"),
        always("keepalive"),
        always("authentication"),
        always("handlers"),
        always("privateData"),
        always("clientAuthRequired"),
        always("chaincodeAddress"),
        always("localMspType"),
        always("pull"),
        always("batchUpdates"),
        always("kafkaVersion"),
        always("oldMetrics"),
        always("blockToLive"),
        always("connectionTimeouts"),
        always("plugins"),
        always("discovery"),
        always("reconciliation"),
        always("queryLimits"),
        always("kafkaTopic"),
    ],
    ..FABRIC_1
};
