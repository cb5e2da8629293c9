//! Archives inside of a file: gzip, tar and zip.
//!
//! Stored content lies in the archive's bytes as it is and is found by the plain search; here only
//! what must be inflated, and archives inside of archives, are opened.

use std::io::Read;

use flate2::bufread::{DeflateDecoder, MultiGzDecoder};
use memchr::memmem;

use super::{Finding, KeyKind, Layer, MAX_DEPTH, MAX_NESTED_BYTES, Search};

const GZIP: &[u8] = b"\x1f\x8b\x08";
const ZIP_ENTRY: &[u8] = b"PK\x03\x04";
const BLOCK: usize = 512;

/// What opening a stream costs, in bytes of searching.
const STREAM_WORK: usize = 16 << 10;

/// Bytes of a zip entry's header before its name.
const ZIP_HEADER: usize = 30;

/// Whether the bytes begin like an archive that must be read from its beginning.
pub(super) fn begins_archive(bytes: &[u8]) -> bool {
    bytes.starts_with(GZIP) || bytes.starts_with(ZIP_ENTRY) || bytes.get(257..262) == Some(b"ustar")
}

impl Search {
    /// Looks in the archives that the bytes are or hold.
    pub(super) fn archives(&mut self, bytes: &[u8]) -> Option<Finding> {
        if bytes.starts_with(GZIP) {
            return self.inflated(Layer::Gzip, MultiGzDecoder::new(bytes));
        }
        if bytes.get(257..262) == Some(b"ustar") {
            return self.tar(bytes);
        }
        memmem::find_iter(bytes, ZIP_ENTRY).find_map(|start| self.zip_entry(&bytes[start..]))
    }

    /// Inflates and looks; a stream that breaks is searched as far as it goes.
    fn inflated(&mut self, layer: Layer, stream: impl Read) -> Option<Finding> {
        self.layers.push(layer);
        let finding = self.inflated_inside(stream);
        self.layers.pop();
        finding
    }

    fn inflated_inside(&mut self, stream: impl Read) -> Option<Finding> {
        if self.layers.len() > MAX_DEPTH {
            return Some(self.found(KeyKind::Unsearchable));
        }
        if let Some(finding) = self.pay(STREAM_WORK) {
            return Some(finding);
        }
        let room = MAX_NESTED_BYTES.saturating_sub(self.held);
        let mut content = Vec::new();
        // An error ends the stream: what cannot be inflated cannot be used as a key either.
        let _ = stream.take(room as u64 + 1).read_to_end(&mut content);
        if content.len() > room {
            return Some(self.found(KeyKind::Unsearchable));
        }
        self.held += content.len();
        let finding = self.look(&content);
        self.held -= content.len();
        finding
    }

    fn tar(&mut self, bytes: &[u8]) -> Option<Finding> {
        self.layers.push(Layer::Tar);
        let finding = self.tar_entries(bytes);
        self.layers.pop();
        finding
    }

    fn tar_entries(&mut self, bytes: &[u8]) -> Option<Finding> {
        if self.layers.len() > MAX_DEPTH {
            return Some(self.found(KeyKind::Unsearchable));
        }
        let mut rest = bytes;
        while let Some((header, after)) = rest.split_at_checked(BLOCK) {
            let digits = header[124..136].iter().filter(|byte| matches!(byte, b'0'..=b'7'));
            let size = digits
                .fold(0_usize, |size, digit| size.saturating_mul(8) + usize::from(digit - b'0'));
            let size = size.min(after.len());
            if size > 0
                && let Some(finding) = self.archives(&after[..size])
            {
                return Some(finding);
            }
            rest = &after[size.next_multiple_of(BLOCK).min(after.len())..];
        }
        None
    }

    /// Looks in one entry, which begins with its local header.
    fn zip_entry(&mut self, bytes: &[u8]) -> Option<Finding> {
        const STORED: usize = 0;
        const DEFLATED: usize = 8;
        let field =
            |at: usize| Some(usize::from(*bytes.get(at)?) | usize::from(*bytes.get(at + 1)?) << 8);
        let content = bytes.get(ZIP_HEADER + field(26)? + field(28)?..)?;
        match field(8)? {
            STORED if content.starts_with(GZIP) => {
                self.inflated(Layer::Zip, MultiGzDecoder::new(content))
            }
            DEFLATED => self.inflated(Layer::Zip, DeflateDecoder::new(content)),
            _ => None,
        }
    }
}
