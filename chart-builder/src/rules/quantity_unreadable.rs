//! FT604: a quantity that Kubernetes refuses.

use super::nodes::{resources, storages};
use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::{KeyPath, Severity};
use crate::spec::quantity;

pub(super) static RULE: Rule = Rule {
    code: "FT604",
    severity: Severity::Error,
    title: "quantities are those of Kubernetes",
    about: "Processor time is a number or thousandths (`500m`), memory and storage are bytes with `Ki`, `Mi`, `Gi` or `k`, \
            `M`, `G`. A memory of `512m` is half a byte: Kubernetes accepts it, and no pod ever starts.",
    fires: &[
        case(&[("storage: 60Gi", "storage: 60GB")]),
        case(&[("limits: {memory: 256Mi}", "limits: {memory: 256m}")]),
        case(&[("storage: 60Gi", "storage: 0")]),
    ],
    near_misses: &[case(&[("limits: {memory: 256Mi}", "limits: {cpu: 1500m, memory: 256M}")])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (path, said) in storages(context) {
        bytes(path.key("size"), said.size.as_deref(), findings);
    }
    for (path, said) in resources(context) {
        let (requests, limits) = (path.key("requests"), path.key("limits"));
        bytes(requests.key("memory"), said.request_memory.as_deref(), findings);
        bytes(limits.key("memory"), said.limit_memory.as_deref(), findings);
        processor(requests.key("cpu"), said.request_cpu.as_deref(), findings);
        processor(limits.key("cpu"), said.limit_cpu.as_deref(), findings);
    }
}

fn bytes(path: KeyPath, said: Option<&str>, findings: &mut Findings<'_>) {
    let Some(said) = said else { return };
    if quantity::milli(said).is_none_or(|size| size < 1000) {
        findings.report(Finding::at(
            path,
            format!("`{said}` is no size"),
            "sizes are bytes: a number with Ki, Mi, Gi, Ti, k, M, G or T",
            "write for example `512Mi` or `10Gi`",
        ));
    }
}

fn processor(path: KeyPath, said: Option<&str>, findings: &mut Findings<'_>) {
    let Some(said) = said else { return };
    if quantity::milli(said).is_none_or(|time| time == 0) {
        findings.report(Finding::at(
            path,
            format!("`{said}` is no processor time"),
            "processor time is a number of processors, or thousandths with `m`",
            "write for example `500m` or `2`",
        ));
    }
}
