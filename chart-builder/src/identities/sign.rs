//! Signatures of administrators over updates of channels, where their keys are.
//!
//! A signature is public: it goes beside the update in `public/`, is committed, and says nothing of the key. One that is
//! there and right stays; one over another update is made anew. Left out: who has to sign, which the build judges.

use fabric_artifacts::block::{ApplicationOrganization, Signatory, UpdateSignature};
use fabric_artifacts::x509::{Certificate, PrivateKey};

use super::{IdentitiesError, IdentityFault};
use crate::directory::{
    Access, MAX_PUBLIC_FILE_BYTES, NetworkDirectory, Writer, optional_file, paths,
};
use crate::freeze::PendingUpdate;

/// What was signed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Signed {
    /// Files that were written, relative to the network directory.
    pub written: Vec<String>,
    /// Every update that is not frozen yet.
    pub updates: Vec<SignedUpdate>,
}

/// An update and who has signed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedUpdate {
    /// Name of the channel.
    pub channel: String,
    /// Names of the organizations that join.
    pub adds: Vec<String>,
    /// Members whose signatures are there.
    pub signed: Vec<String>,
    /// Members whose signatures are not, and whose keys are somewhere else.
    pub unsigned: Vec<String>,
}

/// Signs these updates for every member whose administrator's key is in the directory, or for this owner alone.
///
/// Each nonce has to be a new one, by chance. /// The directory has to be taken ([`NetworkDirectory::take`]) by the caller for as long as this runs.
pub fn sign(
    directory: &NetworkDirectory,
    pending: &[PendingUpdate],
    owner: Option<&str>,
    nonce: &mut dyn FnMut() -> [u8; 24],
) -> Result<Signed, IdentitiesError> {
    let writer = Writer::new(directory.root());
    let mut signer = Signer { directory, writer, nonce, written: Vec::new() };
    let mut updates = Vec::new();
    for update in pending {
        signer.put(&paths::channel_update(&update.channel, update.number), &update.transaction)?;
        let mut result = SignedUpdate {
            channel: update.channel.clone(),
            adds: update.adds.clone(),
            signed: Vec::new(),
            unsigned: Vec::new(),
        };
        for member in &update.members {
            let may_sign = owner.is_none_or(|owner| owner == member.name);
            let list = if signer.provide(update, member, may_sign)? {
                &mut result.signed
            } else {
                &mut result.unsigned
            };
            list.push(member.name.clone());
        }
        updates.push(result);
    }
    Ok(Signed { written: signer.written, updates })
}

struct Signer<'a> {
    directory: &'a NetworkDirectory,
    writer: Writer,
    nonce: &'a mut dyn FnMut() -> [u8; 24],
    written: Vec<String>,
}

impl Signer<'_> {
    /// Whether the member's signature is there, now or before.
    fn provide(
        &mut self,
        update: &PendingUpdate,
        member: &ApplicationOrganization,
        may_sign: bool,
    ) -> Result<bool, IdentitiesError> {
        let file = paths::update_signature(&update.channel, update.number, &member.name);
        let present = optional_file(&self.directory.path(&file), MAX_PUBLIC_FILE_BYTES)?;
        let right = |bytes: &Vec<u8>| {
            let signature = UpdateSignature::decode(bytes);
            signature.is_ok_and(|it| it.verify(&update.update, member).is_ok())
        };
        if present.as_ref().is_some_and(right) {
            return Ok(true);
        }
        let key = paths::admin_key(&member.name);
        let certificate = paths::admin_certificate(&member.name);
        let (Some(key), Some(certificate)) = (self.text(&key)?, self.text(&certificate)?) else {
            return Ok(false);
        };
        if !may_sign {
            return Ok(false);
        }
        let signature = self.signature(update, member, (&key, &certificate));
        let signature =
            signature.map_err(|source| IdentitiesError::Artifact { path: file.clone(), source })?;
        self.put(&file, &signature.encode())?;
        Ok(true)
    }

    fn signature(
        &mut self,
        update: &PendingUpdate,
        member: &ApplicationOrganization,
        (key, certificate): (&str, &str),
    ) -> Result<UpdateSignature, fabric_artifacts::Error> {
        let (key, certificate) = (PrivateKey::from_pem(key)?, Certificate::from_pem(certificate)?);
        let signatory = Signatory { msp_id: &member.msp.id, certificate: &certificate, key: &key };
        let signature = UpdateSignature::sign(&update.update, &signatory, (self.nonce)())?;
        signature.verify(&update.update, member)?;
        Ok(signature)
    }

    fn text(&self, file: &str) -> Result<Option<String>, IdentitiesError> {
        let bytes = optional_file(&self.directory.path(file), MAX_PUBLIC_FILE_BYTES)?;
        let text = bytes.map(String::from_utf8).transpose();
        text.map_err(|_| {
            let fault = IdentityFault {
                file: file.to_owned(),
                message: "it is not PEM text".to_owned(),
                fix: "restore it".to_owned(),
            };
            IdentitiesError::Faults(vec![fault])
        })
    }

    /// Nothing of an update is frozen here, so what is there of another one makes way.
    fn put(&mut self, file: &str, bytes: &[u8]) -> Result<(), IdentitiesError> {
        let present = optional_file(&self.directory.path(file), MAX_PUBLIC_FILE_BYTES)?;
        if present.is_none_or(|present| present != bytes) {
            self.writer.replace(file, bytes, Access::Public)?;
            self.written.push(file.to_owned());
        }
        Ok(())
    }
}
