//! The entries of a tar archive as a stream, with bounded memory.
//!
//! It knows what `helm package`, GNU tar and Go write: ustar, GNU long names, extended headers.
//! Links, devices, sparse files and sizes beyond eight gigabytes are refused.

use std::io::Read;

use super::inflate::Inflater;
use super::path::{self, PathFault};
use super::refusal::{OpenError, Refusal};

const BLOCK: usize = 512;

/// Most bytes of one extended header.
const MAX_EXTENDED_BYTES: u64 = 16 << 10;

/// A file or directory; a file's content follows in the stream.
pub(super) struct Entry {
    /// Path as in the archive, without a directory's final `/`, checked.
    pub(super) path: String,
    pub(super) size: u64,
    pub(super) is_directory: bool,
}

pub(super) struct TarReader<R> {
    pub(super) inflater: Inflater<R>,
    path_bytes: usize,
    /// Path of the last entry, for messages.
    last: String,
}

/// What headers before an entry say about it.
#[derive(Default)]
struct Extension {
    path: Option<Vec<u8>>,
    size: Option<u64>,
}

impl<R: Read> TarReader<R> {
    pub(super) fn new(inflater: Inflater<R>, path_bytes: usize) -> Self {
        Self { inflater, path_bytes, last: String::new() }
    }

    /// The next file or directory; nothing at the end of the archive.
    pub(super) fn next(&mut self) -> Result<Option<Entry>, OpenError> {
        let mut extension = Extension::default();
        let mut extensions = 0;
        loop {
            let Some(header) = self.header()? else {
                return if extensions == 0 {
                    Ok(None)
                } else {
                    Err(self.damaged("a header for no entry"))
                };
            };
            let size =
                octal(&header[124..136]).ok_or_else(|| self.damaged("a size is not octal"))?;
            match header[156] {
                b'x' => self.extended(size, &mut extension)?,
                b'L' => {
                    let mut name = self.small(size)?;
                    while name.last() == Some(&0) {
                        name.pop();
                    }
                    extension.path = Some(name);
                }
                // Global headers speak about the archive, as those of `git archive`.
                b'g' => drop(self.small(size)?),
                _ => return self.entry(&header, size, extension).map(Some),
            }
            extensions += 1;
            if extensions > 8 {
                return Err(self.damaged("more than eight headers for one entry"));
            }
        }
    }

    /// Reads a file's content of exactly `size` bytes into the buffer.
    pub(super) fn content(&mut self, size: u64, buffer: &mut Vec<u8>) -> Result<(), OpenError> {
        let length = usize::try_from(size).map_err(|_| self.damaged("a size is too large"))?;
        buffer.resize(length.next_multiple_of(BLOCK), 0);
        if self.inflater.fill(buffer)? < buffer.len() {
            return Err(self.damaged("the archive ends inside of an entry"));
        }
        buffer.truncate(length);
        Ok(())
    }

    fn damaged(&self, reason: &'static str) -> OpenError {
        Refusal::DamagedTar { after: self.last.clone(), reason }.into()
    }

    /// One checked header block, or nothing at the end.
    fn header(&mut self) -> Result<Option<[u8; BLOCK]>, OpenError> {
        let mut block = [0; BLOCK];
        match self.inflater.fill(&mut block)? {
            0 => return Ok(None),
            BLOCK => {}
            _ => return Err(self.damaged("the archive ends inside of a header")),
        }
        if block.iter().all(|byte| *byte == 0) {
            return Ok(None);
        }
        let sum: u64 = block
            .iter()
            .enumerate()
            .map(|(index, byte)| if (148..156).contains(&index) { 32 } else { u64::from(*byte) })
            .sum();
        if octal(&block[148..156]) == Some(sum) {
            Ok(Some(block))
        } else {
            Err(self.damaged("a header's checksum is wrong"))
        }
    }

    fn small(&mut self, size: u64) -> Result<Vec<u8>, OpenError> {
        if size > MAX_EXTENDED_BYTES {
            return Err(self.damaged("an extended header is too long"));
        }
        let mut bytes = Vec::new();
        self.content(size, &mut bytes)?;
        Ok(bytes)
    }

    /// Reads the records `<length> <key>=<value>\n` of an extended header.
    fn extended(&mut self, size: u64, extension: &mut Extension) -> Result<(), OpenError> {
        let bytes = self.small(size)?;
        let mut rest = bytes.as_slice();
        while !rest.is_empty() {
            let (key, value, after) =
                record(rest).ok_or_else(|| self.damaged("an extended header is malformed"))?;
            match key {
                b"path" => extension.path = Some(value.to_vec()),
                b"size" => {
                    let size = std::str::from_utf8(value).ok().and_then(|text| text.parse().ok());
                    extension.size =
                        Some(size.ok_or_else(|| self.damaged("an extended size is malformed"))?);
                }
                key if key.starts_with(b"GNU.sparse") => {
                    return Err(self.damaged("a sparse file follows"));
                }
                _ => {}
            }
            rest = after;
        }
        Ok(())
    }

    fn entry(
        &mut self,
        header: &[u8; BLOCK],
        size: u64,
        extension: Extension,
    ) -> Result<Entry, OpenError> {
        let kind = header[156];
        let raw = extension.path.unwrap_or_else(|| header_path(header));
        let shown = path::shown(&raw);
        self.last.clone_from(&shown);
        let refused = |fault| Refusal::Path { path: shown.clone(), fault };
        let mut path = String::from_utf8(raw).map_err(|_| refused(PathFault::NotText))?;
        match kind {
            b'0' | 0 | b'5' => {}
            b'1' | b'2' | b'K' => return Err(Refusal::Link { path: shown }.into()),
            kind => return Err(Refusal::SpecialFile { path: shown, kind }.into()),
        }
        let is_directory = kind == b'5' || path.ends_with('/');
        if is_directory && path.len() > 1 && path.ends_with('/') {
            path.pop();
        }
        path::check(&path, self.path_bytes).map_err(refused)?;
        if let Some(extended) = extension.size
            && extended != size
        {
            return Err(Refusal::TwoSizes { path: shown, header: size, extended }.into());
        }
        if is_directory && size > 0 {
            return Err(self.damaged("a directory has content"));
        }
        Ok(Entry { path, size, is_directory })
    }
}

/// The path in the header's own fields.
fn header_path(header: &[u8; BLOCK]) -> Vec<u8> {
    let until_nul =
        |field: &[u8]| field.iter().take_while(|byte| **byte != 0).copied().collect::<Vec<u8>>();
    let name = until_nul(&header[..100]);
    // GNU's older magic has other fields where ustar has the prefix.
    let prefix =
        if &header[257..263] == b"ustar\0" { until_nul(&header[345..500]) } else { Vec::new() };
    if prefix.is_empty() { name } else { [prefix.as_slice(), b"/", &name].concat() }
}

/// Digits of base 8 between blanks and NULs; an empty field is zero, as in Go.
fn octal(field: &[u8]) -> Option<u64> {
    let text = field.trim_ascii_start();
    let end = text.iter().position(|byte| matches!(byte, b' ' | 0)).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    if rest.iter().any(|byte| !matches!(byte, b' ' | 0)) {
        return None;
    }
    digits.iter().try_fold(0_u64, |value, digit| match digit {
        b'0'..=b'7' => value.checked_mul(8)?.checked_add(u64::from(digit - b'0')),
        _ => None,
    })
}

/// Key, value and rest of the first record.
fn record(bytes: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let space = bytes.iter().take(8).position(|byte| *byte == b' ')?;
    let length: usize = std::str::from_utf8(&bytes[..space]).ok()?.parse().ok()?;
    let record = bytes.get(space + 1..length)?.strip_suffix(b"\n")?;
    let equals = record.iter().position(|byte| *byte == b'=')?;
    Some((&record[..equals], &record[equals + 1..], bytes.get(length..)?))
}
