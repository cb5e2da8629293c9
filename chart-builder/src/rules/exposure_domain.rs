//! FT701: names outside of the cluster that are none, or that nobody asks for; gateways that are none.

use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::{KeyPath, Severity};
use crate::model::{Endpoint, Exposure, ExposureKind, GatewayListener};

pub(super) static RULE: Rule = Rule {
    code: "FT701",
    severity: Severity::Error,
    title: "an exposure has the names and the gateways that it needs",
    about: "An ingress controller or a gateway that passes TLS through tells nodes apart by the name that a client asks for, so it needs a \
            domain; the names `<node>.<namespace>.<domain>` stand in TLS certificates and are DNS names. A route \
            attaches to a Gateway that exists.",
    fires: &[
        case(&[("channels:\n", "exposure: {type: ingress}\nchannels:\n")]),
        case(&[("channels:\n", "exposure: {type: ingress, domain: Example_net}\nchannels:\n")]),
        case(&[("channels:\n", "exposure: {domain: fabric.example.net}\nchannels:\n")]),
        case(&[(
            "channels:\n",
            "exposure: {type: gateway, domain: fabric.example.net}\nchannels:\n",
        )]),
        case(&[(
            "channels:\n",
            "exposure: {type: gateway, gateways: [{name: edge}]}\nchannels:\n",
        )]),
        case(&[(
            "channels:\n",
            "exposure: {type: gateway, domain: a.example, gateways: [{name: Edge_1}]}\nchannels:\n",
        )]),
        case(&[(
            "channels:\n",
            "exposure: {type: ingress, domain: a.example, gateways: [{name: edge}]}\nchannels:\n",
        )]),
    ],
    near_misses: &[
        case(&[(
            "channels:\n",
            "exposure: {type: ingress, domain: fabric.example.net}\nchannels:\n",
        )]),
        case(&[("channels:\n", "exposure: {type: loadBalancer}\nchannels:\n")]),
        case(&[(
            "channels:\n",
            "exposure: {type: gateway, domain: a.example, gateways: [{name: edge, namespace: gateways, listener: tls}]}\n\
             channels:\n",
        )]),
    ],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let exposure = &context.network.exposure;
    let path = KeyPath::root().key("exposure");
    for finding in of_domain(exposure, &path).into_iter().chain(of_gateways(exposure, &path)) {
        findings.report(finding);
    }
}

fn of_domain(exposure: &Exposure, path: &KeyPath) -> Option<Finding> {
    Some(match (&exposure.domain, exposure.kind) {
        (None, kind) if kind.tells_by_name() => Finding::at(
            path.key("type"),
            "`exposure` has no `domain`".to_owned(),
            "what passes TLS through tells nodes apart by their names outside",
            "add `domain:` with a domain whose names lead to the controller or gateway, for example `fabric.example.net`",
        ),
        (Some(_), ExposureKind::None) => Finding::at(
            path.key("domain"),
            "nothing is exposed, and `domain` names nodes outside".to_owned(),
            "a name that leads nowhere would stand in certificates",
            "add `type:`, or remove `domain`",
        ),
        // The longest name of a node still has to fit before it.
        (Some(domain), _) if !is_name(domain) || domain.len() > 150 => Finding::at(
            path.key("domain"),
            format!("`{domain}` is no domain for nodes"),
            "`<node>.<namespace>.<domain>` is a DNS name in lower case",
            "write a domain of at most 150 characters, for example `fabric.example.net`",
        ),
        _ => return None,
    })
}

fn of_gateways(exposure: &Exposure, path: &KeyPath) -> Vec<Finding> {
    let path = path.key("gateways");
    match (exposure.kind, exposure.gateways.as_slice()) {
        (ExposureKind::Gateway, []) => vec![Finding::at(
            path.parent(),
            "`exposure` has no `gateways`".to_owned(),
            "a TLSRoute leads nowhere before it is attached to a Gateway",
            "add `gateways: [{name: <Gateway>, namespace: <its namespace>}]`",
        )],
        (ExposureKind::Gateway, gateways) => {
            let listeners = gateways.iter().enumerate();
            listeners.filter_map(|(index, it)| of_gateway(it, &path.index(index))).collect()
        }
        (_, []) => Vec::new(),
        (kind, _) => vec![Finding::at(
            path,
            format!("`type: {}` attaches no routes to gateways", kind.word()),
            "they would stand here without effect",
            "write `type: gateway`, or remove `gateways`",
        )],
    }
}

fn of_gateway(listener: &GatewayListener, path: &KeyPath) -> Option<Finding> {
    let words = [
        ("name", Some(&listener.name)),
        ("namespace", listener.namespace.as_ref()),
        ("listener", listener.section.as_ref()),
    ];
    let wrong =
        words.into_iter().find_map(|(key, word)| Some((key, word.filter(|it| !is_name(it))?)));
    wrong.map(|(key, word)| {
        Finding::at(
            path.key(key),
            format!("`{word}` is no `{key}` of a gateway"),
            "Kubernetes gives objects names in lower case, with digits and `-`",
            "write the name as `kubectl get gateways --all-namespaces` shows it",
        )
    })
}

/// A DNS name in lower case.
fn is_name(text: &str) -> bool {
    Endpoint::parse(&format!("{text}:1")).is_some()
}
