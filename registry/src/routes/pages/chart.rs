//! The pages about one version, except of its changes.

use axum::extract::Query;
use axum::extract::rejection::QueryRejection;
use axum::http::HeaderMap;
use axum::response::Response;
use chart_format::constraint::parse_version;
use chart_registry_catalog::Entry;
use serde::Deserialize;

use super::super::parameters::Parameters;
use super::answer::page;
use super::subject::{Version, absent};
use crate::authorization::{Authorized, Read};
use crate::external::External;
use crate::pages::code::{self, MAX_LINES};
use crate::pages::links::Tab;
use crate::pages::templates::{
    FileGroup, FileRow, FilesPage, NetworkPage, OverviewPage, TextPage, VersionRow, VersionsPage,
};
use crate::pages::{commands, facts, markdown, network as network_tables, picture, words};
use crate::refusal::{PublishError, Refusal};
use crate::shown::{File, Text};

/// Versions on one page.
const PAGE_VERSIONS: usize = 100;

/// Most files that are listed.
const LISTED_FILES: usize = 2_000;

/// What pages about a version may be asked for.
#[derive(Debug, Default, Deserialize)]
pub(in super::super) struct Wanted {
    /// A file.
    #[serde(default)]
    path: String,
    /// The version from which a list goes on.
    #[serde(default)]
    from: String,
}

type Wants = Result<Query<Wanted>, QueryRejection>;

/// A query that cannot be read asks for nothing.
fn wanted(query: Wants) -> Wanted {
    query.map_or_else(|_| Wanted::default(), |Query(wanted)| wanted)
}

/// `GET /-/ui/{repository}/charts/{name}`: the newest version of a chart.
pub(in super::super) async fn chart(
    authorized: Authorized<Read>,
    external: External,
    Parameters(name): Parameters<String>,
    headers: HeaderMap,
) -> Result<Response, PublishError> {
    overview(&Version::newest((authorized, external, headers), &name).await?)
}

/// `GET .../{name}/{version}`: README, commands, facts.
pub(in super::super) async fn version(
    authorized: Authorized<Read>,
    external: External,
    Parameters((name, version)): Parameters<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, PublishError> {
    overview(&Version::open((authorized, external, headers), &name, &version).await?)
}

fn overview(it: &Version) -> Result<Response, PublishError> {
    let url = it.external.repository(&it.links.repository);
    let place = commands::Place { url: &url, path: &it.links.repository };
    let shown = OverviewPage {
        frame: it.frame(""),
        subject: it.subject(Tab::Overview),
        readme: it.shown.readme().map(markdown::render),
        commands: commands::of_version(place, it.at(), it.entry.provenance().is_some()),
        facts: facts::facts(&it.entry, &it.chart, &it.links),
        dependencies: facts::dependencies(&it.chart, (&it.repository, &url), &it.links),
        history: facts::history(&it.entry),
    };
    Ok(page(&shown, &it.headers)?)
}

/// `GET .../{version}/values`: values.yaml with numbered lines.
pub(in super::super) async fn values(
    authorized: Authorized<Read>,
    external: External,
    Parameters((name, version)): Parameters<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, PublishError> {
    let it = Version::open((authorized, external, headers), &name, &version).await?;
    let path = "values.yaml";
    text(&it, (Tab::Values, path), it.shown.file(path))
}

fn text(
    it: &Version,
    (tab, path): (Tab, &str),
    file: Option<&File>,
) -> Result<Response, PublishError> {
    let absent = match file.map(|file| &file.text) {
        None => Some("This package has no values.yaml."),
        Some(Text::Binary) => Some("This file is no text."),
        Some(Text::TooLarge) => Some("This file is too large to be shown; the package has it."),
        Some(Text::Whole(text)) if text.is_empty() => Some("This file is empty."),
        Some(Text::Whole(_)) => None,
    };
    let content = file.and_then(File::text).unwrap_or_default();
    let (lines, cut) = code::lines(content, path);
    debug_assert!(lines.len() <= MAX_LINES);
    let shown = TextPage {
        frame: it.frame(path),
        subject: it.subject(tab),
        path: path.to_owned(),
        absent,
        lines,
        cut,
    };
    Ok(page(&shown, &it.headers)?)
}

/// `GET .../{version}/files`: all files, or one of them.
pub(in super::super) async fn files(
    authorized: Authorized<Read>,
    external: External,
    Parameters((name, version)): Parameters<(String, String)>,
    (query, headers): (Wants, HeaderMap),
) -> Result<Response, PublishError> {
    let it = Version::open((authorized, external, headers), &name, &version).await?;
    let path = wanted(query).path;
    if !path.is_empty() {
        let file = it.shown.file(&path);
        let file = file.ok_or_else(|| absent("the package has no such file", &path))?;
        return text(&it, (Tab::Files, &path), Some(file));
    }
    let listed = &it.shown.files[..it.shown.files.len().min(LISTED_FILES)];
    let (templates, rest) =
        listed.iter().partition::<Vec<_>, _>(|file| file.path.starts_with("templates/"));
    let groups = [("Templates", templates), ("Other files", rest)];
    let groups = groups.into_iter().filter(|(_, files)| !files.is_empty());
    let group = |(title, files): (_, Vec<&File>)| FileGroup {
        title,
        files: files.into_iter().map(|file| row(&it, file)).collect(),
    };
    let more = it.shown.files.len() - listed.len();
    let shown = FilesPage {
        frame: it.frame("files"),
        subject: it.subject(Tab::Files),
        groups: groups.map(group).collect(),
        cut: (more > 0).then(|| format!("{more} more files are in the package.")),
    };
    Ok(page(&shown, &it.headers)?)
}

fn row(it: &Version, file: &File) -> FileRow {
    let link = || it.links.version_with(it.at(), Tab::Files, &[("path", &file.path)]);
    FileRow {
        path: file.path.clone(),
        href: file.text().map(|_| link()),
        size: words::bytes(file.size),
        digest: file.digest.to_string(),
    }
}

/// `GET .../{version}/versions`: all versions of the chart.
pub(in super::super) async fn versions(
    authorized: Authorized<Read>,
    external: External,
    Parameters((name, version)): Parameters<(String, String)>,
    (query, headers): (Wants, HeaderMap),
) -> Result<Response, PublishError> {
    let it = Version::open((authorized, external, headers), &name, &version).await?;
    let from = parse_version(&wanted(query).from).ok();
    let entries = it.repository.available_from(&name, from.as_ref());
    let mut entries: Vec<&Entry> = entries.take(PAGE_VERSIONS + 1).collect();
    // Each version is compared with the one behind it, which the next page begins with.
    let pairs = entries.iter().zip(entries.iter().skip(1).map(Some).chain([None]));
    let rows = pairs.map(|(entry, before)| version_row(&it, entry, before.copied()));
    let rows: Vec<VersionRow> = rows.take(PAGE_VERSIONS).collect();
    let next = entries.split_off(entries.len().min(PAGE_VERSIONS));
    let next = next
        .first()
        .map(|entry| it.links.version_with(it.at(), Tab::Versions, &[("from", &entry.version)]));
    let shown = VersionsPage {
        frame: it.frame("versions"),
        subject: it.subject(Tab::Versions),
        versions: rows,
        next,
    };
    Ok(page(&shown, &it.headers)?)
}

fn version_row(it: &Version, entry: &Entry, before: Option<&Entry>) -> VersionRow {
    let at = (&*entry.chart, &*entry.version);
    let link =
        |before: &Entry| it.links.version_with(at, Tab::Changes, &[("from", &before.version)]);
    VersionRow {
        version: entry.version.to_string(),
        href: it.links.version(at, Tab::Overview),
        badges: facts::badges(entry),
        created: entry.created.to_string(),
        date: words::day(entry.created),
        size: words::bytes(entry.package.size),
        changes: before.map(link),
        before: before.map(|before| before.version.to_string()).unwrap_or_default(),
        current: entry.version == it.entry.version,
    }
}

/// `GET .../{version}/network`: the network that the package describes.
pub(in super::super) async fn network(
    authorized: Authorized<Read>,
    external: External,
    Parameters((name, version)): Parameters<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, PublishError> {
    let it = Version::open((authorized, external, headers), &name, &version).await?;
    let network = it.network().ok_or_else(|| {
        let refusal = absent("the package describes no network", &format!("{name} {version}"));
        Refusal { fix: "charts that chart-builder wrote describe one".to_owned(), ..refusal }
    })?;
    let shown = NetworkPage {
        frame: it.frame("network"),
        subject: it.subject(Tab::Network),
        picture: picture::draw(&network),
        tables: network_tables::tables(&network),
        network: network.network,
        fabric: network.fabric,
    };
    Ok(page(&shown, &it.headers)?)
}
