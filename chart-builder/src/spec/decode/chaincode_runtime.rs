//! `chaincode`, of the network and of an organization.

use super::At;
use crate::spec::chaincode_runtime::{Acknowledgement, ChaincodeRuntime, Dns, Mode, Runtime};

pub(super) fn chaincode_runtime(at: &At<'_>) -> ChaincodeRuntime {
    let named = |key: &str| {
        let texts = at.key(key).named(|entry| entry.scalar().unwrap_or_default().to_owned());
        texts.into_iter().filter(|(_, text)| !text.is_empty()).collect()
    };
    ChaincodeRuntime {
        mode: at.key("mode").scalar().and_then(mode),
        dns: at.key("dns").scalar().and_then(dns),
        acknowledge: at
            .texts("acknowledge")
            .unwrap_or_default()
            .iter()
            .filter_map(|word| acknowledgement(word))
            .collect(),
        cluster_addresses: named("clusterIPs"),
        endpoint: at.text("endpoint"),
        tls_secret: at.text("tlsSecret"),
        addresses: named("addresses"),
    }
}

fn mode(word: &str) -> Option<Mode> {
    Some(match word {
        "ccaas" => Mode::Services,
        "none" => Mode::None,
        "k8s-builder" => Mode::KubernetesBuilder,
        "docker-host" => Mode::DockerHost,
        "dind" => Mode::DockerInDocker,
        "docker-remote" => Mode::DockerRemote,
        _ => return None,
    })
}

/// `runtime` of a chaincode.
pub(super) fn runtime(word: &str) -> Option<Runtime> {
    Some(match word {
        "ccaas" => Runtime::Service,
        "docker" => Runtime::Docker,
        "k8s" => Runtime::Kubernetes,
        _ => return None,
    })
}

fn dns(word: &str) -> Option<Dns> {
    Some(match word {
        "pod-ip" => Dns::PodAddress,
        "hostconfig" => Dns::HostConfig,
        "extra-hosts" => Dns::ExtraHosts,
        "daemon" => Dns::Daemon,
        "off" => Dns::Off,
        _ => return None,
    })
}

fn acknowledgement(word: &str) -> Option<Acknowledgement> {
    let all = [
        Acknowledgement::DockerSocket,
        Acknowledgement::PrivilegedPods,
        Acknowledgement::NodeChanges,
    ];
    all.into_iter().find(|it| it.word() == word)
}
