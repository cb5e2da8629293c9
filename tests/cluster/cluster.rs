//! The cluster under test, seen through kubectl.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use suite::oracles::Oracle;
use suite::process::{Outcome, run};
use tempfile::TempDir;

use crate::settings::Settings;

/// The cluster and the programs to drive it.
pub(crate) struct Cluster {
    pub(crate) settings: Settings,
    folder: TempDir,
}

impl Cluster {
    /// Panics when the cluster does not answer: nothing could be told about the product then.
    pub(crate) fn new(settings: Settings) -> Self {
        let folder = tempfile::tempdir().expect("a directory");
        // A copy: a build of this tree in the middle of a run must not give a network's second version another builder.
        std::fs::copy(&settings.builder, folder.path().join("chart-builder"))
            .expect("chart-builder");
        let cluster = Self { settings, folder };
        let version = cluster.kubectl(&["version", "-o", "json"]).success();
        let version: Value = serde_json::from_str(&version.stdout).expect("JSON of kubectl");
        println!(
            "Kubernetes {}, seed {}",
            version["serverVersion"]["gitVersion"], cluster.settings.seed
        );
        cluster
    }

    /// Runs kubectl.
    pub(crate) fn kubectl(&self, arguments: &[&str]) -> Outcome {
        run(self.kubectl_command().args(arguments))
    }

    /// kubectl, for what runs beside the suite.
    pub(crate) fn kubectl_command(&self) -> Command {
        let mut command = self.settings.kubectl.command(self.folder.path());
        command.env("KUBECONFIG", &self.settings.kubeconfig);
        command
    }

    /// Applies an object.
    pub(crate) fn apply(&self, object: &Value) {
        let file = self.folder.path().join("object.json");
        std::fs::write(&file, object.to_string()).expect("a file");
        self.kubectl(&["apply", "-f", &file.display().to_string()]).success();
    }

    /// `kubectl get ... -o json`.
    pub(crate) fn get(&self, arguments: &[&str]) -> Value {
        let mut all = vec!["get", "-o", "json"];
        all.extend_from_slice(arguments);
        serde_json::from_str(&self.kubectl(&all).success().stdout).expect("JSON of kubectl")
    }

    /// The items of a list in a namespace.
    pub(crate) fn list(&self, kind: &str, namespace: &str) -> Vec<Value> {
        match self.get(&[kind, "--namespace", namespace])["items"].take() {
            Value::Array(items) => items,
            other => panic!("kubectl get {kind} gives no list: {other}"),
        }
    }

    /// A shell command as a user types it: `kubectl`, `helm` and `chart-builder` are what this case is tried with.
    pub(crate) fn shell(&self, helm: &Oracle, folder: &Path, line: &str) -> Outcome {
        let system = std::env::var("PATH").unwrap_or_default();
        let mut command = Command::new("sh");
        command.env_clear().args(["-c", line]).current_dir(folder);
        command.env("PATH", format!("{}:{system}", self.programs(helm).display()));
        command.env("HOME", self.folder.path()).env("KUBECONFIG", &self.settings.kubeconfig);
        run(&mut command)
    }

    /// A directory with the programs of a user of this Helm, under their own names.
    fn programs(&self, helm: &Oracle) -> PathBuf {
        let folder = self.folder.path().join(helm.name());
        if !folder.is_dir() {
            std::fs::create_dir(&folder).expect("a directory for programs");
            let builder = self.folder.path().join("chart-builder");
            let kubectl = self.settings.kubectl.path();
            for (name, program) in
                [("chart-builder", builder.as_path()), ("kubectl", kubectl), ("helm", helm.path())]
            {
                let program = program.canonicalize().expect("a program");
                std::os::unix::fs::symlink(program, folder.join(name)).expect("a link");
            }
        }
        folder
    }
}
