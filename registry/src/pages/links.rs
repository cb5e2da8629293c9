//! Where pages lie, as paths on the host.

use std::fmt::Write;

use super::templates::Link;

/// A page about one version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tab {
    /// README, commands, facts.
    Overview,
    /// values.yaml.
    Values,
    /// All files.
    Files,
    /// All versions of the chart.
    Versions,
    /// What changed since another version.
    Changes,
    /// The network that the package describes.
    Network,
}

impl Tab {
    fn word(self) -> &'static str {
        match self {
            Self::Overview => "",
            Self::Values => "/values",
            Self::Files => "/files",
            Self::Versions => "/versions",
            Self::Changes => "/changes",
            Self::Network => "/network",
        }
    }
}

/// The links of one repository.
#[derive(Debug, Clone)]
pub(crate) struct Links {
    /// Path that the registry is reached under, without a slash at its end.
    base: String,
    /// Path of the repository, empty for the root.
    pub(crate) repository: String,
}

impl Links {
    /// The links of a repository of a registry that is reached under `base`.
    pub(crate) fn new(base: &str, repository: &str) -> Self {
        Self { base: base.to_owned(), repository: repository.to_owned() }
    }

    /// The links of another repository.
    pub(crate) fn of(&self, repository: &str) -> Self {
        Self::new(&self.base, repository)
    }

    /// The start page.
    pub(crate) fn home(&self) -> String {
        format!("{}/-/ui", self.base)
    }

    /// An asset.
    pub(crate) fn asset(&self, name: &str) -> String {
        format!("{}/-/assets/{}", self.base, encoded(name))
    }

    /// The page of the repository; a search goes there, too.
    pub(crate) fn page(&self) -> String {
        let slash = if self.repository.is_empty() { "" } else { "/" };
        format!("{}/-/ui{slash}{}", self.base, self.repository)
    }

    /// The repository's page with parameters.
    pub(crate) fn page_with(&self, parameters: &[(&str, &str)]) -> String {
        format!("{}{}", self.page(), query(parameters))
    }

    /// The page of a chart: its newest version.
    pub(crate) fn chart(&self, name: &str) -> String {
        format!("{}/charts/{}", self.page(), encoded(name))
    }

    /// A page about a version.
    pub(crate) fn version(&self, (name, version): (&str, &str), tab: Tab) -> String {
        format!("{}/{}{}", self.chart(name), encoded(version), tab.word())
    }

    /// A page about a version, with parameters.
    pub(crate) fn version_with(
        &self,
        at: (&str, &str),
        tab: Tab,
        parameters: &[(&str, &str)],
    ) -> String {
        format!("{}{}", self.version(at, tab), query(parameters))
    }

    /// A file that clients load: a package or its provenance file.
    pub(crate) fn package(&self, file: &str) -> String {
        let slash = if self.repository.is_empty() { "" } else { "/" };
        format!("{}{slash}{}/charts/{}", self.base, self.repository, encoded(file))
    }

    /// The way from the root to the repository.
    pub(crate) fn crumbs(&self) -> Vec<Link> {
        let mut crumbs = vec![Link { text: "All charts".to_owned(), href: self.home() }];
        let mut path = String::new();
        for segment in self.repository.split('/').filter(|segment| !segment.is_empty()) {
            let slash = if path.is_empty() { "" } else { "/" };
            path = format!("{path}{slash}{segment}");
            crumbs.push(Link { text: segment.to_owned(), href: self.of(&path).page() });
        }
        crumbs
    }
}

fn query(parameters: &[(&str, &str)]) -> String {
    let pairs = parameters.iter().map(|(name, value)| format!("{name}={}", encoded(value)));
    let pairs: Vec<_> = pairs.collect();
    if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) }
}

/// A text as one segment of a path, or as one value of a query.
pub(crate) fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing into a text cannot fail.
            let written = write!(encoded, "%{byte:02X}");
            debug_assert!(written.is_ok());
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_begin_with_the_base_and_encode_what_they_name() {
        let links = Links::new("/x", "team/a");
        assert_eq!(links.home(), "/x/-/ui");
        assert_eq!(links.page(), "/x/-/ui/team/a");
        let page = links.version(("org", "1.0.0+b/\""), Tab::Values);
        assert_eq!(page, "/x/-/ui/team/a/charts/org/1.0.0%2Bb%2F%22/values");
        assert_eq!(links.page_with(&[("q", "a b&c=ä")]), "/x/-/ui/team/a?q=a%20b%26c%3D%C3%A4");
        assert_eq!(links.package("a-1.tgz"), "/x/team/a/charts/a-1.tgz");
        assert_eq!(Links::new("", "").chart("a"), "/-/ui/charts/a");
        let crumbs: Vec<_> = links.crumbs().into_iter().map(|crumb| crumb.href).collect();
        assert_eq!(crumbs, ["/x/-/ui", "/x/-/ui/team", "/x/-/ui/team/a"]);
    }
}
