//! Fields of the exposure of a network.

use super::super::schema::Default::Is;
use super::super::schema::{Field, Kind, Table};
use super::{field, planned, word};

pub(super) const EXPOSURE_FIELD: Field = field(
    "exposure",
    Kind::Mapping(&EXPOSURE),
    Is("nothing is exposed"),
    "Access from outside of the cluster: objects beside those of the network, which stay as they are.",
);

static EXPOSURE: Table = Table {
    title: "exposure",
    about: "How peers, orderers and Fabric CA servers are reached from outside of the cluster.",
    fields: &[
        field(
            "type",
            Kind::Word(&[
                word("none", "nothing is exposed"),
                word(
                    "nodePort",
                    "ports of 2017: organization N from 30000 + (N - 1) * 100 on, the CA first, then two for each peer; orderers \
                     from 32000 on; N is the number at the end of the namespace, `org1`",
                ),
                word(
                    "loadBalancer",
                    "a Service `<node>-external` with an address of its own for each node",
                ),
                word(
                    "ingress",
                    "an Ingress for each node, whose controller has to pass TLS through",
                ),
                planned("gateway", "TLSRoutes of the Gateway API"),
            ]),
            Is("`none`"),
            "By which means.",
        ),
        field(
            "domain",
            Kind::Text,
            Is("nodes have no names outside"),
            "Nodes are `<node>.<namespace>.<domain>` outside, and these names stand in their TLS certificates; `ingress` needs it.",
        ),
    ],
};
