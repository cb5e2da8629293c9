//! Fabric 3.1: without solo, Kafka, system channels and the legacy lifecycle.

use super::generations::FABRIC_3;
use super::line::{FabricLine, always};

pub(super) static LINE: FabricLine = FabricLine {
    name: "3.1",
    number: (3, 1),
    newest_patch: 5,
    broken: &[(2, "its orderer image lacks the sample MSP and does not start; fixed in 3.1.3")],
    follows: &["2.5", "3.0"],
    sections: &[always("runtimeParameters")],
    ..FABRIC_3
};
