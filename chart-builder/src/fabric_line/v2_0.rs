//! Fabric 2.0: the lifecycle with definitions, and external builders.

use super::generations::FABRIC_2;
use super::line::{FabricLine, always};

pub(super) static LINE: FabricLine = FabricLine {
    name: "2.0",
    number: (2, 0),
    newest_patch: 1,
    participation: None,
    builder_environment: Some("environmentWhitelist"),
    service_builder: None,
    sections: &[always("kafkaTopic"), always("kafkaVersion"), always("warmIndexes")],
    ..FABRIC_2
};
