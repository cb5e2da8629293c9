//! FT621: state that is lost with its pod.

use super::couchdb::database_path;
use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::Severity;
use crate::model::Storage;

pub(super) static RULE: Rule = Rule {
    code: "FT621",
    severity: Severity::Error,
    title: "the state of a CouchDB is kept",
    about: "A peer whose CouchDB comes back empty has to compute the whole state from all of its blocks before it serves: \
            hours on a grown channel, at every move of its pod. Only the profile `dev` accepts that.",
    fires: &[case(&[("anchors: [peer0]", "stateDB: couchdb\n      couchdb: {storage: emptyDir}")])],
    near_misses: &[
        case(&[
            ("anchors: [peer0]", "stateDB: couchdb\n      couchdb: {storage: emptyDir}"),
            ("profile: production", "profile: dev"),
        ]),
        case(&[("anchors: [peer0]", "stateDB: couchdb\n      couchdb: {storage: 20Gi}")]),
    ],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    if !context.production() {
        return;
    }
    for organization in context.organizations() {
        for peer in &organization.decided.peers {
            if peer.state_database.storage() == Some(&Storage::EmptyDir) {
                findings.report(Finding::at(
                    database_path(context, &organization, &peer.name),
                    format!(
                        "the CouchDB of `{}` of `{}` keeps nothing",
                        peer.name, organization.decided.name
                    ),
                    "the peer would compute its state anew from all blocks whenever its pod moves",
                    "use a claim, or `profile: dev`",
                ));
            }
        }
    }
}
