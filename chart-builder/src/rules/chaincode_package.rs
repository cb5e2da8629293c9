//! FT536: a chaincode whose runtime lacks what it needs.

use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::Severity;
use crate::directory::paths;
use crate::model::ChaincodeMode;
use crate::spec::chaincode_runtime::Runtime;

pub(super) static RULE: Rule = Rule {
    code: "FT536",
    severity: Severity::Error,
    title: "a chaincode has what its runtime needs, on the peers of every member",
    about: "A service has an image; what peers build or start themselves has a package, a file beside network.yaml, because a \
            build reads nothing else. Peers build it in Docker (`runtime: docker`: modes `docker-host`, `dind`, \
            `docker-remote`), or their builder starts a Job (`runtime: k8s`: mode `k8s-builder`), on every member of the \
            channel. On a channel with the legacy lifecycle Docker builds and runs all chaincodes.",
    fires: &[
        case(&[("    image: cc/asset:1.0\n", "")]),
        case(&[("    image: cc/asset:1.0\n", "    runtime: docker\n")]),
        case(&[(
            "    image: cc/asset:1.0\n",
            "    runtime: docker\n    package: ../asset.tar.gz\n",
        )]),
        case(&[(
            "    image: cc/asset:1.0\n",
            "    runtime: docker\n    package: packages/asset.tar.gz\n",
        )]),
        case(&[(
            "    image: cc/asset:1.0\n",
            "    image: cc/asset:1.0\n    package: packages/asset.tar.gz\n",
        )]),
    ],
    near_misses: &[case(&[
        ("    image: cc/asset:1.0\n", "    runtime: docker\n    package: packages/asset.tar.gz\n"),
        ("clusterDomain: cluster.local", "chaincode: {mode: dind, acknowledge: [privileged-pods]}"),
    ])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for chaincode in context.chaincodes() {
        let said = chaincode.said;
        let runtime = said.runtime.unwrap_or(Runtime::Service);
        let name = &chaincode.decided.name;
        let mut report = |key: &str, message: String, fix: &str| {
            let path = chaincode.path.key(key);
            let why = "peers would have nothing to install, or nothing that runs it";
            findings.report(Finding::at(path, message, why, fix));
        };
        match (runtime, &said.package) {
            (Runtime::Service, None) if said.image.is_none() => report(
                "name",
                format!("chaincode `{name}` has no image"),
                "write `image: repository:tag`, or a `runtime` with a `package`",
            ),
            (Runtime::Service, Some(_)) => report(
                "package",
                format!(
                    "chaincode `{name}` is a service, and the package of a service is made by the builder"
                ),
                "leave `package` out, or say which `runtime` it is for: `docker` or `k8s`",
            ),
            (Runtime::Docker | Runtime::Kubernetes, None) => report(
                "runtime",
                format!("chaincode `{name}` has no package"),
                "write `package: <file>`, made by `peer lifecycle chaincode package`",
            ),
            (_, Some(file)) if paths::source_directory(file).is_none() => report(
                "package",
                format!("`{file}` is no file within the network's directory"),
                "write a relative path without `..`, for example `packages/asset.tar.gz`",
            ),
            (Runtime::Kubernetes, Some(_)) if chaincode.decided.legacy.is_some() => report(
                "runtime",
                format!("chaincode `{name}` is on a channel with the legacy lifecycle"),
                "use `runtime: docker`, or an application capability from V2_0 on",
            ),
            (Runtime::Service, None) | (Runtime::Docker | Runtime::Kubernetes, Some(_)) => {}
        }
        for (member, mode) in strangers(context, &chaincode.decided.channel, runtime) {
            report(
                "runtime",
                format!(
                    "peers of `{member}` have mode `{}` and cannot run chaincode `{name}`",
                    mode.word()
                ),
                "give every member of the channel a `chaincode.mode` that fits, or use `ccaas`",
            );
        }
    }
}

/// Members of a channel whose peers do not run what this runtime needs.
fn strangers<'a>(
    context: &Context<'a>,
    channel: &str,
    runtime: Runtime,
) -> Vec<(&'a str, &'a ChaincodeMode)> {
    let Some(channel) = context.network.channel(channel) else { return Vec::new() };
    let members = channel.members.iter().filter(|member| !member.peers.is_empty());
    let organizations =
        members.filter_map(|member| context.network.organization(&member.organization));
    organizations
        .map(|it| (it.name.as_str(), &it.chaincode_mode))
        .filter(|(_, mode)| match runtime {
            Runtime::Service => false,
            Runtime::Docker => !mode.is_docker(),
            Runtime::Kubernetes => **mode != ChaincodeMode::KubernetesBuilder,
        })
        .collect()
}
