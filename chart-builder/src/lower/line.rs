//! What charts have to know of the network's Fabric version: `global.fabric.line`.

use chart_format::yaml::Map;

use crate::fabric_line::{Lifecycle, ServiceBuilder};
use crate::model::Network;

pub(super) fn facts(network: &Network) -> Map {
    let line = network.line();
    let service_builder = match line.service_builder(&network.fabric) {
        ServiceBuilder::None => "none",
        ServiceBuilder::Charts => "charts",
        ServiceBuilder::Image => "image",
    };
    let lifecycle = match line.lifecycle {
        Lifecycle::Legacy => "legacy",
        Lifecycle::Both => "both",
        Lifecycle::Definitions => "definitions",
    };
    Map::new()
        .with_comment(
            "serviceBuilder",
            "Whose builder makes chaincodes as a service known to peers.",
            service_builder,
        )
        .with("lifecycle", lifecycle)
        .with_comment("operations", "Nodes answer about health and metrics.", line.operations)
        .with_comment(
            "versionEndpoint",
            "Among them their version: whoever tells it lives.",
            line.tells_version(&network.fabric),
        )
        .with_comment(
            "adminUnit",
            "Nodes know administrators by their organizational unit.",
            line.knows_admin_unit(&network.fabric),
        )
        .with_comment(
            "healthNeedsDocker",
            "Peers say that they are well only beside a Docker engine.",
            line.health_needs_docker,
        )
        .with_comment("eventHub", "Peers have port 7053.", line.event_hub)
        .with_comment("goResolver", "Programs find names by Go's resolver.", line.go_resolver)
}
