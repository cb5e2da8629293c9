//! Which files of the directory are what.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chart_registry_store::RepositoryPath;

use super::report::Left;
use super::{Choice, ImportError};

/// What `ChartMuseum` keeps beside the packages.
const CACHE: &str = "index-cache.yaml";

/// A package, and the file that vouches for it.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) package: PathBuf,
    pub(super) size: u64,
    pub(super) provenance: Option<PathBuf>,
}

/// A directory with packages.
#[derive(Debug)]
pub(super) struct Folder {
    /// Path of the repository; empty for the root.
    pub(super) repository: String,
    pub(super) packages: Vec<Found>,
    pub(super) cache: Option<PathBuf>,
}

/// Finds packages below a directory, in the order of their names, and what is none.
///
/// Reads directories: call it where that may block.
pub(super) fn scan(root: &Path, choice: &Choice) -> Result<(Vec<Folder>, Vec<Left>), ImportError> {
    let failed = |source| ImportError::Read { path: root.to_owned(), source };
    let root = std::fs::canonicalize(root).map_err(failed)?;
    // What does not exist is not inside.
    let except = choice.except.as_ref().and_then(|path| std::fs::canonicalize(path).ok());
    let mut scan = Scan { depth: choice.depth, except, folders: Vec::new(), left: Vec::new() };
    let mut waiting = vec![(root, String::new())];
    while let Some((folder, repository)) = waiting.pop() {
        let inside = scan.folder(&folder, repository)?;
        waiting.extend(inside.into_iter().rev());
    }
    Ok((scan.folders, scan.left))
}

struct Scan {
    depth: Option<usize>,
    except: Option<PathBuf>,
    folders: Vec<Folder>,
    left: Vec<Left>,
}

impl Scan {
    /// Takes the files of one directory; gives the directories inside with their repositories.
    fn folder(
        &mut self,
        folder: &Path,
        repository: String,
    ) -> Result<Vec<(PathBuf, String)>, ImportError> {
        let depth = repository.split('/').filter(|part| !part.is_empty()).count();
        let taken = self.depth.is_none_or(|wanted| wanted == depth);
        let (mut packages, mut signatures, mut inside) =
            (BTreeMap::new(), BTreeMap::new(), Vec::new());
        let mut cache = None;
        for (name, path, kind) in list(folder)? {
            match kind {
                Kind::Folder if self.except.as_ref() == Some(&path) => {}
                Kind::Folder => inside.extend(self.inside(&repository, &name, path)),
                Kind::File(_) if name == CACHE => cache = Some(path),
                Kind::File(_) if !taken => {
                    let fix = "import it with another depth, or without one";
                    self.leave(&path, "its directory has another depth", fix);
                }
                Kind::File(size) if name.strip_suffix(".tgz").is_some() => {
                    packages.insert(name, (path, size));
                }
                Kind::File(_) if name.ends_with(".tgz.prov") => {
                    signatures.insert(name, path);
                }
                Kind::File(_) => {
                    let fix = "nothing, unless it is a package under another name";
                    self.leave(&path, "it is no package and no provenance file", fix);
                }
                Kind::Other => {
                    let fix = "put the file itself there, and import it again";
                    self.leave(&path, "it is a link or no plain file", fix);
                }
            }
        }
        let packages = packages.into_iter().map(|(name, (package, size))| {
            let provenance = signatures.remove(&format!("{name}.prov"));
            Found { package, size, provenance }
        });
        let packages = packages.collect();
        for path in signatures.into_values() {
            self.leave(&path, "its package is not there", "publish the package, then this file");
        }
        self.folders.push(Folder { repository, packages, cache });
        Ok(inside)
    }

    fn inside(&mut self, above: &str, name: &str, path: PathBuf) -> Option<(PathBuf, String)> {
        let repository = if above.is_empty() { name.to_owned() } else { format!("{above}/{name}") };
        match RepositoryPath::parse(&repository) {
            Ok(_) => Some((path, repository)),
            Err(error) => {
                let why = format!("the directory can be no repository: {error}");
                self.leave(&path, &why, "rename the directory, and import it again");
                None
            }
        }
    }

    fn leave(&mut self, path: &Path, why: &str, fix: &str) {
        self.left.push(Left::new(path, why, fix));
    }
}

enum Kind {
    Folder,
    File(u64),
    Other,
}

/// What a directory holds, in the order of names; links are not followed.
fn list(folder: &Path) -> Result<Vec<(String, PathBuf, Kind)>, ImportError> {
    let failed = |source| ImportError::Read { path: folder.to_owned(), source };
    let mut entries = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let metadata = entry.metadata().map_err(failed)?;
        let kind = match (metadata.is_dir(), metadata.is_file()) {
            (true, _) => Kind::Folder,
            (_, true) => Kind::File(metadata.len()),
            _ => Kind::Other,
        };
        entries.push((entry.file_name().to_string_lossy().into_owned(), entry.path(), kind));
    }
    entries.sort_by(|left, right| left.0.cmp(&right.0));
    Ok(entries)
}
