//! Private keys in PEM and PGP armour.

use memchr::memmem;

use super::KeyKind;

/// Characters of base64 that make a body out of what follows a header.
const MIN_BODY: usize = 32;

/// A word shorter than this is a word of prose rather than a line of base64.
const MIN_LINE: usize = 16;

/// How far behind a header its body is looked for.
const WINDOW: usize = 4096;

/// Finds a header of a private key with a body behind it.
pub(super) fn find(bytes: &[u8]) -> Option<KeyKind> {
    memmem::find_iter(bytes, b"PRIVATE KEY").find_map(|start| {
        let after = &bytes[start + b"PRIVATE KEY".len()..];
        let body = [&b"-----"[..], b" BLOCK-----", b" ----"]
            .iter()
            .find_map(|end| after.strip_prefix(*end))?;
        let label = label(bytes, start)?;
        has_body(&body[..body.len().min(WINDOW)]).then_some(KeyKind::Pem(label))
    })
}

/// The header's label, if the header begins as it must.
fn label(bytes: &[u8], start: usize) -> Option<String> {
    const LONGEST: usize = 40;
    let before = &bytes[start.saturating_sub(LONGEST)..start];
    let begin = [&b"-----BEGIN "[..], b"---- BEGIN "]
        .iter()
        .find_map(|begin| memmem::rfind(before, begin).map(|at| at + begin.len()))?;
    let prefix = &before[begin..];
    let fits = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b' ';
    prefix.iter().all(fits).then(|| format!("{}PRIVATE KEY", String::from_utf8_lossy(prefix)))
}

/// Whether key material follows: base64 in lines, after optional `Name: value` lines.
///
/// Lines that are shorter than usual count as well when the end mark follows and they begin like a
/// key.
fn has_body(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    let (mut long, mut short) = (0, 0);
    let mut begins_like_key = false;
    while let Some((word, after)) = next_word(rest) {
        rest = after;
        if word.ends_with(b":") && long + short == 0 {
            rest = skip_line(rest);
            continue;
        }
        if word.starts_with(b"-----END") || word.starts_with(b"----") {
            return begins_like_key && long + short >= 48;
        }
        let digits = word.iter().rposition(|byte| *byte != b'=').map_or(0, |last| last + 1);
        let is_checksum = word.len() == 5 && word[0] == b'=';
        if !is_checksum && !word[..digits].iter().all(|byte| is_base64(*byte)) {
            return false;
        }
        if long + short == 0 {
            begins_like_key =
                word.starts_with(b"M") || word.starts_with(b"b3Blbn") || word.starts_with(b"l");
        }
        if digits >= MIN_LINE && has_both_cases(word) {
            long += digits;
        } else {
            short += digits;
        }
        if long >= MIN_BODY && short == 0 {
            return true;
        }
    }
    false
}

/// As any 16 characters of base64 have, all but one in a thousand, and paths and words do not.
fn has_both_cases(word: &[u8]) -> bool {
    word.iter().any(u8::is_ascii_uppercase) && word.iter().any(u8::is_ascii_lowercase)
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')
}

/// The next word between blanks, quotes, comment signs and the escapes `\n`, `\r`, `\t`.
fn next_word(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut rest = bytes;
    loop {
        rest = match rest {
            [b'\\', b'n' | b'r' | b't', after @ ..] => after,
            [first, after @ ..] if is_between(*first) => after,
            _ => break,
        };
    }
    let is_end =
        |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b'"' | b'\'' | b'\\' | b',');
    let end = rest.iter().position(is_end).unwrap_or(rest.len());
    (end > 0).then(|| rest.split_at(end))
}

/// Blanks, quotes, and the signs before and behind lines in YAML, JSON and comments.
fn is_between(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b'"' | b'\'' | b'#' | b'|' | b'>' | b'\\' | b',')
}

fn skip_line(bytes: &[u8]) -> &[u8] {
    let end =
        bytes.windows(2).position(|pair| pair[0] == b'\n' || pair == b"\\n").unwrap_or(bytes.len());
    &bytes[end..]
}
