//! Fields of images.

use super::super::schema::Default::Is;
use super::super::schema::{Kind, Table};
use super::{field, word};

pub(super) static IMAGES: Table = Table {
    title: "images",
    about: "Where images come from.",
    fields: &[
        field(
            "registry",
            Kind::Text,
            Is("the container runtime's default registry"),
            "Registry host and optional path, put before every repository that does not name a host itself.",
        ),
        field(
            "pullPolicy",
            Kind::Word(&[
                word("IfNotPresent", "unless it is on the node"),
                word("Always", "at every start"),
                word("Never", "the image has to be on the node"),
            ]),
            Is("`IfNotPresent`"),
            "When the kubelet pulls.",
        ),
        field(
            "pullSecrets",
            Kind::List(&Kind::Text),
            Is("none"),
            "Names of Secrets with registry credentials, in every namespace.",
        ),
        field(
            "peer",
            IMAGE,
            Is("`hyperledger/fabric-peer:<fabric.version>`"),
            "Peers and the converge Deployment.",
        ),
        field("orderer", IMAGE, Is("`hyperledger/fabric-orderer:<fabric.version>`"), "Orderers."),
        field(
            "tools",
            IMAGE,
            Is("`busybox:1.36.1`"),
            "Init containers, hooks and tests: needs a shell and wget.",
        ),
        field(
            "glibc",
            IMAGE,
            Is("`debian:12-slim`"),
            "Tests of names: programs linked with glibc, with getent and bash or nc.",
        ),
        field(
            "musl",
            IMAGE,
            Is("`alpine:3.20`"),
            "Tests of names: programs linked with musl, with getent and nc.",
        ),
        field(
            "kubectl",
            IMAGE,
            Is("`alpine/k8s:1.36.3`"),
            "Workloads that talk to the API server, such as the one that replaces nodes one by one: needs a shell and \
             kubectl.",
        ),
        field(
            "couchdb",
            IMAGE,
            Is("the CouchDB that the Fabric version was tried with, for example `couchdb:3.4.2`"),
            "State databases.",
        ),
        field("ca", IMAGE, Is("`hyperledger/fabric-ca:1.5.21`"), "Fabric CA servers."),
        field(
            "cli",
            IMAGE,
            Is(
                "`hyperledger/fabric-tools:<fabric.version>`; from Fabric 3.0 on, which has none, the peer's image",
            ),
            "Pods for commands that people type: need a shell and `peer`.",
        ),
        field(
            "dind",
            IMAGE,
            Is("`docker:28-dind`"),
            "Docker engines beside peers; 29 and later only for Fabric 2.5.15, 3.1.4 and later.",
        ),
        field(
            "k8sBuilder",
            IMAGE,
            Is("`ghcr.io/hyperledger-labs/fabric-builder-k8s/k8s-fabric-peer:0.15.2`"),
            "The builder that starts Jobs for chaincodes, in `/opt/hyperledger/k8s_builder`; from 0.14 on.",
        ),
        field(
            "ccenv",
            IMAGE,
            Is("`hyperledger/fabric-ccenv:<fabric.version>`"),
            "What Docker builds Go chaincodes in.",
        ),
        field(
            "baseos",
            IMAGE,
            Is("`hyperledger/fabric-baseos:<fabric.version>`"),
            "What Docker runs Go chaincodes in.",
        ),
        field(
            "javaenv",
            IMAGE,
            Is("`hyperledger/fabric-javaenv:<line>`, `2.5` for Fabric 3"),
            "What Docker runs Java chaincodes in.",
        ),
        field(
            "nodeenv",
            IMAGE,
            Is("`hyperledger/fabric-nodeenv:<line>`, `2.5` for Fabric 3"),
            "What Docker runs Node chaincodes in.",
        ),
        field(
            "kafka",
            IMAGE,
            Is("`hyperledger/fabric-kafka:0.4.22`"),
            "Kafka brokers: any Kafka from 0.10 to 3.9 below `/opt/kafka`, with bash.",
        ),
        field(
            "zookeeper",
            IMAGE,
            Is("`hyperledger/fabric-zookeeper:0.4.22`"),
            "ZooKeeper nodes: `zkServer.sh` in the path, with bash.",
        ),
    ],
};

pub(super) const IMAGE: Kind =
    Kind::Either { short: &Kind::Text, long: &Kind::Mapping(&IMAGE_FIELDS) };

static IMAGE_FIELDS: Table = Table {
    title: "image",
    about: "An image; the short form is `repository:tag`, `repository@sha256:…` or both.",
    fields: &[
        field(
            "repository",
            Kind::Text,
            Is("the default image's repository; a chaincode has to name one"),
            "Repository, with or without a registry host.",
        ),
        field(
            "tag",
            Kind::Text,
            Is("the default image's tag, or none beside a digest"),
            "Tag; never `latest`.",
        ),
        field(
            "digest",
            Kind::Text,
            Is("none"),
            "`sha256:` and 64 hexadecimal digits; wins over the tag.",
        ),
    ],
};
