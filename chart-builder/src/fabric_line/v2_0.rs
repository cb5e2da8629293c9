//! Fabric 2.0: the lifecycle with definitions, and external builders.

use super::line::{
    Bootstrap, ETCDRAFT, EmptyVariable, FabricLine, Generation, KAFKA, Lifecycle, SOLO, always,
};

pub(super) static LINE: FabricLine = FabricLine {
    name: "2.0",
    number: (2, 0),
    newest_patch: 1,
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
    builder_environment: Some("environmentWhitelist"),
    service_builder: None,
    admin_unit: Some(0),
    event_hub: false,
    operations: true,
    version_endpoint: Some(0),
    health_needs_docker: false,
    go_resolver: false,
    empty_variable: EmptyVariable::Ignored,
    generation: Generation::Two,
    sections: &[always("kafkaTopic"), always("kafkaVersion"), always("warmIndexes")],
};
