//! Fabric 3.1: without solo, Kafka, system channels and the legacy lifecycle.

use super::FabricLine;

pub(super) static LINE: FabricLine = FabricLine {
    name: "3.1",
    number: (3, 1),
    newest_patch: 5,
    broken: &[(2, "its orderer image lacks the sample MSP and does not start; fixed in 3.1.3")],
    peer_repository: "hyperledger/fabric-peer",
    orderer_repository: "hyperledger/fabric-orderer",
    // V2_0 of the channel group lets 2.5 and 3.x run side by side while a network is upgraded.
    channel_capabilities: &["V2_0", "V3_0"],
    orderer_capabilities: &["V2_0"],
    application_capabilities: &["V2_5", "V2_0"],
};
