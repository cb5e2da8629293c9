//! Runs of base64 in a text, joined over line ends, and their decoding.

/// The shortest run that can hold a key: 39 bytes of SEC 1 make 52 characters.
const MIN_RUN: usize = 48;

/// A piece that is shorter is a word and is not joined with the next line.
const MIN_PIECE: usize = 16;

/// No character of base64.
const NONE: u8 = 0xff;

/// Value of each character, of base64 and base64url alike.
const VALUES: [u8; 256] = {
    let mut values = [NONE; 256];
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut value = 0_u8;
    while value < 64 {
        values[alphabet[value as usize] as usize] = value;
        value += 1;
    }
    values[b'-' as usize] = 62;
    values[b'_' as usize] = 63;
    values
};

/// Walks through the runs of a text.
pub(super) struct Runs<'text> {
    rest: &'text [u8],
    run: Vec<u8>,
}

impl<'text> Runs<'text> {
    pub(super) fn new(text: &'text [u8]) -> Self {
        Self { rest: text, run: Vec::new() }
    }

    /// The characters of the next long enough run, without what wraps it.
    pub(super) fn next(&mut self) -> Option<&[u8]> {
        loop {
            let start = self.rest.iter().position(|byte| is_digit(*byte))?;
            self.rest = &self.rest[start..];
            self.run.clear();
            loop {
                let end =
                    self.rest.iter().position(|byte| !is_digit(*byte)).unwrap_or(self.rest.len());
                let (piece, after) = self.rest.split_at(end);
                self.run.extend_from_slice(piece);
                self.rest = after;
                match continuation(after, piece.len()) {
                    Some(next) => self.rest = next,
                    None => break,
                }
            }
            if self.run.len() >= MIN_RUN {
                return Some(&self.run);
            }
        }
    }
}

/// Where the run goes on behind a line end or an escaped slash, if it does.
fn continuation(after: &[u8], piece: usize) -> Option<&[u8]> {
    if let [b'\\', b'/', ..] = after {
        return Some(&after[1..]);
    }
    if piece < MIN_PIECE {
        return None;
    }
    let next = skip_blanks(line_end(skip_blanks(after))?);
    next.first().is_some_and(|byte| is_digit(*byte)).then_some(next)
}

fn skip_blanks(text: &[u8]) -> &[u8] {
    let end = text.iter().position(|byte| !matches!(byte, b' ' | b'\t')).unwrap_or(text.len());
    &text[end..]
}

/// Skips a line end, as a character or as an escape.
fn line_end(text: &[u8]) -> Option<&[u8]> {
    let text = text.strip_prefix(b"\r").or_else(|| text.strip_prefix(b"\\r")).unwrap_or(text);
    text.strip_prefix(b"\n").or_else(|| text.strip_prefix(b"\\n"))
}

fn is_digit(byte: u8) -> bool {
    VALUES[usize::from(byte)] != NONE
}

/// Decodes characters of a run; up to three at the end may be left over.
pub(super) fn decode(run: &[u8], out: &mut Vec<u8>) {
    out.clear();
    out.reserve(run.len() / 4 * 3 + 2);
    let value = |byte: u8| u32::from(VALUES[usize::from(byte)]);
    let (groups, rest) = run.as_chunks::<4>();
    for [a, b, c, d] in groups {
        let bits = value(*a) << 18 | value(*b) << 12 | value(*c) << 6 | value(*d);
        let [_, bytes @ ..] = bits.to_be_bytes();
        out.extend_from_slice(&bytes);
    }
    let bits =
        rest.iter().fold(0, |bits, byte| bits << 6 | value(*byte)) << (6 * (4 - rest.len()) % 24);
    let [_, bytes @ ..] = bits.to_be_bytes();
    out.extend_from_slice(&bytes[..rest.len().saturating_sub(1)]);
}
