//! FT561: peers of one channel that answer differently.

use std::collections::BTreeSet;

use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::{KeyPath, Severity};

pub(super) static RULE: Rule = Rule {
    code: "FT561",
    severity: Severity::Warning,
    title: "peers of a channel have the same kind of state database",
    about: "Both kinds hold the same state, but only CouchDB answers rich queries: a chaincode that uses them is endorsed \
            by one peer and refused by the next, depending on whom the client asks.",
    fires: &[case(&[("anchors: [peer0]", "stateDB: couchdb")])],
    near_misses: &[
        case(&[("defaults:\n  peer:\n", "defaults:\n  peer:\n    stateDB: couchdb\n")]),
        // peer2 is not on the channel.
        case(&[("{peer2: {storage: 60Gi}}", "{peer2: {stateDB: couchdb}}")]),
    ],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for channel in context.channels() {
        let chaincode = context.network.chaincodes.iter();
        // One with indexes is told by FT560.
        let plain = chaincode
            .filter(|it| it.channel == channel.decided.name && it.indexes.is_none())
            .count();
        let peers = context.network.peers_of(channel.decided);
        let kinds: BTreeSet<_> = peers.map(|(_, peer)| peer.state_database.kind().word()).collect();
        if plain > 0 && kinds.len() > 1 {
            let finding = Finding::at(
                channel.path.key("members"),
                format!(
                    "peers of channel `{}` keep their state in {}",
                    channel.decided.name,
                    kinds.into_iter().collect::<Vec<_>>().join(" and ")
                ),
                "a rich query is answered by some of them and refused by the others",
                "give all of them the same `stateDB`, or use no rich queries",
            );
            findings.report(finding.rests_on(KeyPath::root().key("organizations")));
        }
    }
}
