//! The snapshot that the readers of the registry see: pure values, computed from the journal.
//!
//! ```text
//! State -> Repository -> Tree root -> branch (<= 128 leaves) -> leaf (<= 64 versions)
//! ```
//!
//! A [`State`] never changes. Applying a commit makes a new one that shares everything except one
//! leaf, its branch and the root, so a publish costs the same in a small and in a huge repository.
//! Leaves hold the text of the index, ready to be sent; bodies are sequences of leaves with a little
//! glue between, so their length and their validator are known without walking them.
//! A state can be kept as a checkpoint, which spares a start the replay of the whole journal.
//!
//! Left out: files, HTTP, the clock.

mod body;
mod charts;
mod checkpoint;
mod entry;
mod fate;
mod foreign;
mod gzip;
mod held;
mod layers;
mod life;
mod needed;
mod oci;
mod ordered;
pub mod policy;
mod quarantine;
mod replay;
mod repository;
mod search;
mod slim;
mod state;
mod steps;
mod tokens;
mod tree;
mod view;

pub use body::{Framing, IndexFrames, IndexVersions};
pub use checkpoint::CheckpointError;
pub use entry::Entry;
pub use fate::{Fate, Standing, Turn, What};
pub use gzip::{GzipBody, GzipFrames};
pub use held::held_beyond;
pub use layers::{Layer, Layers};
pub use life::Usage;
pub use needed::Needed;
pub use oci::{
    Artifacts, Blob, CHART_TYPE, CONFIG_TYPE, FUNCTION, Identity, MANIFEST_TYPE, Named,
    PROVENANCE_TYPE, Record, Shelf, StoredManifest, full_version_of, tag_of, version_of,
};
pub use policy::Policy;
pub use quarantine::{Quarantined, Settled};
pub use replay::Replay;
pub use repository::{Found, Repository};
pub use search::{Budget, Hits, Query};
pub use state::{Admission, ApplyError, State};
pub use tokens::Token;
pub use view::{Damaged, VIEW_KEYS, View, ViewFault, ViewKey, ViewSpec};

#[cfg(test)]
mod layers_tests;
#[cfg(test)]
mod life_tests;
#[cfg(test)]
mod scratch_tests;
