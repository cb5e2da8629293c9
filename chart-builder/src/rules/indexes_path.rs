//! FT562: indexes that lie somewhere else.

use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::Severity;
use crate::directory::paths;

pub(super) static RULE: Rule = Rule {
    code: "FT562",
    severity: Severity::Error,
    title: "indexes lie in the network's directory",
    about: "A build reads what is committed with the topology and nothing else, so that it gives the same chart everywhere; \
            `private/` it never opens.",
    fires: &[
        case(&[("    sequence: 2\n", "    sequence: 2\n    indexes: /srv/indexes\n")]),
        case(&[("    sequence: 2\n", "    sequence: 2\n    indexes: ../indexes\n")]),
        case(&[("    sequence: 2\n", "    sequence: 2\n    indexes: private/indexes\n")]),
        case(&[("    sequence: 2\n", "    sequence: 2\n    indexes: .\n")]),
    ],
    near_misses: &[case(&[(
        "    sequence: 2\n",
        "    sequence: 2\n    indexes: ./chaincode/indexes/\n",
    )])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for chaincode in context.chaincodes() {
        let Some(said) = &chaincode.said.indexes else { continue };
        if paths::source_directory(said).is_none() {
            findings.report(Finding::at(
                chaincode.path.key("indexes"),
                format!("`{said}` is no directory of sources within the network's directory"),
                "a build reads only what is committed beside network.yaml",
                "write a relative path without `..`, for example `./indexes`",
            ));
        }
    }
}
