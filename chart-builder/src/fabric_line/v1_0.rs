//! Fabric 1.0: the line of 2017, without capabilities, private data and operations endpoints.

use super::generations::FABRIC_1;
use super::line::{FabricLine, always, since};

pub(super) static LINE: FabricLine = FabricLine {
    name: "1.0",
    number: (1, 0),
    newest_patch: 6,
    tag_prefix: "x86_64-",
    orderer_capabilities: &[],
    event_hub: true,
    sections: &[
        always("logging"),
        since(3, "ordererLogFormat"),
        always("peerLogLevel"),
        always("clientAuthEnabled"),
        always("eventHub"),
        always("serverHostOverride"),
        always("queryLimit"),
        always("systemValidation"),
    ],
    ..FABRIC_1
};
