//! Helm's word on our charts: both versions, on packages and on the source tree.

use std::path::{Path, PathBuf};
use std::process::Command;

use suite::kube::ApiServer;
use suite::oracles::Oracle;
use suite::process::{Outcome, run};
use tempfile::TempDir;

mod api;
mod builder_jobs;
mod collections;
mod credentials;
mod exposure;
mod images;
mod joining;
mod loose_versions;
mod node_ports;
mod objects;
mod package;
mod published;
mod served;
mod source;
mod two_protocols;
mod upstreams;
mod values;

/// A path as a word of a command line.
fn text(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}

/// One Helm with a home of its own.
struct Helm {
    oracle: Oracle,
    home: TempDir,
}

impl Helm {
    /// Both Helms, as far as they are there.
    fn each() -> Vec<Self> {
        let homes = Oracle::helms().into_iter();
        homes
            .map(|oracle| Self { oracle, home: tempfile::tempdir().expect("a directory") })
            .collect()
    }

    fn home(&self) -> &Path {
        self.home.path()
    }

    fn run(&self, arguments: &[&str]) -> Outcome {
        run(self.command().args(arguments))
    }

    /// Speaks to `server`.
    fn run_at(&self, server: &ApiServer, arguments: &[&str]) -> Outcome {
        let kubeconfig = self.home().join("kubeconfig");
        server.write_kubeconfig(&kubeconfig);
        run(self.command().env("KUBECONFIG", kubeconfig).args(arguments))
    }

    fn command(&self) -> Command {
        self.oracle.command(self.home())
    }

    /// Writes a file below the home; its path as text for a command line.
    fn write(&self, name: &str, content: &str) -> String {
        let file: PathBuf = self.home().join(name);
        std::fs::write(&file, content).expect("a file below the home");
        text(&file).to_owned()
    }
}
