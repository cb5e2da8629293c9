//! Fields of how chaincodes run.

use super::super::schema::Default::Is;
use super::super::schema::{Kind, Table};
use super::{field, word};

pub(super) static CHAINCODE_RUNTIME: Table = Table {
    title: "chaincode-runtime",
    about: "How peers run chaincodes: for the whole network, and for an organization, which may say it field by field.",
    fields: &[
        field(
            "mode",
            Kind::Word(&[
                word("ccaas", "chaincodes are services, and peers dial them"),
                word("none", "peers run none"),
                word("k8s-builder", "peers start a Job for each; Fabric 2.0 and later"),
                word("dind", "in a Docker engine beside each peer; privileged pods"),
                word("docker-host", "in the Docker engine of the node: the way of 2017"),
                word("docker-remote", "in a Docker engine on another machine"),
            ]),
            Is("`ccaas`"),
            "What runs chaincodes.",
        ),
        field(
            "dns",
            Kind::Word(&[
                word("pod-ip", "the chaincode is told the address of the peer's pod"),
                word("hostconfig", "each container is given the cluster's DNS server"),
                word("extra-hosts", "each container is given the peer's name with its address"),
                word("daemon", "the engines of all nodes are given the cluster's DNS server"),
                word("off", "somebody else sees to it"),
            ]),
            Is("`pod-ip`"),
            "How a chaincode in the engine of a node finds its peer; only with `docker-host`.",
        ),
        field(
            "acknowledge",
            Kind::List(&Kind::Word(&[
                word("docker-socket", "whoever owns the peer owns the node"),
                word("privileged-pods", "pods with all rights on their node"),
                word("node-changes", "files of nodes are changed, and their engines restarted"),
            ])),
            Is("none"),
            "Risks that are taken knowingly; the rules say which one a mode needs.",
        ),
        field(
            "clusterIPs",
            Kind::Named { key: "a peer", value: &Kind::Text },
            Is("the cluster chooses"),
            "Fixed addresses of the peers' Services, for `extra-hosts`; never change.",
        ),
        field(
            "endpoint",
            Kind::Text,
            Is("none"),
            "The engine of `docker-remote`, for example `tcp://build.example.org:2376`.",
        ),
        field(
            "tlsSecret",
            Kind::Text,
            Is("none"),
            "Secret in the organization's namespace with a client's `tls.crt` and `tls.key` and the engine's `ca.crt`.",
        ),
        field(
            "addresses",
            Kind::Named { key: "a peer", value: &Kind::Text },
            Is("none"),
            "For `docker-remote`: `host:port` of each peer's port 7052 as the other machine reaches it.",
        ),
    ],
};
