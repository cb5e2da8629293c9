//! Certificates: a key, its subkeys, and what their owner says about them.

use super::SignatureError;
use super::algorithm::{self, Material};
use super::packet::{self, Packets, Reader};
use super::signature::{
    CERTIFICATION_REVOCATION, DIRECT_KEY, KEY_REVOCATION, PRIMARY_BINDING, SUBKEY_BINDING,
    SUBKEY_REVOCATION, Signature, key_id,
};

/// Most signatures of the owner that are looked at for one certificate.
const MAX_STATEMENTS: usize = 256;

const HEX: &[u8; 16] = b"0123456789ABCDEF";

type Outcome<T> = Result<T, SignatureError>;

/// A public key as it stands in its packet.
#[derive(Debug, Clone)]
pub(super) struct Key {
    /// The packet's body with what stands before it when it is signed.
    signed_form: Vec<u8>,
    /// When it was made.
    pub(super) created: u64,
    pub(super) material: Material,
    fingerprint: Vec<u8>,
}

/// A key with what holds for it.
#[derive(Debug, Clone)]
pub(super) struct Subject {
    pub(super) key: Key,
    /// The owner's newest valid statement about it.
    newest: Option<Statement>,
    revoked: bool,
}

/// What the owner says about a key.
#[derive(Debug, Clone, Copy)]
struct Statement {
    made: u64,
    valid_for: Option<u64>,
    signs: Option<bool>,
}

/// A key with its subkeys.
#[derive(Debug, Clone)]
pub(super) struct Certificate {
    primary: Subject,
    /// What the owner says about the key under each name, until it is taken back.
    names: Vec<Name>,
    subkeys: Vec<Subject>,
    /// Statements looked at.
    looked_at: usize,
}

/// What the owner says about the key under one name.
#[derive(Debug, Clone, Copy, Default)]
struct Name {
    newest: Option<Statement>,
    /// When the name was last taken back; 0 when it was not.
    taken_back: u64,
}

/// What the signatures that follow are about.
enum About {
    Primary,
    Name(Vec<u8>),
    Subkey,
    Nothing,
}

impl Key {
    fn parse(body: &[u8]) -> Outcome<Self> {
        let mut reader = Reader(body);
        if reader.byte()? != 4 {
            return Err(SignatureError::Algorithm("a key of another version"));
        }
        let created = reader.time()?;
        let number = reader.byte()?;
        let material = Material::parse(number, &mut reader)?;
        let length = u16::try_from(body.len());
        let length = length.map_err(|_| SignatureError::Damaged("a key is too large"))?;
        let signed_form = [&[0x99], &length.to_be_bytes()[..], body].concat();
        let fingerprint = algorithm::fingerprint(&signed_form);
        Ok(Self { signed_form, created, material, fingerprint })
    }

    fn id(&self) -> u64 {
        key_id(self.fingerprint.last_chunk::<8>().map_or(&[], |id| id))
    }
}

impl Statement {
    fn of(signature: &Signature) -> Self {
        let (valid_for, signs) = (signature.key_valid_for, signature.lets_sign());
        Self { made: signature.created, valid_for, signs }
    }
}

fn newer(before: Option<Statement>, next: Statement) -> Option<Statement> {
    before.filter(|before| before.made > next.made).or(Some(next))
}

/// Whether a signature takes something back. One with a digest that is not accepted does, too: who
/// passes over a revocation trusts what its owner does not.
fn takes_back(checked: &Result<(), SignatureError>) -> bool {
    matches!(checked, Ok(()) | Err(SignatureError::Algorithm(_)))
}

impl Subject {
    fn new(key: Key) -> Self {
        Self { key, newest: None, revoked: false }
    }

    fn hear(&mut self, signature: &Signature) {
        self.newest = newer(self.newest, Statement::of(signature));
    }

    fn expired(&self, statement: Option<Statement>, now: u64) -> bool {
        let seconds = statement.and_then(|statement| statement.valid_for);
        seconds.is_some_and(|seconds| self.key.created.saturating_add(seconds) <= now)
    }
}

impl Certificate {
    fn new(primary: Subject) -> Self {
        Self { primary, names: Vec::new(), subkeys: Vec::new(), looked_at: 0 }
    }

    /// Reads every certificate of a block.
    pub(super) fn read_all(packets: &mut Packets<'_>, found: &mut Vec<Self>) -> Outcome<()> {
        let mut about = About::Nothing;
        let before = found.len();
        while let Some(packet) = packets.next()? {
            match packet.tag {
                packet::SECRET_KEY | packet::SECRET_SUBKEY => {
                    return Err(SignatureError::PrivateKey);
                }
                packet::PUBLIC_KEY => {
                    let primary = Subject::new(Key::parse(packet.body)?);
                    found.push(Self::new(primary));
                    about = About::Primary;
                }
                packet::MARKER | packet::TRUST => {}
                packet::USER_ATTRIBUTE => about = About::Nothing,
                tag => {
                    let last = found.get_mut(before..).and_then(<[Self]>::last_mut);
                    let last =
                        last.ok_or(SignatureError::Damaged("it does not begin with a key"))?;
                    about = last.read((tag, packet.body), about)?;
                }
            }
        }
        Ok(())
    }

    fn read(&mut self, (tag, body): (u8, &[u8]), about: About) -> Outcome<About> {
        match tag {
            packet::USER_ID => {
                let length = u32::try_from(body.len());
                let length = length.map_err(|_| SignatureError::Damaged("a name is too large"))?;
                self.names.push(Name::default());
                Ok(About::Name([&[0xb4], &length.to_be_bytes()[..], body].concat()))
            }
            packet::PUBLIC_SUBKEY => {
                self.subkeys.push(Subject::new(Key::parse(body)?));
                Ok(About::Subkey)
            }
            packet::SIGNATURE => {
                self.hear(body, &about)?;
                Ok(about)
            }
            _ => Err(SignatureError::Damaged("a packet has no place in a certificate")),
        }
    }

    /// Takes a statement of the owner; those of others and unreadable ones are passed over.
    fn hear(&mut self, body: &[u8], about: &About) -> Outcome<()> {
        let Ok(signature) = Signature::parse(body) else { return Ok(()) };
        if signature.issuer() != Some(self.primary.key.id()) {
            return Ok(());
        }
        self.looked_at += 1;
        if self.looked_at > MAX_STATEMENTS {
            return Err(SignatureError::Damaged("a key has too many signatures of its owner"));
        }
        let primary = &self.primary.key;
        let check = |more: &[u8]| signature.verify(primary, &[&primary.signed_form, more].concat());
        match (about, signature.kind) {
            (About::Primary, KEY_REVOCATION) => self.primary.revoked |= takes_back(&check(&[])),
            (About::Primary, DIRECT_KEY) if check(&[]).is_ok() => self.primary.hear(&signature),
            (About::Name(name), CERTIFICATION_REVOCATION) if takes_back(&check(name)) => {
                if let Some(name) = self.names.last_mut() {
                    name.taken_back = name.taken_back.max(signature.created);
                }
            }
            (About::Name(name), _) if signature.certifies() && check(name).is_ok() => {
                if let Some(name) = self.names.last_mut() {
                    name.newest = newer(name.newest, Statement::of(&signature));
                }
            }
            (About::Subkey, SUBKEY_BINDING | SUBKEY_REVOCATION) => self.hear_of_subkey(&signature),
            _ => {}
        }
        Ok(())
    }

    fn hear_of_subkey(&mut self, signature: &Signature) {
        let Some(subkey) = self.subkeys.last_mut() else { return };
        let content = [&self.primary.key.signed_form[..], &subkey.key.signed_form].concat();
        if signature.verify(&self.primary.key, &content).is_err() {
            return;
        }
        if signature.kind == SUBKEY_REVOCATION {
            subkey.revoked = true;
            return;
        }
        // A key that signs must say itself that it belongs here, or anybody's could be claimed.
        let agrees = signature.embedded.as_ref().is_some_and(|embedded| {
            embedded.kind == PRIMARY_BINDING && embedded.verify(&subkey.key, &content).is_ok()
        });
        if agrees || signature.lets_sign() != Some(true) {
            subkey.hear(signature);
        }
    }

    /// The key with this number.
    pub(super) fn key(&self, id: u64) -> Option<&Subject> {
        std::iter::once(&self.primary).chain(&self.subkeys).find(|subject| subject.key.id() == id)
    }

    /// The certificate's fingerprint in hexadecimal digits.
    pub(super) fn fingerprint(&self) -> String {
        let digit = |number: u8| char::from(HEX[usize::from(number & 0x0f)]);
        let bytes = self.primary.key.fingerprint.iter();
        bytes.flat_map(|byte| [digit(byte >> 4), digit(*byte)]).collect()
    }

    /// What the owner says now about the certificate as a whole.
    fn statement(&self) -> Option<Statement> {
        let names = self
            .names
            .iter()
            .filter_map(|name| name.newest.filter(|statement| statement.made > name.taken_back));
        names.fold(self.primary.newest, newer)
    }

    /// Refuses a key that does not count at `now`.
    pub(super) fn admits(&self, subject: &Subject, now: u64) -> Outcome<()> {
        let fingerprint = self.fingerprint();
        if self.primary.revoked || subject.revoked {
            return Err(SignatureError::KeyRevoked { fingerprint });
        }
        let whole = self.statement();
        let is_primary = subject.key.fingerprint == self.primary.key.fingerprint;
        let own = if is_primary { whole } else { subject.newest };
        if self.primary.expired(whole, now) || subject.expired(own, now) {
            return Err(SignatureError::KeyExpired { fingerprint });
        }
        // Without a statement of its owner a key says nothing, not even that it is valid.
        let signs = own.is_some_and(|statement| statement.signs.unwrap_or(is_primary));
        if whole.is_none() || !signs {
            return Err(SignatureError::NotForSigning { fingerprint });
        }
        Ok(())
    }
}
