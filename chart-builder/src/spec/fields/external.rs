//! Fields of organizations that run their nodes somewhere else.

use super::super::schema::Default::Is;
use super::super::schema::{Field, Kind, Table};
use super::field;

pub(super) const EXTERNAL_FIELD: Field = field(
    "external",
    Kind::Mapping(&EXTERNAL),
    Is("its nodes are built"),
    "An organization that runs its nodes somewhere else. Its roots lie in `public/<name>/msp`, as its owner sends them.",
);

static EXTERNAL: Table = Table {
    title: "external",
    about: "Where nodes that somebody else runs are reached: `host:port` with names that stand in their TLS certificates.",
    fields: &[
        field(
            "anchors",
            Kind::List(&Kind::Text),
            Is("none: others learn of its peers later"),
            "Anchor peers on its channels, for example `peer0.auditor.example.net:443`; the first one endorses definitions.",
        ),
        field(
            "orderers",
            Kind::List(&Kind::Text),
            Is("none"),
            "Orderers of the ordering service that all channels here use. Block 0 of each channel comes from its owner: \
             `public/channels/<channel>/genesis.block`.",
        ),
    ],
};
