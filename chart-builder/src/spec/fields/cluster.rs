//! Fields of the cluster: what the builder cannot know by itself.

use super::super::schema::Default::Is;
use super::super::schema::{Kind, Table};
use super::{field, word};

pub(super) static DOMAINS: Table = Table {
    title: "domains",
    about: "Names with dots, as in certificates of cryptogen: `peer0.org1.example.com` for a node of an organization with \
            `domain: org1.example.com`.",
    fields: &[
        field(
            "resolve",
            Kind::Word(&[
                word("native", "nodes are `<node>.<namespace>` and nothing else"),
                word(
                    "coredns-rewrite",
                    "cluster DNS answers `<node>.<domain>` as well: its settings get a block of this network, which goes with \
                     the release",
                ),
                word(
                    "host-aliases",
                    "nodes of organizations with a dotted `domain` are `<node>.<domain>`, in channels too; their Services \
                     have fixed addresses out of `addresses`, and each pod is told those that it dials, so nothing of the \
                     cluster changes",
                ),
            ]),
            Is("`native`"),
            "How names with an organization's `domain` become addresses; `host-aliases` is for good.",
        ),
        field(
            "addresses",
            Kind::Text,
            Is("none"),
            "With `host-aliases`: the part of `cluster.serviceCIDR` that Services of this network have to themselves, for \
             example `10.96.0.64/26`. Best within the first 256 addresses: Kubernetes gives those to Services that ask \
             for one.",
        ),
    ],
};

pub(super) static CLUSTER: Table = Table {
    title: "cluster",
    about: "What is true of the Kubernetes cluster; everything may be left out. What is said is checked before an install.",
    fields: &[
        field(
            "dns",
            Kind::Text,
            Is("what pods are told"),
            "Address of the cluster's DNS Service, for example `10.96.0.10`.",
        ),
        field(
            "serviceCIDR",
            Kind::Text,
            Is("unknown"),
            "Range of Services, for example `10.96.0.0/16`; `dns` lies in it.",
        ),
        field(
            "podCIDR",
            Kind::Text,
            Is("unknown"),
            "Range of pods, another one than that of Services.",
        ),
        field(
            "nodeDNS",
            Kind::List(&Kind::Text),
            Is("none"),
            "Servers that nodes ask for names outside of the cluster: a Docker engine asks them after the cluster's.",
        ),
        field(
            "runtime",
            Kind::Word(&[
                word("containerd", "or any other runtime that is no Docker engine"),
                word("docker", "every node has a Docker engine"),
            ]),
            Is("`containerd`"),
            "What runs containers on the nodes; since Kubernetes 1.24 Docker only with cri-dockerd.",
        ),
        field(
            "apiServer",
            Kind::Text,
            Is("unknown"),
            "Where pods reach the API server behind its Service, as range and port: `10.200.0.1/32:6443`.",
        ),
    ],
};
