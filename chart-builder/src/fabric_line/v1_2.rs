//! Fabric 1.2: private data and service discovery; the last line with an event hub.

use super::generations::FABRIC_1;
use super::line::{FabricLine, always};

pub(super) static LINE: FabricLine = FabricLine {
    name: "1.2",
    number: (1, 2),
    newest_patch: 1,
    channel_capabilities: &[always("V1_1")],
    application_capabilities: &[always("V1_2"), always("V1_1")],
    event_hub: true,
    sections: &[
        always("logging"),
        always("ordererLogFormat"),
        always("eventHub"),
        always("eventWindow"),
        always("keepalive"),
        always("authentication"),
        always("handlers"),
        always("privateData"),
        always("clientAuthRequired"),
        always("chaincodeAddress"),
        always("localMspType"),
        always("pull"),
        always("queryLimit"),
        always("batchUpdates"),
        always("kafkaVersion"),
        always("oldMetrics"),
        always("eventTimeout"),
        always("blockToLive"),
        always("connectionTimeouts"),
        always("plugins"),
        always("discovery"),
    ],
    ..FABRIC_1
};
