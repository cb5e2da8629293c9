//! Back ends for tests: a disk that forgets what was not synced, a directory and a bucket that lose
//! their answers.

mod bucket;
mod disk;
mod unreliable;

pub use bucket::{Faults, Requests, SimulatedBucket};
pub use disk::{Crash, Forgets, SimulatedDisk, Sync};
pub use unreliable::Unreliable;
