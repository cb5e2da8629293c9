//! Signatures over updates of a configuration: made where a key is, checked as orderers do, packed into the transaction.
//!
//! A signature names who has signed by certificate, so it is public and travels as a file. Left out: policies other than
//! those that this crate gives organizations, where an administrator is who has the unit `admin` or stands among the
//! MSP's administrators.

use prost::Message as _;

use super::configuration::ApplicationOrganization;
use super::envelope::{decode, fault, present};
use super::messages as wire;
use crate::Error;
use crate::msp::{Msp, OrganizationalUnits};
use crate::x509::{Certificate, PrivateKey, Role};

const PART: &str = "signature of an update";

/// `common.ConfigSignature`: one identity's signature over an update.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpdateSignature {
    /// The encoded `common.SignatureHeader`: who has signed, and a nonce.
    header: Vec<u8>,
    /// ECDSA over the header and the update, DER.
    signature: Vec<u8>,
}

/// Who signs.
#[derive(Debug, Clone, Copy)]
pub struct Signatory<'a> {
    /// MSP id.
    pub msp_id: &'a str,
    /// Certificate of the administrator.
    pub certificate: &'a Certificate,
    /// Its key.
    pub key: &'a PrivateKey,
}

impl UpdateSignature {
    /// Signs an encoded `common.ConfigUpdate`; the nonce has to be a new one each time.
    pub fn sign(update: &[u8], signatory: &Signatory<'_>, nonce: [u8; 24]) -> Result<Self, Error> {
        signatory.certificate.check_key(signatory.key)?;
        let creator = wire::SerializedIdentity {
            mspid: signatory.msp_id.to_owned(),
            id_bytes: signatory.certificate.pem().as_bytes().to_vec(),
        };
        let header =
            wire::SignatureHeader { creator: creator.encode_to_vec(), nonce: nonce.to_vec() };
        let header = header.encode_to_vec();
        let signature = signatory.key.sign(&[header.as_slice(), update].concat());
        Ok(Self { header, signature })
    }

    /// The `common.ConfigSignature` as bytes.
    pub fn encode(&self) -> Vec<u8> {
        self.to_wire().encode_to_vec()
    }

    /// Reads a `common.ConfigSignature`.
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let read: wire::ConfigSignature = decode(PART, bytes)?;
        if read.signature_header.is_empty() || read.signature.is_empty() {
            return Err(fault(PART, "it has no header or no signature"));
        }
        Ok(Self { header: read.signature_header, signature: read.signature })
    }

    /// Refuses a signature that is not one of an administrator of this member over this update.
    pub fn verify(&self, update: &[u8], member: &ApplicationOrganization) -> Result<(), Error> {
        let header: wire::SignatureHeader = decode(PART, &self.header)?;
        let creator: wire::SerializedIdentity = decode(PART, &header.creator)?;
        if creator.mspid != member.msp.id {
            let reason = format!("it is of `{}`, not of `{}`", creator.mspid, member.msp.id);
            return Err(fault(PART, &reason));
        }
        let pem = String::from_utf8(creator.id_bytes)
            .map_err(|_| fault(PART, "its certificate is not PEM text"))?;
        let certificate = Certificate::from_pem(&pem)?;
        check_administrator(&certificate, &member.msp)?;
        let signed = [self.header.as_slice(), update].concat();
        certificate.verify_signature(&signed, &self.signature)
    }

    fn to_wire(&self) -> wire::ConfigSignature {
        wire::ConfigSignature {
            signature_header: self.header.clone(),
            signature: self.signature.clone(),
        }
    }
}

/// An administrator of the MSP: certified by one of its authorities, with the unit or among the known ones.
fn check_administrator(certificate: &Certificate, msp: &Msp) -> Result<(), Error> {
    let mut refused = fault(PART, "the MSP has no authority");
    let mut known = false;
    for authority in msp.roots.iter().chain(&msp.intermediates) {
        match certificate.verify_issued_by(&Certificate::from_pem(authority)?) {
            Ok(()) => known = true,
            Err(error) => refused = error,
        }
    }
    if !known {
        return Err(refused);
    }
    let admin = Role::Admin.organizational_unit();
    let by_unit = msp.units == OrganizationalUnits::All
        && certificate.organizational_units().iter().any(|unit| unit == admin);
    let by_name = msp.admins.iter().any(|own| own.trim() == certificate.pem().trim());
    if by_unit || by_name {
        return Ok(());
    }
    let owner = &certificate.subject().common_name;
    Err(fault(PART, &format!("`{owner}` is no administrator of `{}`", msp.id)))
}

/// The unsigned transaction of an update with these signatures: what `peer channel update -f` takes.
pub fn with_signatures(
    transaction: &[u8],
    signatures: &[UpdateSignature],
) -> Result<Vec<u8>, Error> {
    let (payload, mut update) = open(transaction)?;
    update.signatures = signatures.iter().map(UpdateSignature::to_wire).collect();
    let payload = wire::Payload { data: update.encode_to_vec(), ..payload };
    let envelope = wire::Envelope { payload: payload.encode_to_vec(), signature: Vec::new() };
    Ok(envelope.encode_to_vec())
}

/// The encoded `common.ConfigUpdate` in a transaction: what signatures are made over.
pub fn update_of_transaction(transaction: &[u8]) -> Result<Vec<u8>, Error> {
    open(transaction).map(|(_, update)| update.config_update)
}

fn open(transaction: &[u8]) -> Result<(wire::Payload, wire::ConfigUpdateEnvelope), Error> {
    let part = "update";
    let envelope: wire::Envelope = decode(part, transaction)?;
    let payload: wire::Payload = decode(part, &envelope.payload)?;
    present("payload header", payload.header.as_ref())?;
    let update: wire::ConfigUpdateEnvelope = decode(part, &payload.data)?;
    Ok((payload, update))
}
