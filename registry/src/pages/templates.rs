//! The templates with what each of them shows.

use askama::Template;

use super::code::Line;
use super::commands::Command;
use super::compare::Difference;
use super::markdown::Html;
use super::picture::Picture;

/// What stands around every page.
#[derive(Debug, Clone)]
pub(crate) struct Frame {
    /// Title of the document.
    pub(crate) title: String,
    /// The start page.
    pub(crate) home: String,
    /// Where a search goes.
    pub(crate) search: String,
    /// What is searched, in words.
    pub(crate) place: String,
    /// What was searched for.
    pub(crate) query: String,
    /// The style.
    pub(crate) style: String,
    /// The sign.
    pub(crate) icon: String,
    /// The way to the page.
    pub(crate) crumbs: Vec<Link>,
    /// Version of the program.
    pub(crate) program: &'static str,
}

/// A text that leads somewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) text: String,
    pub(crate) href: String,
}

/// A state in one word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Badge {
    pub(crate) class: &'static str,
    pub(crate) text: String,
    pub(crate) title: String,
}

/// A sentence before anything else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Notice {
    pub(crate) class: &'static str,
    pub(crate) title: &'static str,
    pub(crate) text: String,
}

/// A chart in a list.
#[derive(Debug)]
pub(crate) struct Card {
    pub(crate) name: String,
    pub(crate) href: String,
    pub(crate) version: String,
    pub(crate) app_version: String,
    pub(crate) description: String,
    /// The repository, where a list has several.
    pub(crate) repository: String,
    pub(crate) created: String,
    pub(crate) date: String,
    pub(crate) badges: Vec<Badge>,
}

/// A package that is not served because of the private key in it.
#[derive(Debug)]
pub(crate) struct KeyFound {
    pub(crate) file: String,
    /// The repository, where it is not that of the page.
    pub(crate) repository: String,
    pub(crate) why: String,
    pub(crate) found: String,
    pub(crate) date: String,
    /// How to say that it was dealt with.
    pub(crate) command: String,
}

/// The charts of a repository.
#[derive(Template)]
#[template(path = "repository.html")]
pub(crate) struct RepositoryPage {
    pub(crate) frame: Frame,
    pub(crate) place: String,
    pub(crate) versions: u64,
    pub(crate) index_size: String,
    pub(crate) warning: Option<String>,
    /// For administrators: packages in quarantine, the first of them.
    pub(crate) keys: Vec<KeyFound>,
    /// How many more there are.
    pub(crate) more_keys: usize,
    /// Whether charts stand before these.
    pub(crate) continued: bool,
    pub(crate) charts: Vec<Card>,
    pub(crate) next: Option<String>,
    pub(crate) publish: Option<String>,
    pub(crate) commands: Vec<Command>,
    pub(crate) repositories: Vec<Link>,
    pub(crate) more_repositories: bool,
}

/// What a search found.
#[derive(Template)]
#[template(path = "search.html")]
pub(crate) struct SearchPage {
    pub(crate) frame: Frame,
    /// Whether repositories below are searched, too.
    pub(crate) below: bool,
    pub(crate) charts: Vec<Card>,
    pub(crate) next: Option<String>,
}

/// One of the pages about a version.
#[derive(Debug)]
pub(crate) struct TabLink {
    pub(crate) text: &'static str,
    pub(crate) href: String,
    pub(crate) current: bool,
}

/// The version that a page is about.
#[derive(Debug)]
pub(crate) struct Subject {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) description: String,
    pub(crate) badges: Vec<Badge>,
    pub(crate) notices: Vec<Notice>,
    pub(crate) tabs: Vec<TabLink>,
}

/// Something that is known about a version.
#[derive(Debug)]
pub(crate) struct Fact {
    pub(crate) name: String,
    pub(crate) values: Vec<FactValue>,
}

/// One value of a fact.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct FactValue {
    pub(crate) text: String,
    pub(crate) href: Option<String>,
    /// Whether the link leads to another host.
    pub(crate) outside: bool,
    /// Whether it is for machines.
    pub(crate) code: bool,
}

impl FactValue {
    /// A plain text.
    pub(crate) fn text(text: String) -> Self {
        Self { text, href: None, outside: false, code: false }
    }

    /// A digest or the like.
    pub(crate) fn code(text: String) -> Self {
        Self { code: true, ..Self::text(text) }
    }

    /// A link within the registry.
    pub(crate) fn link(text: String, href: String) -> Self {
        Self { href: Some(href), ..Self::text(text) }
    }
}

/// A chart that a version depends on.
#[derive(Debug)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    pub(crate) range: String,
    pub(crate) href: Option<String>,
    pub(crate) note: String,
}

/// Something that happened to a version.
#[derive(Debug)]
pub(crate) struct Past {
    pub(crate) time: String,
    pub(crate) date: String,
    pub(crate) what: String,
    pub(crate) reason: String,
    pub(crate) by: String,
}

/// README, commands, facts.
#[derive(Template)]
#[template(path = "overview.html")]
pub(crate) struct OverviewPage {
    pub(crate) frame: Frame,
    pub(crate) subject: Subject,
    pub(crate) readme: Option<Html>,
    pub(crate) commands: Vec<Command>,
    pub(crate) facts: Vec<Fact>,
    pub(crate) dependencies: Vec<Dependency>,
    pub(crate) history: Vec<Past>,
}

/// A file with numbered lines.
#[derive(Template)]
#[template(path = "text.html")]
pub(crate) struct TextPage {
    pub(crate) frame: Frame,
    pub(crate) subject: Subject,
    pub(crate) path: String,
    pub(crate) absent: Option<&'static str>,
    pub(crate) lines: Vec<Line>,
    pub(crate) cut: bool,
}

/// A file in a list.
#[derive(Debug)]
pub(crate) struct FileRow {
    pub(crate) path: String,
    pub(crate) href: Option<String>,
    pub(crate) size: String,
    pub(crate) digest: String,
}

/// Files of one kind.
#[derive(Debug)]
pub(crate) struct FileGroup {
    pub(crate) title: &'static str,
    pub(crate) files: Vec<FileRow>,
}

/// All files of a package.
#[derive(Template)]
#[template(path = "files.html")]
pub(crate) struct FilesPage {
    pub(crate) frame: Frame,
    pub(crate) subject: Subject,
    pub(crate) groups: Vec<FileGroup>,
    pub(crate) cut: Option<String>,
}

/// A version in a list.
#[derive(Debug)]
pub(crate) struct VersionRow {
    pub(crate) version: String,
    pub(crate) href: String,
    pub(crate) badges: Vec<Badge>,
    pub(crate) created: String,
    pub(crate) date: String,
    pub(crate) size: String,
    pub(crate) changes: Option<String>,
    pub(crate) before: String,
    pub(crate) current: bool,
}

/// All versions of a chart.
#[derive(Template)]
#[template(path = "versions.html")]
pub(crate) struct VersionsPage {
    pub(crate) frame: Frame,
    pub(crate) subject: Subject,
    pub(crate) versions: Vec<VersionRow>,
    pub(crate) next: Option<String>,
}

/// What changed since another version.
#[derive(Template)]
#[template(path = "changes.html")]
pub(crate) struct ChangesPage {
    pub(crate) frame: Frame,
    pub(crate) subject: Subject,
    pub(crate) action: String,
    pub(crate) from: String,
    pub(crate) known: Vec<String>,
    pub(crate) difference: Option<Difference>,
}

/// A table of texts.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) title: &'static str,
    pub(crate) heads: &'static [&'static str],
    pub(crate) rows: Vec<Vec<String>>,
}

/// The network that a package describes.
#[derive(Template)]
#[template(path = "network.html")]
pub(crate) struct NetworkPage {
    pub(crate) frame: Frame,
    pub(crate) subject: Subject,
    pub(crate) network: String,
    pub(crate) fabric: String,
    pub(crate) picture: Option<Picture>,
    pub(crate) tables: Vec<Table>,
}

/// Why there is no page.
#[derive(Template)]
#[template(path = "error.html")]
pub(crate) struct ErrorPage {
    pub(crate) frame: Frame,
    pub(crate) status: u16,
    pub(crate) title: &'static str,
    pub(crate) what: String,
    pub(crate) place: String,
    pub(crate) fix: String,
    pub(crate) code: String,
    pub(crate) request: String,
}
