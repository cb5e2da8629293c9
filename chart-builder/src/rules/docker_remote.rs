//! FT533: an engine on another machine that peers, or their chaincodes, cannot reach.

use super::context::chaincode_field;
use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::Severity;
use crate::model::ChaincodeMode;

pub(super) static RULE: Rule = Rule {
    code: "FT533",
    severity: Severity::Error,
    title: "an engine on another machine is reachable in both directions",
    about: "A peer dials the engine at `endpoint`, with TLS outside of development: whoever reaches an open engine owns its \
            machine. The chaincode that it starts dials the peer back, from outside of the cluster: each peer needs an \
            address there (a node port or a load balancer of its port 7052).",
    fires: &[
        case(&[("clusterDomain: cluster.local", "chaincode: {mode: docker-remote}")]),
        case(&[
            (
                "clusterDomain: cluster.local",
                "chaincode: {endpoint: \"tcp://build.example.org:2376\", tlsSecret: docker}",
            ),
            (
                "{name: Org2, namespace: org2, peers: 2}",
                "{name: Org2, namespace: org2, peers: 2, chaincode: {mode: docker-remote, addresses: {peer0: \"a.example.org:30052\"}}}",
            ),
        ]),
    ],
    near_misses: &[case(&[
        (
            "clusterDomain: cluster.local",
            "chaincode: {endpoint: \"tcp://build.example.org:2376\", tlsSecret: docker}",
        ),
        (
            "{name: Org2, namespace: org2, peers: 2}",
            "{name: Org2, namespace: org2, peers: 2, chaincode: {mode: docker-remote, addresses: {peer0: \"a.example.org:30052\", \
             peer1: \"a.example.org:30152\"}}}",
        ),
    ])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for organization in context.organizations().filter(|it| !it.decided.peers.is_empty()) {
        let ChaincodeMode::DockerRemote(engine) = &organization.decided.chaincode_mode else {
            continue;
        };
        let path = chaincode_field(&organization, |said| said.mode.is_some(), "mode");
        let name = &organization.decided.name;
        let mut report = |message: String, fix: &str| {
            findings.report(Finding::at(
                path.clone(),
                message,
                "peers dial the engine, and chaincodes dial the peers back",
                fix,
            ));
        };
        let endpoint = engine.endpoint.strip_prefix("tcp://").unwrap_or_default();
        if !is_endpoint(endpoint) {
            report(
                format!("`{}` is no engine on another machine", engine.endpoint),
                "write `endpoint: tcp://host:2376` beside it",
            );
        }
        if engine.tls_secret.is_none() && context.production() {
            report(
                format!("peers of `{name}` would talk to the engine without TLS"),
                "write `tlsSecret: <name>` beside it, a Secret with a client's tls.crt, tls.key and the engine's ca.crt",
            );
        }
        let peers = organization.decided.peers.iter().map(|peer| &peer.name);
        let reachable =
            |peer: &&String| engine.addresses.get(*peer).is_some_and(|it| is_endpoint(it));
        let missing: Vec<_> = peers.filter(|peer| !reachable(peer)).cloned().collect();
        if !missing.is_empty() {
            report(
                format!("chaincodes cannot dial `{}` of `{name}`", missing.join("`, `")),
                "write `addresses: {peer0: host:port}` at the organization, for every peer",
            );
        }
    }
}

fn is_endpoint(text: &str) -> bool {
    text.rsplit_once(':').is_some_and(|(host, port)| {
        !host.is_empty() && !host.contains('/') && port.parse::<u16>().is_ok_and(|port| port > 0)
    })
}
