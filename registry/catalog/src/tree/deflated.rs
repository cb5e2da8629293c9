//! Stretches of text in deflated form that can be put one after the other.
//!
//! Each stretch is deflated on its own and ends with a sync flush: on a byte boundary, without a
//! final block. So stretches, and stored blocks of glue between them, make one deflate stream, and
//! the checksum of the whole is computed from the checksums of the parts.

use bytes::Bytes;
use crc32fast::Hasher;
use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};

/// Deflate's own limit of a stored block's length.
const STORED_BLOCK_BYTES: usize = 0xffff;

/// Room that inflating takes at a time.
const INFLATED_PIECE_BYTES: usize = 256 << 10;

/// A stretch of text, deflated.
#[derive(Debug, Clone)]
pub(crate) struct Deflated {
    pub(crate) bytes: Bytes,
    /// CRC-32 of the text.
    pub(crate) crc: u32,
    /// Length of the text.
    pub(crate) length: u64,
}

impl Deflated {
    pub(crate) fn of(text: &[u8]) -> Self {
        let crc = crc32fast::hash(text);
        // Memory never fails to take output, so an error cannot come; stored blocks would be right, too.
        let bytes = deflate(text).unwrap_or_else(|| store(text));
        Self { bytes: Bytes::from(bytes), crc, length: text.len() as u64 }
    }

    /// The text again; `None` when the parts do not fit together.
    pub(crate) fn inflate(&self) -> Option<Bytes> {
        let length = usize::try_from(self.length).ok()?;
        let mut text = Vec::new();
        let mut inflater = Decompress::new(false);
        loop {
            // Inflating stops when the room is used up, so a wrong length costs nothing.
            let wanted = (length - text.len()).min(INFLATED_PIECE_BYTES) + 1;
            text.reserve(wanted);
            let consumed = usize::try_from(inflater.total_in()).ok()?;
            let before = text.len();
            let input = self.bytes.get(consumed..)?;
            inflater.decompress_vec(input, &mut text, FlushDecompress::Sync).ok()?;
            if text.len() > length {
                return None;
            }
            if text.len() == before {
                break;
            }
        }
        let whole = inflater.total_in() == self.bytes.len() as u64;
        (whole && text.len() == length && crc32fast::hash(&text) == self.crc)
            .then(|| Bytes::from(text))
    }
}

fn deflate(text: &[u8]) -> Option<Vec<u8>> {
    let mut compressor = Compress::new(Compression::default(), false);
    let mut output = Vec::with_capacity(text.len() / 4 + 128);
    loop {
        let consumed = usize::try_from(compressor.total_in()).ok()?;
        let input = text.get(consumed..)?;
        let status = compressor.compress_vec(input, &mut output, FlushCompress::Sync).ok()?;
        let all_read = compressor.total_in() == text.len() as u64;
        // Spare room after a flush means that the flush is complete.
        if all_read && output.len() < output.capacity() {
            return matches!(status, Status::Ok | Status::BufError).then_some(output);
        }
        output.reserve(output.capacity().max(1024));
    }
}

/// `text` as stored blocks, none of them final.
pub(crate) fn store(text: &[u8]) -> Vec<u8> {
    let mut output = Vec::with_capacity(text.len() + 5);
    for block in text.chunks(STORED_BLOCK_BYTES) {
        let length = u16::try_from(block.len()).unwrap_or(u16::MAX);
        output.push(0);
        output.extend_from_slice(&length.to_le_bytes());
        output.extend_from_slice(&(!length).to_le_bytes());
        output.extend_from_slice(block);
    }
    output
}

/// Puts stretches one after the other.
#[derive(Default)]
pub(crate) struct Joiner {
    bytes: Vec<u8>,
    crc: Hasher,
    length: u64,
}

impl Joiner {
    /// Adds text that is too short to be worth deflating.
    pub(crate) fn store(&mut self, text: &str) {
        self.bytes.extend_from_slice(&store(text.as_bytes()));
        self.count(crc32fast::hash(text.as_bytes()), text.len() as u64);
    }

    /// Adds a stretch.
    pub(crate) fn append(&mut self, part: &Deflated) {
        self.bytes.extend_from_slice(&part.bytes);
        self.count(part.crc, part.length);
    }

    /// Counts a stretch whose bytes are sent elsewhere.
    pub(crate) fn count(&mut self, crc: u32, length: u64) {
        self.crc.combine(&Hasher::new_with_initial_len(crc, length));
        self.length += length;
    }

    /// The bytes that were added since the last call.
    pub(crate) fn take(&mut self) -> Bytes {
        Bytes::from(std::mem::take(&mut self.bytes))
    }

    pub(crate) fn finish(self) -> Deflated {
        Deflated { bytes: Bytes::from(self.bytes), crc: self.crc.finalize(), length: self.length }
    }
}
