//! FT630: a path of a directory that is no plain absolute path.

use super::volumes::{self, Written};
use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::Severity;

pub(super) static RULE: Rule = Rule {
    code: "FT630",
    severity: Severity::Error,
    title: "directories have plain absolute paths",
    about: "A path begins with `/` and has letters, digits, `.`, `_` and `-` between single slashes, without `..`: it becomes \
            the source of a volume, where a relative path or one that climbs out of its base would lead anywhere. The root \
            of a server or node is nobody's directory.",
    fires: &[
        case(&[("storage: 60Gi", "storage: {nfs: {server: files, path: export/ledger}}")]),
        case(&[("storage: 60Gi", "storage: {nfs: {server: files, path: /export/../etc}}")]),
        case(&[("storage: 60Gi", "storage: {local: {node: worker1, path: /}}")]),
        case(&[("removals: []", "storage: {volumes: {type: nfs, basePath: \"/opt/my share\"}}")]),
    ],
    near_misses: &[
        case(&[("storage: 60Gi", "storage: {nfs: {server: files, path: /export/ledger.d}}")]),
        case(&[("removals: []", "storage: {shared: {type: nfs, path: /opt/share}}")]),
    ],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for Written { path, said, .. } in volumes::written(context) {
        let Some(said) = said else { continue };
        if !is_plain(said) {
            findings.report(Finding::at(
                path,
                format!("`{said}` is no plain absolute path"),
                "it is the source of a volume: letters, digits, `.`, `_` and `-` between single slashes, no `..`",
                "write for example `/opt/share/ledger`",
            ));
        }
    }
}

fn is_plain(path: &str) -> bool {
    let part = |part: &str| {
        let inside = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        !part.is_empty() && part != "." && part != ".." && part.chars().all(inside)
    };
    path.strip_prefix('/').is_some_and(|rest| rest.split('/').all(part))
}
