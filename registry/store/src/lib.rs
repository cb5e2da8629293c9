//! Where the registry keeps its truth: a hash-chained journal and content-addressed objects.
//!
//! Both are written with create-if-absent and never changed afterwards. Everything else that the
//! registry holds in memory is computed from the journal.
//!
//! - [`disk`]: the system calls that matter for durability, as values, so that tests can forget them;
//! - `directory`: the local back end, its layout and its rules for crashes;
//! - `bucket`: the remote back end, on the object stores of S3, Google and Azure;
//! - [`store`]: the back ends behind one asynchronous interface; `object`: reading from either;
//! - `soundness`: whether an object is what its name says;
//! - `location`: where a store is, as operators write it;
//! - [`commit`] and [`event`]: what a journal entry says;
//! - [`journal`]: appending exactly once, and replay;
//! - [`segment`]: 256 commits in one file;
//! - [`repository_path`]: how repositories are told apart.
//!
//! Left out: what a commit means and what a checkpoint holds (`chart-registry-catalog`), HTTP.

mod bucket;
mod cached;
pub mod commit;
mod digest;
mod directory;
pub mod disk;
mod error;
pub mod event;
mod files;
pub mod journal;
mod key;
mod listing;
mod location;
mod object;
pub mod repository_path;
pub mod segment;
mod soundness;
pub mod store;
mod timestamp;

#[cfg(any(test, feature = "simulation"))]
pub mod simulation;

#[cfg(test)]
mod crash_tests;

pub use bucket::address::{Address, AddressError};
pub use bucket::{Bucket, Client, RemoteObject};
pub use commit::{Commit, Head, SealedCommit};
pub use digest::{Algorithm, Digest, DigestError, DigestHasher, Sha512};
pub use directory::{Directory, Spool, UploadPart};
pub use error::StoreError;
pub use event::{
    Actor, BlobRef, Change, Delete, Event, Issued, Manifest, OciEvent, OciRecord, PackageRef,
    PolicyEvent, Provenance, Publish, Signer, TokenChange, TokenEvent, TokenGrant, Unmanifest,
    Untag, VersionEvent,
};
pub use journal::{Appended, Journal};
pub use key::{Key, Lease, Staged, Task, UploadId};
pub use listing::{Family, Listed, OLD, YOUNG};
pub use location::Location;
pub use object::ObjectReader;
pub use repository_path::{RepositoryPath, is_oci_component};
pub use segment::{Compacted, Segment};
pub use soundness::Soundness;
pub use store::{PutOutcome, Store, refuse_damaged};
pub use timestamp::Timestamp;
