//! Fields of what an organization runs beside its nodes: a certificate authority, a place to type commands.

use super::super::schema::Default::Is;
use super::super::schema::{Field, Kind, Table};
use super::nodes::RESOURCES;
use super::storage::CLAIM;
use super::{field, word};

pub(super) const CA_FIELD: Field = field(
    "ca",
    Kind::Either { short: &SWITCH, long: &CA_KIND },
    Is("none: `chart-builder identities` makes the certificates of all nodes"),
    "A Fabric CA server at `ca.<namespace>:7054`, for identities that come and go; `true` is short for every default.",
);

pub(super) const CLI_FIELD: Field = field(
    "cli",
    SWITCH,
    Is("`false`"),
    "A pod `cli` in which `peer` works as the organization's administrator: for commands that people type.",
);

const SWITCH: Kind = Kind::Word(&[word("true", "there is one"), word("false", "there is none")]);

const CA_KIND: Kind = Kind::Mapping(&CA);

static CA: Table = Table {
    title: "ca",
    about: "A Fabric CA server. `identities` issues an intermediate authority for it, whose certificate stands in the MSP of every \
            channel that is made from then on; the key of the root stays offline. The credentials of its first registrar are in \
            the Secret `ca-admin`.",
    fields: &[
        field("enabled", SWITCH, Is("`true`"), "Whether there is one."),
        field(
            "db",
            Kind::Word(&[
                word("sqlite", "a file on the claim"),
                word(
                    "postgres",
                    "a PostgreSQL that you run: the Secret `ca-database` has its connection string under `datasource`",
                ),
            ]),
            Is("`sqlite`"),
            "Where registrations and issued certificates are kept.",
        ),
        field(
            "authority",
            Kind::Word(&[
                word("intermediate", "issued for this server by `identities`"),
                word(
                    "root",
                    "the organization's root itself: profile `dev` only, and acknowledged",
                ),
            ]),
            Is("`intermediate`"),
            "What the server signs with; never changes.",
        ),
        field(
            "acknowledge",
            Kind::List(&Kind::Word(&[word(
                "root-key-in-cluster",
                "whoever reads Secrets of the namespace can be every member of the organization, for ever",
            )])),
            Is("nothing"),
            "Risks that are taken with open eyes.",
        ),
        field(
            "storage",
            CLAIM,
            Is("a claim of `1Gi` of the cluster's default class"),
            "Where the server keeps its files.",
        ),
        field(
            "resources",
            Kind::Mapping(&RESOURCES),
            Is("requests of `50m` and `64Mi`, limit of `256Mi`"),
            "Requests and limits.",
        ),
    ],
};
