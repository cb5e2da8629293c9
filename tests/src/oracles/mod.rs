//! The judges: real programs of other people whose word counts more than ours.
//!
//! Helm, kubectl, axe and the schemas of Kubernetes are fetched (see [`fetch`]); the others are the system's. A judge that cannot be had makes its tests
//! print "not run" and pass; under `REQUIRE_ORACLES=1` they fail.

pub mod fetch;
pub mod schemas;

use std::path::{Path, PathBuf};
use std::process::Command;

/// A program that judges our output.
#[derive(Debug, Clone)]
pub struct Oracle {
    name: &'static str,
    path: PathBuf,
}

impl Oracle {
    /// Helm 3.19.0, or what `HELM3` names.
    pub fn helm3() -> Option<Self> {
        Self::fetched("helm3", "HELM3")
    }

    /// Helm 4.2.3, or what `HELM4` names.
    pub fn helm4() -> Option<Self> {
        Self::fetched("helm4", "HELM4")
    }

    /// kubectl 1.36.3, or what `KUBECTL` names.
    pub fn kubectl() -> Option<Self> {
        Self::fetched("kubectl", "KUBECTL")
    }

    /// axe 4.12.1, a script for browsers that finds what keeps people from using a page.
    pub fn axe() -> Option<Self> {
        Self::present("axe", fetch::program("axe"))
    }

    /// Both Helms, as far as they can be had.
    pub fn helms() -> Vec<Self> {
        [Self::helm3(), Self::helm4()].into_iter().flatten().collect()
    }

    /// A program of the system, found in `PATH`.
    pub fn system(name: &'static str) -> Option<Self> {
        let paths = std::env::var_os("PATH").unwrap_or_default();
        let found =
            std::env::split_paths(&paths).map(|dir| dir.join(name)).find(|path| path.is_file());
        Self::present(name, found.ok_or_else(|| "it is not in PATH".to_owned()))
    }

    /// A program that no package registry of a fresh machine has: looked for in `PATH`, never asked for.
    pub fn elsewhere(name: &'static str) -> Option<Self> {
        let paths = std::env::var_os("PATH").unwrap_or_default();
        let found =
            std::env::split_paths(&paths).map(|dir| dir.join(name)).find(|path| path.is_file());
        if found.is_none() {
            eprintln!("not run: a test asks `{name}`, which is not in PATH");
        }
        Some(Self { name, path: found? })
    }

    /// Files that judge, or the news that they cannot be had.
    pub fn data(name: &'static str, path: Result<PathBuf, String>) -> Option<PathBuf> {
        Self::present(name, path).map(|oracle| oracle.path)
    }

    /// A short name for messages and directories.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Where the program lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A command with an environment that holds only `PATH` and a home of its own at `home`.
    pub fn command(&self, home: &Path) -> Command {
        let mut command = Command::new(&self.path);
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("HOME", home).current_dir(home);
        command
    }

    fn fetched(name: &'static str, variable: &str) -> Option<Self> {
        let path = match std::env::var_os(variable) {
            Some(path) => Ok(PathBuf::from(path)),
            None => fetch::program(name),
        };
        Self::present(name, path)
    }

    fn present(name: &'static str, path: Result<PathBuf, String>) -> Option<Self> {
        match path {
            Ok(path) => Some(Self { name, path }),
            Err(why) if std::env::var_os("REQUIRE_ORACLES").is_some_and(|value| value == "1") => {
                panic!("REQUIRE_ORACLES=1 and `{name}` cannot be had: {why}")
            }
            Err(why) => {
                eprintln!("not run: a test needs `{name}`, which cannot be had: {why}");
                None
            }
        }
    }
}
