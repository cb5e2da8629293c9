//! `cargo dev`: the tasks of a developer.
//!
//! `test` fetches the judges and runs every test of the workspace, and further words go to `cargo test`; `fetch` only
//! fetches; `generate` writes the generated files; `bench` and `bench-registry` measure and write a record.

use std::process::ExitCode;

use suite::oracles::fetch;
use suite::{bench, generate, registry_costs, workspace};

const USAGE: &str = "usage: cargo dev test [ARGUMENTS OF CARGO TEST] | fetch | generate | bench NAME | bench-registry NAME [VERSIONS ...]";

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let task = arguments.next().unwrap_or_default();
    let rest: Vec<String> = arguments.collect();
    let result = match task.as_str() {
        "test" => test(&rest),
        "fetch" => fetch_all(),
        "generate" => generate_all(),
        "bench" => measure(&rest),
        "bench-registry" => measure_registry(&rest),
        _ => Err(USAGE.to_owned()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

/// Everything that has to pass, with the judges at hand.
fn test(arguments: &[String]) -> Result<(), String> {
    fetch_all()?;
    let mut command = workspace::cargo();
    command.args(["test", "--workspace", "--locked"]).args(arguments);
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("cargo test: {status}")),
        Err(error) => Err(format!("cargo test: {error}")),
    }
}

fn fetch_all() -> Result<(), String> {
    for path in fetch::all()? {
        println!("{}", path.display());
    }
    Ok(())
}

fn generate_all() -> Result<(), String> {
    for (name, make) in generate::FILES {
        let file = workspace::path(name);
        std::fs::write(&file, make()?).map_err(|error| format!("`{}`: {error}", file.display()))?;
        println!("{name}");
    }
    Ok(())
}

/// Writes `tests/bench/records/NAME.json`; by custom the name is the day.
fn measure(arguments: &[String]) -> Result<(), String> {
    let [name] = arguments else { return Err(USAGE.to_owned()) };
    fetch_all()?;
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let record = bench::measure(folder.path())?;
    write(&format!("tests/bench/records/{name}.json"), &record)?;
    println!("{:#}", record["median_ms"]);
    println!("{:#}", record["ratio_build_to_helm_package_plus_lint"]);
    Ok(())
}

/// Writes `tests/bench/registry/NAME.json`; of fewer sizes for a trial.
fn measure_registry(arguments: &[String]) -> Result<(), String> {
    let [name, sizes @ ..] = arguments else { return Err(USAGE.to_owned()) };
    let sizes = sizes.iter().map(|text| text.parse().map_err(|_| format!("`{text}` is no number")));
    let sizes: Vec<u64> = sizes.collect::<Result<_, String>>()?;
    let sizes = if sizes.is_empty() { &registry_costs::SIZES[..] } else { &sizes };
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let record = registry_costs::measure(folder.path(), sizes)?;
    write(&format!("tests/bench/registry/{name}.json"), &record)
}

fn write(name: &str, record: &serde_json::Value) -> Result<(), String> {
    let text = serde_json::to_string_pretty(record).map_err(|error| error.to_string())? + "\n";
    let file = workspace::path(name);
    let folder = file.parent().unwrap_or(&file);
    std::fs::create_dir_all(folder).map_err(|error| format!("`{}`: {error}", folder.display()))?;
    std::fs::write(&file, text).map_err(|error| format!("`{}`: {error}", file.display()))?;
    println!("{name}");
    Ok(())
}
