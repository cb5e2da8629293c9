//! FT426: a Fabric CA whose certificates a running channel would refuse, or another volume of it.

use super::frozen::{NO_CHANNEL_UPDATES, changed};
use super::frozen_storage::{allowed, describe};
use super::{Case, Context, Finding, Findings, Rule};
use crate::diagnostic::Severity;

pub(super) static RULE: Rule = Rule {
    code: "FT426",
    severity: Severity::Error,
    title: "a Fabric CA comes with its organization",
    about: "The authority of a Fabric CA stands in the MSP of each channel that its organization is on. A channel that was made \
            before knows the root alone and takes no certificate of that authority; only new channels do. The volume of the \
            server keeps its class and source and only grows.",
    fires: &[
        Case { built: Some(&[]), edits: &[("mspId: Org1MSP", "ca: true")] },
        Case {
            built: Some(&[("mspId: Org1MSP", "ca: {storage: {class: fast, size: 2Gi}}")]),
            edits: &[("mspId: Org1MSP", "ca: {storage: {class: slow, size: 2Gi}}")],
        },
    ],
    near_misses: &[
        Case {
            built: Some(&[("mspId: Org1MSP", "ca: true")]),
            edits: &[("mspId: Org1MSP", "ca: {storage: 2Gi, db: postgres}")],
        },
        Case { built: Some(&[("mspId: Org1MSP", "ca: true")]), edits: &[] },
    ],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for organization in context.organizations() {
        let name = &organization.decided.name;
        let (Some(locked), Some(ca)) =
            (context.lock.organizations.get(name), &organization.decided.ca)
        else {
            continue;
        };
        let path = organization.path.key("ca");
        if ca.is_intermediate() && locked.intermediate_ca_sha256.is_none() {
            let channels = context.lock.channels.iter().filter(|(_, channel)| {
                let facts = &channel.made_from;
                facts.members.iter().any(|member| member.organization == *name)
                    || facts.orderers.iter().any(|orderer| orderer.organization == *name)
            });
            let channels: Vec<_> = channels.map(|(name, _)| name.as_str()).collect();
            if !channels.is_empty() {
                findings.report(Finding::at(
                    path.clone(),
                    format!(
                        "channel `{}` was made before `{name}` had a Fabric CA, and knows no authority of it",
                        channels.join("`, `")
                    ),
                    &format!("its MSP there has the root alone, and {NO_CHANNEL_UPDATES}"),
                    "remove `ca`, or give it to a new organization; in the profile `dev`, `authority: root` works on every \
                     channel",
                ));
            }
        }
        if let Some(frozen) = &locked.ca_storage
            && !allowed(frozen, &ca.storage)
        {
            let fact = format!("storage of the Fabric CA of `{name}`");
            let values = (describe(frozen), describe(&ca.storage));
            let why =
                "Kubernetes changes neither class nor source of a claim, and never shrinks one";
            findings.report(changed(path, &fact, (&values.0, &values.1), why));
        }
    }
}
