//! Signature packets of version 4.

use super::SignatureError;
use super::algorithm::Hash;
use super::certificate::Key;
use super::packet::Reader;

/// Kinds of signatures.
pub(super) const BINARY: u8 = 0x00;
pub(super) const TEXT: u8 = 0x01;
pub(super) const SUBKEY_BINDING: u8 = 0x18;
pub(super) const PRIMARY_BINDING: u8 = 0x19;
pub(super) const DIRECT_KEY: u8 = 0x1f;
pub(super) const KEY_REVOCATION: u8 = 0x20;
pub(super) const SUBKEY_REVOCATION: u8 = 0x28;
pub(super) const CERTIFICATION_REVOCATION: u8 = 0x30;

/// The flag of keys that sign.
const SIGNS: u8 = 0x02;

type Outcome<T> = Result<T, SignatureError>;

/// A signature, and what it says besides.
#[derive(Debug, Clone)]
pub(super) struct Signature {
    pub(super) kind: u8,
    hash: u8,
    /// Everything that is signed besides the content: the packet up to the signed notes.
    head: Vec<u8>,
    numbers: Vec<u8>,
    /// When it was made.
    pub(super) created: u64,
    /// Seconds after which it means nothing.
    valid_for: Option<u64>,
    /// Seconds after which the key that it is about means nothing.
    pub(super) key_valid_for: Option<u64>,
    flags: Option<u8>,
    issuer: Option<u64>,
    /// A signature by the subkey that this one binds.
    pub(super) embedded: Option<Box<Signature>>,
}

impl Signature {
    pub(super) fn parse(body: &[u8]) -> Outcome<Self> {
        Self::parse_at(body, 0)
    }

    fn parse_at(body: &[u8], depth: u8) -> Outcome<Self> {
        let mut reader = Reader(body);
        if reader.byte()? != 4 {
            return Err(SignatureError::Algorithm("a signature of another version"));
        }
        let (kind, _algorithm, hash) = (reader.byte()?, reader.byte()?, reader.byte()?);
        let signed = reader.number(2)?;
        let signed = reader.take(signed)?;
        let head = body[..6 + signed.len()].to_vec();
        let unsigned = reader.number(2)?;
        let unsigned = reader.take(unsigned)?;
        // Two bytes of the digest, for those who want to be told early.
        reader.take(2)?;
        let mut signature = Self {
            kind,
            hash,
            head,
            numbers: reader.0.to_vec(),
            created: 0,
            valid_for: None,
            key_valid_for: None,
            flags: None,
            issuer: None,
            embedded: None,
        };
        signature.notes(signed, true, depth)?;
        signature.notes(unsigned, false, depth)?;
        if signature.created == 0 {
            return Err(SignatureError::Damaged("a signature says no time"));
        }
        Ok(signature)
    }

    /// Reads the notes; of those that are not signed only what proves itself counts.
    fn notes(&mut self, notes: &[u8], signed: bool, depth: u8) -> Outcome<()> {
        const CRITICAL: u8 = 0x80;
        let mut reader = Reader(notes);
        while !reader.is_empty() {
            let length = reader.length()?;
            let mut note = Reader(reader.take(length)?);
            let first = note.byte()?;
            match (first & !CRITICAL, signed) {
                (2, true) => self.created = note.time()?,
                (3, true) => self.valid_for = Some(note.time()?).filter(|time| *time > 0),
                (9, true) => self.key_valid_for = Some(note.time()?).filter(|time| *time > 0),
                (27, true) => self.flags = Some(note.0.first().copied().unwrap_or_default()),
                (16, _) => self.issuer = self.issuer.or(Some(key_id(note.take(8)?))),
                (33, _) if note.0.len() == 21 => self.issuer = Some(key_id(&note.0[13..])),
                (32, _) if depth == 0 => {
                    self.embedded = Some(Box::new(Self::parse_at(note.0, depth + 1)?));
                }
                // Preferences and notes for people mean nothing here.
                (4 | 5 | 7 | 11 | 20..=26 | 28..=34, _) => {}
                (_, true) if first & CRITICAL != 0 => {
                    return Err(SignatureError::Damaged("it says something critical and unknown"));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Checks the signature by `key` over `content`.
    pub(super) fn verify(&self, key: &Key, content: &[u8]) -> Outcome<()> {
        let hash = Hash::parse(self.hash)?;
        let length = u32::try_from(self.head.len()).map_err(|_| SignatureError::Wrong)?;
        let message = [content, &self.head, &[4, 0xff], &length.to_be_bytes()].concat();
        key.material.verify(hash, &message, Reader(&self.numbers))
    }

    pub(super) fn is_over_text(&self) -> bool {
        // What signs a text as it is signs it in the same form as what signs it as lines.
        matches!(self.kind, BINARY | TEXT)
    }

    /// Number of the key that made it, as it says.
    pub(super) fn issuer(&self) -> Option<u64> {
        self.issuer
    }

    pub(super) fn expired(&self, now: u64) -> bool {
        self.valid_for.is_some_and(|seconds| self.created.saturating_add(seconds) <= now)
    }

    /// Whether the key that it is about is made for signing; `None` when it says nothing.
    pub(super) fn lets_sign(&self) -> Option<bool> {
        self.flags.map(|flags| flags & SIGNS != 0)
    }

    /// Whether it says that its key belongs to a name.
    pub(super) fn certifies(&self) -> bool {
        (0x10..=0x13).contains(&self.kind)
    }
}

/// The last eight bytes of a fingerprint, as a number.
pub(super) fn key_id(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |id, byte| id << 8 | u64::from(*byte))
}
