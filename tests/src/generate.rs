//! The generated files: what they hold, in one list, for `cargo dev generate` and for the test that compares.

use std::collections::BTreeMap;
use std::path::Path;

use chart_format::archive::{Package, pack};
use chart_format::index::{Entry, Index};
use walkdir::WalkDir;

use crate::{topologies, workspace};

/// A generated file: its path below the root, and what makes its text.
type Generated = (&'static str, fn() -> Result<String, String>);

/// Every generated file.
pub const FILES: &[Generated] = &[
    ("index.yaml", index),
    ("docs/topology.md", || Ok(chart_builder::docs::topology())),
    ("docs/diagnostics.md", || Ok(chart_builder::docs::diagnostics())),
    ("docs/api.md", || Ok(chart_registry::reference::markdown())),
    ("docs/registry-settings.md", || Ok(chart_registry::settings::reference())),
    (topologies::TABLE, || Ok(topologies::write_table(&topologies::extended()))),
    ("tests/topologies/README.md", || Ok(topologies::coverage())),
];

/// The ending of versions in work: they are in no index, and their bytes may change.
const IN_WORK: &str = "dev";

/// The index of the released charts of `charts/`. It is their lock, too: a released version never changes.
fn index() -> Result<String, String> {
    let mut index =
        Index::parse(&workspace::read("index.yaml")).map_err(|error| error.to_string())?;
    for chart in charts()? {
        let package = Package::from_tree(chart).map_err(|error| error.to_string())?;
        let packed = pack(&package).map_err(|error| error.to_string())?;
        let metadata = package.metadata;
        if metadata.version.precedence().pre.split('.').any(|part| part == IN_WORK) {
            continue;
        }
        let url = format!("{}-{}.tgz", metadata.name, metadata.version);
        let entry = Entry { metadata, urls: vec![url], created: None, digest: packed.digest };
        index.add(entry).map_err(|error| error.to_string())?;
    }
    Ok(index.to_yaml())
}

/// The files of every curated chart by their path below it; links are followed, as a package does.
fn charts() -> Result<Vec<BTreeMap<String, Vec<u8>>>, String> {
    let folders = workspace::files_like("charts/", "/Chart.yaml");
    let folders = folders.iter().filter(|name| name.matches('/').count() == 2);
    folders.map(|name| tree(&workspace::path(name.trim_end_matches("/Chart.yaml")))).collect()
}

fn tree(folder: &Path) -> Result<BTreeMap<String, Vec<u8>>, String> {
    let entries = WalkDir::new(folder).follow_links(true).sort_by_file_name();
    let mut files = BTreeMap::new();
    for entry in entries {
        let entry = entry.map_err(|error| error.to_string())?;
        let path = entry.path().strip_prefix(folder).map_err(|error| error.to_string())?;
        if entry.file_type().is_file() {
            let bytes = std::fs::read(entry.path()).map_err(|error| error.to_string())?;
            files.insert(path.to_string_lossy().into_owned(), bytes);
        }
    }
    Ok(files)
}
