//! The index as gzip: exactly one member, whatever the number of stretches.
//!
//! curl and others stop after the first member of a gzip file, so members are never concatenated.

use std::io::Write;
use std::sync::Arc;

use bytes::Bytes;
use flate2::write::GzEncoder;
use flate2::{Compression, GzBuilder};

use crate::body::{Framing, IndexFrames};
use crate::tree::{Joiner, Tree, glue_between};

/// Magic, deflate, no flags, no time, no extra flags, unknown system: the same on every machine.
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

/// A last block without content.
const FINAL_BLOCK: [u8; 2] = [3, 0];

/// A gzip body as frames.
#[derive(Debug, Clone)]
pub struct GzipBody {
    frames: Vec<Bytes>,
    length: u64,
}

impl GzipBody {
    /// The frames in order; cheap to clone.
    pub fn frames(&self) -> &[Bytes] {
        &self.frames
    }

    /// Bytes of all frames.
    pub fn length(&self) -> u64 {
        self.length
    }

    pub(crate) fn of(tree: &Tree, framing: &Framing) -> Self {
        let mut frames = vec![Bytes::from_static(&HEADER)];
        let mut joiner = Joiner::default();
        joiner.store(&framing.opening(tree));
        let mut last: Option<&Arc<str>> = None;
        for branch in tree.branches().iter().filter(|branch| branch.sum().visible > 0) {
            let sum = branch.sum();
            if let (Some(last), Some(first)) = (last, sum.first()) {
                joiner.store(&glue_between(last, first));
            }
            last = sum.last();
            let deflated = branch.deflated();
            frames.push(joiner.take());
            frames.push(deflated.bytes.clone());
            joiner.count(deflated.crc, deflated.length);
        }
        joiner.store(&framing.closing(tree));
        let end = joiner.finish();
        frames.push(end.bytes);
        // The last field is the length modulo 2^32.
        let length_field = u32::try_from(end.length & u64::from(u32::MAX)).unwrap_or(u32::MAX);
        let trailer = [&FINAL_BLOCK[..], &end.crc.to_le_bytes(), &length_field.to_le_bytes()];
        frames.push(Bytes::from(trailer.concat()));
        let length = frames.iter().map(|frame| frame.len() as u64).sum();
        Self { frames, length }
    }
}

/// A frame of at least so many bytes: small ones, because others wait while one is made.
const FRAME_BYTES: usize = 8 << 10;

/// Any frames as one gzip member that is made while it is read: slower for each reader, and nothing
/// of it is kept.
pub struct GzipFrames {
    frames: IndexFrames,
    encoder: Option<GzEncoder<Vec<u8>>>,
}

impl GzipFrames {
    /// The gzip of `frames`.
    pub fn new(frames: IndexFrames) -> Self {
        let unknown_system = 0xff;
        let builder = GzBuilder::new().mtime(0).operating_system(unknown_system);
        let encoder = builder.write(Vec::new(), Compression::default());
        Self { frames, encoder: Some(encoder) }
    }
}

impl Iterator for GzipFrames {
    type Item = std::io::Result<Bytes>;

    fn next(&mut self) -> Option<Self::Item> {
        let encoder = self.encoder.as_mut()?;
        for frame in self.frames.by_ref() {
            if let Err(error) = encoder.write_all(&frame) {
                return Some(Err(error));
            }
            if encoder.get_ref().len() >= FRAME_BYTES {
                return Some(Ok(Bytes::from(std::mem::take(encoder.get_mut()))));
            }
        }
        let encoder = self.encoder.take()?;
        if self.frames.remaining() > 0 {
            return Some(Err(std::io::Error::from(std::io::ErrorKind::InvalidData)));
        }
        Some(encoder.finish().map(Bytes::from))
    }
}
