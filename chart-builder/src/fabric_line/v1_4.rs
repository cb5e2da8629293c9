//! Fabric 1.4: the line of Fabric 1 with long-term support; etcdraft from 1.4.1 on.

use super::generations::FABRIC_1;
use super::line::{ETCDRAFT, FabricLine, KAFKA, SOLO, always, since};

pub(super) static LINE: FabricLine = FabricLine {
    name: "1.4",
    number: (1, 4),
    newest_patch: 12,
    // 1.4.1 called its orderer capability V2_0, which no later version understands as that.
    channel_capabilities: &[since(3, "V1_4_3"), since(2, "V1_4_2"), always("V1_3"), always("V1_1")],
    orderer_capabilities: &[since(2, "V1_4_2"), always("V1_1")],
    application_capabilities: &[since(2, "V1_4_2"), always("V1_3"), always("V1_2"), always("V1_1")],
    consensus: &[since(1, ETCDRAFT), always(KAFKA), always(SOLO)],
    cluster_listener: Some(5),
    admin_unit: Some(3),
    operations: true,
    version_endpoint: Some(4),
    health_needs_docker: true,
    sections: &[
        always("keepalive"),
        always("authentication"),
        always("handlers"),
        always("privateData"),
        always("clientAuthRequired"),
        always("chaincodeAddress"),
        always("localMspType"),
        always("pull"),
        always("batchUpdates"),
        always("kafkaVersion"),
        always("blockToLive"),
        always("connectionTimeouts"),
        always("plugins"),
        always("discovery"),
        always("reconciliation"),
        always("queryLimits"),
        always("kafkaTopic"),
        always("membershipTracker"),
        always("operations"),
        since(1, "cluster"),
        since(1, "stateTransfer"),
        since(9, "gossipLimits"),
    ],
    ..FABRIC_1
};
