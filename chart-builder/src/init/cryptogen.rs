//! cryptogen's configuration, which was `cluster-config.yaml` in 2017: `OrdererOrgs` and `PeerOrgs`.

use super::reader::Reader;
use super::{Inputs, Owner, capitalised};
use crate::diagnostic::Diagnostics;

/// Reads the whole file.
pub(super) fn read(root: &Reader<'_>, found: &mut Diagnostics) -> Inputs {
    let mut inputs = Inputs { has_node_ports: true, ..Inputs::default() };
    root.only(&["OrdererOrgs", "PeerOrgs"], found);
    for (key, node) in [("PeerOrgs", "peer"), ("OrdererOrgs", "orderer")] {
        for item in root.key(key).items(found) {
            let owner = organization(&item, node, (&mut inputs.notes, found));
            if node == "peer" { inputs.peers.push(owner) } else { inputs.orderers.push(owner) }
        }
    }
    if inputs.peers.is_empty() {
        root.key("PeerOrgs").refuse(
            [
                "there is no organization with peers",
                "a channel has members, and `PeerOrgs` names them",
                "give cryptogen's configuration, or `values.yaml` of the chart of 2018",
            ],
            found,
        );
    }
    inputs
}

fn organization(
    item: &Reader<'_>,
    node: &str,
    (notes, found): (&mut Vec<String>, &mut Diagnostics),
) -> Owner {
    item.only(&["Name", "Domain", "EnableNodeOUs", "CA", "Specs", "Template", "Users"], found);
    let (name, domain) = (item.required("Name", found), item.required("Domain", found));
    let template = item.key("Template");
    template.only(&["Count", "Start", "Hostname", "SANS"], found);
    let mut count = template.number("Count", found);
    let start = template.number("Start", found);
    if start != 0 {
        template.key("Start").refuse([&format!("nodes begin at {start}"), &format!(
                "they are called `{node}0`, `{node}1`, … here, because an index is never used again"
            ), "remove `Start`"], found);
    }
    for spec in item.key("Specs").items(found) {
        spec.only(&["Hostname", "CommonName", "SANS"], found);
        let host = spec.required("Hostname", found);
        let own = format!("{node}{count}");
        if host != own {
            notes.push(format!(
                "`{host}` of `{name}` becomes `{own}`: nodes are called by kind and index; a certificate of cryptogen for \
                 `{host}` does not cover that"
            ));
        }
        count += 1;
    }
    if count == 0 {
        item.refuse(
            [
                &format!("`{name}` has no nodes"),
                "`Template.Count` and `Specs` say how many there are",
                "add `Template: {Count: 1}`",
            ],
            found,
        );
    }
    let msp_id = format!("{}MSP", capitalised(domain.split('.').next().unwrap_or_default()));
    Owner { name, namespace: domain.clone(), domain, msp_id, count, anchors: Vec::new() }
}
