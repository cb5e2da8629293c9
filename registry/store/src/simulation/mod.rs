//! Back ends for tests: a disk that forgets what was not synced, a directory and a bucket that lose
//! their answers, and an order of what happens that a number decides.

mod bucket;
mod copy;
mod disk;
pub mod schedule;
mod space;
mod sync;
mod unreliable;

pub use bucket::{DISTANCE, Faults, Requests, SimulatedBucket};
pub use disk::{Crash, SimulatedDisk};
pub use sync::{Forgets, Sync};
pub use unreliable::Unreliable;
