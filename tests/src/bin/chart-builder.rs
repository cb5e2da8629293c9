//! The program `chart-builder`, built here so that the suite always finds a fresh one.

use std::process::ExitCode;

fn main() -> ExitCode {
    chart_builder_cli::main()
}
