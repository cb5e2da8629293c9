//! The axes along which networks differ, their values, and the pairs that no network can have.
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

/// A place in a topology and the YAML that stands there.
pub type Words = (&'static str, &'static str);

const fn value(name: &'static str, words: &'static [Words]) -> Value {
    Value { name, words }
}

/// A value that decides how many organizations, nodes and channels there are.
const fn shape(name: &'static str) -> Value {
    Value { name, words: &[] }
}

/// Every axis that charts are built for.
pub const AXES: &[Axis] = &[
    Axis {
        name: "line",
        values: &[
            value("2.5", &[("fabric.version", "2.5.16")]),
            value("3.0", &[("fabric.version", "3.0.0")]),
            value("3.1", &[("fabric.version", "3.1.5")]),
        ],
    },
    Axis {
        name: "consensus",
        values: &[
            value("etcdraft", &[]),
            value("bft", &[("ordering.type", "bft")]),
            value("solo", &[("ordering.type", "solo")]),
            value("kafka", &[("ordering.type", "kafka")]),
        ],
    },
    Axis { name: "layout", values: &[value("umbrella", &[])] },
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
    Axis { name: "chaincode", values: &[shape("one"), shape("none"), shape("two")] },
    Axis { name: "endorsement", values: &[shape("majority"), shape("signature")] },
    Axis { name: "organizations", values: &[shape("2"), shape("1"), shape("3"), shape("5")] },
    Axis { name: "peers", values: &[shape("2"), shape("1"), shape("3")] },
    Axis { name: "orderers", values: &[shape("own"), shape("shared"), shape("spread")] },
    Axis { name: "consenters", values: &[shape("3"), shape("1"), shape("4"), shape("5")] },
    Axis { name: "groups", values: &[shape("one"), shape("two")] },
    Axis { name: "channels", values: &[shape("1"), shape("2"), shape("3")] },
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
    Axis {
        name: "successor",
        values: &[
            shape("version"),
            shape("peer"),
            shape("channel"),
            shape("sequence"),
            shape("resources"),
        ],
    },
];

/// Two values that exclude each other.
#[derive(Debug)]
pub struct Forbidden {
    /// Axis and value.
    pub first: (&'static str, &'static str),
    /// Axis and value.
    pub second: (&'static str, &'static str),
    /// Diagnostic that a topology with both gets.
    pub code: &'static str,
}

const fn forbidden(
    first: (&'static str, &'static str),
    second: (&'static str, &'static str),
    code: &'static str,
) -> Forbidden {
    Forbidden { first, second, code }
}

/// Every pair that the compiler refuses; a test shows that it does, with this code.
pub const FORBIDDEN: &[Forbidden] = &[
    forbidden(("storage", "emptyDir"), ("profile", "production"), "FT601"),
    forbidden(("storage", "emptyDir"), ("consenters", "3"), "FT601"),
    forbidden(("storage", "emptyDir"), ("consenters", "4"), "FT601"),
    forbidden(("storage", "emptyDir"), ("consenters", "5"), "FT601"),
    forbidden(("consensus", "bft"), ("line", "2.5"), "FT330"),
    forbidden(("consensus", "solo"), ("line", "3.0"), "FT330"),
    forbidden(("consensus", "solo"), ("line", "3.1"), "FT330"),
    forbidden(("consensus", "kafka"), ("line", "3.0"), "FT330"),
    forbidden(("consensus", "kafka"), ("line", "3.1"), "FT330"),
    forbidden(("consensus", "solo"), ("consenters", "3"), "FT332"),
    forbidden(("consensus", "solo"), ("consenters", "4"), "FT332"),
    forbidden(("consensus", "solo"), ("consenters", "5"), "FT332"),
    forbidden(("consensus", "solo"), ("profile", "production"), "FT333"),
    forbidden(("consensus", "bft"), ("consenters", "1"), "FT334"),
    forbidden(("consensus", "bft"), ("consenters", "3"), "FT334"),
    forbidden(("consensus", "bft"), ("groups", "two"), "FT334"),
    forbidden(("groups", "two"), ("channels", "1"), "FT336"),
    forbidden(("consensus", "solo"), ("groups", "two"), "FT338"),
    forbidden(("consensus", "kafka"), ("groups", "two"), "FT338"),
];
