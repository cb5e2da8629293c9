//! Packets, and the numbers and texts in them.

use super::SignatureError;

/// Tags of packets.
pub(super) const SIGNATURE: u8 = 2;
pub(super) const SECRET_KEY: u8 = 5;
pub(super) const PUBLIC_KEY: u8 = 6;
pub(super) const SECRET_SUBKEY: u8 = 7;
pub(super) const MARKER: u8 = 10;
pub(super) const TRUST: u8 = 12;
pub(super) const USER_ID: u8 = 13;
pub(super) const PUBLIC_SUBKEY: u8 = 14;
pub(super) const USER_ATTRIBUTE: u8 = 17;

type Outcome<T> = Result<T, SignatureError>;

const CUT: SignatureError = SignatureError::Damaged("it ends too early");

/// One packet.
#[derive(Debug, Clone, Copy)]
pub(super) struct Packet<'a> {
    pub(super) tag: u8,
    pub(super) body: &'a [u8],
}

/// Bytes that are read from their beginning on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn take(&mut self, count: usize) -> Outcome<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(CUT)?;
        self.0 = rest;
        Ok(taken)
    }

    pub(super) fn byte(&mut self) -> Outcome<u8> {
        self.take(1)?.first().copied().ok_or(CUT)
    }

    /// A number of `count` bytes, at most four.
    pub(super) fn number(&mut self, count: usize) -> Outcome<usize> {
        Ok(self.take(count)?.iter().fold(0, |number, byte| number << 8 | usize::from(*byte)))
    }

    /// Seconds.
    pub(super) fn time(&mut self) -> Outcome<u64> {
        Ok(self.number(4)? as u64)
    }

    /// A number of any size, without zeros before it.
    pub(super) fn integer(&mut self) -> Outcome<&'a [u8]> {
        let bits = self.number(2)?;
        let bytes = self.take(bits.div_ceil(8))?;
        let zeros = bytes.iter().position(|byte| *byte != 0).unwrap_or(bytes.len());
        Ok(&bytes[zeros..])
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A length of one, two or five bytes.
    pub(super) fn length(&mut self) -> Outcome<usize> {
        match self.byte()? {
            first @ 0..=191 => Ok(usize::from(first)),
            first @ 192..=223 => {
                Ok(((usize::from(first) - 192) << 8) + usize::from(self.byte()?) + 192)
            }
            255 => self.number(4),
            224..=254 => Err(SignatureError::Damaged("a length is given in parts")),
        }
    }
}

/// The packets of a block.
#[derive(Debug)]
pub(super) struct Packets<'a>(Reader<'a>);

impl<'a> Packets<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(Reader(bytes))
    }

    /// The next packet; `None` at the end.
    pub(super) fn next(&mut self) -> Outcome<Option<Packet<'a>>> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let first = self.0.byte()?;
        let (tag, length) = match first >> 6 {
            0b11 => (first & 0x3f, self.0.length()?),
            0b10 => {
                let length = match first & 3 {
                    3 => return Err(SignatureError::Damaged("a packet has no length")),
                    kind => self.0.number(1 << kind)?,
                };
                (first >> 2 & 0x0f, length)
            }
            _ => return Err(SignatureError::Damaged("a packet does not begin as one")),
        };
        Ok(Some(Packet { tag, body: self.0.take(length)? }))
    }
}
