//! FT338: an orderer that cannot start from one system channel.

use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::{KeyPath, Severity};
use crate::fabric_line::{Lookup, look_up};
use crate::model::OrderingGroup;

pub(super) static RULE: Rule = Rule {
    code: "FT338",
    severity: Severity::Error,
    title: "an orderer starts from one system channel or from none",
    about: "An orderer with a system channel orders the channels that are made from it and no other ones, so it is in no \
            second group. Below Fabric 2.3 an orderer without a system channel does not start at all, so each is in a \
            group.",
    fires: &[
        case(&[
            ("version: 2.5.16", "version: 2.2.15"),
            (
                "consenters: [Orderer/orderer0, Orderer/orderer1, Orderer/orderer2]",
                "consenters: [Orderer/orderer0]",
            ),
        ]),
        case(&[
            ("  - name: settlement\n", "  - name: settlement\n    ordering: main\n"),
            ("channels:\n", "channels:\n  - {name: second, ordering: other, members: [Org1]}\n"),
            (
                "ordering:\n  type: etcdraft\n",
                "ordering:\n  groups: {main: {type: etcdraft}, other: {type: kafka}}\n",
            ),
        ]),
    ],
    near_misses: &[
        case(&[("version: 2.5.16", "version: 2.2.15")]),
        case(&[(
            "consenters: [Orderer/orderer0, Orderer/orderer1, Orderer/orderer2]",
            "consenters: [Orderer/orderer0]",
        )]),
    ],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    if !context.orderers_known() {
        return;
    }
    let said = context.spec.fabric_version.as_deref().unwrap_or_default();
    let Lookup::Known(line, version) = look_up(said) else { return };
    let joins = line.participation.is_some_and(|patch| version.patch >= patch);
    for organization in context.organizations() {
        for orderer in &organization.decided.orderers {
            let host = organization.decided.host(&orderer.name);
            let groups: Vec<&OrderingGroup> = (context.network.ordering.iter())
                .filter(|group| group.orderers.iter().any(|it| it.host == host))
                .collect();
            let systems = groups.iter().filter(|group| group.system_channel.is_some()).count();
            let message = match (groups.len(), systems) {
                (0, _) if !joins => {
                    format!(
                        "`{}` is in no ordering group, and Fabric {version} starts no such orderer",
                        orderer.name
                    )
                }
                (2.., 1..) => {
                    let names: Vec<_> = groups.iter().map(|group| group.name.as_str()).collect();
                    format!("`{}` is in the groups {} at once", orderer.name, names.join(" and "))
                }
                _ => continue,
            };
            let name = &organization.decided.name;
            let finding = Finding::at(
                organization.path.key("orderers"),
                message,
                "an orderer starts from the system channel of one group and knows no other channels",
                format!("name `{name}/{}` in `consenters` of exactly one group", orderer.name),
            );
            findings.report(finding.rests_on(KeyPath::root().key("ordering")));
        }
    }
}
