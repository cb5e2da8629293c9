//! Writes what was built: the package, and the unpacked chart on request.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::directory::{Access, DirectoryError, Writer};

/// Writes `<name>-<version>.tgz` below `out` and returns its path.
///
/// A file that is there already is replaced as a whole; nobody ever sees half of a package.
pub fn package(out: &Path, file_name: &str, bytes: &[u8]) -> Result<PathBuf, DirectoryError> {
    fs::create_dir_all(out).map_err(DirectoryError::io("create", out.to_owned()))?;
    Writer::new(out).replace(file_name, bytes, Access::Public)?;
    Ok(out.join(file_name))
}

/// Writes the chart's files below `out`, in the directory `name` that their paths begin with, and returns its path.
///
/// A directory that is there already goes away as a whole: no file of an older version stays.
pub fn unpacked(
    out: &Path,
    name: &str,
    files: &BTreeMap<String, Vec<u8>>,
) -> Result<PathBuf, DirectoryError> {
    let target = out.join(name);
    let staging = out.join(format!(".{name}.tmp"));
    let retired = out.join(format!(".{name}.old"));
    remove_tree(&staging)?;
    remove_tree(&retired)?;
    fs::create_dir_all(&staging).map_err(DirectoryError::io("create", staging.clone()))?;
    let writer = Writer::new(&staging);
    for (path, bytes) in files {
        writer.replace(path, bytes, Access::Public)?;
    }
    if target.exists() {
        fs::rename(&target, &retired).map_err(DirectoryError::io("replace", target.clone()))?;
    }
    fs::rename(staging.join(name), &target)
        .map_err(DirectoryError::io("create", target.clone()))?;
    remove_tree(&staging)?;
    remove_tree(&retired)?;
    Ok(target)
}

fn remove_tree(path: &Path) -> Result<(), DirectoryError> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(DirectoryError::io("remove", path.to_owned())(error))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(files: &[&str]) -> BTreeMap<String, Vec<u8>> {
        files.iter().map(|path| ((*path).to_owned(), b"x".to_vec())).collect()
    }

    #[test]
    fn an_unpacked_chart_holds_no_file_of_an_older_one() {
        let out = tempfile::tempdir().unwrap();
        let path = unpacked(out.path(), "net", &tree(&["net/old.yaml", "net/Chart.yaml"])).unwrap();
        assert!(path.join("old.yaml").exists());
        unpacked(out.path(), "net", &tree(&["net/Chart.yaml"])).unwrap();
        assert!(!path.join("old.yaml").exists() && path.join("Chart.yaml").exists());
        assert_eq!(fs::read_dir(out.path()).unwrap().count(), 1, "nothing else stays");
    }

    #[test]
    fn a_package_replaces_the_one_before() {
        let out = tempfile::tempdir().unwrap();
        let below = out.path().join("a/b");
        package(&below, "net-1.0.0.tgz", b"one").unwrap();
        let path = package(&below, "net-1.0.0.tgz", b"two").unwrap();
        assert_eq!(fs::read(path).unwrap(), b"two");
        assert_eq!(fs::read_dir(&below).unwrap().count(), 1);
    }
}
