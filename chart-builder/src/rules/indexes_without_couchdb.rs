//! FT560: indexes for a state database that has none.

use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::Severity;

pub(super) static RULE: Rule = Rule {
    code: "FT560",
    severity: Severity::Error,
    title: "indexes need CouchDB on every peer of the channel",
    about: "Indexes in a chaincode's package are for rich queries, which only CouchDB answers: a peer with LevelDB ignores \
            the index and refuses the query, so a transaction that queries is endorsed by some peers and not by others.",
    fires: &[
        case(&[("    sequence: 2\n", "    sequence: 2\n    indexes: ./indexes\n")]),
        case(&[
            ("    sequence: 2\n", "    sequence: 2\n    indexes: ./indexes\n"),
            ("anchors: [peer0]", "stateDB: couchdb"),
        ]),
    ],
    near_misses: &[case(&[
        ("    sequence: 2\n", "    sequence: 2\n    indexes: ./indexes\n"),
        ("defaults:\n  peer:\n", "defaults:\n  peer:\n    stateDB: couchdb\n"),
    ])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for chaincode in context.chaincodes() {
        if chaincode.decided.indexes.is_none() {
            continue;
        }
        let Some(channel) = context.network.channel(&chaincode.decided.channel) else { continue };
        let mut without = Vec::new();
        for (organization, peer) in context.network.peers_of(channel) {
            if !peer.has_couchdb() {
                without.push(format!("{}/{}", organization.name, peer.name));
            }
        }
        if without.is_empty() {
            continue;
        }
        let message = format!(
            "chaincode `{}` has indexes, and `{}` on channel `{}` have no CouchDB",
            chaincode.decided.name,
            without.join("`, `"),
            channel.name
        );
        findings.report(Finding::at(
            chaincode.path.key("indexes"),
            message,
            "LevelDB answers no rich queries, and endorsers have to agree",
            "give these peers `stateDB: couchdb`, or remove `indexes`",
        ));
    }
}
