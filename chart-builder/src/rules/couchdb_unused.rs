//! FT620: settings of a `CouchDB` that no peer has.

use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::Severity;
use crate::model::Peer;

pub(super) static RULE: Rule = Rule {
    code: "FT620",
    severity: Severity::Error,
    title: "settings of a CouchDB belong to peers that have one",
    about: "`couchdb` alone switches nothing on: a peer whose `stateDB` is LevelDB has no CouchDB that could have a volume \
            or limits. `defaults.peer.couchdb` may say what those peers share that have one.",
    fires: &[
        case(&[("anchors: [peer0]", "couchdb: {storage: 20Gi}")]),
        case(&[
            ("anchors: [peer0]", "stateDB: couchdb"),
            ("{peer2: {storage: 60Gi}}", "{peer2: {stateDB: leveldb, couchdb: {storage: 20Gi}}}"),
        ]),
    ],
    near_misses: &[
        case(&[("    storage: {class: fast, size: 50Gi}\n", "    couchdb: {storage: 20Gi}\n")]),
        case(&[
            ("anchors: [peer0]", "couchdb: {storage: 20Gi}"),
            ("{peer2: {storage: 60Gi}}", "{peer2: {stateDB: couchdb}}"),
        ]),
    ],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for organization in context.organizations() {
        let (said, peers) = (&organization.said.peers, &organization.decided.peers);
        let path = organization.path.key("peers");
        let mut unused = Vec::new();
        if said.options.couchdb.is_some() && !peers.iter().any(Peer::has_couchdb) {
            unused.push(path.clone());
        }
        let own = said.overrides.iter().filter(|(_, options)| options.couchdb.is_some());
        for (name, _) in own {
            if peers.iter().any(|peer| peer.name == *name && !peer.has_couchdb()) {
                unused.push(path.key("overrides").key(name));
            }
        }
        for place in unused {
            let finding = Finding::at(
                place.key("couchdb"),
                format!("no peer of `{}` reads this", organization.decided.name),
                "these peers keep their state in LevelDB, inside of the peer",
                "add `stateDB: couchdb`, or remove `couchdb`",
            );
            findings.report(finding.rests_on(path.clone()));
        }
    }
}
