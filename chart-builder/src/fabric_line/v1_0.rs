//! Fabric 1.0: the line of 2017, without capabilities, private data and operations endpoints.

use super::line::{
    Bootstrap, EmptyVariable, FabricLine, Generation, KAFKA, Lifecycle, SOLO, always, since,
};

pub(super) static LINE: FabricLine = FabricLine {
    name: "1.0",
    number: (1, 0),
    newest_patch: 6,
    broken: &[],
    follows: &[],
    peer_repository: "hyperledger/fabric-peer",
    orderer_repository: "hyperledger/fabric-orderer",
    tag_prefix: "x86_64-",
    channel_capabilities: &[],
    orderer_capabilities: &[],
    application_capabilities: &[],
    consensus: &[always(KAFKA), always(SOLO)],
    bootstrap: Bootstrap::GenesisFile,
    participation: None,
    lifecycle: Lifecycle::Legacy,
    builder_environment: None,
    service_builder: None,
    admin_unit: None,
    event_hub: true,
    operations: false,
    version_endpoint: None,
    health_needs_docker: false,
    go_resolver: true,
    empty_variable: EmptyVariable::Ignored,
    generation: Generation::One,
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
};
