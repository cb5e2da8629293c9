//! What publishing and starting cost in a registry of some size: processor time and memory, as one
//! line of JSON.
//!
//! ```text
//! costs fill DIRECTORY CHARTS VERSIONS      writes a journal and a checkpoint
//! costs measure DIRECTORY CHARTS VERSIONS   opens it, publishes, answers
//! costs stall DIRECTORY CHARTS VERSIONS     opens it, publishes while readers stand still
//! ```
//!
//! They are processes of their own, so that memory is that of a start. Processor time is that of
//! all threads, which hardly depends on what else the machine does; wall time is told beside it.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement fails by panicking")]

mod filling;
mod measuring;
mod packages;
mod stalling;

use std::path::Path;
use std::process::ExitCode;

/// How many charts there are, and how many versions of all of them together.
#[derive(Debug, Clone, Copy)]
struct Shape {
    charts: u64,
    versions: u64,
}

impl Shape {
    /// Name and version of package `number`.
    fn name_and_version(self, number: u64) -> (String, String) {
        let minor = number / self.charts;
        (format!("chart-{:07}", number % self.charts), format!("1.{minor}.0"))
    }

    /// A version beside that of package `number`.
    fn beside(self, number: u64, patch: u64) -> (String, String) {
        let (name, version) = self.name_and_version(number % self.versions);
        (name, format!("{}.{patch}", version.strip_suffix(".0").unwrap()))
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [task, directory, charts, versions] = arguments.as_slice() else {
        println!("usage: costs fill|measure|stall DIRECTORY CHARTS VERSIONS");
        return ExitCode::from(2);
    };
    let shape = Shape { charts: charts.parse().unwrap(), versions: versions.parse().unwrap() };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let record = match task.as_str() {
        "fill" => runtime.block_on(filling::fill(Path::new(directory), shape)),
        "stall" => runtime.block_on(stalling::stall(Path::new(directory), shape)),
        _ => runtime.block_on(measuring::measure(Path::new(directory), shape)),
    };
    println!("{record}");
    ExitCode::SUCCESS
}

/// Processor time of all threads of this process, in milliseconds.
fn processor_ms() -> f64 {
    let threads = std::fs::read_dir("/proc/self/task").unwrap();
    let nanoseconds = threads.flatten().filter_map(|thread| {
        let text = std::fs::read_to_string(thread.path().join("schedstat")).ok()?;
        text.split(' ').next()?.parse::<f64>().ok()
    });
    nanoseconds.sum::<f64>() / 1e6
}

/// Resident memory in MiB.
fn resident_mib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    let kibibytes: f64 = line.trim().trim_end_matches(" kB").parse().unwrap();
    kibibytes / 1024.0
}
