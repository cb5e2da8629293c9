//! Which paths a package may hold.

/// Why a path may not stand in a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PathFault {
    /// Begins with `/`.
    #[error("is absolute")]
    Absolute,
    /// A component is `..`.
    #[error("climbs with `..`")]
    Climbs,
    /// A component is `.` or empty.
    #[error("has an empty or `.` component")]
    EmptyComponent,
    /// A backslash, which Helm takes for a separator.
    #[error("has a backslash")]
    Backslash,
    /// Begins with a drive letter such as `c:`.
    #[error("begins with a drive letter")]
    DriveLetter,
    /// NUL or another control character.
    #[error("has a control character")]
    ControlCharacter,
    /// No UTF-8.
    #[error("is not UTF-8")]
    NotText,
    /// More bytes than the limit.
    #[error("is longer than {0} bytes")]
    TooLong(usize),
}

/// Checks a path as it stands in the archive; a directory's final `/` has been taken off.
pub(super) fn check(path: &str, limit: usize) -> Result<(), PathFault> {
    let bytes = path.as_bytes();
    if bytes.len() > limit {
        return Err(PathFault::TooLong(limit));
    }
    if path.chars().any(char::is_control) {
        return Err(PathFault::ControlCharacter);
    }
    if path.contains('\\') {
        return Err(PathFault::Backslash);
    }
    if path.starts_with('/') {
        return Err(PathFault::Absolute);
    }
    if let [letter, b':', ..] = bytes
        && letter.is_ascii_alphabetic()
    {
        return Err(PathFault::DriveLetter);
    }
    for component in path.split('/') {
        match component {
            ".." => return Err(PathFault::Climbs),
            "" | "." => return Err(PathFault::EmptyComponent),
            _ => {}
        }
    }
    Ok(())
}

/// The path for a message: at most 200 characters, control characters escaped.
pub(super) fn shown(path: &[u8]) -> String {
    String::from_utf8_lossy(path).chars().take(200).flat_map(char::escape_debug).collect()
}
