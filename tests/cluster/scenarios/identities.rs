//! Secrets that are missing or belong to other identities: found before anything starts.

use std::time::{Duration, Instant};

use crate::cluster::Cluster;
use crate::network::{Network, commands_within, printed_commands};
use crate::settings::Case;
use crate::stopwatch::timed;
use crate::topology::Topology;

/// How long a user waits for the bad news, with the images on the node.
const BAD_NEWS: Duration = Duration::from_secs(20);

pub(super) fn run(cluster: &Cluster, case: &Case) {
    let network = Network::new(cluster, case, Topology::new(cluster, case, "identities"));
    network.prepare();
    let namespace = network.namespace("org1");
    let delete = ["delete", "secret", "peer0-tls", "--namespace", &namespace];
    cluster.kubectl(&delete).success();
    let repair = is_refused(&network, "a missing Secret", &["peer0-tls", &namespace]);
    for command in repair {
        network.shell(&command).success();
    }
    apply_other_identities(&network);
    // All namespaces are wrong; the first preflight that fails tells about its own.
    is_refused(
        &network,
        "Secrets of other identities",
        &["-sign in namespace", "other identities"],
    );
    network.apply_identities();
    timed("install with the right Secrets", || network.install()).success();
    network.test().success();
}

/// The install fails soon and names everything; the commands that it prints.
fn is_refused(network: &Network<'_>, what: &str, names: &[&str]) -> Vec<String> {
    let begin = Instant::now();
    let mut outcome = timed(what, || network.install()).failure();
    let took = begin.elapsed();
    assert!(took <= BAD_NEWS, "refused after {:.1} s only\n{outcome}", took.as_secs_f64());
    for name in names {
        outcome = outcome.says(name);
    }
    let pods = network.pods();
    assert!(pods.is_empty(), "something was started: {:?}", pods.keys());
    let commands = commands_within(&outcome, "kubectl apply ");
    assert!(!commands.is_empty(), "no command says how to go on\n{outcome}");
    commands
}

/// Another run of `identities` for the same topology, in another directory.
fn apply_other_identities(network: &Network<'_>) {
    let other = network.path().join("other");
    std::fs::create_dir(&other).expect("a directory");
    std::fs::copy(network.path().join("network.yaml"), other.join("network.yaml")).expect("a copy");
    let outcome = network.shell("chart-builder identities other").success();
    let commands = printed_commands(&outcome);
    assert!(!commands.is_empty(), "{outcome}");
    for command in commands {
        network.shell(&command).success();
    }
}
