//! What publishing, starting and reading cost in registries of 1,000 to 1,000,000 versions, in three shapes, in one run.
//!
//! The work itself is `registry/examples/costs`, in processes of its own; this runs them one after the other and writes
//! down everything that they say. Processor time counts, wall time is told beside it with the load of the machine.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Map, Value, json};

use crate::bench::machine;
use crate::oracles::Oracle;
use crate::process::run;
use crate::workspace;

/// Versions of a registry, where nobody chooses.
pub const SIZES: [u64; 3] = [1_000, 100_000, 1_000_000];

/// Fewest versions of a registry that is also started without its checkpoints.
const REPLAYED: u64 = 100_000;

/// What is measured beside publishes and starts: charts and versions of the registry, tasks in this order. The one that
/// issues tokens comes last, because it closes the registry to whoever has none.
const FURTHER: [((u64, u64), &[&str]); 3] = [
    ((1_000, 1_000), &["load", "connect", "peers", "beside", "authorize"]),
    ((1_000, 100_000), &["beside", "helm", "load", "merge", "stall"]),
    ((1_000_000, 1_000_000), &["search"]),
];

/// Other servers, by the variables that name their programs, and where they are if nobody says.
const PEERS: [(&str, &str); 2] =
    [("COSTS_CHARTMUSEUM", "chartmuseum"), ("COSTS_DOCKER_REGISTRY", "/usr/bin/docker-registry")];

/// Builds the programs in release form, measures registries of these sizes, and gives the record.
///
/// What fails is told in the record, in the place of what it would have said: half an hour of other
/// samples is not lost with it.
pub fn measure(folder: &Path, sizes: &[u64]) -> Result<Value, String> {
    let program = release_programs()?;
    let mut cases = Vec::new();
    for &versions in sizes {
        let mut shapes = vec![1, 1_000, versions];
        shapes.dedup();
        for charts in shapes {
            let further = FURTHER.iter().find(|(shape, _)| *shape == (charts, versions));
            let further = further.map_or(&[][..], |(_, tasks)| tasks);
            cases.push(case(&program, folder, (charts, versions), further)?);
        }
    }
    let mut start = Command::new(program.with_file_name("bucket_start"));
    start.args(sizes.iter().max().map(u64::to_string));
    let bucket = said(&mut start).unwrap_or_else(Value::String);
    Ok(json!({
        "what": "processor time of all threads, and resident memory, of a registry with so many versions",
        "machine": machine(),
        "cases": cases,
        "bucket": bucket,
    }))
}

/// The program that measures; the one that is measured lies one directory above.
fn release_programs() -> Result<PathBuf, String> {
    let mut build = workspace::cargo();
    build.args(["build", "--release", "--locked", "--package", "chart-registry"]);
    build.args(["--example", "costs", "--example", "bucket_start", "--bin", "chart-registry"]);
    match build.status() {
        Ok(status) if status.success() => Ok(workspace::path("target/release/examples/costs")),
        other => Err(format!("cargo build --release: {other:?}")),
    }
}

fn case(
    program: &Path,
    folder: &Path,
    (charts, versions): (u64, u64),
    further: &[&str],
) -> Result<Value, String> {
    let storage = folder.join(format!("{charts}-{versions}"));
    let mut record = Map::new();
    record.insert("charts".to_owned(), charts.into());
    record.insert("versions".to_owned(), versions.into());
    let replay = (versions >= REPLAYED).then_some("replay");
    let helms: Vec<_> = Oracle::helms().iter().map(|it| it.path().display().to_string()).collect();
    for task in ["fill", "measure"].into_iter().chain(further.iter().copied()).chain(replay) {
        let mut command = Command::new(program);
        command.arg(task).arg(&storage).args([charts.to_string(), versions.to_string()]);
        command.env("COSTS_HELMS", helms.join(" "));
        for (variable, place) in PEERS {
            command.env(variable, std::env::var_os(variable).unwrap_or_else(|| place.into()));
        }
        eprintln!("{charts} charts, {versions} versions: {task}");
        match said(&mut command) {
            Ok(said) => record.extend(said.as_object().cloned().unwrap_or_default()),
            Err(failure) => drop(record.insert(format!("failed_{task}"), failure.into())),
        }
        record.insert(format!("load_after_{task}"), load().into());
    }
    std::fs::remove_dir_all(&storage).map_err(|error| error.to_string())?;
    for name in ["apply_newest_us", "apply_between_us", "publish_processor_ms", "publish_wall_ms"] {
        let median = median(record.get(name));
        record.insert(format!("{name}_median"), median.into());
    }
    Ok(Value::Object(record))
}

/// The record that a program prints.
fn said(command: &mut Command) -> Result<Value, String> {
    let outcome = run(command);
    serde_json::from_str(&outcome.stdout).map_err(|_| outcome.to_string())
}

fn median(samples: Option<&Value>) -> Option<f64> {
    let samples = samples?.as_array()?.iter().filter_map(Value::as_f64);
    let mut sorted: Vec<f64> = samples.collect();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied()
}

fn load() -> String {
    std::fs::read_to_string("/proc/loadavg").unwrap_or_default().trim().to_owned()
}
