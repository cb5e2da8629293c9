//! The program `chart-builder`.

use std::process::ExitCode;

fn main() -> ExitCode {
    chart_builder_cli::main()
}
