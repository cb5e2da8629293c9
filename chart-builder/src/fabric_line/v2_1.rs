//! Fabric 2.1: as 2.0, with limits on concurrent requests.

use super::generations::FABRIC_2;
use super::line::{FabricLine, always};

pub(super) static LINE: FabricLine = FabricLine {
    name: "2.1",
    number: (2, 1),
    newest_patch: 1,
    participation: None,
    builder_environment: Some("environmentWhitelist"),
    service_builder: None,
    sections: &[
        always("kafkaTopic"),
        always("kafkaVersion"),
        always("warmIndexes"),
        always("implicitCollections"),
        always("concurrency"),
    ],
    ..FABRIC_2
};
