//! The axes along which networks differ, and their values; `forbidden.rs` has the pairs that no network can have.
//!
//! One line makes a value active: every allowed pair with a value of another axis then needs a topology, which
//! `cargo dev generate` adds to `tests/topologies/table.tsv`. What a value says in a
//! topology stands beside it; values without words are read by `text.rs` beside this file, which cuts the network. The first value
//! of an axis is what a topology without an opinion has.

/// A property in which networks differ.
#[derive(Debug)]
pub struct Axis {
    /// Heading of its column in the table.
    pub name: &'static str,
    /// What it can be.
    pub values: &'static [Value],
}

/// One possibility of an axis.
#[derive(Debug)]
pub struct Value {
    /// Word in the table.
    pub name: &'static str,
    /// What a topology says for it: places, see `text.rs` beside this file, and YAML.
    pub words: &'static [Words],
}

/// A place in a topology and the YAML that stands there; below `@install.` a setting of the install and its value.
pub type Words = (&'static str, &'static str);

const fn value(name: &'static str, words: &'static [Words]) -> Value {
    Value { name, words }
}

/// A value that decides how many organizations, nodes and channels there are.
const fn shape(name: &'static str) -> Value {
    Value { name, words: &[] }
}

/// What networks say whose peers use the Docker engines of nodes.
const DOCKER_HOST: Words = ("chaincode.mode", "docker-host");
const NODES: Words = ("cluster.runtime", "docker");
const SOCKET: Words = ("chaincode.acknowledge", "[docker-socket]");
const DNS_SERVER: Words = ("cluster.dns", "10.96.0.10");

/// Every axis that charts are built for.
pub const AXES: &[Axis] = &[
    // Which versions a line stands for, says `version.rs`.
    Axis {
        name: "line",
        values: &[
            shape("2.5"),
            shape("1.0-1.3"),
            shape("1.4"),
            shape("2.0-2.2"),
            shape("2.3-2.4"),
            shape("3.0"),
            shape("3.1"),
        ],
    },
    Axis {
        name: "consensus",
        values: &[
            value("etcdraft", &[]),
            value("bft", &[("ordering.type", "bft")]),
            value("solo", &[("ordering.type", "solo")]),
            value("kafka", &[("ordering.type", "kafka")]),
            value(
                "kafka-large",
                &[
                    ("ordering.type", "kafka"),
                    (
                        "ordering.kafka",
                        "{namespace: log, zookeeper: {count: 5, storage: 2Gi}, brokers: {count: 6, replicationFactor: 5, \
                         minInsync: 3, storage: {class: fast, size: 40Gi}}}",
                    ),
                ],
            ),
        ],
    },
    Axis {
        name: "layout",
        values: &[value("umbrella", &[]), value("per-owner", &[("release.layout", "per-owner")])],
    },
    Axis {
        name: "namespaces",
        values: &[value("plain", &[]), value("prefixed", &[("release.namespaces", "prefixed")])],
    },
    Axis {
        name: "profile",
        values: &[value("production", &[]), value("dev", &[("release.profile", "dev")])],
    },
    Axis {
        name: "storage",
        values: &[
            value("default", &[]),
            value(
                "class",
                &[
                    ("defaults.peer.storage", "{class: fast, size: 20Gi}"),
                    ("defaults.orderer.storage", "{class: fast, size: 5Gi}"),
                ],
            ),
            value("existing", &[("@peers.overrides.peer0.storage", "{existingClaim: ledger}")]),
            value(
                "emptyDir",
                &[("defaults.peer.storage", "emptyDir"), ("defaults.orderer.storage", "emptyDir")],
            ),
            value(
                "nfs",
                &[("storage.volumes", "{type: nfs}"), ("storage.server", "nfs.example.net")],
            ),
            value("hostPath", &[("storage.volumes", "{type: hostPath, node: worker-1}")]),
            value(
                "local",
                &[("storage.volumes", "{type: local, basePath: /mnt/disks, node: worker-1}")],
            ),
        ],
    },
    Axis {
        name: "identities",
        values: &[
            value("generated", &[]),
            value("imported", &[("crypto.source", "files")]),
            value(
                "share-nfs",
                &[("storage.shared", "{type: nfs}"), ("storage.server", "nfs.example.net")],
            ),
            value("share-hostPath", &[("storage.shared", "{type: hostPath, node: worker-1}")]),
            value("share-local", &[("storage.shared", "{type: local, node: worker-1}")]),
            value("share-claim", &[("storage.shared", "{type: claim, claim: crypto}")]),
        ],
    },
    Axis {
        name: "stateDB",
        values: &[
            value("leveldb", &[]),
            value(
                "couchdb",
                &[
                    ("defaults.peer.stateDB", "couchdb"),
                    ("defaults.peer.couchdb", "{storage: {class: fast, size: 20Gi}}"),
                ],
            ),
        ],
    },
    Axis {
        name: "ca",
        values: &[
            value("none", &[]),
            value("sqlite", &[("@organizations.ca", "true")]),
            value("postgres", &[("@organizations.ca", "{db: postgres, storage: 2Gi}")]),
            value(
                "root",
                &[("@organizations.ca", "{authority: root, acknowledge: [root-key-in-cluster]}")],
            ),
        ],
    },
    Axis {
        name: "cli",
        values: &[value("none", &[]), value("one", &[("@organizations.cli", "true")])],
    },
    Axis {
        name: "rollout",
        values: &[
            value("default", &[]),
            value("all-at-once", &[("release.rollout", "all-at-once")]),
            value("one-by-one", &[("release.rollout", "one-by-one")]),
        ],
    },
    // How peers run chaincodes, and in the Docker engine of a node, how these find their peer.
    Axis {
        name: "runtime",
        values: &[
            value("ccaas", &[]),
            value("none", &[("chaincode.mode", "none")]),
            value("k8s-builder", &[("chaincode.mode", "k8s-builder")]),
            value(
                "dind",
                &[("chaincode.mode", "dind"), ("chaincode.acknowledge", "[privileged-pods]")],
            ),
            value("pod-ip", &[DOCKER_HOST, NODES, SOCKET]),
            value(
                "hostconfig",
                &[DOCKER_HOST, NODES, SOCKET, DNS_SERVER, ("chaincode.dns", "hostconfig")],
            ),
            value("extra-hosts", &[DOCKER_HOST, NODES, SOCKET, ("chaincode.dns", "extra-hosts")]),
            value(
                "daemon",
                &[
                    DOCKER_HOST,
                    NODES,
                    DNS_SERVER,
                    ("chaincode.dns", "daemon"),
                    ("chaincode.acknowledge", "[docker-socket, node-changes]"),
                ],
            ),
            value("off", &[DOCKER_HOST, NODES, SOCKET, ("chaincode.dns", "off")]),
            value(
                "docker-remote",
                &[
                    ("chaincode.mode", "docker-remote"),
                    ("chaincode.endpoint", "tcp://build.example.org:2376"),
                    ("chaincode.tlsSecret", "docker-client"),
                ],
            ),
        ],
    },
    // `legacy`: instantiated with arguments and built by peers, on channels without definitions.
    Axis {
        name: "chaincode",
        values: &[shape("one"), shape("none"), shape("two"), shape("legacy")],
    },
    Axis { name: "endorsement", values: &[shape("majority"), shape("signature")] },
    Axis { name: "organizations", values: &[shape("2"), shape("1"), shape("3"), shape("5")] },
    Axis { name: "peers", values: &[shape("2"), shape("1"), shape("3")] },
    // `elsewhere`: somebody else orders, and hands out block 0 of every channel.
    Axis {
        name: "orderers",
        values: &[shape("own"), shape("shared"), shape("spread"), shape("elsewhere")],
    },
    Axis { name: "consenters", values: &[shape("3"), shape("1"), shape("4"), shape("5")] },
    Axis { name: "groups", values: &[shape("one"), shape("two")] },
    Axis { name: "channels", values: &[shape("1"), shape("2"), shape("3")] },
    Axis { name: "external", values: &[shape("none"), shape("auditor")] },
    Axis {
        name: "images",
        values: &[
            value("official", &[]),
            value(
                "mirror",
                &[
                    ("images.registry", "mirror.example.com/fabric"),
                    ("images.pullPolicy", "Always"),
                    ("images.pullSecrets", "[mirror]"),
                ],
            ),
            value(
                "digests",
                &[
                    (
                        "images.peer.digest",
                        "sha256:1111111111111111111111111111111111111111111111111111111111111111",
                    ),
                    ("images.orderer", "registry.example.com/orderer:2.0"),
                ],
            ),
        ],
    },
    Axis {
        name: "resources",
        values: &[
            value("default", &[]),
            value(
                "given",
                &[
                    (
                        "defaults.peer.resources",
                        "{requests: {cpu: 1, memory: 1Gi}, limits: {memory: 4Gi}}",
                    ),
                    ("@orderers.resources", "{requests: {cpu: 250m}, limits: {memory: 2Gi}}"),
                    ("@chaincodes.resources", "{limits: {memory: 300Mi}}"),
                ],
            ),
        ],
    },
    Axis {
        name: "domain",
        values: &[
            value("cluster.local", &[]),
            value("other", &[("clusterDomain", "west.example")]),
        ],
    },
    // Domains of organizations, as in certificates of cryptogen.
    Axis {
        name: "names",
        values: &[
            shape("native"),
            shape("domains"),
            value("coredns", &[("domains.resolve", "coredns-rewrite")]),
            value(
                "aliases",
                &[
                    ("domains", "{resolve: host-aliases, addresses: 10.96.4.0/25}"),
                    ("cluster.serviceCIDR", "10.96.0.0/16"),
                ],
            ),
        ],
    },
    Axis {
        name: "exposure",
        values: &[
            value("none", &[]),
            value("nodePort", &[("exposure.type", "nodePort")]),
            value(
                "loadBalancer",
                &[("exposure.type", "loadBalancer"), ("exposure.domain", "fabric.example.org")],
            ),
            value(
                "ingress",
                &[("exposure.type", "ingress"), ("exposure.domain", "fabric.example.org")],
            ),
            value(
                "gateway",
                &[
                    ("exposure.type", "gateway"),
                    ("exposure.domain", "fabric.example.org"),
                    ("exposure.gateways", "[{name: edge, namespace: gateways, listener: tls}]"),
                ],
            ),
        ],
    },
    Axis {
        name: "monitoring",
        values: &[
            value("none", &[]),
            value(
                "all",
                &[("monitoring", "{labels: {release: prometheus}, prometheus: observability}")],
            ),
        ],
    },
    Axis {
        name: "policies",
        values: &[
            value("derived", &[]),
            value("operations", &[("@install.global.networkPolicy.mode", "operations")]),
            value("off", &[("@install.global.networkPolicy.mode", "\"off\"")]),
        ],
    },
    Axis { name: "tls", values: &[value("on", &[]), value("off", &[("tls.enabled", "false")])] },
    // Claims of orderers beside that of the ledger.
    Axis {
        name: "logs",
        values: &[
            value("ledger", &[]),
            value("wal", &[("defaults.orderer.wal", "{class: fast, size: 2Gi}")]),
            value(
                "snapshots",
                &[("defaults.orderer.wal", "2Gi"), ("defaults.orderer.snapshots", "{class: slow}")],
            ),
        ],
    },
    Axis {
        name: "successor",
        values: &[
            shape("version"),
            shape("peer"),
            shape("channel"),
            shape("sequence"),
            shape("resources"),
            // Of one organization and somebody else's it takes both to say so: there the version has nothing new in it.
            shape("member"),
        ],
    },
];
