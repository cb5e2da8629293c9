//! Commands of the program on a storage, and what they say.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

/// Runs a command on a storage.
pub(crate) fn program(arguments: &[&str], data: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_chart-registry"))
        .args(arguments)
        .arg("--data")
        .arg(data)
        .output()
        .unwrap()
}

/// The JSON that a command has printed.
pub(crate) fn answer(output: &Output) -> Value {
    let text = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(&text).unwrap_or_else(|error| {
        panic!("{error}: {text}{}", String::from_utf8_lossy(&output.stderr))
    })
}
