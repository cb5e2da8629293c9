//! FT552: a chaincode that the legacy lifecycle would refuse, or whose arguments nobody reads.

use semver::Version;
use serde_json::Value;

use super::{Context, Finding, Findings, Rule, case, rebuilt};
use crate::diagnostic::Severity;
use crate::model::EndorsementPolicy;

/// First version whose policies know the roles `peer` and `client`, and MSP ids with more than letters and digits.
const FIRST_WITH_ROLES: Version = Version::new(1, 1, 0);

/// A chaincode in Docker on a channel with the legacy lifecycle.
const LEGACY: [(&str, &str); 3] = [
    ("application: V2_5", "application: V1_4_2"),
    ("    image: cc/asset:1.0\n", "    runtime: docker\n    package: packages/asset\n"),
    ("clusterDomain: cluster.local", "chaincode: {mode: dind, acknowledge: [privileged-pods]}"),
];

pub(super) static RULE: Rule = Rule {
    code: "FT552",
    severity: Severity::Error,
    title: "the legacy lifecycle takes a chaincode's version, arguments and policy",
    about: "Below the application capability V2_0 a chaincode is instantiated with arguments, and upgraded to a version that it \
            has not had before (`core/scc/lscc`): a version stands for one package, so that every `sequence` has its own. \
            Policies of Fabric 1.0 know the roles member and admin alone. Definitions of later lifecycles have no arguments.",
    fires: &[
        case(&[(
            "    image: cc/asset:1.0\n",
            "    image: cc/asset:1.0\n    init: '{\"Args\":[]}'\n",
        )]),
        case(&[
            LEGACY[0],
            (
                "    image: cc/asset:1.0\n",
                "    runtime: docker\n    package: packages/asset\n    init: a,100\n",
            ),
            LEGACY[2],
        ]),
        rebuilt(&[LEGACY[0], LEGACY[1], LEGACY[2], ("sequence: 2", "sequence: 3")]),
    ],
    near_misses: &[
        case(&[
            LEGACY[0],
            (
                "    image: cc/asset:1.0\n",
                "    runtime: docker\n    package: packages/asset\n    init: '{\"Args\":[\"init\",\"a\",\"100\"]}'\n",
            ),
            LEGACY[2],
        ]),
        rebuilt(&[
            LEGACY[0],
            LEGACY[1],
            LEGACY[2],
            ("version: \"1.0\"", "version: \"1.1\""),
            ("sequence: 2", "sequence: 3"),
        ]),
    ],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for chaincode in context.chaincodes() {
        let decided = chaincode.decided;
        let name = &decided.name;
        let mut report = |key: &str, message: String, why: &str, fix: String| {
            findings.report(Finding::at(chaincode.path.key(key), message, why, fix));
        };
        let Some(legacy) = &decided.legacy else {
            if chaincode.said.init.is_some() {
                report(
                    "init",
                    format!("nobody would read the arguments of chaincode `{name}`"),
                    "a definition is committed without arguments; they belong to the lifecycle below V2_0",
                    "leave `init` out, and send the first transaction from your application"
                        .to_owned(),
                );
            }
            continue;
        };
        if !are_arguments(&legacy.init) {
            report(
                "init",
                format!("`{}` are no arguments of a chaincode", legacy.init),
                "Fabric's client takes a JSON object with the list of texts `Args`, and perhaps `Function`",
                r#"write for example `init: '{"Args":["init","a","100","b","200"]}'`"#.to_owned(),
            );
        }
        if legacy.replaced.contains(&decided.version) {
            report(
                "version",
                format!("chaincode `{name}` has had version `{}` before", decided.version),
                "peers have a package under that version already, and a channel upgrades to another version alone",
                "write a new `version`".to_owned(),
            );
        }
        if let EndorsementPolicy::Signature(policy) = &decided.endorsement
            && context.network.fabric < FIRST_WITH_ROLES
            && !knows_roles(policy)
        {
            report(
                "endorsement",
                format!("Fabric {} does not know the roles of `{policy}`", context.network.fabric),
                "its policies know `<MSP id>.member` and `<MSP id>.admin`, and MSP ids of letters and digits",
                "write `.member`".to_owned(),
            );
        }
    }
}

fn are_arguments(text: &str) -> bool {
    let Ok(Value::Object(object)) = serde_json::from_str(text) else { return false };
    let known = object.keys().all(|key| {
        let key = key.to_ascii_lowercase();
        key == "args" || key == "function"
    });
    let arguments = object.iter().find(|(key, _)| key.eq_ignore_ascii_case("args"));
    let texts = arguments.and_then(|(_, value)| value.as_array());
    known && texts.is_some_and(|texts| texts.iter().all(Value::is_string))
}

/// The principals of a policy, in quotes, have roles of Fabric 1.0.
fn knows_roles(policy: &str) -> bool {
    let mut principals = policy.split('\'').skip(1).step_by(2);
    principals.all(|principal| {
        principal.rsplit_once('.').is_some_and(|(id, role)| {
            matches!(role, "member" | "admin") && id.bytes().all(|it| it.is_ascii_alphanumeric())
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_lists_of_texts() {
        assert!(are_arguments(r#"{"Args":["init","a"]}"#));
        assert!(are_arguments(r#"{"Function":"init","Args":[]}"#));
        for wrong in ["", "[]", "{}", r#"{"Args":[1]}"#, r#"{"Args":[],"more":1}"#] {
            assert!(!are_arguments(wrong), "{wrong}");
        }
    }

    #[test]
    fn the_first_fabric_knows_two_roles() {
        assert!(knows_roles("OR('Org1MSP.member','Org2MSP.admin')"));
        assert!(!knows_roles("OR('Org1MSP.peer')") && !knows_roles("OR('org-1.member')"));
    }
}
