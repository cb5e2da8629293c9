//! Tells when a file has changed. Editors write a file anew, rename one over it, or write it in pieces: the directory is
//! watched, and changes count when it has been quiet for a moment.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::sync::mpsc;

/// Quiet time after which a change counts.
const QUIET: Duration = Duration::from_millis(200);

/// Changes of one file.
pub(super) struct Changes {
    events: mpsc::UnboundedReceiver<notify::Result<()>>,
    path: PathBuf,
    _watcher: RecommendedWatcher,
}

/// A file that cannot be watched.
#[derive(Debug, thiserror::Error)]
#[error("cannot watch `{path}`")]
pub(crate) struct WatchError {
    /// The file.
    path: String,
    /// Why not.
    source: notify::Error,
}

impl Changes {
    /// Begins to watch the file at `path`.
    pub(super) fn of(path: &Path) -> Result<Self, WatchError> {
        let fault = |source| WatchError { path: path.display().to_string(), source };
        let (sender, events) = mpsc::unbounded_channel();
        let name: Option<OsString> = path.file_name().map(OsString::from);
        let report = move |event: notify::Result<Event>| {
            let concerns = |event: &Event| {
                !event.kind.is_access()
                    && event.paths.iter().any(|path| path.file_name() == name.as_deref())
            };
            match event {
                Ok(event) if !concerns(&event) => {}
                // A closed channel means that the preview is ending.
                Ok(_) => drop(sender.send(Ok(()))),
                Err(error) => drop(sender.send(Err(error))),
            }
        };
        let mut watcher = notify::recommended_watcher(report).map_err(fault)?;
        let directory = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            Some(_) | None => Path::new("."),
        };
        watcher.watch(directory, RecursiveMode::NonRecursive).map_err(fault)?;
        Ok(Self { events, path: path.to_owned(), _watcher: watcher })
    }

    /// Waits for the next change, and until it is quiet again.
    pub(super) async fn next(&mut self) -> Result<(), WatchError> {
        match self.events.recv().await {
            Some(Ok(())) => {}
            Some(Err(source)) => {
                return Err(WatchError { path: self.path.display().to_string(), source });
            }
            None => std::future::pending().await,
        }
        while let Ok(Some(_)) = tokio::time::timeout(QUIET, self.events.recv()).await {}
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A change that is never told fails the test by time.
    const PATIENCE: Duration = Duration::from_secs(20);

    #[tokio::test]
    async fn a_rename_over_the_file_is_a_change_and_other_files_are_none() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("network.yaml");
        std::fs::write(&path, "one").unwrap();
        let mut changes = Changes::of(&path).unwrap();
        std::fs::write(directory.path().join("other.yaml"), "x").unwrap();
        std::fs::write(directory.path().join("new"), "two").unwrap();
        std::fs::rename(directory.path().join("new"), &path).unwrap();
        tokio::time::timeout(PATIENCE, changes.next()).await.unwrap().unwrap();
        assert!(changes.events.is_empty(), "one change is told once");
    }
}
