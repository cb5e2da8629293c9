//! FT603: one claim for two nodes.

use std::collections::BTreeMap;

use super::context::Organization;
use super::couchdb::database_path;
use super::logs::log_path;
use super::nodes::{Kind, storage_path};
use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::{KeyPath, Severity};
use crate::model::{Log, Storage};

pub(super) static RULE: Rule = Rule {
    code: "FT603",
    severity: Severity::Error,
    title: "a claim belongs to one node",
    about: "Two nodes on one volume lock each other out at best, and mix their ledgers at worst: a claim that exists can \
            only be named in the `overrides` of one node.",
    fires: &[
        case(&[(
            "      anchors: [peer0]\n",
            "      anchors: [peer0]\n      storage: {existingClaim: ledger}\n",
        )]),
        case(&[(
            "{peer2: {storage: 60Gi}}",
            "{peer2: {stateDB: couchdb, storage: {existingClaim: one}, couchdb: {storage: {existingClaim: one}}}}",
        )]),
    ],
    near_misses: &[case(&[("storage: 60Gi", "storage: {existingClaim: ledger}")])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for organization in context.organizations() {
        let mut first: BTreeMap<&str, String> = BTreeMap::new();
        for (path, owner, storage) in volumes(context, &organization) {
            let (Storage::Claim { claim, .. }
            | Storage::Directory { claim, .. }
            | Storage::ExistingClaim { claim }) = storage
            else {
                continue;
            };
            let Some(other) = first.insert(claim, owner.clone()) else { continue };
            findings.report(Finding::at(
                path,
                format!("{other} and {owner} have the same claim `{claim}`"),
                "a volume belongs to one node",
                "name a claim for each node under `overrides`",
            ));
        }
    }
}

/// Every volume of an organization, with its place and whose it is.
fn volumes<'a>(
    context: &Context<'a>,
    organization: &Organization<'a>,
) -> Vec<(KeyPath, String, &'a Storage)> {
    let mut volumes = Vec::new();
    for kind in Kind::ALL {
        for (node, storage) in kind.storage(organization) {
            let path = storage_path(context, organization, kind, node);
            volumes.push((path, format!("`{node}`"), storage));
        }
    }
    for peer in &organization.decided.peers {
        if let Some(storage) = peer.state_database.storage() {
            let path = database_path(context, organization, &peer.name);
            volumes.push((path, format!("the CouchDB of `{}`", peer.name), storage));
        }
    }
    for orderer in &organization.decided.orderers {
        for log in Log::ALL {
            if let Some(storage) = orderer.logs.of(log) {
                let path = log_path(context, organization, (&orderer.name, log));
                volumes.push((path, format!("the {} of `{}`", log.words(), orderer.name), storage));
            }
        }
    }
    if let Some(ca) = &organization.decided.ca {
        volumes.push((organization.path.key("ca"), "the Fabric CA".to_owned(), &ca.storage));
    }
    volumes
}
