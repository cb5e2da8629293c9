//! The program `fabric-canary`: everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    fabric_canary::main()
}
