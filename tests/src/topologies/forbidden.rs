//! Pairs of values that no network can have, with the diagnostic that says so; of a successor, when the version before is built.

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

/// A value that excludes several of another axis.
struct Excluding {
    first: (&'static str, &'static str),
    axis: &'static str,
    values: &'static [&'static str],
    code: &'static str,
}

const fn excluding(
    first: (&'static str, &'static str),
    (axis, values): (&'static str, &'static [&'static str]),
    code: &'static str,
) -> Excluding {
    Excluding { first, axis, values, code }
}

const EXCLUDING: &[Excluding] = &[
    excluding(("storage", "emptyDir"), ("profile", &["production"]), "FT601"),
    excluding(("storage", "emptyDir"), ("consenters", &["3", "4", "5"]), "FT601"),
    excluding(
        ("consensus", "bft"),
        ("line", &["1.0-1.3", "1.4", "2.0-2.2", "2.3-2.4", "2.5"]),
        "FT330",
    ),
    excluding(("consensus", "solo"), ("line", &["3.0", "3.1"]), "FT330"),
    excluding(("consensus", "kafka"), ("line", &["3.0", "3.1"]), "FT330"),
    excluding(("consensus", "kafka-large"), ("line", &["3.0", "3.1"]), "FT330"),
    excluding(("consensus", "etcdraft"), ("line", &["1.0-1.3"]), "FT330"),
    excluding(("consensus", "solo"), ("consenters", &["3", "4", "5"]), "FT332"),
    excluding(("consensus", "solo"), ("profile", &["production"]), "FT333"),
    excluding(("consensus", "bft"), ("consenters", &["1", "3"]), "FT334"),
    excluding(("consensus", "bft"), ("groups", &["two"]), "FT334"),
    excluding(("groups", "two"), ("channels", &["1"]), "FT336"),
    excluding(("groups", "two"), ("consensus", &["solo", "kafka", "kafka-large"]), "FT338"),
    excluding(("groups", "two"), ("line", &["1.0-1.3", "1.4", "2.0-2.2"]), "FT338"),
    excluding(("ca", "root"), ("profile", &["production"]), "FT622"),
    excluding(("line", "1.0-1.3"), ("monitoring", &["all"]), "FT850"),
    excluding(("line", "1.0-1.3"), ("chaincode", &["one", "two"]), "FT501"),
    excluding(("line", "1.4"), ("chaincode", &["one", "two"]), "FT501"),
    excluding(("runtime", "none"), ("chaincode", &["one", "two"]), "FT535"),
    excluding(("runtime", "k8s-builder"), ("line", &["1.0-1.3", "1.4"]), "FT530"),
    excluding(("layout", "per-owner"), ("runtime", &["daemon"]), "FT532"),
    excluding(("layout", "per-owner"), ("names", &["coredns"]), "FT742"),
    excluding(("runtime", "extra-hosts"), ("names", &["aliases"]), "FT744"),
    excluding(("tls", "off"), ("profile", &["production"]), "FT216"),
    excluding(("tls", "off"), ("consensus", &["bft"]), "FT216"),
    excluding(("tls", "off"), ("exposure", &["ingress", "gateway"]), "FT216"),
    excluding(("logs", "wal"), ("consensus", &["solo", "kafka", "kafka-large"]), "FT636"),
    excluding(
        ("logs", "snapshots"),
        ("consensus", &["solo", "kafka", "kafka-large", "bft"]),
        "FT636",
    ),
    excluding(("chaincode", "legacy"), ("line", &["3.0", "3.1"]), "FT318"),
    excluding(("chaincode", "legacy"), ("runtime", &["ccaas", "none"]), "FT551"),
    excluding(("chaincode", "legacy"), ("runtime", &["k8s-builder"]), "FT536"),
    excluding(("orderers", "elsewhere"), ("line", &["1.0-1.3", "1.4", "2.0-2.2"]), "FT722"),
    excluding(("orderers", "elsewhere"), ("consensus", &["solo", "kafka", "kafka-large"]), "FT722"),
    excluding(("orderers", "elsewhere"), ("groups", &["two"]), "FT312"),
    excluding(("successor", "member"), ("line", &["1.0-1.3", "1.4", "2.0-2.2"]), "FT406"),
    excluding(("successor", "member"), ("consensus", &["solo", "kafka", "kafka-large"]), "FT406"),
    excluding(("exposure", "nodePort"), ("namespaces", &["prefixed"]), "FT700"),
    excluding(("exposure", "nodePort"), ("orderers", &["spread"]), "FT700"),
];

/// Every pair that the compiler refuses; a test shows that it does, with this code.
pub fn forbidden() -> Vec<Forbidden> {
    let each = |it: &'static Excluding| {
        let (first, axis, code) = (it.first, it.axis, it.code);
        it.values.iter().map(move |value| Forbidden { first, second: (axis, *value), code })
    };
    EXCLUDING.iter().flat_map(each).collect()
}
