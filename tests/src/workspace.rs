//! Paths of the source tree, and the files in it that git tracks.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::run;

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

/// Every file that git tracks or would track, relative to the root, sorted; deleted ones are left out.
pub fn files() -> Vec<String> {
    let mut git = Command::new("git");
    git.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]).current_dir(root());
    let listed = run(&mut git).success().stdout;
    let mut files: Vec<String> =
        listed.split('\0').filter(|name| !name.is_empty()).map(str::to_owned).collect();
    files.retain(|name| path(name).symlink_metadata().is_ok());
    files.sort();
    files.dedup();
    files
}

/// Those of [`files`] that begin with `under` and end with `ending`.
pub fn files_like(under: &str, ending: &str) -> Vec<String> {
    let mut files = files();
    files.retain(|name| name.starts_with(under) && name.ends_with(ending));
    files
}
