//! One pass over a gzip member, counted and hashed.

use std::io::{self, BufRead, BufReader, Read};

use flate2::bufread::GzDecoder;

use super::Limits;
use super::refusal::{OpenError, Refusal};
use crate::digest::{Hasher, Sha256};

const BUFFER_BYTES: usize = 64 << 10;

/// Below this size the ratio says nothing about a bomb.
const RATIO_FREE_BYTES: u64 = 1 << 20;

/// The package's bytes on their way in.
struct Source<R> {
    inner: R,
    hasher: Hasher,
    bytes: u64,
    /// An error of the source itself, kept because the inflater wraps it.
    failure: Option<io::Error>,
}

impl<R: Read> Read for Source<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.inner.read(buffer) {
            Ok(length) => {
                self.hasher.update(&buffer[..length]);
                self.bytes += length as u64;
                Ok(length)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(error),
            Err(error) => {
                let kind = error.kind();
                self.failure = Some(error);
                Err(kind.into())
            }
        }
    }
}

/// The inflated archive.
pub(super) struct Inflater<R> {
    decoder: GzDecoder<BufReader<Source<R>>>,
    inflated: u64,
    limits: Limits,
}

/// What is known after the last byte.
pub(super) struct Totals {
    pub(super) digest: Sha256,
    pub(super) bytes: u64,
}

impl<R: Read> Inflater<R> {
    /// Begins, after a look at the first bytes.
    pub(super) fn new(source: R, limits: &Limits) -> Result<Self, OpenError> {
        let source = Source { inner: source, hasher: Hasher::new(), bytes: 0, failure: None };
        let mut buffered = BufReader::with_capacity(BUFFER_BYTES, source);
        let looks_like_gzip = loop {
            match buffered.fill_buf() {
                Ok(bytes) => break bytes.starts_with(&[0x1f, 0x8b]) || bytes == [0x1f],
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    return Err(OpenError::Source(
                        buffered.get_mut().failure.take().unwrap_or(error),
                    ));
                }
            }
        };
        if !looks_like_gzip {
            return Err(Refusal::NotGzip.into());
        }
        Ok(Self { decoder: GzDecoder::new(buffered), inflated: 0, limits: *limits })
    }

    /// Fills the buffer as far as there are bytes; returns how many.
    pub(super) fn fill(&mut self, buffer: &mut [u8]) -> Result<usize, OpenError> {
        let mut filled = 0;
        while filled < buffer.len() {
            match self.decoder.read(&mut buffer[filled..]) {
                Ok(0) => break,
                Ok(length) => {
                    filled += length;
                    self.inflated += length as u64;
                    self.check()?;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.failed(&error)),
            }
        }
        Ok(filled)
    }

    /// Reads on to the end of the member and makes sure that nothing follows it.
    pub(super) fn finish(mut self) -> Result<Totals, OpenError> {
        let mut buffer = [0; 4096];
        loop {
            let length = self.fill(&mut buffer)?;
            if buffer[..length].iter().any(|byte| *byte != 0) {
                return Err(Refusal::TrailingData.into());
            }
            if length < buffer.len() {
                break;
            }
        }
        let mut rest = self.decoder.into_inner();
        loop {
            match rest.fill_buf() {
                Ok([]) => break,
                Ok(_) => return Err(Refusal::TrailingBytes.into()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    return Err(OpenError::Source(rest.get_mut().failure.take().unwrap_or(error)));
                }
            }
        }
        let source = rest.into_inner();
        let limit = self.limits.package_bytes;
        if source.bytes > limit {
            return Err(Refusal::PackageTooLarge { limit }.into());
        }
        Ok(Totals { digest: source.hasher.finish(), bytes: source.bytes })
    }

    fn check(&self) -> Result<(), Refusal> {
        let packed = self.decoder.get_ref().get_ref().bytes;
        let limits = &self.limits;
        if packed > limits.package_bytes {
            return Err(Refusal::PackageTooLarge { limit: limits.package_bytes });
        }
        if self.inflated >= limits.total_bytes {
            return Err(Refusal::TotalTooLarge { limit: limits.total_bytes });
        }
        // The buffer has been read ahead, which only makes the packed side larger.
        if self.inflated > RATIO_FREE_BYTES && self.inflated / limits.ratio.max(1) > packed {
            return Err(Refusal::RatioTooLarge { limit: limits.ratio });
        }
        Ok(())
    }

    fn failed(&mut self, error: &io::Error) -> OpenError {
        match self.decoder.get_mut().get_mut().failure.take() {
            Some(failure) => OpenError::Source(failure),
            None => Refusal::DamagedGzip { reason: error.to_string() }.into(),
        }
    }
}
