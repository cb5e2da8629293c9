//! FT607: a secret in the topology.

use super::context::texts;
use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::Severity;

pub(super) static RULE: Rule = Rule {
    code: "FT607",
    severity: Severity::Error,
    title: "no secret stands in the topology",
    about: "The topology is committed, packed into charts and published. Keys, passwords and tokens belong into Secrets \
            that the topology names.",
    fires: &[
        case(&[(
            "registry: registry.example.org",
            "registry: https://user:hunter2@registry.example.org",
        )]),
        case(&[(
            "tools: busybox:1.36.1",
            "tools: |\n    -----BEGIN PRIVATE KEY-----\n    MC4CAQ==",
        )]),
    ],
    near_misses: &[case(&[(
        "registry: registry.example.org",
        "registry: registry.example.org:5000/user",
    )])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (path, text) in texts(context) {
        let key = text.contains("-----BEGIN") || text.contains("LS0tLS1CRUdJTi");
        let login = text.split_once("://").map_or(text, |(_, rest)| rest).split('/').next();
        let password = login
            .and_then(|login| login.split_once('@'))
            .is_some_and(|(user, _)| user.contains(':') && text.contains("://"));
        if key || password {
            findings.report(Finding::at(
                path,
                "this looks like a secret".to_owned(),
                "the topology is committed and published",
                "put it into a Secret, and name the Secret",
            ));
        }
    }
}
