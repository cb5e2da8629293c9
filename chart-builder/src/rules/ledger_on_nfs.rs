//! FT633: a ledger on NFS.

use super::volumes;
use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::Severity;
use crate::model::Place;

pub(super) static RULE: Rule = Rule {
    code: "FT633",
    severity: Severity::Warning,
    title: "ledgers on NFS need a server that keeps its word",
    about: "LevelDB, the block files and the orderer's log count on locks and on fsync: a server that answers before the data \
            is on disk (`async`), or clients that give up (`soft`), lose blocks at a power cut, and a consenter that lost \
            its log has to be replaced. Keys alone on NFS are fine.",
    fires: &[case(&[("storage: 60Gi", "storage: {nfs: {server: files, path: /export/ledger}}")])],
    near_misses: &[
        case(&[("storage: 60Gi", "storage: {local: {path: /mnt/ssd, node: worker1}}")]),
        case(&[("removals: []", "storage: {shared: {type: nfs}}")]),
    ],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let nodes = volumes::decided(context);
    let on_nfs =
        |node: &&volumes::OnDirectory<'_>| matches!(node.directory.place, Place::Nfs { .. });
    let mut on_nfs = nodes.iter().filter(on_nfs);
    let Some(first) = on_nfs.next() else { return };
    let more = on_nfs.count();
    let others = if more == 0 { String::new() } else { format!(" and {more} more nodes") };
    findings.report(Finding::at(
        first.path.clone(),
        format!("{}{others} keep ledgers on NFS", first.whose),
        "ledgers count on locks and fsync, which NFS servers may answer too early",
        "export with `sync`, mount with `hard`, and keep backups; or use a StorageClass, or `local`",
    ));
}
