//! FT425: another state database, or another volume for it, of a built peer.

use super::couchdb::database_path;
use super::frozen::changed;
use super::frozen_storage::{allowed, describe};
use super::{Case, Context, Findings, Rule};
use crate::diagnostic::Severity;
use crate::lock::NodeKind;
use crate::model::{StateDatabase, Storage};

pub(super) static RULE: Rule = Rule {
    code: "FT425",
    severity: Severity::Error,
    title: "a peer keeps its state database",
    about: "A peer that finds blocks on its volume and another state database beside them does not move the state over: \
            it would have to be computed anew from all blocks by hand. The volume of a CouchDB keeps its class and source \
            like every other and only grows. A new peer can have another one: add it, and take the old one out by \
            `removals`.",
    fires: &[
        Case { built: Some(&[]), edits: &[("anchors: [peer0]", "stateDB: couchdb")] },
        Case { built: Some(&[("anchors: [peer0]", "stateDB: couchdb")]), edits: &[] },
        Case {
            built: Some(&[("anchors: [peer0]", "stateDB: couchdb")]),
            edits: &[(
                "anchors: [peer0]",
                "stateDB: couchdb\n      couchdb: {storage: {class: slow}}",
            )],
        },
    ],
    near_misses: &[Case {
        built: Some(&[("anchors: [peer0]", "stateDB: couchdb")]),
        edits: &[(
            "anchors: [peer0]",
            "stateDB: couchdb\n      couchdb: {storage: 20Gi, resources: {limits: {memory: 2Gi}}}",
        )],
    }],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for organization in context.organizations() {
        let Some(locked) = context.lock.organizations.get(&organization.decided.name) else {
            continue;
        };
        for peer in &organization.decided.peers {
            let built = locked.nodes.get(&peer.name).filter(|it| it.kind == NodeKind::Peer);
            let Some(frozen) = built.map(|node| node.couchdb.as_ref()) else { continue };
            let now = peer.state_database.storage();
            let fits = match (frozen, now) {
                (None, None) => true,
                (Some(frozen), Some(now)) => allowed(frozen, now),
                _ => false,
            };
            if fits {
                continue;
            }
            let path = database_path(context, &organization, &peer.name);
            let fact =
                format!("state database of `{}` of `{}`", peer.name, organization.decided.name);
            let why = "the peer would find no state that fits its blocks";
            let values = (words(frozen), words(now));
            let fix = format!(
                "go back to {}, or add a peer with the other one and take this one out by `removals`",
                values.0
            );
            findings.report(changed(path, &fact, (&values.0, &values.1), why).with_fix(fix));
        }
    }
}

fn words(couchdb: Option<&Storage>) -> String {
    match couchdb {
        None => StateDatabase::LevelDb.kind().word().to_owned(),
        Some(storage) => format!("couchdb on {}", describe(storage)),
    }
}
