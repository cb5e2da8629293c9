//! FT537: settings of a server on a chaincode that has none.

use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::Severity;
use crate::spec::Resources;
use crate::spec::chaincode_runtime::Runtime;

/// Peers with an engine beside them.
const DIND: (&str, &str) =
    ("clusterDomain: cluster.local", "chaincode: {mode: dind, acknowledge: [privileged-pods]}");
/// The limit of the example's server.
const LIMIT: (&str, &str) = ("    resources: {limits: {memory: 256Mi}}\n", "");

pub(super) static RULE: Rule = Rule {
    code: "FT537",
    severity: Severity::Error,
    title: "only a service has the settings of a server",
    about: "What Docker or a Job runs is the package: its image, its copies and its limits are not made from the topology, and \
            CouchDB indexes lie in the package already. How much a container of Docker may take is said to the peer, for \
            example `CORE_VM_DOCKER_HOSTCONFIG_MEMORY` below `defaults.env` of the organization's values.",
    fires: &[
        case(&[
            DIND,
            ("    image: cc/asset:1.0\n", "    runtime: docker\n    package: packages/asset\n"),
        ]),
        case(&[
            DIND,
            LIMIT,
            (
                "    image: cc/asset:1.0\n",
                "    image: cc/asset:1.0\n    runtime: docker\n    package: packages/asset\n",
            ),
        ]),
    ],
    near_misses: &[
        case(&[
            DIND,
            LIMIT,
            ("    image: cc/asset:1.0\n", "    runtime: docker\n    package: packages/asset\n"),
        ]),
        case(&[DIND]),
    ],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for chaincode in context.chaincodes() {
        let said = chaincode.said;
        let runner = match said.runtime {
            Some(Runtime::Docker) => "Docker",
            Some(Runtime::Kubernetes) => "the peers' builder",
            Some(Runtime::Service) | None => continue,
        };
        let written = [
            ("image", said.image.is_some()),
            ("replicas", said.replicas.is_some()),
            ("resources", said.resources != Resources::default()),
            ("indexes", said.indexes.is_some()),
        ];
        for (key, _) in written.into_iter().filter(|(_, written)| *written) {
            findings.report(Finding::at(
                chaincode.path.key(key),
                format!("nobody reads `{key}` of chaincode `{}`", chaincode.decided.name),
                &format!("{runner} runs what is in its package, and no server is made"),
                format!("leave `{key}` out, or make it a service with `runtime: ccaas`"),
            ));
        }
    }
}
