//! Tar and gzip with fixed headers and stored deflate blocks.
//!
//! Written by hand because the bytes are hashed into ids that a channel has committed: no compressor and no archive library
//! may change them, ever.

use std::collections::BTreeMap;

/// Bytes of a tar record.
const RECORD: usize = 512;
/// Two empty records end an archive.
const END: usize = 2 * RECORD;
/// Largest stored deflate block.
const MAX_STORED: usize = 65_535;
/// Deflate, no name, no time, fastest or best unsaid, unknown system.
const GZIP_HEADER: [u8; 10] = [0x1f, 0x8b, 0x08, 0, 0, 0, 0, 0, 0, 0xff];

/// Regular files in the order of their names, mode 0644, owner 0, time 0. Names are at most 100 bytes, files below 8 GiB.
pub(crate) fn tar(files: &BTreeMap<String, Vec<u8>>) -> Vec<u8> {
    let mut archive = Vec::new();
    for (name, content) in files {
        archive.extend_from_slice(&header(name, content.len()));
        archive.extend_from_slice(content);
        archive.resize(archive.len().next_multiple_of(RECORD), 0);
    }
    archive.resize(archive.len() + END, 0);
    archive
}

/// One gzip member whose deflate blocks are stored.
pub(crate) fn gzip(content: &[u8]) -> Vec<u8> {
    let mut bytes = GZIP_HEADER.to_vec();
    let blocks = content.len().div_ceil(MAX_STORED).max(1);
    for index in 0..blocks {
        let start = index * MAX_STORED;
        let end = (start + MAX_STORED).min(content.len());
        let block = content.get(start..end).unwrap_or_default();
        bytes.push(u8::from(index + 1 == blocks));
        // A block never exceeds what sixteen bits can say.
        let length = u16::try_from(block.len()).unwrap_or(u16::MAX);
        bytes.extend_from_slice(&length.to_le_bytes());
        bytes.extend_from_slice(&(!length).to_le_bytes());
        bytes.extend_from_slice(block);
    }
    let mut checksum = flate2::Crc::new();
    checksum.update(content);
    bytes.extend_from_slice(&checksum.sum().to_le_bytes());
    bytes.extend_from_slice(&checksum.amount().to_le_bytes());
    bytes
}

/// A ustar header.
fn header(name: &str, size: usize) -> [u8; RECORD] {
    let mut record = [0; RECORD];
    let mut put = |offset: usize, text: &[u8]| {
        for (target, byte) in record.iter_mut().skip(offset).zip(text) {
            *target = *byte;
        }
    };
    put(0, name.as_bytes());
    put(100, b"0000644\0");
    put(108, b"0000000\0");
    put(116, b"0000000\0");
    put(124, format!("{size:011o}\0").as_bytes());
    put(136, b"00000000000\0");
    put(148, b"        ");
    put(156, b"0");
    put(257, b"ustar\x0000");
    put(329, b"0000000\0");
    put(337, b"0000000\0");
    let sum: u32 = record.iter().map(|byte| u32::from(*byte)).sum();
    for (target, byte) in record.iter_mut().skip(148).zip(format!("{sum:06o}\0 ").bytes()) {
        *target = byte;
    }
    record
}
