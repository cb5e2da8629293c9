//! Makes the directory of a preview network: a copy of the network's lock, certificates and keys, or an empty one.

use std::fs;
use std::path::Path;

use chart_builder::directory::{Access, DirectoryError, NetworkDirectory, Writer, paths};

/// Makes `site` below `home`, with a copy of what is in `original`. It is there completely or not at all.
pub(super) fn network(
    original: Option<&NetworkDirectory>,
    home: &NetworkDirectory,
    site: &NetworkDirectory,
) -> Result<(), DirectoryError> {
    let staging = home.path(".network.tmp");
    if staging.exists() {
        fs::remove_dir_all(&staging).map_err(DirectoryError::io("remove", staging.clone()))?;
    }
    Writer::new(home.root()).directory(".network.tmp", Access::Private)?;
    if let Some(original) = original {
        let writer = Writer::new(&staging);
        for part in [paths::LOCK, paths::PUBLIC] {
            tree(original, &writer, (part, Access::Public))?;
        }
        tree(original, &writer, (paths::PRIVATE, Access::Private))?;
    }
    let target = site.root().to_owned();
    fs::rename(&staging, &target).map_err(DirectoryError::io("create", target))
}

/// Copies a file or a directory with everything below it; nothing, if it is not there.
fn tree(
    original: &NetworkDirectory,
    writer: &Writer,
    (relative, access): (&str, Access),
) -> Result<(), DirectoryError> {
    let path = original.path(relative);
    if path.is_dir() {
        for name in names(&path)? {
            tree(original, writer, (&format!("{relative}/{name}"), access))?;
        }
    } else if path.exists() {
        let bytes = fs::read(&path).map_err(DirectoryError::io("read", path))?;
        writer.replace(relative, &bytes, access)?;
    }
    Ok(())
}

fn names(directory: &Path) -> Result<Vec<String>, DirectoryError> {
    let fault = || DirectoryError::io("read", directory.to_owned());
    let entries = fs::read_dir(directory).map_err(fault())?;
    let mut names = Vec::new();
    for entry in entries {
        let name = entry.map_err(fault())?.file_name();
        names.push(
            name.into_string()
                .map_err(|name| DirectoryError::NotText { path: directory.join(name) })?,
        );
    }
    names.sort();
    Ok(names)
}
