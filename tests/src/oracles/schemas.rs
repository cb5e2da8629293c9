//! The schemas of Kubernetes' objects, one document for each minor version, out of one Python package.
//!
//! The package holds them as the API servers publish them, in a strict form that refuses unknown fields. Only the
//! documents of definitions are kept: they hold every kind.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use super::fetch;
use crate::process::run;
use crate::workspace;

/// The package and its SHA-256.
const WHEEL: (&str, &str) = (
    "kubernetes-validate==1.37.0",
    "85136d018a27b50ec7fc049d902bfa5193f5976807e6c0f408e3ab6fe078cad9",
);

/// Every version that objects are checked against.
pub const VERSIONS: &[&str] = &["1.30", "1.31", "1.32", "1.33", "1.34", "1.35", "1.36"];

/// Takes the definitions of each version out of the wheel: wheel, directory, versions.
const UNPACK: &str = "
import sys, zipfile
wheel = zipfile.ZipFile(sys.argv[1])
for version in sys.argv[3:]:
    member = f'kubernetes_validate/kubernetes-json-schema/v{version}.0-local-strict/_definitions.json'
    open(f'{sys.argv[2]}/{version}.json', 'wb').write(wheel.read(member))
";

/// The directory with `<version>.json` for each of [`VERSIONS`]; fetches it first if it is not there.
pub fn directory() -> Result<PathBuf, String> {
    let target = workspace::path(".oracles/kubernetes-schemas");
    if target.is_dir() {
        return Ok(target);
    }
    let _lock = fetch::locked()?;
    if target.is_dir() {
        return Ok(target);
    }
    let oracles = workspace::path(".oracles");
    let folder =
        tempfile::tempdir_in(&oracles).map_err(|error| fetch::describe(&oracles, &error))?;
    let wheel = fetch::download(WHEEL.0, WHEEL.1, folder.path())?;
    let fresh = folder.path().join("schemas");
    fs::create_dir(&fresh).map_err(|error| fetch::describe(&fresh, &error))?;
    let mut python = Command::new("python3");
    let outcome = run(python.args(["-c", UNPACK]).arg(&wheel).arg(&fresh).args(VERSIONS));
    if outcome.code != 0 {
        return Err(format!("cannot unpack the schemas\n{outcome}"));
    }
    fs::rename(&fresh, &target).map_err(|error| fetch::describe(&target, &error))?;
    Ok(target)
}
