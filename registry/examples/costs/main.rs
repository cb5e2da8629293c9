//! What publishing and starting cost in a registry of some size: processor time and memory, as one
//! line of JSON.
//!
//! ```text
//! costs fill DIRECTORY CHARTS VERSIONS      writes a journal and a checkpoint
//! costs measure DIRECTORY CHARTS VERSIONS   opens it, publishes, answers
//! costs replay DIRECTORY CHARTS VERSIONS    opens it without its checkpoints
//! costs stall DIRECTORY CHARTS VERSIONS     opens it, publishes while readers stand still
//! costs beside DIRECTORY CHARTS VERSIONS    reads of the program on it, beside nginx
//! costs helm DIRECTORY CHARTS VERSIONS      `helm repo add` of it, beside nginx; COSTS_HELMS names Helms
//! costs load DIRECTORY CHARTS VERSIONS      reads by the clock, with and without publishes
//! costs connect DIRECTORY CHARTS VERSIONS   ten thousand connections
//! costs search DIRECTORY CHARTS VERSIONS    searches of all charts
//! costs peers DIRECTORY CHARTS VERSIONS     other servers with the same packages; see the module
//! costs merge DIRECTORY CHARTS VERSIONS     a virtual repository of two members beside the directory
//! costs authorize DIRECTORY CHARTS VERSIONS reads with credentials and without; issues tokens
//! ```
//!
//! They are processes of their own, so that memory is that of a start. Processor time is that of
//! all threads, which hardly depends on what else the machine does; wall time is told beside it.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement fails by panicking")]

mod authorizing;
mod beside;
mod client;
mod connecting;
mod filling;
mod helming;
mod loading;
mod measuring;
mod merging;
mod packages;
mod peers;
mod programs;
mod searching;
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
        println!(
            "usage: costs fill|measure|replay|stall|beside|helm|load|connect|search|peers|merge|\
             authorize DIRECTORY CHARTS VERSIONS"
        );
        return ExitCode::from(2);
    };
    let shape = Shape { charts: charts.parse().unwrap(), versions: versions.parse().unwrap() };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let directory = Path::new(directory);
    let record = runtime.block_on(async {
        Some(match task.as_str() {
            "fill" => filling::fill(directory, shape).await,
            "measure" => measuring::measure(directory, shape).await,
            "replay" => measuring::replay(directory).await,
            "stall" => stalling::stall(directory, shape).await,
            "beside" => beside::beside(directory).await,
            "helm" => helming::helm(directory),
            "load" => loading::load(directory, shape).await,
            "connect" => connecting::connect(directory).await,
            "search" => searching::search(directory).await,
            "peers" => peers::peers(directory).await,
            "merge" => merging::merge(directory, shape).await,
            "authorize" => authorizing::authorize(directory).await,
            _ => return None,
        })
    });
    let Some(record) = record else { return ExitCode::from(2) };
    println!("{record}");
    ExitCode::SUCCESS
}

/// Processor time of all threads of this process, in milliseconds.
fn processor_ms() -> f64 {
    processor_ms_of(std::process::id())
}

/// Processor time of all threads of a process, in milliseconds.
fn processor_ms_of(process: u32) -> f64 {
    let threads = std::fs::read_dir(format!("/proc/{process}/task")).unwrap();
    let nanoseconds = threads.flatten().filter_map(|thread| {
        let text = std::fs::read_to_string(thread.path().join("schedstat")).ok()?;
        text.split(' ').next()?.parse::<f64>().ok()
    });
    nanoseconds.sum::<f64>() / 1e6
}

/// Resident memory in MiB.
fn resident_mib() -> f64 {
    resident_mib_of("self")
}

fn resident_mib_of(process: &str) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    let kibibytes: f64 = line.trim().trim_end_matches(" kB").parse().unwrap();
    kibibytes / 1024.0
}
