//! Programs that may be there: what stands for them when they are not is a loud line.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Versions of Fabric whose artefacts are compared.
pub(crate) const VERSIONS: [&str; 2] = ["2.5.16", "3.1.5"];

/// Versions that have system channels, solo and Kafka.
pub(crate) const WITH_SYSTEM_CHANNEL: [&str; 3] = ["1.4.12", "2.2.15", "2.5.16"];

/// One of Fabric's programs in every version that is there, with the version.
pub(crate) fn fabric(program: &str) -> Vec<(&'static str, PathBuf)> {
    fabric_of(program, &VERSIONS)
}

/// One of Fabric's programs in those of these versions that are there, with the version.
pub(crate) fn fabric_of(program: &str, versions: &[&'static str]) -> Vec<(&'static str, PathBuf)> {
    let Some(root) = std::env::var_os("FABRIC_PROGRAMS") else {
        eprintln!("not run: {program} (FABRIC_PROGRAMS is not set)");
        return Vec::new();
    };
    let mut found = Vec::new();
    for version in versions.iter().copied() {
        let path = Path::new(&root).join(version).join("bin").join(program);
        if path.is_file() {
            found.push((version, path));
        } else {
            eprintln!("not run: {} is missing", path.display());
        }
    }
    found
}

/// Whether `openssl` is on the path; it has to be where `REQUIRE_ORACLES` is 1.
pub(crate) fn has_openssl() -> bool {
    let found = Command::new("openssl").arg("version").output().is_ok();
    if !found {
        let required = std::env::var_os("REQUIRE_ORACLES").is_some_and(|value| value == "1");
        assert!(!required, "openssl is missing, and REQUIRE_ORACLES is 1");
        eprintln!("not run: openssl is missing");
    }
    found
}

/// Standard output of a command that has to succeed.
pub(crate) fn output(command: &mut Command) -> Vec<u8> {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(
        output.status.success(),
        "{command:?}\n{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    output.stdout
}
