//! Fabric 2.5: the line with long-term support.

use super::FabricLine;

pub(super) static LINE: FabricLine = FabricLine {
    name: "2.5",
    number: (2, 5),
    newest_patch: 16,
    broken: &[],
    peer_repository: "hyperledger/fabric-peer",
    orderer_repository: "hyperledger/fabric-orderer",
    channel_capabilities: &["V2_0"],
    orderer_capabilities: &["V2_0"],
    application_capabilities: &["V2_5", "V2_0"],
};
