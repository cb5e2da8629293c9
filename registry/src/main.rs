//! The program `chart-registry`.

use std::process::ExitCode;

fn main() -> ExitCode {
    chart_registry::cli::main()
}
