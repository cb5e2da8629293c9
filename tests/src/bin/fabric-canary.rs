//! The program `fabric-canary`, built here so that the suite always finds a fresh one.

use std::process::ExitCode;

fn main() -> ExitCode {
    fabric_canary::main()
}
