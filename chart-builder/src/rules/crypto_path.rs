//! FT650: a tree of identities at a place that is not for one.

use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::{KeyPath, Severity};
use crate::directory::paths;

pub(super) static RULE: Rule = Rule {
    code: "FT650",
    severity: Severity::Error,
    title: "a tree of identities lies in a directory of its own",
    about: "`crypto.path` is read when `source` is `files`, from a directory beside network.yaml that no other part of the \
            network directory uses: certificates and keys are taken from there into `public/` and `private/`, and it is kept \
            out of version control.",
    fires: &[
        case(&[("removals: []", "crypto: {path: crypto-config}")]),
        case(&[("removals: []", "crypto: {source: files, path: private/crypto-config}")]),
        case(&[("removals: []", "crypto: {source: files, path: /etc/crypto-config}")]),
    ],
    near_misses: &[
        case(&[("removals: []", "crypto: {source: files, path: ./made/crypto-config}")]),
        case(&[("removals: []", "crypto: {source: generated}")]),
    ],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let said = &context.spec.crypto;
    let Some(path) = &said.path else { return };
    let place = KeyPath::root().key("crypto").key("path");
    if !said.files {
        findings.report(Finding::at(
            place,
            "a tree is named, and identities are generated".to_owned(),
            "nobody would read it",
            "add `source: files`, or remove `path`",
        ));
    } else if paths::source_directory(path).is_none() {
        findings.report(Finding::at(
            place,
            format!("`{path}` is no directory of its own beside network.yaml"),
            "a tree outside would be another one on the next machine, and `public/` and `private/` are filled from it",
            "put the tree beside network.yaml and write for example `crypto-config`",
        ));
    }
}
