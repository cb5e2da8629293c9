//! Copying from one simulated disk to another, as a backup does.

use super::disk::SimulatedDisk;
use crate::disk::{Disk, Operation};

impl SimulatedDisk {
    /// Puts the files below a directory, with the directories that hold them and no others, on
    /// another disk, all of it synced.
    ///
    /// # Panics
    ///
    /// When the other disk holds one of them.
    pub fn copy_files(&self, below: &str, to: &Self) {
        let done = |operation: &Operation| {
            let result = to.perform(operation);
            assert!(result.is_ok(), "{operation:?}: {result:?}");
        };
        for listed in self.list(below).unwrap_or_default() {
            let path =
                if below.is_empty() { listed.name } else { format!("{below}/{}", listed.name) };
            if listed.is_directory {
                if self.holds_a_file(&path) {
                    done(&Operation::MakeDirectory(path.clone()));
                    self.copy_files(&path, to);
                }
            } else if let Ok(Some(bytes)) = self.read(&path) {
                done(&Operation::Write(path.clone(), bytes));
                done(&Operation::SyncFile(path));
            }
        }
        done(&Operation::SyncDirectory(below.to_owned()));
    }

    fn holds_a_file(&self, directory: &str) -> bool {
        let listed = self.list(directory).unwrap_or_default();
        let path = |name: &str| format!("{directory}/{name}");
        listed.iter().any(|it| !it.is_directory || self.holds_a_file(&path(&it.name)))
    }
}
