//! Keeps keys out of version control, and version control from changing certificates.

use super::Site;
use crate::directory::{Access, DirectoryError, optional_file, paths};
use crate::model::Crypto;

/// What must never be committed, or is made again by every build.
const IGNORED: [&str; 3] = ["private/", ".preview/", "dist/"];
/// Digests are computed over bytes: no conversion of line ends.
const UNCHANGED: [&str; 2] = ["public/** -text", "network.lock text eol=lf"];

/// Largest `.gitignore` that is read, in bytes.
const MAX_BYTES: u64 = 1 << 20;

/// Adds the lines that are missing; everything else in the files stays. Returns the files that changed.
pub(super) fn protect(site: &Site<'_>) -> Result<Vec<String>, DirectoryError> {
    let Site { directory, network, writer } = site;
    let tree = match &network.crypto {
        Crypto::Generated => None,
        Crypto::Files { path } => Some(format!("{path}/")),
    };
    let ignored: Vec<&str> = IGNORED.into_iter().chain(tree.as_deref()).collect();
    let mut changed = Vec::new();
    for (file, lines) in [(paths::GIT_IGNORE, &ignored[..]), (paths::GIT_ATTRIBUTES, &UNCHANGED)] {
        let present = optional_file(&directory.path(file), MAX_BYTES)?.unwrap_or_default();
        if let Some(text) = with_lines(&present, lines) {
            writer.replace(file, &text, Access::Public)?;
            changed.push(file.to_owned());
        }
    }
    Ok(changed)
}

/// The file with the missing lines at its end; `None` if none is missing.
fn with_lines(present: &[u8], lines: &[&str]) -> Option<Vec<u8>> {
    let has = |line: &str| {
        present.split(|byte| *byte == b'\n').any(|own| {
            let own = own.trim_ascii();
            own == line.as_bytes() || own.strip_prefix(b"/") == Some(line.as_bytes())
        })
    };
    let missing: Vec<&str> = lines.iter().copied().filter(|line| !has(line)).collect();
    if missing.is_empty() {
        return None;
    }
    let mut text = present.to_vec();
    if !text.is_empty() && !text.ends_with(b"\n") {
        text.push(b'\n');
    }
    for line in missing {
        text.extend_from_slice(line.as_bytes());
        text.push(b'\n');
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_lines_go_to_the_end_and_others_stay() {
        let text = with_lines(b"*.log\n/private/", &IGNORED).unwrap();
        assert_eq!(String::from_utf8(text).unwrap(), "*.log\n/private/\n.preview/\ndist/\n");
    }

    #[test]
    fn a_complete_file_is_left_alone() {
        assert_eq!(with_lines(b"private/\r\n.preview/\ndist/\n", &IGNORED), None);
    }
}
