//! Processor time of `chart-builder build` beside that of `helm package` and `helm lint`, on the same network, in one run.
//!
//! Processor time of whole processes (user and system, by `getrusage` of children) hardly depends on what else the machine
//! does. Rounds alternate, so that a change of the machine's speed meets both sides. Wall time is not measured here.

use std::path::{Path, PathBuf};
use std::process::Command;

use nix::sys::resource::{UsageWho, getrusage};
use serde_json::{Value, json};

use crate::oracles::Oracle;
use crate::process::run;
use crate::workspace;

/// Rounds of one run; each runs every command once.
const ROUNDS: usize = 41;

/// What `build` may cost, as a share of `helm package` plus `helm lint`.
pub const MAX_RATIO: f64 = 0.25;

/// Builds the program in release form, measures, and gives the record.
pub fn measure(folder: &Path) -> Result<Value, String> {
    let builder = release_program()?;
    let network = folder.join("network");
    prepare(&builder, &network)?;
    let helms = [Oracle::helm3(), Oracle::helm4()];
    let helms: Vec<Oracle> = helms.into_iter().flatten().collect();
    let unpacked = only_directory(&network.join("unpacked"))?;
    let mut samples: Vec<(String, Vec<f64>)> = Vec::new();
    for round in 0..=ROUNDS {
        for (name, mut command) in commands(&builder, &network, &unpacked, &helms) {
            let spent = cpu_milliseconds(&mut command)?;
            // The first round warms caches and is not counted.
            if round > 0 {
                record(&mut samples, &name, spent);
            }
        }
    }
    Ok(report(&samples, &helms))
}

/// One round: the build and, for each Helm, package and lint.
fn commands(
    builder: &Path,
    network: &Path,
    unpacked: &Path,
    helms: &[Oracle],
) -> Vec<(String, Command)> {
    let mut build = Command::new(builder);
    build.arg("build").arg(network).arg("--out").arg(network.join("dist"));
    let mut commands = vec![("build".to_owned(), build)];
    for helm in helms {
        let mut package = helm.command(network);
        package.arg("package").arg(unpacked).arg("-d").arg(network.join("packaged"));
        commands.push((format!("{} package", helm.name()), package));
        let mut lint = helm.command(network);
        lint.arg("lint").arg(unpacked);
        commands.push((format!("{} lint", helm.name()), lint));
    }
    commands
}

fn report(samples: &[(String, Vec<f64>)], helms: &[Oracle]) -> Value {
    let median_of = |name: &str| {
        samples.iter().find(|(sampled, _)| sampled == name).map_or(f64::NAN, |(_, it)| median(it))
    };
    let build = median_of("build");
    let ratios: serde_json::Map<String, Value> = helms
        .iter()
        .map(|helm| {
            let name = helm.name();
            let both = median_of(&format!("{name} package")) + median_of(&format!("{name} lint"));
            (name.to_owned(), json!(rounded(build / both)))
        })
        .collect();
    let medians: serde_json::Map<String, Value> =
        samples.iter().map(|(name, it)| (name.clone(), json!(rounded(median(it))))).collect();
    let raw: serde_json::Map<String, Value> =
        samples.iter().map(|(name, it)| (name.clone(), json!(it))).collect();
    json!({
        "what": "processor time (user + system) of whole processes, milliseconds, example `article`",
        "machine": machine(),
        "rounds": ROUNDS,
        "median_ms": medians,
        "ratio_build_to_helm_package_plus_lint": ratios,
        "samples_ms": raw,
    })
}

/// A network of its own: the example with identities, frozen, and unpacked once for Helm.
fn prepare(builder: &Path, network: &Path) -> Result<(), String> {
    std::fs::create_dir_all(network).map_err(|error| error.to_string())?;
    let topology = workspace::path("examples/article/network.yaml");
    std::fs::copy(topology, network.join("network.yaml")).map_err(|error| error.to_string())?;
    for arguments in [&["identities"][..], &["build", "--unpacked", "--out", "unpacked"][..]] {
        let mut command = Command::new(builder);
        let outcome = run(command.args(arguments).current_dir(network));
        if outcome.code != 0 {
            return Err(outcome.to_string());
        }
    }
    Ok(())
}

fn release_program() -> Result<PathBuf, String> {
    let mut command = workspace::cargo();
    command.args(["build", "--release", "--locked", "--package", "chart-builder-cli"]);
    match command.status() {
        Ok(status) if status.success() => Ok(workspace::path("target/release/chart-builder")),
        other => Err(format!("cargo build --release: {other:?}")),
    }
}

fn only_directory(folder: &Path) -> Result<PathBuf, String> {
    let entries = std::fs::read_dir(folder).map_err(|error| error.to_string())?;
    let found = entries.flatten().map(|entry| entry.path()).find(|path| path.is_dir());
    found.ok_or_else(|| format!("`{}` holds no unpacked chart", folder.display()))
}

fn cpu_milliseconds(command: &mut Command) -> Result<f64, String> {
    let before = children()?;
    let outcome = run(command);
    let after = children()?;
    if outcome.code == 0 { Ok(after - before) } else { Err(outcome.to_string()) }
}

/// Processor time of all ended children of this process, in milliseconds.
fn children() -> Result<f64, String> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).map_err(|error| error.to_string())?;
    let spent = [usage.user_time(), usage.system_time()];
    let micros = |seconds: i64, rest: i64| seconds * 1_000_000 + rest;
    let total: i64 = spent.iter().map(|time| micros(time.tv_sec(), time.tv_usec())).sum();
    Ok(std::time::Duration::from_micros(total.unsigned_abs()).as_secs_f64() * 1000.0)
}

fn record(samples: &mut Vec<(String, Vec<f64>)>, name: &str, spent: f64) {
    let spent = rounded(spent);
    match samples.iter_mut().find(|(sampled, _)| sampled == name) {
        Some((_, values)) => values.push(spent),
        None => samples.push((name.to_owned(), vec![spent])),
    }
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

/// Processor, cores and compiler: what a reader needs to place the numbers.
pub(crate) fn machine() -> Value {
    let processor = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model =
        processor.lines().find_map(|line| line.strip_prefix("model name")?.split(": ").nth(1));
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let rustc = run(Command::new("rustc").arg("--version")).stdout;
    json!({ "processor": model, "cores": cores, "rustc": rustc.trim() })
}
