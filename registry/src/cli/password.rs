//! `chart-registry password`: the hash of a password, for the file that declares users.

use std::io::{Read, Write};

use crate::identity::{MAX_PASSWORD_BYTES, PasswordHash};

/// Why there is no hash.
#[derive(Debug, thiserror::Error)]
pub(super) enum PasswordError {
    #[error("cannot read a password from stdin: {0}")]
    Read(std::io::Error),
    #[error("a password has 1 to {MAX_PASSWORD_BYTES} bytes; send it to stdin, on one line")]
    Length,
    #[error("cannot print: {0}")]
    Print(std::io::Error),
}

/// Reads one line from stdin and prints its hash.
pub(super) fn run() -> Result<(), PasswordError> {
    let mut text = Vec::new();
    let limit = MAX_PASSWORD_BYTES as u64 + 2;
    std::io::stdin().lock().take(limit).read_to_end(&mut text).map_err(PasswordError::Read)?;
    let line = text.strip_suffix(b"\n").unwrap_or(&text);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if line.contains(&b'\n') {
        return Err(PasswordError::Length);
    }
    let hash = PasswordHash::of(line).ok_or(PasswordError::Length)?;
    writeln!(std::io::stdout().lock(), "{hash}").map_err(PasswordError::Print)
}
