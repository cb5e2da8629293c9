//! The proofs that hold the compiler as a whole: every example topology, built, rendered and judged.
//!
//! Building and rendering happen once for all tests of a run, on all processors.

mod builds;
mod disruption;
mod elsewhere;
mod engines;
mod goldens;
mod images;
mod judges;
mod nodes;
mod policies;
mod renders;
mod samples;
mod schemas;
mod simulator;
mod successors;
mod table;
mod values;

use std::sync::Mutex;

/// What `work` makes of every item, in the order of the items, on all processors.
fn parallel<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let next = Mutex::new(items.iter().enumerate());
    let done = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let item = next.lock().expect("no thread panics while it takes one").next();
                    let Some((index, item)) = item else { return };
                    let result = work(item);
                    done.lock().expect("no thread panics while it puts one").push((index, result));
                }
            });
        }
    });
    let mut done = done.into_inner().expect("all threads have ended");
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}

/// Panics with all faults, if there are any.
fn assert_none(rule: &str, faults: &[String]) {
    let shown = faults.iter().take(40).map(String::as_str).collect::<Vec<_>>().join("\n  ");
    assert!(faults.is_empty(), "{rule}; {} faults:\n  {shown}", faults.len());
}
