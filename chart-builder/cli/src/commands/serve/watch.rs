//! Tells when a file has changed. Editors write a file anew, rename one over it, or write it in pieces: the directory is
//! watched, and changes count when it has been quiet for a moment.

use std::ffi::{OsStr, OsString};
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
            match event {
                Ok(event) if !concerns(&event, name.as_deref()) => {}
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
        match settled(&mut self.events).await {
            Some(Ok(())) => Ok(()),
            Some(Err(source)) => Err(WatchError { path: self.path.display().to_string(), source }),
            None => std::future::pending().await,
        }
    }
}

/// Whether what happened changes the file of this name.
fn concerns(event: &Event, name: Option<&OsStr>) -> bool {
    !event.kind.is_access() && event.paths.iter().any(|path| path.file_name() == name)
}

/// The first event, once there was none for a moment; none when no more can come.
async fn settled(
    events: &mut mpsc::UnboundedReceiver<notify::Result<()>>,
) -> Option<notify::Result<()>> {
    let first = events.recv().await;
    if let Some(Ok(())) = first {
        while let Ok(Some(_)) = tokio::time::timeout(QUIET, events.recv()).await {}
    }
    first
}

#[cfg(test)]
mod tests {
    use notify::EventKind;
    use notify::event::{AccessKind, ModifyKind, RenameMode};

    use super::*;

    /// A change that is never told fails the test by time.
    const PATIENCE: Duration = Duration::from_mins(1);

    #[tokio::test]
    async fn a_rename_over_the_file_is_a_change() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("network.yaml");
        std::fs::write(&path, "one").unwrap();
        let mut changes = Changes::of(&path).unwrap();
        std::fs::write(directory.path().join("new"), "two").unwrap();
        std::fs::rename(directory.path().join("new"), &path).unwrap();
        tokio::time::timeout(PATIENCE, changes.next()).await.unwrap().unwrap();
    }

    #[test]
    fn other_files_and_reading_are_no_changes() {
        let renamed = EventKind::Modify(ModifyKind::Name(RenameMode::To));
        let read = EventKind::Access(AccessKind::Read);
        for (kind, path, expected) in [
            (renamed, "/networks/network.yaml", true),
            (renamed, "/networks/other.yaml", false),
            (read, "/networks/network.yaml", false),
        ] {
            let event = Event::new(kind).add_path(path.into());
            assert_eq!(concerns(&event, Some(OsStr::new("network.yaml"))), expected, "{event:?}");
        }
    }

    /// The time is virtual: how soon one event follows another depends on no machine.
    #[tokio::test(start_paused = true)]
    async fn events_that_follow_each_other_soon_are_one_change() {
        let (sender, mut events) = mpsc::unbounded_channel();
        let writing = tokio::spawn(async move {
            for pause in [QUIET / 2, QUIET / 2, QUIET * 2, QUIET / 2] {
                sender.send(Ok(())).unwrap();
                drop(tokio::time::timeout(pause, std::future::pending::<()>()).await);
            }
        });
        let mut told = 0;
        while let Some(event) = settled(&mut events).await {
            event.unwrap();
            told += 1;
        }
        assert_eq!(told, 2);
        writing.await.unwrap();
    }
}
