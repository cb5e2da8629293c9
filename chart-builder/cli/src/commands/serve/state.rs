//! What a preview remembers between two runs: which version was the last, and of which network.

use std::path::Path;

use chart_builder::directory::{Access, DirectoryError, Writer};
use serde::{Deserialize, Serialize};

/// The file's name in the preview's directory.
const FILE: &str = "state.json";

/// The preview's counter. Versions are never given twice, not even after a crash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct State {
    /// Which preview network, from 1; a forbidden edit begins the next one.
    pub(super) network: u32,
    /// Number of the version that was given last; 0 before the first.
    pub(super) counter: u64,
    /// The version that was published last.
    pub(super) published: Option<Published>,
    /// Why the preview network at hand was begun, until a version of it is published.
    #[serde(default)]
    pub(super) new_network: Option<String>,
}

/// A version that people may have installed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Published {
    /// The version.
    pub(super) version: semver::Version,
    /// Hex SHA-256 of its package.
    pub(super) sha256: String,
}

impl Default for State {
    fn default() -> Self {
        Self { network: 1, counter: 0, published: None, new_network: None }
    }
}

/// A state that cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StateError {
    /// It is no state.
    #[error("`{file}` cannot be read: remove the directory of the preview to start anew")]
    Unreadable {
        /// The file.
        file: String,
        /// What is wrong.
        source: serde_json::Error,
    },
    /// The operating system refused.
    #[error("cannot read `{file}`")]
    Io {
        /// The file.
        file: String,
        /// Why.
        source: std::io::Error,
    },
    /// It cannot be written.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
}

impl State {
    /// Reads the state of the preview in `home`; a new preview has none.
    pub(super) fn read(home: &Path) -> Result<Self, StateError> {
        let path = home.join(FILE);
        let file = path.display().to_string();
        match std::fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map_err(|source| StateError::Unreadable { file, source }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(source) => Err(StateError::Io { file, source }),
        }
    }

    /// Writes the state, durably.
    pub(super) fn write(&self, home: &Path) -> Result<(), StateError> {
        let mut text = serde_json::to_vec_pretty(self)
            .map_err(|source| StateError::Unreadable { file: FILE.to_owned(), source })?;
        text.push(b'\n');
        Ok(Writer::new(home).replace(FILE, &text, Access::Private)?)
    }
}
