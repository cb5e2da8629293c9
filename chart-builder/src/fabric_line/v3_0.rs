//! Fabric 3.0: BFT; without solo, Kafka, system channels and the legacy lifecycle.

use super::generations::FABRIC_3;
use super::line::FabricLine;

pub(super) static LINE: FabricLine =
    FabricLine { name: "3.0", number: (3, 0), newest_patch: 0, follows: &["2.5"], ..FABRIC_3 };
