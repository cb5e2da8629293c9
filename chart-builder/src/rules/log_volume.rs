//! FT636: volumes of logs that are lost with their pod, or that nobody writes.

use super::context::{Context, Organization};
use super::logs::log_path;
use super::{Finding, Findings, Rule, case};
use crate::diagnostic::{KeyPath, Severity};
use crate::model::{Consensus, Log, Orderer, Storage};

pub(super) static RULE: Rule = Rule {
    code: "FT636",
    severity: Severity::Error,
    title: "volumes of logs are kept, and written",
    about: "An orderer remembers in its write-ahead log what it has agreed to: with an empty one beside its old ledger it \
            could vote against that. So a log lies on a claim, or beside the ledger. Only etcdraft and BFT write a \
            write-ahead log and only etcdraft takes snapshots; elsewhere such a volume would stay empty.",
    fires: &[
        case(&[("orderers: 3", "orderers: {count: 3, wal: emptyDir}")]),
        case(&[
            ("orderers: 3", "orderers: {count: 3, snapshots: 2Gi}"),
            ("type: etcdraft", "type: solo"),
        ]),
    ],
    near_misses: &[
        case(&[("orderers: 3", "orderers: {count: 3, wal: {class: fast}, snapshots: 2Gi}")]),
        case(&[("orderers: 3", "orderers: {count: 3, overrides: {orderer0: {wal: 5Gi}}}")]),
    ],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let mut reported: Vec<KeyPath> = Vec::new();
    for organization in context.organizations() {
        for orderer in &organization.decided.orderers {
            for log in Log::ALL {
                let Some(finding) = finding(context, &organization, (orderer, log)) else {
                    continue;
                };
                // What the defaults say is wrong once, not for every orderer.
                let path = log_path(context, &organization, (&orderer.name, log));
                if !reported.contains(&path) {
                    findings.report(finding);
                    reported.push(path);
                }
            }
        }
    }
}

fn finding(
    context: &Context<'_>,
    organization: &Organization<'_>,
    (orderer, log): (&Orderer, Log),
) -> Option<Finding> {
    let storage = orderer.logs.of(log)?;
    let path = log_path(context, organization, (&orderer.name, log));
    let whose = format!("of `{}` of `{}`", orderer.name, organization.decided.name);
    if *storage == Storage::EmptyDir {
        return Some(Finding::at(
            path,
            format!("the {} {whose} would be lost with the pod", log.words()),
            "an orderer with its ledger and without its log could vote against what it has agreed to",
            format!("use a claim, or leave `{}` out: it lies beside the ledger then", log.key()),
        ));
    }
    (!writes(context, organization, (orderer, log))).then(|| {
        Finding::at(
            path,
            format!("nothing writes the {} {whose}", log.words()),
            "the consensus of its channels keeps no such log",
            format!("leave `{}` out", log.key()),
        )
    })
}

/// Some group of this orderer writes the log.
fn writes(
    context: &Context<'_>,
    organization: &Organization<'_>,
    (orderer, log): (&Orderer, Log),
) -> bool {
    let owner = &organization.decided.name;
    context.network.ordering.iter().any(|group| {
        let has =
            group.orderers.iter().any(|it| it.organization == *owner && it.orderer == orderer.name);
        has && match group.consensus {
            Consensus::Etcdraft(_) => true,
            Consensus::Bft(_) => log == Log::Wal,
            Consensus::Solo | Consensus::Kafka { .. } => false,
        }
    })
}
