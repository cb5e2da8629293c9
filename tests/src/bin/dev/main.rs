//! `cargo dev`: the tasks of a developer.
//!
//! `test` fetches the judges and runs every test of the workspace; `fetch` only fetches; further words after `test` go to
//! `cargo test`.

use std::process::{Command, ExitCode};

use suite::oracles::fetch;
use suite::workspace;

const USAGE: &str = "usage: cargo dev test [ARGUMENTS OF CARGO TEST] | fetch";

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let task = arguments.next().unwrap_or_default();
    let rest: Vec<String> = arguments.collect();
    let result = match task.as_str() {
        "test" => test(&rest),
        "fetch" => fetch_all(),
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
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["test", "--workspace", "--locked"]).args(arguments);
    let status = command.current_dir(workspace::root()).status();
    match status {
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
