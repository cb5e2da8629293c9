//! Importing the storage directory of `ChartMuseum`: its files are read, and never changed.
//!
//! Every package goes the way of a publish, with all of its limits; when it was created is taken
//! from `index-cache.yaml`, else from the file. What is there already is left alone, so an import can
//! be run again, also while the server runs. Every file that is not imported is told with the reason;
//! one that holds a private key is told apart: it needs more than another package.
//!
//! Left out: buckets, and hard links; `reading` says why.

mod cache;
mod reading;
mod report;
mod scan;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use chart_registry_store::{Actor, Timestamp};
use tokio::task::JoinSet;

use crate::publishing::{Release, Wish};
use crate::refusal::{Code, Fault, PublishError, Refusal};
use crate::registry::{Origin, Registry};
use crate::spool::Received;
pub(crate) use cache::Created;
pub use report::{Left, Report};
use scan::{Folder, Found};

/// Packages on their way at the same time; what waits for the disk together becomes one commit.
const AT_ONCE: usize = 8;

/// How to import.
#[derive(Debug, Clone, Default)]
pub struct Choice {
    /// Everything is decided, nothing is stored.
    pub dry_run: bool,
    /// Take only repositories of this depth, as `ChartMuseum` does with `--depth`.
    pub depth: Option<usize>,
    /// Do not open files whose name and size are published already.
    pub trust_sizes: bool,
    /// A directory inside that is not looked into: the registry's own.
    pub except: Option<PathBuf>,
}

/// Why an import ended before its end. What was imported stays, and the next run goes on.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The directory cannot be read.
    #[error("cannot read `{}`: {source}", path.display())]
    Read {
        /// What cannot be read.
        path: PathBuf,
        /// The operating system's reason.
        source: io::Error,
    },
    /// The registry takes no packages now.
    #[error("cannot import `{}`: {reason}", path.display())]
    Publish {
        /// The file that it was about.
        path: PathBuf,
        /// Why not.
        reason: PublishError,
    },
}

/// Imports a storage directory into a registry.
///
/// # Errors
///
/// When the directory or the registry's storage fails; a package that is not taken is no error.
pub async fn import(
    registry: &Registry,
    root: &Path,
    choice: Choice,
) -> Result<Report, ImportError> {
    let (from, chosen) = (root.to_owned(), choice.clone());
    let stopped = || Fault::Stopped { part: "reading of a directory" };
    let scanned = tokio::task::spawn_blocking(move || scan::scan(&from, &chosen));
    let failed =
        |reason: Fault| ImportError::Publish { path: root.to_owned(), reason: reason.into() };
    let (folders, left) = scanned.await.map_err(|_| failed(stopped()))??;
    let mut report = Report { left, ..Report::default() };
    for folder in folders {
        import_folder(registry, folder, &choice, &mut report).await?;
    }
    report.sort();
    Ok(report)
}

async fn import_folder(
    registry: &Registry,
    folder: Folder,
    choice: &Choice,
    report: &mut Report,
) -> Result<(), ImportError> {
    let Folder { repository, packages, cache } = folder;
    let created = match cache {
        None => Created::default(),
        Some(path) => {
            let file = path.clone();
            let read = tokio::task::spawn_blocking(move || Created::read(&file)).await;
            match read.unwrap_or_else(|error| Err(error.to_string())) {
                Ok(created) => created,
                Err(reason) => {
                    let what = format!("its times of creation cannot be read: {reason}");
                    report.left.push(Left::new(&path, &what, "the times of the files are taken"));
                    Created::default()
                }
            }
        }
    };
    let job =
        Arc::new(Job { registry: registry.clone(), repository, choice: choice.clone(), created });
    let mut running = JoinSet::new();
    let mut waiting = packages.into_iter();
    loop {
        while running.len() < AT_ONCE {
            let Some(found) = waiting.next() else { break };
            running.spawn(Arc::clone(&job).one(found));
        }
        match running.join_next().await {
            None => return Ok(()),
            Some(Ok(outcome)) => report.add(outcome?),
            Some(Err(_)) => {
                let reason = Fault::Stopped { part: "import" }.into();
                return Err(ImportError::Publish { path: PathBuf::from(&job.repository), reason });
            }
        }
    }
}

/// What the packages of one directory have in common.
struct Job {
    registry: Registry,
    repository: String,
    choice: Choice,
    created: Created,
}

/// What became of a package and its provenance file.
#[derive(Debug, Default)]
struct Outcome {
    imported: Option<String>,
    present: bool,
    signed: bool,
    left: Vec<Left>,
    quarantined: Vec<Left>,
}

impl Job {
    async fn one(self: Arc<Self>, found: Found) -> Result<Outcome, ImportError> {
        let mut outcome = Outcome::default();
        if self.choice.trust_sizes && self.is_known(&found) {
            outcome.present = true;
            return Ok(outcome);
        }
        let limit = self.registry.options().max_upload_bytes;
        let file = (found.package.as_path(), found.size);
        let Some((package, modified)) = reading::package(&self.registry, file, limit).await? else {
            let what = format!("it is larger than {limit} bytes");
            let fix = "raise `limits.upload` and import it again";
            outcome.left.push(Left::new(&found.package, &what, fix));
            return Ok(outcome);
        };
        let file_name = found.package.file_name().map(|it| it.to_string_lossy().into_owned());
        let package = Received { file_name, ..package };
        let created = self.created.of(package.sha256).unwrap_or(modified);
        let provenance = match &found.provenance {
            None => None,
            Some(path) => reading::small(path.clone(), limit).await?.map(|(bytes, _)| bytes),
        };
        if self.is_present(&package) {
            outcome.present = true;
            self.sign_later(&found, provenance, &mut outcome).await?;
            return Ok(outcome);
        }
        self.publish(&found, (package, created), provenance).await
    }

    /// Whether a version of the file's name has a package of the file's size.
    fn is_known(&self, found: &Found) -> bool {
        let repository = self.registry.state().repository(&self.repository);
        let name = found.package.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let entry = repository.find_package(name);
        entry.is_some_and(|entry| {
            let signed = found.provenance.is_none() || entry.provenance().is_some();
            signed && entry.package.size == found.size
        })
    }

    fn is_present(&self, package: &Received) -> bool {
        let repository = self.registry.state().repository(&self.repository);
        let entry = repository.find_package(package.file_name.as_deref().unwrap_or_default());
        entry.is_some_and(|entry| entry.package.sha256 == package.sha256)
    }

    async fn publish(
        &self,
        found: &Found,
        (package, created): (Received, Timestamp),
        provenance: Option<Bytes>,
    ) -> Result<Outcome, ImportError> {
        let mut outcome = Outcome::default();
        let (force, dry_run) = (false, self.choice.dry_run);
        let wish = Wish { force, dry_run, created: Some(created) };
        let origin = self.origin();
        let release = |provenance: Option<Bytes>| Release {
            packages: vec![package.clone()],
            provenances: provenance.map(Received::from_memory).into_iter().collect(),
        };
        let mut signed = provenance.is_some();
        let mut result = self.registry.publish_one(&origin, release(provenance), wish).await;
        // `ChartMuseum` takes any provenance file; the package is worth something without it.
        if let (Err(PublishError::Refused(refusal)), Some(file)) = (&result, &found.provenance)
            && matches!(refusal.code, Code::BadProvenance | Code::BadSignature)
        {
            outcome.left.push(Left::new(file, &refusal.what, &refusal.fix));
            signed = false;
            result = self.registry.publish_one(&origin, release(None), wish).await;
        }
        if let Err(PublishError::Refused(refusal)) = &result
            && refusal.code == Code::PrivateKey
            && !dry_run
        {
            self.record(found, &package, refusal).await?;
        }
        match result {
            Ok(receipt) if receipt.created => {
                outcome.signed = signed;
                outcome.imported = Some(format!("{} {}", receipt.name, receipt.version));
            }
            Ok(_) => outcome.present = true,
            Err(error) => outcome.refuse(&found.package, error)?,
        }
        Ok(outcome)
    }

    /// Keeps in the journal that somebody has to replace a key.
    async fn record(
        &self,
        found: &Found,
        package: &Received,
        refusal: &Refusal,
    ) -> Result<(), ImportError> {
        let file = package.file_name.as_deref().unwrap_or_default();
        let why = format!("{} ({})", refusal.what, refusal.place);
        let recorded = self.registry.quarantine(self.origin(), package.sha256, (file, &why)).await;
        recorded.map_err(|reason| ImportError::Publish { path: found.package.clone(), reason })
    }

    /// Adds the provenance file of a package that is there.
    async fn sign_later(
        &self,
        found: &Found,
        provenance: Option<Bytes>,
        outcome: &mut Outcome,
    ) -> Result<(), ImportError> {
        let (Some(bytes), Some(file)) = (provenance, &found.provenance) else { return Ok(()) };
        let (received, dry_run) = (Received::from_memory(bytes), self.choice.dry_run);
        match self.registry.publish_provenance(self.origin(), received, dry_run).await {
            Ok(()) => Ok(()),
            Err(error) => outcome.refuse(file, error),
        }
    }

    fn origin(&self) -> Origin {
        let actor = Actor { sub: "operator".to_owned(), via: "import".to_owned() };
        Origin { actor, request: String::new(), repository: self.repository.clone() }
    }
}

impl Outcome {
    /// Sorts a refusal: about the file, or about the registry, which ends the import.
    fn refuse(&mut self, file: &Path, error: PublishError) -> Result<(), ImportError> {
        match error {
            PublishError::Refused(Refusal { code, what, place, fix }) if is_about_file(code) => {
                let left = Left::new(file, &format!("{what} ({place})"), &fix);
                let list =
                    if code == Code::PrivateKey { &mut self.quarantined } else { &mut self.left };
                list.push(left);
                Ok(())
            }
            reason @ (PublishError::Refused(_) | PublishError::Fault(_)) => {
                Err(ImportError::Publish { path: file.to_owned(), reason })
            }
        }
    }
}

/// Whether another file may fare better.
fn is_about_file(code: Code) -> bool {
    !code.status().is_server_error() && code != Code::Forbidden || code == Code::QuotaExceeded
}
