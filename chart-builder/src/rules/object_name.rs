//! FT606: the name of an object that Kubernetes refuses.

use super::nodes::written;
use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::{KeyPath, Severity};
use crate::spec::grammar;

pub(super) static RULE: Rule = Rule {
    code: "FT606",
    severity: Severity::Error,
    title: "names of claims, classes and Secrets are DNS names",
    about: "Names of objects that exist in the cluster are DNS-1123 subdomains: lower-case letters, digits, dashes and dots.",
    fires: &[
        case(&[("pullSecrets: [regcred]", "pullSecrets: [reg_cred]")]),
        case(&[("class: fast", "class: Fast SSD")]),
    ],
    near_misses: &[case(&[("class: fast", "class: fast.example.org")])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let secrets = context.spec.images.pull_secrets.iter().enumerate();
    let secrets_path = KeyPath::root().key("images").key("pullSecrets");
    let mut names: Vec<_> =
        secrets.map(|(index, name)| (secrets_path.index(index), name.as_str())).collect();
    for (path, options) in written(context) {
        let Some(said) = &options.storage else { continue };
        let path = path.key("storage");
        names.extend(said.class.as_deref().map(|name| (path.key("class"), name)));
        names.extend(said.existing_claim.as_deref().map(|name| (path.key("existingClaim"), name)));
    }
    for (path, name) in names.into_iter().filter(|(_, name)| !grammar::is_subdomain(name)) {
        let lower = grammar::label_of(name);
        findings.report(Finding::at(
            path,
            format!("`{name}` is no name of an object"),
            "Kubernetes admits lower-case letters, digits, dashes and dots",
            lower.map_or_else(
                || "look it up with kubectl".to_owned(),
                |name| format!("did you mean `{name}`?"),
            ),
        ));
    }
}
