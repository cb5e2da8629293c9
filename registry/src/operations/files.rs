//! Writes repositories as files that any web server can serve.
//!
//! Each repository becomes a directory with `index.yaml`, as this registry serves it, and `charts/`
//! with packages and signatures: the index names them by relative paths. Packages come first, so
//! that a directory which is served meanwhile never promises what it does not have. Files of
//! versions that have gone stay where they are; no index names them.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chart_format::digest::Sha256;
use chart_registry_catalog::{Entry, Repository, State};
use chart_registry_store::{PackageRef, RepositoryPath, Store};
use serde::Serialize;

use crate::refusal::Fault;

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub(crate) struct Written {
    /// Repositories with an index.
    pub(crate) repositories: u64,
    /// Packages and signatures that are in the directory now.
    pub(crate) files: u64,
    /// Those of them that were not there before.
    pub(crate) new: u64,
}

/// Writes the repositories at and below a path into a directory.
pub(crate) async fn write(
    store: &Store,
    state: &State,
    below: &RepositoryPath,
    to: &Path,
) -> Result<Written, Fault> {
    let mut written = Written::default();
    for path in state.oci_paths() {
        let within = RepositoryPath::parse(&path).is_ok_and(|it| it.is_within(below));
        let repository = state.repository(&path);
        if !within || repository.all_versions() == 0 {
            continue;
        }
        let directory = if path.is_empty() { to.to_owned() } else { to.join(&*path) };
        for entry in repository.available() {
            for (name, object) in files(entry) {
                let file = directory.join("charts").join(&name);
                written.new += u64::from(package(store, object, &name, file).await?);
                written.files += 1;
            }
        }
        index(repository, directory.join("index.yaml")).await?;
        written.repositories += 1;
    }
    Ok(written)
}

fn files(entry: &Entry) -> impl Iterator<Item = (String, PackageRef)> {
    let name = entry.file_name();
    let signature = entry.provenance().map(|it| (format!("{name}.prov"), it));
    std::iter::once((name, entry.package)).chain(signature)
}

/// Writes one object as a file, unless the file has its bytes; true when it was written.
async fn package(
    store: &Store,
    object: PackageRef,
    name: &str,
    file: PathBuf,
) -> Result<bool, Fault> {
    let digest = object.sha256;
    let present = on_disk(move || {
        let bytes = match std::fs::read(&file) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Err(file)),
            Err(error) => return Err(error),
        };
        Ok(if Sha256::of(&bytes) == digest { Ok(()) } else { Err(file) })
    });
    let Err(file) = present.await? else { return Ok(false) };
    let lost = || Fault::LostPackage { file: name.to_owned(), digest: digest.prefixed() };
    let reader = store.open_object(digest).await?.ok_or_else(lost)?;
    let bytes = reader.read_all().await.map_err(|error| Fault::io("read a package", error))?;
    // A damaged object must not leave the house.
    if Sha256::of(&bytes) != digest {
        return Err(lost());
    }
    on_disk(move || put(&file, std::iter::once(bytes))).await?;
    Ok(true)
}

async fn index(repository: Arc<Repository>, file: PathBuf) -> Result<(), Fault> {
    on_disk(move || put(&file, repository.index_frames())).await
}

async fn on_disk<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, Fault> {
    let stopped = |_| Fault::Stopped { part: "writing of files" };
    let done = tokio::task::spawn_blocking(work).await.map_err(stopped)?;
    done.map_err(|error| Fault::io("write the export", error))
}

/// Writes a file in one step: whoever reads it meanwhile sees the old one or the new one.
fn put(file: &Path, frames: impl Iterator<Item = bytes::Bytes>) -> io::Result<()> {
    let directory = file.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(directory)?;
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    let part = directory.join(name);
    let mut out = io::BufWriter::new(std::fs::File::create(&part)?);
    for frame in frames {
        out.write_all(&frame)?;
    }
    out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
    std::fs::rename(part, file)
}
