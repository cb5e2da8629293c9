//! Fabric 3.0: BFT; without solo, Kafka, system channels and the legacy lifecycle.

use super::line::{
    BFT, Bootstrap, ETCDRAFT, EmptyVariable, FabricLine, Generation, Lifecycle, always,
};

pub(super) static LINE: FabricLine = FabricLine {
    name: "3.0",
    number: (3, 0),
    newest_patch: 0,
    broken: &[],
    follows: &["2.5"],
    peer_repository: "hyperledger/fabric-peer",
    orderer_repository: "hyperledger/fabric-orderer",
    tag_prefix: "",
    // V2_0 of the channel group lets 2.5 and 3.x run side by side while a network is upgraded. Older ones go with the legacy
    // lifecycle or with orderers that the channel names, and Fabric 3 has neither.
    channel_capabilities: &[always("V2_0"), always("V3_0")],
    orderer_capabilities: &[always("V2_0")],
    application_capabilities: &[always("V2_5"), always("V2_0")],
    consensus: &[always(ETCDRAFT), always(BFT)],
    bootstrap: Bootstrap::Participation,
    participation: Some(0),
    lifecycle: Lifecycle::Definitions,
    builder_environment: Some("propagateEnvironment"),
    service_builder: Some(0),
    admin_unit: Some(0),
    event_hub: false,
    operations: true,
    version_endpoint: Some(0),
    health_needs_docker: false,
    go_resolver: false,
    empty_variable: EmptyVariable::Counts,
    generation: Generation::Three,
    sections: &[],
};
