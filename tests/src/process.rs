//! Runs a program to its end and keeps all that it said.

use std::io::Write as _;
use std::process::{Command, Stdio};

/// What a finished program left behind.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The command line, for messages.
    pub command: String,
    /// Exit code; -1 when a signal ended it.
    pub code: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Outcome {
    /// Itself, when the program succeeded; else a panic with all that it said.
    pub fn success(self) -> Self {
        assert!(self.code == 0, "expected success\n{self}");
        self
    }

    /// Itself, when the program failed; else a panic with all that it said.
    pub fn failure(self) -> Self {
        assert!(self.code != 0, "expected a failure\n{self}");
        self
    }

    /// Panics unless standard output or standard error holds `text`.
    pub fn says(self, text: &str) -> Self {
        let found = self.stdout.contains(text) || self.stderr.contains(text);
        assert!(found, "expected the words `{text}`\n{self}");
        self
    }
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { command, code, stdout, stderr } = self;
        write!(out, "$ {command}\nexit code {code}\n--- stdout\n{stdout}\n--- stderr\n{stderr}")
    }
}

/// Runs `command` with empty standard input.
pub fn run(command: &mut Command) -> Outcome {
    run_with_input(command, &[])
}

/// Runs `command` and writes `input` to its standard input, which must fit into a pipe's buffer.
pub fn run_with_input(command: &mut Command, input: &[u8]) -> Outcome {
    let shown = format!("{command:?}");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap_or_else(|error| panic!("cannot run {shown}: {error}"));
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(input).unwrap_or_else(|error| panic!("cannot write to {shown}: {error}"));
    }
    let output = child.wait_with_output().unwrap_or_else(|error| panic!("{shown}: {error}"));
    Outcome {
        command: shown,
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}
