//! Runs of base64 in a text, joined over line ends, and their decoding.

use std::borrow::Cow;

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
}

impl<'text> Runs<'text> {
    pub(super) fn new(text: &'text [u8]) -> Self {
        Self { rest: text }
    }

    /// Moves to the next piece that is long enough to begin a run.
    ///
    /// Looks at every sixteenth byte only: a piece covers at least one of them.
    fn seek(&mut self) -> Option<()> {
        let mut at = 0;
        loop {
            let probe = at + MIN_PIECE - 1;
            if !belongs(*self.rest.get(probe)?) {
                at = probe + 1;
                continue;
            }
            let before = self.rest[at..probe].iter().rposition(|byte| !belongs(*byte));
            let start = before.map_or(at, |before| at + before + 1);
            // No further than needed: the same bytes are looked at again for the next piece.
            let enough = self.rest.len().min(start + MIN_PIECE);
            let behind =
                self.rest[probe..enough.max(probe)].iter().position(|byte| !belongs(*byte));
            match behind {
                None if start + MIN_PIECE <= self.rest.len() => {
                    self.rest = &self.rest[start..];
                    return Some(());
                }
                None => return None,
                Some(behind) => at = probe + behind,
            }
        }
    }

    /// Takes the piece at the current place.
    fn piece(&mut self) -> &'text [u8] {
        let end = self.rest.iter().position(|byte| !is_digit(*byte)).unwrap_or(self.rest.len());
        let (piece, after) = self.rest.split_at(end);
        self.rest = after;
        piece
    }
}

impl<'text> Iterator for Runs<'text> {
    type Item = Cow<'text, [u8]>;

    /// The characters of the next long enough run, without what wraps it.
    fn next(&mut self) -> Option<Self::Item> {
        loop {
            self.seek()?;
            let mut piece = self.piece();
            let mut run = Cow::Borrowed(piece);
            while let Some(next) = continuation(self.rest, piece.len()) {
                self.rest = next;
                piece = self.piece();
                run.to_mut().extend_from_slice(piece);
            }
            if run.len() >= MIN_RUN {
                return Some(run);
            }
            if run.is_empty() {
                // The piece begins with a backslash that escapes nothing here.
                self.rest = &self.rest[1..];
            }
        }
    }
}

/// Whether a byte may stand inside of a piece: a digit, or the backslash of an escaped slash.
fn belongs(byte: u8) -> bool {
    is_digit(byte) || byte == b'\\'
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

/// Characters of a run that are decoded at a time.
const WINDOW: usize = 128 << 10;

/// Characters by which windows overlap; more than any key takes.
const OVERLAP: usize = 24 << 10;

/// The parts in which a run is decoded: all of it when it begins like an archive, which can be
/// opened only from its beginning, else windows that overlap.
pub(super) fn parts(run: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut head = Vec::new();
    decode(&run[..run.len().min(512)], &mut head);
    let window = if super::nested::begins_archive(&head) { run.len() } else { WINDOW };
    let step = window.saturating_sub(OVERLAP).max(4).next_multiple_of(4);
    let mut start = Some(0);
    std::iter::from_fn(move || {
        let here = start?;
        let end = run.len().min(here + window);
        start = (end < run.len()).then_some(here + step);
        run.get(here..end)
    })
}
