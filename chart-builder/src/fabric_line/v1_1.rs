//! Fabric 1.1: the first line with capabilities.

use super::generations::FABRIC_1;
use super::line::{FabricLine, always};

pub(super) static LINE: FabricLine = FabricLine {
    name: "1.1",
    number: (1, 1),
    newest_patch: 1,
    tag_prefix: "x86_64-",
    channel_capabilities: &[always("V1_1")],
    application_capabilities: &[always("V1_1")],
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
        always("systemValidation"),
        always("kafkaVersion"),
        always("oldMetrics"),
    ],
    ..FABRIC_1
};
