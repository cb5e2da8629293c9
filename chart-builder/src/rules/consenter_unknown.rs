//! FT312: a consenter that is no orderer, or is there twice.

use std::collections::BTreeSet;

use super::context::groups;
use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::{KeyPath, Severity};
use crate::spec::Group;

pub(super) static RULE: Rule = Rule {
    code: "FT312",
    severity: Severity::Error,
    title: "a consenter is an orderer of the network",
    about: "Host and TLS certificate of every consenter stand in the genesis block; etcdraft refuses the same certificate \
            twice. Consenters are written as `<organization>/<orderer>`.",
    fires: &[
        case(&[(
            "[Orderer/orderer0, Orderer/orderer1, Orderer/orderer2]",
            "[Orderer/orderer0, Orderer/orderer1, Orderer/orderer3]",
        )]),
        case(&[("[Orderer/orderer0, Orderer/orderer1, Orderer/orderer2]", "[orderer0]")]),
        case(&[(
            "[Orderer/orderer0, Orderer/orderer1, Orderer/orderer2]",
            "[Orderer/orderer0, Orderer/orderer0]",
        )]),
    ],
    near_misses: &[case(&[(
        "[Orderer/orderer0, Orderer/orderer1, Orderer/orderer2]",
        "[Orderer/orderer2, Orderer/orderer1, Orderer/orderer0]",
    )])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    if !context.orderers_known() {
        return;
    }
    for (path, group) in groups(context) {
        check_group(context, group, &path, findings);
    }
}

fn check_group(context: &Context<'_>, group: &Group, path: &KeyPath, findings: &mut Findings<'_>) {
    let mut seen = BTreeSet::new();
    for (index, said) in group.consenters.iter().flatten().enumerate() {
        let orderer = said.split_once('/').and_then(|(organization, orderer)| {
            context.organization(organization)?.decided.orderer(orderer)
        });
        let (message, fix) = if orderer.is_none() {
            (format!("there is no orderer `{said}`"), "write `<organization>/orderer0` or the like")
        } else if !seen.insert(said) {
            (format!("`{said}` is there twice"), "remove one of the two")
        } else {
            continue;
        };
        let why = "host and certificate of each consenter stand in the genesis block, once";
        let finding = Finding::at(path.key("consenters").index(index), message, why, fix);
        findings.report(finding);
    }
}
