//! Finds private keys in files that must not hold any.
//!
//! Known are PEM and PGP armour, DER (PKCS#8 plain and encrypted, SEC 1, PKCS#1, DSA, PKCS#12),
//! both also as base64 at any alignment, in base64url, wrapped into lines, in JSON escapes, and
//! all of it inside of gzip, tar and zip archives. Certificates, public keys, random data and
//! texts that only speak about keys pass.
//!
//! The work is linear in the input: every decoded or inflated byte is paid from a budget, and what
//! cannot be searched within it is reported as [`KeyKind::Unsearchable`] rather than passed.
//!
//! Left out: keys without any structure (raw 32 bytes), compressors other than deflate, texts in
//! other encodings than ASCII's (UTF-16, hex), base64 that is cut into YAML list items, and base64
//! inside of base64 beyond the depth limit.

mod base64_runs;
mod der;
mod nested;
mod pem;

use std::fmt;

/// Archives and encodings inside of each other.
const MAX_DEPTH: usize = 6;

/// Most bytes that one nested archive may inflate to, and that all open ones may hold together.
const MAX_NESTED_BYTES: usize = 5 << 20;

/// Bytes that may be searched beyond a multiple of the input.
const FREE_WORK: usize = 64 << 20;

/// How many times the input may be searched in decoded forms.
const WORK_FACTOR: usize = 48;

/// What was found and where inside of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The kind of key.
    pub kind: KeyKind,
    /// The encodings and archives around it, from the outside in.
    pub inside: Vec<Layer>,
}

/// A kind of private key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyKind {
    /// PEM or PGP armour with this label, as in `EC PRIVATE KEY`.
    Pem(String),
    /// DER of PKCS#8.
    Pkcs8,
    /// DER of encrypted PKCS#8.
    EncryptedPkcs8,
    /// DER of SEC 1, an elliptic-curve key.
    Sec1,
    /// DER of PKCS#1 or of a DSA key.
    Pkcs1,
    /// DER of PKCS#12, a key store.
    Pkcs12,
    /// Nested too deeply, or too large, to be searched.
    Unsearchable,
}

/// Something that a key can hide in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layer {
    /// Base64 or base64url.
    Base64,
    /// A gzip stream.
    Gzip,
    /// A tar archive.
    Tar,
    /// A zip archive.
    Zip,
}

impl fmt::Display for Layer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Base64 => "base64",
            Self::Gzip => "gzip",
            Self::Tar => "tar",
            Self::Zip => "zip",
        })
    }
}

impl Finding {
    /// No key was found, and none can be excluded.
    pub fn is_unsearchable(&self) -> bool {
        self.kind == KeyKind::Unsearchable
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            KeyKind::Pem(label) => write!(formatter, "PEM `{label}`")?,
            KeyKind::Pkcs8 => formatter.write_str("DER, PKCS#8")?,
            KeyKind::EncryptedPkcs8 => formatter.write_str("DER, encrypted PKCS#8")?,
            KeyKind::Sec1 => formatter.write_str("DER, SEC 1")?,
            KeyKind::Pkcs1 => formatter.write_str("DER, PKCS#1 or DSA")?,
            KeyKind::Pkcs12 => formatter.write_str("PKCS#12 key store")?,
            KeyKind::Unsearchable => {
                formatter.write_str("nested too deeply or too large when unpacked")?;
            }
        }
        for layer in self.inside.iter().rev() {
            write!(formatter, " in {layer}")?;
        }
        Ok(())
    }
}

/// Looks for a private key in a file's content; returns the first one.
pub fn find(content: &[u8]) -> Option<Finding> {
    let work = content.len().saturating_mul(WORK_FACTOR).saturating_add(FREE_WORK);
    Search { work, held: 0, layers: Vec::new() }.look(content)
}

/// A search in progress.
struct Search {
    /// Bytes that may still be searched.
    work: usize,
    /// Bytes of inflated archives that are held at this moment.
    held: usize,
    layers: Vec<Layer>,
}

impl Search {
    /// Looks in one byte string in every way.
    fn look(&mut self, bytes: &[u8]) -> Option<Finding> {
        if let Some(finding) = self.pay(bytes.len()) {
            return Some(finding);
        }
        if let Some(kind) = pem::find(bytes).or_else(|| der::find(bytes)) {
            return Some(self.found(kind));
        }
        if let Some(finding) = self.archives(bytes) {
            return Some(finding);
        }
        if self.layers.len() < MAX_DEPTH { self.base64(bytes) } else { None }
    }

    fn found(&self, kind: KeyKind) -> Finding {
        Finding { kind, inside: self.layers.clone() }
    }

    /// Takes work from the budget; a finding when there is none left.
    fn pay(&mut self, bytes: usize) -> Option<Finding> {
        match self.work.checked_sub(bytes) {
            Some(left) => {
                self.work = left;
                None
            }
            None => Some(self.found(KeyKind::Unsearchable)),
        }
    }

    /// Looks in what base64 runs hold, beginning at each of the four characters of a group.
    fn base64(&mut self, bytes: &[u8]) -> Option<Finding> {
        let mut decoded = Vec::new();
        for run in base64_runs::Runs::new(bytes) {
            for part in (0..4).flat_map(|offset| base64_runs::parts(&run[offset..])) {
                base64_runs::decode(part, &mut decoded);
                self.layers.push(Layer::Base64);
                let finding = self.look(&decoded);
                self.layers.pop();
                if finding.is_some() {
                    return finding;
                }
            }
        }
        None
    }
}

#[cfg(test)]
mod tests;
