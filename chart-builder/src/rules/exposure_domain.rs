//! FT701: names outside of the cluster that are none, or that nobody asks for.

use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::{KeyPath, Severity};
use crate::model::{Endpoint, ExposureKind};

pub(super) static RULE: Rule = Rule {
    code: "FT701",
    severity: Severity::Error,
    title: "an exposure has the names that it needs",
    about: "An ingress controller that passes TLS through tells nodes apart by the name that a client asks for, so it needs a \
            domain; the names `<node>.<namespace>.<domain>` stand in TLS certificates and are DNS names.",
    fires: &[
        case(&[("channels:\n", "exposure: {type: ingress}\nchannels:\n")]),
        case(&[("channels:\n", "exposure: {type: ingress, domain: Example_net}\nchannels:\n")]),
        case(&[("channels:\n", "exposure: {domain: fabric.example.net}\nchannels:\n")]),
    ],
    near_misses: &[
        case(&[(
            "channels:\n",
            "exposure: {type: ingress, domain: fabric.example.net}\nchannels:\n",
        )]),
        case(&[("channels:\n", "exposure: {type: loadBalancer}\nchannels:\n")]),
    ],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let exposure = &context.network.exposure;
    let path = KeyPath::root().key("exposure");
    let finding = match (&exposure.domain, exposure.kind) {
        (None, ExposureKind::Ingress) => Finding::at(
            path.key("type"),
            "`exposure` has no `domain`".to_owned(),
            "an ingress controller tells nodes apart by their names outside",
            "add `domain:` with a domain whose names lead to the controller, for example `fabric.example.net`",
        ),
        (Some(_), ExposureKind::None) => Finding::at(
            path.key("domain"),
            "nothing is exposed, and `domain` names nodes outside".to_owned(),
            "a name that leads nowhere would stand in certificates",
            "add `type:`, or remove `domain`",
        ),
        // The longest name of a node still has to fit before it.
        (Some(domain), _)
            if Endpoint::parse(&format!("{domain}:1")).is_none() || domain.len() > 150 =>
        {
            Finding::at(
                path.key("domain"),
                format!("`{domain}` is no domain for nodes"),
                "`<node>.<namespace>.<domain>` is a DNS name in lower case",
                "write a domain of at most 150 characters, for example `fabric.example.net`",
            )
        }
        _ => return,
    };
    findings.report(finding);
}
