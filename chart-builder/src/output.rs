//! Writes what was built: the package, and the unpacked chart on request.
//!
//! What is replaced is only what a build wrote: a directory that is anything else than a chart of this network stays, and
//! nothing is ever written over the network directory or into the parts of it that hold certificates and keys.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use chart_format::metadata::Metadata;

use crate::directory::{Access, DirectoryError, Exclusive, NetworkDirectory, Writer, file, paths};

/// The largest `Chart.yaml` that is read to see whose chart a directory is, in bytes.
const MAX_METADATA_BYTES: u64 = 1 << 20;

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// The directory that would be replaced is no unpacked chart of this network.
    #[error(
        "`{}` is there and is no unpacked chart of `{name}` ({reason}): it stays as it is; name another directory with \
         `--out`",
        path.display()
    )]
    NotAChart {
        /// The directory.
        path: PathBuf,
        /// The network's name.
        name: String,
        /// What is no chart about it.
        reason: String,
    },
    /// The network directory would be replaced or mixed with what is built from it.
    #[error(
        "`{}` holds the network directory or belongs to it: nothing is written there; name another directory with `--out`",
        path.display()
    )]
    NetworkDirectory {
        /// The directory that would be written.
        path: PathBuf,
    },
    /// A file cannot be written.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
}

/// A directory for what is built, held against other builds while this lives.
#[derive(Debug)]
pub struct Output {
    path: PathBuf,
    network: PathBuf,
    _exclusive: Exclusive,
}

impl Output {
    /// Takes the directory `path` for what is built from `network`; makes it when it is not there.
    ///
    /// Refuses a place in `public/`, `private/` or the preview, and a directory that another build writes at the moment.
    pub fn open(path: PathBuf, network: &NetworkDirectory) -> Result<Self, OutputError> {
        let network = canonical(network.root())?;
        refuse_parts(&network, &path)?;
        fs::create_dir_all(&path).map_err(DirectoryError::io("create", path.clone()))?;
        // Once more: only what is there has a place without links and dots.
        refuse_parts(&network, &path)?;
        let exclusive = NetworkDirectory::new(&path).take()?;
        Ok(Self { path, network, _exclusive: exclusive })
    }

    /// Writes `<name>-<version>.tgz` and returns its path.
    ///
    /// A file that is there already is replaced as a whole; nobody ever sees half of a package.
    pub fn package(&self, file_name: &str, bytes: &[u8]) -> Result<PathBuf, OutputError> {
        Writer::new(&self.path).replace(file_name, bytes, Access::Public)?;
        Ok(self.path.join(file_name))
    }

    /// Fails unless the directory `name` may be written: it is not there, or it is an unpacked chart of that name and
    /// every entry in it is one that `files` have, too.
    fn check_unpacked(
        &self,
        name: &str,
        files: &BTreeMap<String, Vec<u8>>,
    ) -> Result<(), OutputError> {
        let target = self.path.join(name);
        let Ok(present) = fs::symlink_metadata(&target) else { return Ok(()) };
        let not_a_chart = |reason: &str| OutputError::NotAChart {
            path: target.clone(),
            name: name.to_owned(),
            reason: reason.to_owned(),
        };
        if !present.is_dir() {
            return Err(not_a_chart("it is no directory"));
        }
        refuse_parts(&self.network, &target)?;
        let place = canonical(&target)?;
        if self.network.starts_with(&place) {
            return Err(OutputError::NetworkDirectory { path: target });
        }
        let metadata = file(&target.join("Chart.yaml"), MAX_METADATA_BYTES)
            .map_err(|_| not_a_chart("it has no `Chart.yaml`"))?;
        let metadata = std::str::from_utf8(&metadata).map(Metadata::parse);
        if !matches!(metadata, Ok(Ok(metadata)) if metadata.name.as_str() == name) {
            return Err(not_a_chart("its `Chart.yaml` is another chart's"));
        }
        let ours: BTreeSet<OsString> = files.keys().filter_map(|path| top(path)).collect();
        let foreign = entries(&target)?.into_iter().find(|entry| !ours.contains(entry));
        match foreign {
            Some(entry) => {
                Err(not_a_chart(&format!("a build does not write its `{}`", entry.display())))
            }
            None => Ok(()),
        }
    }

    /// Writes the chart's files in the directory `name` that their paths begin with, and returns its path.
    ///
    /// An unpacked chart that is there already goes away as a whole, what people put below its `templates/` or `charts/`
    /// included: no file of an older version stays. Anything else that is there is refused.
    pub fn unpacked(
        &self,
        name: &str,
        files: &BTreeMap<String, Vec<u8>>,
    ) -> Result<PathBuf, OutputError> {
        self.check_unpacked(name, files)?;
        let target = self.path.join(name);
        let staging = self.path.join(format!(".{name}.tmp"));
        let retired = self.path.join(format!(".{name}.old"));
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
}

/// Refuses a place in the parts of the network directory that hold certificates, keys and previews.
fn refuse_parts(network: &Path, path: &Path) -> Result<(), OutputError> {
    let present = path.ancestors().find(|it| it.exists()).unwrap_or(Path::new("."));
    let present = if present.as_os_str().is_empty() { Path::new(".") } else { present };
    let place = match path.strip_prefix(present) {
        // What is not there yet lies below what is.
        Ok(below) => canonical(present)?.join(below),
        Err(_) => canonical(present)?.join(path),
    };
    let parts = [paths::PUBLIC, paths::PRIVATE, paths::PREVIEW];
    if parts.iter().any(|part| place.starts_with(network.join(part))) {
        return Err(OutputError::NetworkDirectory { path: path.to_owned() });
    }
    Ok(())
}

/// The path without links and dots.
fn canonical(path: &Path) -> Result<PathBuf, DirectoryError> {
    fs::canonicalize(path).map_err(DirectoryError::io("read", path.to_owned()))
}

/// The entry of the chart's directory that a file of the chart lies in.
fn top(path: &str) -> Option<OsString> {
    path.split('/').nth(1).map(OsString::from)
}

fn entries(directory: &Path) -> Result<Vec<OsString>, DirectoryError> {
    let fault = || DirectoryError::io("read", directory.to_owned());
    let mut names = Vec::new();
    for entry in fs::read_dir(directory).map_err(fault())? {
        names.push(entry.map_err(fault())?.file_name());
    }
    names.sort();
    Ok(names)
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

    const METADATA: &[u8] = b"apiVersion: v2\nname: net\nversion: 1.0.0\n";

    fn tree(files: &[&str]) -> BTreeMap<String, Vec<u8>> {
        let chart = ("net/Chart.yaml".to_owned(), METADATA.to_vec());
        files.iter().map(|path| ((*path).to_owned(), b"x".to_vec())).chain([chart]).collect()
    }

    /// A network directory with keys, and a place for what is built beside it.
    fn site() -> (tempfile::TempDir, NetworkDirectory) {
        let root = tempfile::tempdir().unwrap();
        let network = root.path().join("net");
        for (part, file) in [("private/Org1", "ca.key"), ("public/Org1", "ca.pem")] {
            fs::create_dir_all(network.join(part)).unwrap();
            fs::write(network.join(part).join(file), "x").unwrap();
        }
        fs::write(network.join(paths::TOPOLOGY), "x").unwrap();
        (root, NetworkDirectory::new(network))
    }

    fn names(directory: &Path) -> Vec<OsString> {
        entries(directory).unwrap()
    }

    #[test]
    fn an_unpacked_chart_holds_no_file_of_an_older_one() {
        let (root, network) = site();
        let output = Output::open(root.path().join("dist"), &network).unwrap();
        let path = output.unpacked("net", &tree(&["net/templates/old.yaml"])).unwrap();
        assert!(path.join("templates/old.yaml").exists());
        output.unpacked("net", &tree(&["net/templates/new.yaml"])).unwrap();
        assert_eq!(names(&path.join("templates")), ["new.yaml"]);
        assert_eq!(names(&root.path().join("dist")), ["net"], "nothing else stays");
    }

    #[test]
    fn a_package_replaces_the_one_before() {
        let (root, network) = site();
        let below = root.path().join("a/b");
        let output = Output::open(below.clone(), &network).unwrap();
        output.package("net-1.0.0.tgz", b"one").unwrap();
        let path = output.package("net-1.0.0.tgz", b"two").unwrap();
        assert_eq!(fs::read(path).unwrap(), b"two");
        assert_eq!(names(&below), ["net-1.0.0.tgz"]);
    }

    #[test]
    fn the_network_directory_is_never_replaced() {
        let (root, network) = site();
        let output = Output::open(root.path().to_owned(), &network).unwrap();
        let error = output.unpacked("net", &tree(&[])).unwrap_err().to_string();
        assert!(error.contains("holds the network directory"), "{error}");
        assert!(network.path("private/Org1/ca.key").exists());
        // Not even with a chart's metadata in it.
        fs::write(network.path("Chart.yaml"), METADATA).unwrap();
        output.unpacked("net", &tree(&[])).unwrap_err();
        assert!(network.path("private/Org1/ca.key").exists());
    }

    #[test]
    fn certificates_and_keys_are_no_place_for_a_chart() {
        let (_root, network) = site();
        for part in [paths::PUBLIC, paths::PRIVATE] {
            let error = Output::open(network.path(part), &network).unwrap_err().to_string();
            assert!(error.contains("belongs to it"), "{error}");
            let output = Output::open(network.root().to_owned(), &network).unwrap();
            output.unpacked(part, &BTreeMap::new()).unwrap_err();
            assert!(network.path(part).join("Org1").is_dir(), "{part}");
            Output::open(network.path(part).join("a/b"), &network).unwrap_err();
            assert_eq!(names(&network.path(part)), ["Org1"], "nothing is left behind");
        }
    }

    #[test]
    fn a_directory_that_is_no_chart_of_the_network_stays() {
        let (root, network) = site();
        let dist = root.path().join("dist");
        let output = Output::open(dist.clone(), &network).unwrap();
        let refused = |reason: &str| {
            let error = output.unpacked("net", &tree(&[])).unwrap_err().to_string();
            assert!(error.contains(reason), "{error}");
            assert!(dist.join("net").exists());
        };
        fs::write(dist.join("net"), "a file").unwrap();
        refused("it is no directory");
        fs::remove_file(dist.join("net")).unwrap();
        fs::create_dir(dist.join("net")).unwrap();
        fs::write(dist.join("net/thesis.txt"), "x").unwrap();
        refused("it has no `Chart.yaml`");
        fs::write(dist.join("net/Chart.yaml"), "apiVersion: v2\nname: other\nversion: 1.0.0\n")
            .unwrap();
        refused("another chart's");
        fs::write(dist.join("net/Chart.yaml"), METADATA).unwrap();
        refused("`thesis.txt`");
    }

    #[test]
    fn two_builds_do_not_share_an_output_directory() {
        let (root, network) = site();
        let _first = Output::open(root.path().join("dist"), &network).unwrap();
        let error = Output::open(root.path().join("dist"), &network).unwrap_err().to_string();
        assert!(error.contains("in use by another chart-builder"), "{error}");
    }
}
