//! Back ends for tests: a disk that forgets what was not synced, a store that loses its answers.

mod disk;
mod unreliable;

pub use disk::{Crash, Forgets, SimulatedDisk, Sync};
pub use unreliable::Unreliable;
