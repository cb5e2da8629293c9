//! Fabric 2.2: the first line of Fabric 2 with long-term support, which has ended.

use super::line::{
    Bootstrap, ETCDRAFT, EmptyVariable, FabricLine, Generation, KAFKA, Lifecycle, SOLO, always,
    since,
};

pub(super) static LINE: FabricLine = FabricLine {
    name: "2.2",
    number: (2, 2),
    newest_patch: 15,
    broken: &[],
    follows: &[],
    peer_repository: "hyperledger/fabric-peer",
    orderer_repository: "hyperledger/fabric-orderer",
    tag_prefix: "",
    channel_capabilities: &[
        always("V2_0"),
        always("V1_4_3"),
        always("V1_4_2"),
        always("V1_3"),
        always("V1_1"),
    ],
    orderer_capabilities: &[always("V2_0"), always("V1_4_2"), always("V1_1")],
    application_capabilities: &[
        always("V2_0"),
        always("V1_4_2"),
        always("V1_3"),
        always("V1_2"),
        always("V1_1"),
    ],
    consensus: &[always(ETCDRAFT), always(KAFKA), always(SOLO)],
    bootstrap: Bootstrap::BootstrapFile,
    participation: None,
    lifecycle: Lifecycle::Both,
    builder_environment: Some("propagateEnvironment"),
    service_builder: None,
    event_hub: false,
    operations: true,
    version_endpoint: Some(0),
    go_resolver: false,
    empty_variable: EmptyVariable::Ignored,
    generation: Generation::Two,
    sections: &[
        always("kafkaTopic"),
        always("kafkaVersion"),
        always("implicitCollections"),
        always("concurrency"),
        always("gossipLimits"),
        since(1, "deprioritizedData"),
        since(4, "blockGossip"),
        since(4, "messageSizes"),
    ],
};
