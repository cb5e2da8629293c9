//! How an organization's peers run chaincodes: its own words, then those of the network, then the default.

use std::collections::BTreeMap;

use crate::model::{ChaincodeMode, DnsStrategy, RemoteEngine};
use crate::spec::chaincode_runtime::{ChaincodeRuntime, Dns, Mode};

/// What cannot be read is left out, and a rule reports it.
pub(super) fn chaincode_mode(network: &ChaincodeRuntime, own: &ChaincodeRuntime) -> ChaincodeMode {
    match own.mode.or(network.mode) {
        None | Some(Mode::Services) => ChaincodeMode::Services,
        Some(Mode::None) => ChaincodeMode::None,
        Some(Mode::KubernetesBuilder) => ChaincodeMode::KubernetesBuilder,
        Some(Mode::DockerInDocker) => ChaincodeMode::DockerInDocker,
        Some(Mode::DockerHost) => ChaincodeMode::DockerHost(dns(network, own)),
        Some(Mode::DockerRemote) => ChaincodeMode::DockerRemote(RemoteEngine {
            endpoint: own.endpoint.clone().or(network.endpoint.clone()).unwrap_or_default(),
            tls_secret: own.tls_secret.clone().or(network.tls_secret.clone()),
            addresses: own.addresses.clone(),
        }),
    }
}

fn dns(network: &ChaincodeRuntime, own: &ChaincodeRuntime) -> DnsStrategy {
    match own.dns.or(network.dns) {
        None | Some(Dns::PodAddress) => DnsStrategy::PodAddress,
        Some(Dns::HostConfig) => DnsStrategy::HostConfig,
        Some(Dns::ExtraHosts) => {
            let addresses = own.cluster_addresses.iter();
            let readable =
                addresses.filter_map(|(peer, it)| Some((peer.clone(), it.parse().ok()?)));
            DnsStrategy::ExtraHosts(readable.collect::<BTreeMap<_, _>>())
        }
        Some(Dns::Daemon) => DnsStrategy::Daemon,
        Some(Dns::Off) => DnsStrategy::Off,
    }
}
