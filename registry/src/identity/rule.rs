//! From what is known of a caller to what the configuration gives: rules over claims and names.
//!
//! A rule wants texts, or beginnings of texts, and gives grants. All rules that mean a caller count,
//! and the first of them that names a subject says under which name the caller acts.

use std::collections::BTreeMap;
use std::sync::Arc;

use chart_registry_store::TokenGrant;

use super::{check_subject, declared};
use crate::access::Grant;

/// A text, or the beginning of one when it was written with a `*` at its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern {
    text: String,
    open: bool,
}

impl Pattern {
    fn parse(written: &str) -> Result<Self, String> {
        let beginning = written.strip_suffix('*');
        let text = beginning.unwrap_or(written);
        if text.is_empty() {
            return Err(format!("`{written}` means everybody: write a text, or how it begins"));
        }
        if text.contains('*') {
            return Err(format!("`{written}` has a `*` that does not stand at its end"));
        }
        Ok(Self { text: text.to_owned(), open: beginning.is_some() })
    }

    /// Whether a text is the one that is wanted.
    pub(super) fn fits(&self, text: &str) -> bool {
        if self.open { text.starts_with(&self.text) } else { text == self.text }
    }
}

/// What ends a part of a name that somebody is given: behind it come only names that its owner gives.
const SEPARATORS: [char; 2] = ['/', ':'];

/// Names whose owner another part of the rule tells: a branch or tag belongs to its repository.
const OWNED: [&str; 3] = ["ref", "/ref", "ref_path"];

/// Refuses the beginning of a name that strangers may take, too: `acme*` means `acme-evil`.
fn refuse_unbounded(kind: &str, name: &str, pattern: &Pattern) -> Result<(), String> {
    let names_somebody = (kind == "claims" && !OWNED.contains(&name)) || name == "uri";
    if !pattern.open || !names_somebody {
        return Ok(());
    }
    let text = pattern.text.as_str();
    let (scheme, rest) = text.split_once("://").unwrap_or(("", text));
    if rest.contains('/') || (scheme.is_empty() && rest.ends_with(SEPARATORS)) {
        return Ok(());
    }
    Err(format!(
        "`{text}*` means `{text}-of-somebody-else`, too: end it behind a `/` or `:`, or write whole \
         texts in several rules"
    ))
}

/// Who gets what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rule {
    wanted: Vec<(String, Pattern)>,
    subject: Option<String>,
    grants: Vec<Grant>,
}

/// What rules say of a caller.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Decision {
    /// The name that a rule gives the caller.
    pub(super) subject: Option<String>,
    /// What the caller may do.
    pub(super) grants: Vec<Grant>,
    /// Whether any rule means the caller.
    pub(super) meant: bool,
}

impl Rule {
    /// Reads a rule; else fields of it with what is wrong in them, where `field` has what it wants.
    pub(super) fn parse(
        (field, wanted): (&str, &BTreeMap<String, String>),
        subject: Option<&str>,
        grants: &[TokenGrant],
    ) -> Result<Self, Vec<(String, String)>> {
        let mut faults = Vec::new();
        let mut read = Vec::new();
        for (name, text) in wanted {
            let parsed = Pattern::parse(text);
            match parsed.and_then(|it| refuse_unbounded(field, name, &it).map(|()| it)) {
                Ok(pattern) => read.push((name.clone(), pattern)),
                Err(reason) => faults.push((format!("{field}.{name}"), reason)),
            }
        }
        if wanted.is_empty() {
            faults
                .push((field.to_owned(), "the rule wants nothing and means everybody".to_owned()));
        }
        if let Some(Err(reason)) = subject.map(check_subject) {
            faults.push(("subject".to_owned(), reason));
        }
        let given = declared::grants(grants);
        if let Err(reason) = &given {
            faults.push(("grants".to_owned(), reason.clone()));
        } else if grants.is_empty() {
            faults.push(("grants".to_owned(), "the rule gives nothing".to_owned()));
        }
        match given {
            Ok(grants) if faults.is_empty() => {
                Ok(Self { wanted: read, subject: subject.map(str::to_owned), grants })
            }
            _ => Err(faults),
        }
    }
}

/// What all rules together say of a caller of whom `has` tells what is known.
pub(super) fn decide(rules: &[Rule], has: impl Fn(&str, &Pattern) -> bool) -> Decision {
    let means = |rule: &&Rule| rule.wanted.iter().all(|(name, pattern)| has(name, pattern));
    let mut decision = Decision::default();
    for rule in rules.iter().filter(means) {
        decision.meant = true;
        decision.subject = decision.subject.take().or_else(|| rule.subject.clone());
        decision.grants.extend(rule.grants.iter().cloned());
    }
    decision
}

/// The rules of a declaration without faults.
pub(super) fn all(rules: impl Iterator<Item = Result<Rule, Vec<(String, String)>>>) -> Arc<[Rule]> {
    rules.filter_map(Result::ok).collect()
}

#[cfg(test)]
mod tests {
    use chart_registry_store::RepositoryPath;

    use super::*;

    fn rule(wanted: &[(&str, &str)], subject: Option<&str>, below: &str) -> Rule {
        let wanted = wanted.iter().map(|(key, text)| ((*key).to_owned(), (*text).to_owned()));
        let below = RepositoryPath::parse(below).unwrap();
        let grant = TokenGrant { below, permissions: vec!["read".to_owned()] };
        Rule::parse(("claims", &wanted.collect()), subject, &[grant]).unwrap()
    }

    #[test]
    fn a_rule_means_who_has_all_that_it_wants_and_all_rules_count() {
        let rules = [
            rule(&[("repository", "acme/net")], None, "a"),
            rule(&[("repository", "acme/net"), ("ref", "refs/tags/v*")], Some("ci"), "b"),
            rule(&[("repository", "acme/*")], Some("other"), "c"),
        ];
        let decided = |repository: &str, branch: &str| {
            decide(&rules, |name, pattern| match name {
                "repository" => pattern.fits(repository),
                "ref" => pattern.fits(branch),
                _ => false,
            })
        };
        let tag = decided("acme/net", "refs/tags/v1");
        assert_eq!((tag.subject.as_deref(), tag.grants.len()), (Some("ci"), 3));
        let branch = decided("acme/net", "refs/heads/main");
        assert_eq!((branch.subject.as_deref(), branch.grants.len()), (Some("other"), 2));
        assert_eq!(decided("acme/network", "x").grants.len(), 1);
        assert_eq!(decided("evil/net", "refs/tags/v1"), Decision::default());
    }

    #[test]
    fn a_rule_that_would_mean_everybody_or_give_nothing_is_refused() {
        let fields = |wanted: &[(&str, &str)], subject: Option<&str>, permission: Option<&str>| {
            let wanted = wanted.iter().map(|(key, text)| ((*key).to_owned(), (*text).to_owned()));
            let grant = permission.map(|name| TokenGrant {
                below: RepositoryPath::root(),
                permissions: vec![name.to_owned()],
            });
            let grants: Vec<_> = grant.into_iter().collect();
            let faults = Rule::parse(("claims", &wanted.collect()), subject, &grants).unwrap_err();
            faults.into_iter().map(|(field, _)| field).collect::<Vec<_>>()
        };
        assert_eq!(fields(&[], None, Some("read")), ["claims"]);
        assert_eq!(fields(&[("sub", "*")], None, Some("read")), ["claims.sub"]);
        assert_eq!(fields(&[("sub", "")], None, Some("read")), ["claims.sub"]);
        assert_eq!(fields(&[("sub", "a*b")], None, Some("read")), ["claims.sub"]);
        assert_eq!(fields(&[("sub", "a")], Some("a b"), Some("write")), ["subject", "grants"]);
        assert_eq!(fields(&[("sub", "a")], None, None), ["grants"]);
    }

    #[test]
    fn the_beginning_of_a_name_ends_where_strangers_cannot_go_on() {
        let taken = |field: &str, name: &str, text: &str| {
            let wanted = [(name.to_owned(), text.to_owned())].into();
            let below = RepositoryPath::root();
            let grant = TokenGrant { below, permissions: vec!["read".to_owned()] };
            Rule::parse((field, &wanted), None, &[grant]).is_ok()
        };
        for (name, text, expected) in [
            ("repository", "acme*", false),
            ("repository", "acme/*", true),
            ("repository", "acme/net*", true),
            ("sub", "repo:acme*", false),
            ("sub", "repo:acme/*", true),
            ("sub", "system:serviceaccount:charts*", false),
            ("sub", "system:serviceaccount:charts:*", true),
            ("ref", "v*", true),
            ("environment", "prod*", false),
        ] {
            assert_eq!(taken("claims", name, text), expected, "{name}: {text}");
        }
        for (name, text, expected) in [
            ("uri", "spiffe://acme.example*", false),
            ("uri", "spiffe://*", false),
            ("uri", "spiffe://acme.example/*", true),
            ("common-name", "ci-*", true),
        ] {
            assert_eq!(taken("names", name, text), expected, "{name}: {text}");
        }
    }
}
