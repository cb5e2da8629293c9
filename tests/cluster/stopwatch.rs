//! Times of steps, printed as they end: a run is also a record of how long things take.

use std::time::Instant;

/// Does something and prints how long it took.
pub(crate) fn timed<T>(what: &str, action: impl FnOnce() -> T) -> T {
    let begin = Instant::now();
    let result = action();
    println!("  {:7.1} s  {what}", begin.elapsed().as_secs_f64());
    result
}
