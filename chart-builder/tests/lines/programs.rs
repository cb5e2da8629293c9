//! Versions of Fabric whose programs are there.

use std::path::{Path, PathBuf};

/// One version of each kind: the oldest, the first with capabilities, and the newest of lines that are widely used.
pub(crate) const VERSIONS: [&str; 6] = ["1.0.6", "1.1.1", "1.4.12", "2.2.15", "2.5.16", "3.1.5"];

/// The file at this path below each version's directory, where it is there.
pub(crate) fn found(path: &str) -> Vec<(&'static str, PathBuf)> {
    let Some(root) = std::env::var_os("FABRIC_PROGRAMS") else {
        eprintln!("not run: {path} (FABRIC_PROGRAMS is not set)");
        return Vec::new();
    };
    let of_version = |version| (version, Path::new(&root).join(version).join(path));
    let (found, missing): (Vec<_>, Vec<_>) =
        VERSIONS.into_iter().map(of_version).partition(|(_, path)| path.is_file());
    for (_, path) in missing {
        eprintln!("not run: {} is missing", path.display());
    }
    found
}
