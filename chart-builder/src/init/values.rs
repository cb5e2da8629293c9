//! `values.yaml` of the Helm chart of 2018: organizations, one kind of consensus, an NFS server.

use super::reader::Reader;
use super::{Inputs, Ordering, Owner, Share, capitalised};
use crate::diagnostic::Diagnostics;

/// Where that chart kept a cluster's files below the base path.
const RESOURCES: &str = "resources";

/// Reads the whole file.
pub(super) fn read(root: &Reader<'_>, found: &mut Diagnostics) -> Inputs {
    root.only(&["clusterName", "consensusType", "ordererOrgs", "peerOrgs", "nfs"], found);
    let name = root.text("clusterName", found);
    let cluster = name.clone().unwrap_or_default();
    let ordering = match root.text("consensusType", found).as_deref() {
        None | Some("solo") => Ordering::Solo,
        Some("kafka") => Ordering::Kafka,
        Some(other) => {
            root.key("consensusType").refuse(
                [
                    &format!("`{other}` is no consensus of 2018"),
                    "that chart knew `solo` and `kafka`",
                    "write one of them; the topology takes others afterwards",
                ],
                found,
            );
            Ordering::Solo
        }
    };
    let mut owners = |key: &str| {
        let items = root.key(key).items(found);
        items.iter().map(|item| organization(item, &cluster, found)).collect::<Vec<_>>()
    };
    let (peers, orderers) = (owners("peerOrgs"), owners("ordererOrgs"));
    let share = share(&root.key("nfs"), &cluster, found);
    Inputs { name, ordering, peers, orderers, share, ..Inputs::default() }
}

fn organization(item: &Reader<'_>, cluster: &str, found: &mut Diagnostics) -> Owner {
    item.only(&["name", "domain", "template", "users"], found);
    let (name, domain) = (item.required("name", found), item.required("domain", found));
    let count = item.key("template").number("count", found);
    if count == 0 {
        item.key("template").refuse(
            [
                &format!("`{name}` has no nodes"),
                "`template.count` says how many there are",
                "add `template: {count: 1}`",
            ],
            found,
        );
    }
    let namespace = if cluster.is_empty() { name.clone() } else { format!("{name}-{cluster}") };
    let name = capitalised(&name);
    Owner { msp_id: format!("{name}MSP"), name, namespace, domain, count, anchors: Vec::new() }
}

fn share(nfs: &Reader<'_>, cluster: &str, found: &mut Diagnostics) -> Option<Share> {
    if !nfs.is_there() {
        return None;
    }
    nfs.only(&["ip", "basePath"], found);
    let base_path = nfs.required("basePath", found).trim_end_matches('/').to_owned();
    Some(Share {
        server: nfs.required("ip", found),
        shared_path: format!("{base_path}/{cluster}/{RESOURCES}"),
        base_path,
    })
}
