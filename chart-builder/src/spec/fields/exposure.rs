//! Fields of the exposure of a network.

use super::super::schema::Default::{Is, Required};
use super::super::schema::{Field, Kind, Table};
use super::{field, word};

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
                word(
                    "gateway",
                    "a TLSRoute of the Gateway API for each node, attached to `gateways`; the cluster has to have the \
                     Gateway API with TLSRoute and a listener that passes TLS through",
                ),
            ]),
            Is("`none`"),
            "By which means.",
        ),
        field(
            "domain",
            Kind::Text,
            Is("nodes have no names outside"),
            "Nodes are `<node>.<namespace>.<domain>` outside, and these names stand in their TLS certificates; `ingress` \
             and `gateway` need it.",
        ),
        field(
            "gateways",
            Kind::List(&Kind::Mapping(&GATEWAY)),
            Is("none"),
            "Gateways of the cluster that the routes of `type: gateway` attach to.",
        ),
    ],
};

static GATEWAY: Table = Table {
    title: "gateway",
    about: "A Gateway that exists in the cluster. Whoever has it decides from which namespaces it takes routes \
            (`allowedRoutes` of its listeners).",
    fields: &[
        field("name", Kind::Text, Required, "Name of the Gateway."),
        field(
            "namespace",
            Kind::Text,
            Is("the namespace of each route"),
            "Namespace of the Gateway.",
        ),
        field(
            "listener",
            Kind::Text,
            Is("every listener that takes TLSRoutes"),
            "Name of the listener: protocol `TLS`, mode `Passthrough`.",
        ),
    ],
};
