//! Back ends for tests: a disk that forgets what was not synced, a directory and a bucket that lose
//! their answers, and an order of what happens that a number decides.

mod bucket;
mod disk;
pub mod schedule;
mod unreliable;

pub use bucket::{Faults, Requests, SimulatedBucket};
pub use disk::{Crash, Forgets, SimulatedDisk, Sync};
pub use unreliable::Unreliable;
