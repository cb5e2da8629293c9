//! FT215: an owner's release that Helm does not take, or that two owners would share.

use std::collections::BTreeMap;

use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::{KeyPath, Severity};
use crate::model::{Layout, Owner};
use crate::rules::name_too_long::LONGEST_RELEASE;

pub(super) static RULE: Rule = Rule {
    code: "FT215",
    severity: Severity::Error,
    title: "with `layout: per-owner`, every owner has a release of its own",
    about: "The release of an owner, and its chart, are called `<network>-<organization>`, in lower case and with dashes for \
            dots. Helm admits 53 characters, and a name that ends in a letter or digit.",
    fires: &[
        case(&[
            ("layout: umbrella", "layout: per-owner"),
            ("name: tradenet", "name: a-network-with-a-name-that-just-fits-into-a-release"),
        ]),
        case(&[
            ("layout: umbrella", "layout: per-owner"),
            ("name: Org2,", "name: Org.1,"),
            ("- Org2\n", "- Org.1\n"),
            (
                "  - {name: Orderer,",
                "  - {name: Org-1, peers: 1, namespace: third}\n  - {name: Orderer,",
            ),
            ("AND('Org1MSP.peer','Org2MSP.peer')", "OR('Org1MSP.peer')"),
        ]),
    ],
    near_misses: &[
        case(&[("layout: umbrella", "layout: per-owner")]),
        case(&[("name: tradenet", "name: a-network-with-a-name-that-just-fits-into-a-release")]),
    ],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    if context.network.layout != Layout::PerOwner {
        return;
    }
    let mut first: BTreeMap<String, KeyPath> = BTreeMap::new();
    for release in context.network.releases() {
        let Owner::Organization(owner) = &release.owner else {
            first.insert(release.name, KeyPath::root().key("release").key("layout"));
            continue;
        };
        let Some(organization) = context.organization(owner) else { continue };
        let path = organization.path.key("name");
        let name = &release.name;
        if let Some(other) = first.get(name) {
            let finding = Finding::at(
                path,
                format!("the release `{name}` of organization `{owner}` is taken"),
                "releases are called `<network>-<organization>`, in lower case and with dashes for dots",
                "rename one of the two",
            );
            findings.report(finding.beside(other.clone(), "its other owner"));
            continue;
        }
        if name.len() > LONGEST_RELEASE {
            let finding = Finding::at(
                path.clone(),
                format!("the release `{name}` has {} characters", name.len()),
                "Helm admits 53 for the release of an owner, `<network>-<organization>`",
                format!("shorten one of the names by {}", name.len() - LONGEST_RELEASE),
            );
            findings.report(finding.rests_on(KeyPath::root().key("metadata").key("name")));
        } else if name.ends_with('-') {
            findings.report(Finding::at(
                path.clone(),
                format!("`{name}` is no name of a release"),
                "Helm wants a letter or a digit at the end",
                "remove the dash or dot at the end of the name",
            ));
        }
        first.insert(name.clone(), path);
    }
}
