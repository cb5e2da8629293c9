//! The promises, each as one scenario.

mod broker;
mod cells;
mod certificate_authority;
mod consensus;
mod couchdb;
mod elsewhere;
mod engines;
mod exposed;
mod first_install;
mod growth;
mod identities;
mod imported;
mod joining;
mod kills;
mod lost_volume;
mod names;
mod newcomer;
mod next_line;
mod oldest;
mod owners;
mod policies;
mod postgres;
mod replicas;
mod rolling;
mod second_version;
mod seed;
mod served;
mod shuffled_objects;
mod side_by_side;
mod steady_state;
mod uninstall;
mod volumes;
mod without_tls;

use crate::cluster::Cluster;
use crate::settings::{Case, Settings};

/// A promise about a living network, and how it is tried.
pub(crate) struct Scenario {
    /// Short, a part of network names.
    pub(crate) name: &'static str,
    /// The promise.
    pub(crate) about: &'static str,
    /// Whether every Fabric version and every Helm is tried, or one of each in turn.
    breadth: Breadth,
    /// Panics when the promise is broken.
    pub(crate) run: fn(&Cluster, &Case),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Breadth {
    /// Helm or Fabric themselves could break it.
    Every,
    /// Every Fabric version is tried once, the Helms in turn.
    Versions,
    /// It hangs on charts and scripts alone; `MATRIX=all` tries every case all the same.
    One,
}

impl Scenario {
    /// The cases to try; `turn` chooses where one is enough.
    pub(crate) fn cases(&self, settings: &Settings, turn: usize) -> Vec<Case> {
        let cases = settings.cases();
        if self.breadth == Breadth::Every || settings.everything {
            return cases;
        }
        if self.breadth == Breadth::Versions {
            let helms = settings.helms.len();
            let in_turn =
                |(index, _): &(usize, Case)| index % helms == (turn + index / helms) % helms;
            return cases.into_iter().enumerate().filter(in_turn).map(|(_, case)| case).collect();
        }
        let chosen = turn % cases.len();
        cases.into_iter().skip(chosen).take(1).collect()
    }
}

/// All of them, in the order in which a user meets them.
pub(crate) const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "first",
        about: "a new network installs, its tests pass, and all of its namespaces enforce `restricted`",
        breadth: Breadth::Every,
        run: first_install::run,
    },
    Scenario {
        name: "consensus",
        about: "every consensus orders, from Fabric 2.2 to 3.1, and peers agree on what it has ordered",
        breadth: Breadth::One,
        run: consensus::run,
    },
    Scenario {
        name: "clear",
        about: "solo and etcdraft order without TLS; an orderer whose write-ahead log is lost does not start",
        breadth: Breadth::Versions,
        run: without_tls::run,
    },
    Scenario {
        name: "cells",
        about: "etcdraft and BFT commit on claims of a class, and with ledgers and keys on NFS",
        breadth: Breadth::Versions,
        run: cells::run,
    },
    Scenario {
        name: "broker",
        about: "each Kafka broker dies and stays away: a client writes on, a new channel is made, nothing is lost",
        breadth: Breadth::One,
        run: broker::run,
    },
    Scenario {
        name: "oldest",
        about: "a network of Fabric 1.4 makes its channel, joins its peers and sets their anchors",
        breadth: Breadth::One,
        run: oldest::run,
    },
    Scenario {
        name: "seed",
        about: "the files of 2017 and 2018, unchanged, become networks that pass the smoke test of the article",
        breadth: Breadth::One,
        run: seed::run,
    },
    Scenario {
        name: "imported",
        about: "identities of the real cryptogen: a transaction, and a Fabric CA that signs with the tree's root",
        breadth: Breadth::One,
        run: imported::run,
    },
    Scenario {
        name: "volumes",
        about: "ledgers on hostPath, local volumes, an existing claim and emptyDir are there after every pod has died",
        breadth: Breadth::One,
        run: volumes::run,
    },
    Scenario {
        name: "exposed",
        about: "a client outside reaches nodes by addresses of a load balancer; Ingresses take their place, no pod restarts",
        breadth: Breadth::One,
        run: exposed::run,
    },
    Scenario {
        name: "names",
        about: "silent cluster DNS stops an install in words; another cluster domain works; dotted names come and go with a release",
        breadth: Breadth::One,
        run: names::run,
    },
    Scenario {
        name: "identities",
        about: "a missing Secret, or Secrets of other identities, stop the install within 20 s, in words",
        breadth: Breadth::Every,
        run: identities::run,
    },
    Scenario {
        name: "second",
        about: "the second version restarts what it changes and nothing else; rollback and forward again do no harm",
        breadth: Breadth::Every,
        run: second_version::run,
    },
    Scenario {
        name: "rolling",
        about: "a release that changes every node replaces one after the other, and a client goes on writing",
        breadth: Breadth::One,
        run: rolling::run,
    },
    Scenario {
        name: "kills",
        about: "each pod dies once under a client that writes: what was committed is there, on every peer",
        breadth: Breadth::One,
        run: kills::run,
    },
    Scenario {
        name: "policies",
        about: "a running network is closed under a client; strangers and other organizations reach what they should alone",
        breadth: Breadth::One,
        run: policies::run,
    },
    Scenario {
        name: "growth",
        about: "the next sequence keeps the server before it and is never taken back; a new channel joins everywhere",
        breadth: Breadth::One,
        run: growth::run,
    },
    Scenario {
        name: "joining",
        about: "an organization joins a channel in use: its members sign, only new objects appear, nobody restarts",
        breadth: Breadth::Every,
        run: joining::run,
    },
    Scenario {
        name: "line",
        about: "a network moves to the Fabric line that follows, goes on with its channel, and never back",
        breadth: Breadth::Every,
        run: next_line::run,
    },
    Scenario {
        name: "uninstall",
        about: "claims and Secrets outlive the release, and a second install finds the same height",
        breadth: Breadth::One,
        run: uninstall::run,
    },
    Scenario {
        name: "volume",
        about: "a peer that lost its volume is joined again; a consenter that lost its own does not start silently",
        breadth: Breadth::One,
        run: lost_volume::run,
    },
    Scenario {
        name: "steady",
        about: "converge killed at any moment ends in the same state, and an idle network writes no block",
        breadth: Breadth::One,
        run: steady_state::run,
    },
    Scenario {
        name: "authority",
        about: "a user that a Fabric CA has certified commits a transaction from the CLI; registrations outlive the pod",
        breadth: Breadth::Every,
        run: certificate_authority::run,
    },
    Scenario {
        name: "postgres",
        about: "a Fabric CA keeps its registrations in PostgreSQL, and finds them there again",
        breadth: Breadth::One,
        run: postgres::run,
    },
    Scenario {
        name: "couchdb",
        about: "peers with CouchDB answer rich queries by an index of the package, and keep their state when pods die",
        breadth: Breadth::Every,
        run: couchdb::run,
    },
    Scenario {
        name: "engines",
        about: "peers of closed networks start chaincodes as Jobs, in the engine of the node and in one elsewhere",
        breadth: Breadth::One,
        run: engines::run,
    },
    Scenario {
        name: "owners",
        about: "owners with rights in one namespace each install their releases, in two orders, and it converges",
        breadth: Breadth::Every,
        run: owners::run,
    },
    Scenario {
        name: "newcomer",
        about: "owners add a channel, then an organization to a channel in use: its members sign, each owner upgrades",
        breadth: Breadth::One,
        run: newcomer::run,
    },
    Scenario {
        name: "elsewhere",
        about: "two networks directories with external organizations are one network: orderers and Org1 here, Org2 there",
        breadth: Breadth::One,
        run: elsewhere::run,
    },
    Scenario {
        name: "beside",
        about: "two networks of one topology side by side touch nothing of each other",
        breadth: Breadth::One,
        run: side_by_side::run,
    },
    Scenario {
        name: "served",
        about: "the registry in the cluster takes a network's charts, survives a kill, and a pod installs them from it",
        breadth: Breadth::One,
        run: served::run,
    },
    Scenario {
        name: "replicas",
        about: "three registries on one volume with TLS: a pipeline goes on while they restart, no pod dies for a new certificate",
        breadth: Breadth::One,
        run: replicas::run,
    },
    Scenario {
        name: "shuffled",
        about: "the objects alone converge, in whatever order they are applied",
        breadth: Breadth::One,
        run: shuffled_objects::run,
    },
];
