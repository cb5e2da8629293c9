//! A network directory for one test: the example's topology in a directory of its own.

use std::path::{Path, PathBuf};

use suite::process::{Outcome, run};
use suite::workspace;
use tempfile::TempDir;

use crate::programs;

/// The network directory; it goes away with the value.
pub(crate) struct Network {
    folder: TempDir,
}

impl Network {
    /// Only network.yaml of an example.
    pub(crate) fn of_example(example: &str) -> Self {
        Self::with(&workspace::read(&format!("examples/{example}/network.yaml")))
    }

    /// Only this network.yaml.
    pub(crate) fn with(topology: &str) -> Self {
        let network = Self::empty();
        network.write(topology);
        network
    }

    /// A directory without anything.
    pub(crate) fn empty() -> Self {
        Self { folder: tempfile::tempdir().expect("a directory") }
    }

    /// The article's network with identities and a first build in `dist/`.
    pub(crate) fn article() -> Self {
        let network = Self::of_example("article");
        network.builder(&["identities"]).success();
        network.builder(&["build", "--out", "dist"]).success();
        network
    }

    /// The network directory.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Replaces network.yaml.
    pub(crate) fn write(&self, topology: &str) {
        std::fs::write(self.path().join("network.yaml"), topology).expect("a topology");
    }

    /// Runs `chart-builder` in the directory.
    pub(crate) fn builder(&self, arguments: &[&str]) -> Outcome {
        run(programs::command("chart-builder", self.path()).args(arguments))
    }

    /// The only package below `folder`.
    pub(crate) fn package(&self, folder: &str) -> PathBuf {
        let mut packages = self.packages(folder);
        assert!(packages.len() == 1, "expected one package below {folder}: {packages:?}");
        packages.remove(0)
    }

    /// The packages below `folder`.
    pub(crate) fn packages(&self, folder: &str) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(self.path().join(folder)).expect("a directory of packages");
        entries
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| path.extension().is_some_and(|ending| ending == "tgz"))
            .collect()
    }
}

/// The topology with one text replaced; panics when it is not there.
pub(crate) fn replaced(topology: &str, from: &str, to: &str) -> String {
    assert!(topology.contains(from), "`{from}` does not stand in\n{topology}");
    topology.replacen(from, to, 1)
}
