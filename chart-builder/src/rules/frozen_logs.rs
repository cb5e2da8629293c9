//! FT417: another volume for a log of a built orderer.

use super::frozen::changed;
use super::frozen_storage::{allowed, describe};
use super::logs::log_path;
use super::{Case, Context, Findings, Rule};
use crate::diagnostic::Severity;
use crate::lock::NodeKind;
use crate::model::{Log, Storage};

const BUILT: Option<&[(&str, &str)]> =
    Some(&[("orderers: 3", "orderers: {count: 3, wal: {class: fast}}")]);

pub(super) static RULE: Rule = Rule {
    code: "FT417",
    severity: Severity::Error,
    title: "logs of an orderer stay where they are",
    about: "Nothing copies a write-ahead log or snapshots from one volume to another: the orderer would find its ledger \
            and an empty log, and could vote against what it has agreed to. Their volumes keep class and source and only \
            grow. A new orderer can have other ones.",
    fires: &[
        Case {
            built: Some(&[]),
            edits: &[("orderers: 3", "orderers: {count: 3, wal: {class: fast}}")],
        },
        Case { built: BUILT, edits: &[] },
        Case {
            built: BUILT,
            edits: &[("orderers: 3", "orderers: {count: 3, wal: {class: slow}}")],
        },
        Case {
            built: Some(&[("orderers: 3", "orderers: {count: 3, snapshots: 5Gi}")]),
            edits: &[("orderers: 3", "orderers: {count: 3, snapshots: 4Gi}")],
        },
    ],
    near_misses: &[Case {
        built: BUILT,
        edits: &[("orderers: 3", "orderers: {count: 3, wal: {class: fast, size: 20Gi}}")],
    }],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for organization in context.organizations() {
        let Some(locked) = context.lock.organizations.get(&organization.decided.name) else {
            continue;
        };
        for orderer in &organization.decided.orderers {
            let built = locked.nodes.get(&orderer.name).filter(|it| it.kind == NodeKind::Orderer);
            let Some(built) = built else { continue };
            for log in Log::ALL {
                let (frozen, now) = (built.logs.of(log), orderer.logs.of(log));
                let fits = match (frozen, now) {
                    (None, None) => true,
                    (Some(frozen), Some(now)) => allowed(frozen, now),
                    _ => false,
                };
                if fits {
                    continue;
                }
                let path = log_path(context, &organization, (&orderer.name, log));
                let owner = &organization.decided.name;
                let fact = format!("{} of `{}` of `{owner}`", log.words(), orderer.name);
                let values = (words(frozen), words(now));
                let why = "the orderer would start with its ledger and without its log";
                findings.report(changed(path, &fact, (&values.0, &values.1), why));
            }
        }
    }
}

fn words(log: Option<&Storage>) -> String {
    log.map_or_else(|| "beside the ledger".to_owned(), describe)
}
