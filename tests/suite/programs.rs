//! The programs under test, under their own names.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Names of programs and the binaries that this crate builds of them.
const PROGRAMS: &[(&str, &str)] = &[
    ("chart-builder", env!("CARGO_BIN_EXE_suite-chart-builder")),
    ("chart-registry", env!("CARGO_BIN_EXE_suite-chart-registry")),
    ("fabric-canary", env!("CARGO_BIN_EXE_suite-fabric-canary")),
];

/// A directory that holds every program under its own name, so that usage texts and shells see the real one.
pub(crate) fn directory() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("programs");
    std::fs::create_dir_all(&folder).expect("a directory for programs");
    for (name, binary) in PROGRAMS {
        let link = folder.join(name);
        if std::fs::read_link(&link).ok().is_none_or(|target| target != Path::new(binary)) {
            // Another test may be first: its link is as good as ours.
            let fresh = folder.join(format!("{name}-{}", std::process::id()));
            std::os::unix::fs::symlink(binary, &fresh).ok();
            std::fs::rename(&fresh, &link).ok();
        }
    }
    folder
}

/// A command for a program, in an environment of its own with the home at `home`.
pub(crate) fn command(program: &str, home: &Path) -> Command {
    let mut command = Command::new(directory().join(program));
    command.env_clear().env("HOME", home).env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.current_dir(home);
    command
}
