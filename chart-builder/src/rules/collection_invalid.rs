//! FT553: private data collections with a name or numbers that Fabric refuses.

use std::collections::BTreeMap;

use fabric_artifacts::policy::SignaturePolicy;

use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::Severity;
use crate::model::{Chaincode, Collection};

pub(super) static RULE: Rule = Rule {
    code: "FT553",
    severity: Severity::Error,
    title: "collections have names of their own and as many peers as they ask for",
    about: "A name has letters, digits, `-` and `_`, begins with a letter or a digit, and stands once \
            (`core/chaincode/lifecycle/scc.go`). `maxPeerCount` is not below `requiredPeerCount`. A peer that cannot send the data \
            to so many other peers of members endorses nothing.",
    fires: &[
        case(&[(
            "    sequence: 2\n",
            "    sequence: 2\n    collections: [{name: _secret, members: [Org1]}]\n",
        )]),
        case(&[(
            "    sequence: 2\n",
            "    sequence: 2\n    collections: [{name: secret, members: [Org1]}, {name: secret, members: [Org2]}]\n",
        )]),
        case(&[(
            "    sequence: 2\n",
            "    sequence: 2\n    collections: [{name: secret, members: [Org1], requiredPeerCount: 1, maxPeerCount: 0}]\n",
        )]),
        case(&[(
            "    sequence: 2\n",
            "    sequence: 2\n    collections: [{name: secret, members: [Org1], requiredPeerCount: 2}]\n",
        )]),
    ],
    near_misses: &[case(&[(
        "    sequence: 2\n",
        "    sequence: 2\n    collections: [{name: my-Secret_1, members: [Org1, Org2], requiredPeerCount: 3}]\n",
    )])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for chaincode in context.chaincodes() {
        let list = chaincode.path.key("collections");
        let mut first = BTreeMap::new();
        for (index, said) in chaincode.said.collections.iter().enumerate() {
            let Some(name) = &said.name else { continue };
            let path = list.index(index);
            if !is_name(name) {
                findings.report(Finding::at(
                    path.key("name"),
                    format!("`{name}` is no name of a collection"),
                    "Fabric takes letters, digits, `-` and `_`, and neither of the two at the beginning",
                    "write for example `assets`",
                ));
            }
            if let Some(other) = first.insert(name, path.clone()) {
                let finding = Finding::at(
                    path.key("name"),
                    format!("`{}` has two collections `{name}`", chaincode.decided.name),
                    "peers refuse the definition",
                    "give each a name of its own",
                );
                findings.report(finding.beside(other.key("name"), "the first one"));
            }
            let decided = chaincode.decided.collections.iter().find(|it| it.name == *name);
            let Some(decided) = decided else { continue };
            if decided.maximum_peers < decided.required_peers {
                findings.report(Finding::at(
                    path.key("maxPeerCount"),
                    format!(
                        "`{name}` asks for {} other peers and sends to {}",
                        decided.required_peers, decided.maximum_peers
                    ),
                    "peers refuse the definition",
                    format!("write `maxPeerCount: {}` or more", decided.required_peers),
                ));
            } else if let Some(others) = others(context, chaincode.decided, decided)
                && others < u64::from(decided.required_peers)
            {
                findings.report(Finding::at(
                    path.key("requiredPeerCount"),
                    format!(
                        "`{name}` asks for {} other peers, and its members have {others} beside the one that endorses",
                        decided.required_peers
                    ),
                    "a peer that cannot send the data to so many endorses nothing",
                    format!("write `requiredPeerCount: {others}` or less, or add peers to its members"),
                ));
            }
        }
    }
}

fn is_name(name: &str) -> bool {
    let plain = |it: u8| it.is_ascii_alphanumeric();
    name.bytes().next().is_some_and(plain)
        && name.bytes().all(|it| plain(it) || it == b'-' || it == b'_')
}

/// Peers of members beside one that endorses; nothing where somebody else knows how many there are, or nobody is named.
fn others(context: &Context<'_>, chaincode: &Chaincode, collection: &Collection) -> Option<u64> {
    let channel = context.network.channel(&chaincode.channel)?;
    let policy = SignaturePolicy::parse(&collection.policy).ok()?;
    let ids = policy.msp_ids();
    let mut peers = 0;
    for member in &channel.members {
        let organization = context.network.organization(&member.organization)?;
        if !ids.contains(organization.msp_id.as_str()) {
            continue;
        }
        if organization.is_external() {
            return None;
        }
        peers += u64::try_from(member.peers.len()).unwrap_or(u64::MAX);
    }
    peers.checked_sub(1)
}
