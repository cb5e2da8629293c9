//! Digests as text.

use std::fmt::Write as _;

/// Lower-case hexadecimal.
pub(crate) fn lower(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
