//! FT411: a built orderer that is gone.

use super::{Context, Finding, Findings, Rule, rebuilt};
use crate::diagnostic::Severity;
use crate::lock::NodeKind;

pub(super) static RULE: Rule = Rule {
    code: "FT411",
    severity: Severity::Error,
    title: "an orderer is not removed",
    about: "A consenter that goes has to leave its channels first, by an update that is not built yet; until then a \
            smaller count would cost the majority.",
    fires: &[rebuilt(&[
        ("orderers: 3", "orderers: 1"),
        ("[Orderer/orderer0, Orderer/orderer1, Orderer/orderer2]", "[Orderer/orderer0]"),
    ])],
    near_misses: &[rebuilt(&[("orderers: 3", "orderers: 4")])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for organization in context.organizations() {
        let decided = organization.decided;
        let Some(locked) = context.lock.organizations.get(&decided.name) else { continue };
        let built = locked.nodes.iter().filter(|(_, node)| node.kind == NodeKind::Orderer);
        for (name, _) in
            built.filter(|(name, node)| !node.removed && decided.orderer(name).is_none())
        {
            let orderers = organization.path.key("orderers");
            let finding = Finding::at(
                orderers.key("count"),
                format!("`{name}` of `{}` was built and is gone", decided.name),
                "its channels count on its vote, and channel updates are not built yet",
                format!("raise the count again: `{name}` stays"),
            );
            findings.report(finding.rests_on(orderers));
        }
    }
}
