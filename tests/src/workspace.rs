//! Paths of the source tree, and the files in it that belong to it.

use std::path::{Path, PathBuf};
use std::process::Command;

use walkdir::{DirEntry, WalkDir};

/// Directories and files that programs make: what `.gitignore` names, and git's own.
const MADE: &[&str] = &[".git", ".oracles", ".preview", "dist", "private", "target", "__pycache__"];

/// The workspace's root directory.
pub fn root() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().expect("the crate lies in the workspace").to_owned()
}

/// A path below the root, written with `/`.
pub fn path(relative: &str) -> PathBuf {
    root().join(relative)
}

/// The text of a file below the root.
pub fn read(relative: &str) -> String {
    let path = path(relative);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("`{}`: {error}", path.display()))
}

/// Every file of the source tree, relative to the root, sorted; links are listed and not followed.
pub fn files() -> Vec<String> {
    let root = root();
    let written = |entry: &DirEntry| {
        let name = entry.file_name().to_string_lossy();
        !MADE.contains(&name.as_ref()) && !name.ends_with(".tmp")
    };
    let entries = WalkDir::new(&root).sort_by_file_name().into_iter().filter_entry(written);
    entries
        .map(|entry| entry.unwrap_or_else(|error| panic!("cannot read the source tree: {error}")))
        .filter(|entry| !entry.file_type().is_dir())
        .filter_map(|entry| entry.path().strip_prefix(&root).ok()?.to_str().map(str::to_owned))
        .collect()
}

/// Those of [`files`] that begin with `under` and end with `ending`.
pub fn files_like(under: &str, ending: &str) -> Vec<String> {
    let mut files = files();
    files.retain(|name| name.starts_with(under) && name.ends_with(ending));
    files
}

/// Cargo in the workspace, as if somebody called it there: what cargo says about this program to
/// whatever it starts would make build scripts run again that look at it, and half of the workspace
/// would be compiled a second time.
pub fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    let ours = |name: &str| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(ours) {
            command.env_remove(name);
        }
    }
    command.current_dir(root());
    command
}
