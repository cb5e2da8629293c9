//! FT401: another name, layout, namespace scheme or cluster domain of a built network.

use super::frozen::changed;
use super::{Context, Findings, Rule, case, rebuilt};
use crate::diagnostic::{KeyPath, Severity};
use crate::model::NamespaceMode;

/// The one fact that a network can change: its objects stay, their releases do not.
const LAYOUT: &str = "the layout";

pub(super) static RULE: Rule = Rule {
    code: "FT401",
    severity: Severity::Error,
    title: "name, layout, namespaces, cluster domain and TLS of a network never change",
    about: "They stand in release names, namespaces, host names, certificates and channels of a running network. A network with \
            other ones is another network: begin it in a directory of its own. The layout alone can be changed, by a \
            command that says so.",
    fires: &[
        rebuilt(&[("name: tradenet", "name: tradenet2")]),
        rebuilt(&[("clusterDomain: cluster.local", "clusterDomain: west.local")]),
        rebuilt(&[("namespaces: plain", "namespaces: prefixed")]),
        rebuilt(&[("layout: umbrella", "layout: per-owner")]),
        rebuilt(&[(
            "clusterDomain: cluster.local",
            "clusterDomain: cluster.local\ntls: {enabled: false}",
        )]),
    ],
    near_misses: &[
        case(&[("name: tradenet", "name: tradenet2")]),
        rebuilt(&[("version: 1.0.0}", "version: 2.0.0}")]),
    ],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let (Some(locked), now) = (&context.lock.network, context.network) else { return };
    let (root, release) = (KeyPath::root(), KeyPath::root().key("release"));
    let facts = [
        (
            root.key("metadata").key("name"),
            "the network's name",
            locked.name.as_str(),
            now.name.as_str(),
        ),
        (release.key("layout"), LAYOUT, locked.layout.word(), now.layout.word()),
        (
            release.key("namespaces"),
            "the namespace scheme",
            namespaces(locked.namespaces),
            namespaces(now.namespaces),
        ),
        (
            root.key("clusterDomain"),
            "the cluster domain",
            locked.cluster_domain.as_str(),
            now.cluster_domain.as_str(),
        ),
        (
            root.key("tls").key("enabled"),
            "whether there is TLS",
            locked.transport.word(),
            now.transport.word(),
        ),
    ];
    for (path, fact, frozen, now) in facts.into_iter().filter(|(_, _, frozen, now)| frozen != now) {
        let why = "it stands in names and certificates of the running network";
        let finding = changed(path, fact, (frozen, now), why);
        findings.report(if fact == LAYOUT {
            finding.with_fix(format!(
                "go back to `{frozen}`, or move the objects to other releases: `chart-builder build --layout {now} \
                 --change-layout`"
            ))
        } else {
            finding
        });
    }
}

const fn namespaces(mode: NamespaceMode) -> &'static str {
    match mode {
        NamespaceMode::Plain => "plain",
        NamespaceMode::Prefixed => "prefixed",
    }
}
