//! What a platform team declares about virtual repositories.

use std::collections::BTreeSet;

use chart_registry_store::RepositoryPath;
use serde::Deserialize;

use crate::upstream::Upstream;

/// One item of the section `virtual` of the configuration file.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct VirtualRepository {
    /// The repository that shows the others.
    pub path: RepositoryPath,
    /// The repositories that it shows; the first that has a version decides about it.
    pub members: Vec<RepositoryPath>,
    /// The member that people who want to publish are sent to.
    #[serde(default)]
    pub publish_to: Option<RepositoryPath>,
    /// Patterns of names that may come from upstreams although a repository here has them.
    #[serde(default)]
    pub mixed_names: Vec<String>,
}

/// What cannot be done of what was declared: what is wrong, and what to write instead.
pub(crate) fn faults(
    declared: &[VirtualRepository],
    proxies: &[Upstream],
) -> Vec<(String, &'static str)> {
    let mut faults = Vec::new();
    let paths: BTreeSet<_> = declared.iter().map(|it| &it.path).collect();
    let mut seen = BTreeSet::new();
    for it in declared {
        let path = &it.path;
        if !seen.insert(path) {
            let what = format!("`virtual` has two items with the path `{path}`");
            faults.push((what, "put their members into one item"));
        }
        if proxies.iter().any(|proxy| proxy.path == *path) {
            let what = format!("`{path}` is a proxy, too");
            faults.push((what, "give one of the two another path, and name the proxy as a member"));
        }
        if it.members.is_empty() {
            faults.push((format!("`{path}` has no members"), "name the repositories to show"));
        }
        let mut members = BTreeSet::new();
        for member in &it.members {
            if !members.insert(member) {
                faults.push((format!("`{path}` names the member `{member}` twice"), "remove one"));
            }
            if paths.contains(member) {
                let what = format!("the member `{member}` of `{path}` is virtual itself");
                faults.push((what, "name the members of that one instead"));
            }
        }
        faults.extend(wrong_target(it, proxies));
        if it.mixed_names.iter().any(String::is_empty) {
            let what = format!("`mixed-names` of `{path}` has an empty pattern");
            faults.push((what, "write the name of a chart, with `*` for any characters"));
        }
    }
    faults
}

fn wrong_target(it: &VirtualRepository, proxies: &[Upstream]) -> Option<(String, &'static str)> {
    let (path, target) = (&it.path, it.publish_to.as_ref()?);
    if !it.members.contains(target) {
        let what = format!("`publish-to` of `{path}` names `{target}`, which is no member");
        return Some((
            what,
            "name one of its members: what is published elsewhere is not seen here",
        ));
    }
    proxies.iter().any(|proxy| proxy.path == *target).then(|| {
        let what = format!("`publish-to` of `{path}` names `{target}`, which is a proxy");
        (what, "name a member that takes packages")
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_contradicts_itself_is_told_all_at_once() {
        let declared: Vec<VirtualRepository> = serde_json::from_value(json!([
            { "path": "all", "members": ["own", "own", "more", "mirror"], "publish-to": "mirror" },
            { "path": "more", "members": [], "publish-to": "own", "mixed-names": [""] },
            { "path": "mirror", "members": ["own"] },
            { "path": "mirror", "members": ["own"] },
        ]))
        .unwrap();
        let proxy = json!({ "path": "mirror", "url": "https://charts.example.com" });
        let proxies = [serde_json::from_value(proxy).unwrap()];
        let told: Vec<String> = faults(&declared, &proxies).into_iter().map(|it| it.0).collect();
        for part in [
            "`own` twice",
            "`more` of `all` is virtual itself",
            "`mirror` of `all` is virtual itself",
            "which is a proxy",
            "`more` has no members",
            "which is no member",
            "an empty pattern",
            "`mirror` is a proxy, too",
            "two items with the path `mirror`",
        ] {
            assert!(told.iter().any(|it| it.contains(part)), "{part}: {told:?}");
        }
        let fine: Vec<VirtualRepository> = serde_json::from_value(json!([
            { "path": "all", "members": ["own", "mirror"], "publish-to": "own", "mixed-names": ["x-*"] },
        ]))
        .unwrap();
        assert_eq!(faults(&fine, &proxies), []);
    }
}
