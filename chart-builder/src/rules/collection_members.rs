//! FT554: private data collections of nobody, of strangers, or with policies that Fabric does not take.

use std::collections::BTreeSet;

use fabric_artifacts::policy::SignaturePolicy;

use super::context::Channel;
use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::{KeyPath, Severity};
use crate::spec::collection::Collection;

pub(super) static RULE: Rule = Rule {
    code: "FT554",
    severity: Severity::Error,
    title: "collections have members of the channel",
    about: "A collection says whose peers have its data: organizations as `members`, or a signature policy of `OR` alone \
            (`core/chaincode/lifecycle/scc.go`). All of them are on the channel.",
    fires: &[
        case(&[("    sequence: 2\n", "    sequence: 2\n    collections: [{name: secret}]\n")]),
        case(&[(
            "    sequence: 2\n",
            "    sequence: 2\n    collections: [{name: secret, members: [Org1], policy: OR('Org1MSP.member')}]\n",
        )]),
        case(&[(
            "    sequence: 2\n",
            "    sequence: 2\n    collections: [{name: secret, members: [Org9]}]\n",
        )]),
        case(&[(
            "    sequence: 2\n",
            "    sequence: 2\n    collections: [{name: secret, members: []}]\n",
        )]),
        case(&[(
            "    sequence: 2\n",
            "    sequence: 2\n    collections: [{name: secret, policy: \"AND('Org1MSP.member','Org2MSP.member')\"}]\n",
        )]),
        case(&[(
            "    sequence: 2\n",
            "    sequence: 2\n    collections: [{name: secret, policy: OR('OtherMSP.member')}]\n",
        )]),
        case(&[(
            "    sequence: 2\n",
            "    sequence: 2\n    collections: [{name: secret, members: [Org1], endorsement: OR('OtherMSP.peer')}]\n",
        )]),
    ],
    near_misses: &[case(&[(
        "    sequence: 2\n",
        "    sequence: 2\n    collections: [{name: secret, policy: \"OutOf(1, 'Org1MSP.member', OR('Org2MSP.peer'))\", \
         endorsement: \"AND('Org1MSP.peer','Org2MSP.peer')\"}]\n",
    )])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    if !context.names_known("organizations") {
        return;
    }
    for chaincode in context.chaincodes() {
        let channel = context.channels().find(|it| it.decided.name == chaincode.decided.channel);
        let Some(channel) = channel else { continue };
        let members: BTreeSet<String> =
            context.members(&channel).map(|it| it.decided.organization.clone()).collect();
        let ids = context.organizations().filter(|it| members.contains(&it.decided.name));
        let ids: BTreeSet<&str> = ids.map(|it| it.decided.msp_id.as_str()).collect();
        for (index, said) in chaincode.said.collections.iter().enumerate() {
            let path = chaincode.path.key("collections").index(index);
            let on = On { channel: &channel, members: &members, ids: &ids, path: &path };
            let faults = on.members(said).into_iter();
            let faults = faults.chain(said.policy.iter().filter_map(|it| on.policy("policy", it)));
            let endorsement = said.endorsement.iter();
            for finding in faults.chain(endorsement.filter_map(|it| on.policy("endorsement", it))) {
                findings.report(finding.rests_on(channel.path.key("members")));
            }
        }
    }
}

/// Where a collection stands, and who is there.
struct On<'a> {
    channel: &'a Channel<'a>,
    members: &'a BTreeSet<String>,
    ids: &'a BTreeSet<&'a str>,
    path: &'a KeyPath,
}

impl On<'_> {
    fn members(&self, said: &Collection) -> Vec<Finding> {
        let name = said.name.as_deref().unwrap_or_default();
        let members = match (&said.members, &said.policy) {
            (Some(members), None) if !members.is_empty() => members,
            (None, Some(_)) => return Vec::new(),
            (Some(_), Some(_)) => {
                return vec![Finding::at(
                    self.path.key("policy"),
                    format!("`{name}` has `members` and a `policy`"),
                    "both say whose peers have the data",
                    "leave one of them out",
                )];
            }
            _ => {
                return vec![Finding::at(
                    self.path.clone(),
                    format!("`{name}` is nobody's collection"),
                    "Fabric has to know whose peers have the data",
                    "write `members` with organizations of the channel",
                )];
            }
        };
        let strangers = members.iter().enumerate().filter(|(_, it)| !self.members.contains(*it));
        let finding = |(index, stranger): (usize, &String)| {
            let list: Vec<_> = self.members.iter().map(String::as_str).collect();
            Finding::at(
                self.path.key("members").index(index),
                format!("`{stranger}` is no member of channel `{}`", self.channel.decided.name),
                "peers refuse the definition",
                format!("name some of {}", list.join(", ")),
            )
        };
        strangers.map(finding).collect()
    }

    fn policy(&self, key: &str, text: &str) -> Option<Finding> {
        let at = |message: String, fix: String| {
            let why = "peers would refuse the definition, or nobody could ever satisfy it";
            Some(Finding::at(self.path.key(key), message, why, fix))
        };
        let policy = match SignaturePolicy::parse(text) {
            Ok(policy) => policy,
            Err(error) => {
                let fix = "write for example `OR('Org1MSP.member','Org2MSP.member')`".to_owned();
                return at(format!("this policy cannot be read: {error}"), fix);
            }
        };
        if key == "policy" && !policy.is_alternative() {
            let message = "whose peers have the data is said by `OR` alone".to_owned();
            return at(message, "write `OR(…)`, or `members`".to_owned());
        }
        let stranger = policy.msp_ids().into_iter().find(|id| !self.ids.contains(id))?;
        let list: Vec<_> = self.ids.iter().copied().collect();
        let channel = &self.channel.decided.name;
        at(
            format!("no member of `{channel}` has the MSP id `{stranger}`"),
            format!("name some of {}", list.join(", ")),
        )
    }
}
