//! Reading certificates and checking them against authorities and keys.

use std::net::IpAddr;

use p256::ecdsa::signature::Verifier as _;
use p256::ecdsa::{Signature, VerifyingKey};
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{GeneralName, ParsedExtension};
use x509_parser::oid_registry::{OID_KEY_TYPE_EC_PUBLIC_KEY, OID_SIG_ECDSA_WITH_SHA256};
use x509_parser::pem::Pem;
use x509_parser::prelude::FromDer as _;

use super::PrivateKey;
use super::subject::{Subject, organizational_units};
use crate::{Error, hex};

/// Label of a certificate's PEM block.
const LABEL: &str = "CERTIFICATE";

/// A certificate that has been read; its PEM text is kept as it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    pem: String,
    der: Vec<u8>,
    subject: Subject,
    organizational_units: Vec<String>,
    raw_subject: Vec<u8>,
    raw_issuer: Vec<u8>,
    dns_names: Vec<String>,
    ip_addresses: Vec<IpAddr>,
    not_before: OffsetDateTime,
    not_after: OffsetDateTime,
    usages: Usages,
    subject_key_id: Option<Vec<u8>>,
    authority_key_id: Option<Vec<u8>>,
    public_key_info: Vec<u8>,
    public_point: Vec<u8>,
    signed: Vec<u8>,
    signature: Signature,
}

/// What the extensions allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "four independent flags of the X.509 extensions")]
struct Usages {
    is_authority: bool,
    signs_certificates: bool,
    authenticates_servers: bool,
    authenticates_clients: bool,
}

impl Certificate {
    /// Reads exactly one PEM block with a P-256 certificate; white space around it is allowed.
    pub fn from_pem(pem: &str) -> Result<Self, Error> {
        let der = decode_pem(pem)?;
        let (rest, parsed) = X509Certificate::from_der(&der)
            .map_err(|error| Error::Certificate { reason: error.to_string() })?;
        if !rest.is_empty() {
            return Err(Error::Certificate { reason: "bytes follow the certificate".to_owned() });
        }
        check_algorithms(&parsed)?;
        let signature = Signature::from_der(&parsed.signature_value.data).map_err(|_| {
            Error::Certificate { reason: "the signature is no ECDSA signature".to_owned() }
        })?;
        let extensions = Extensions::read(&parsed)?;
        Ok(Self {
            pem: pem.to_owned(),
            subject: Subject::from_name(parsed.subject()),
            organizational_units: organizational_units(parsed.subject()),
            raw_subject: parsed.subject().as_raw().to_vec(),
            raw_issuer: parsed.issuer().as_raw().to_vec(),
            dns_names: extensions.dns_names,
            ip_addresses: extensions.ip_addresses,
            not_before: parsed.validity().not_before.to_datetime(),
            not_after: parsed.validity().not_after.to_datetime(),
            usages: extensions.usages,
            subject_key_id: extensions.subject_key_id,
            authority_key_id: extensions.authority_key_id,
            public_key_info: parsed.public_key().raw.to_vec(),
            public_point: parsed.public_key().subject_public_key.data.to_vec(),
            signed: parsed.tbs_certificate.as_ref().to_vec(),
            signature,
            der: der.clone(),
        })
    }

    /// The text as it was read.
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// The certificate's own bytes.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// Lower-case hex SHA-256 of the PEM text, which is also the value of a Secret's key.
    pub fn sha256(&self) -> String {
        hex::lower(&Sha256::digest(self.pem.as_bytes()))
    }

    /// The owner.
    pub fn subject(&self) -> &Subject {
        &self.subject
    }

    /// Every organizational unit; Fabric wants exactly one role among them.
    pub fn organizational_units(&self) -> &[String] {
        &self.organizational_units
    }

    /// DNS names that it answers for.
    pub fn dns_names(&self) -> &[String] {
        &self.dns_names
    }

    /// Addresses that it answers for.
    pub fn ip_addresses(&self) -> &[IpAddr] {
        &self.ip_addresses
    }

    /// Those of the wanted names and addresses that it does not answer for.
    pub fn missing_names<'a>(&self, wanted: &'a [String]) -> Vec<&'a str> {
        wanted
            .iter()
            .filter(|name| match name.parse::<IpAddr>() {
                Ok(address) => !self.ip_addresses.contains(&address),
                Err(_) => !self.dns_names.iter().any(|own| own.eq_ignore_ascii_case(name)),
            })
            .map(String::as_str)
            .collect()
    }

    /// First second of validity.
    pub fn not_before(&self) -> OffsetDateTime {
        self.not_before
    }

    /// Last second of validity.
    pub fn not_after(&self) -> OffsetDateTime {
        self.not_after
    }

    /// Whether its basic constraints say `CA:TRUE`.
    pub fn is_authority(&self) -> bool {
        self.usages.is_authority
    }

    /// Whether servers may use it.
    pub fn authenticates_servers(&self) -> bool {
        self.usages.authenticates_servers
    }

    /// Whether clients may use it; consenters dial each other and need both.
    pub fn authenticates_clients(&self) -> bool {
        self.usages.authenticates_clients
    }

    /// Identifier of its own key, if it says one.
    pub fn subject_key_id(&self) -> Option<&[u8]> {
        self.subject_key_id.as_deref()
    }

    /// Identifier of its issuer's key, if it says one.
    pub fn authority_key_id(&self) -> Option<&[u8]> {
        self.authority_key_id.as_deref()
    }

    /// The public key as `SubjectPublicKeyInfo`, DER.
    pub fn public_key_info(&self) -> &[u8] {
        &self.public_key_info
    }

    /// Whether the signature's S lies in the lower half, as Fabric writes it.
    pub fn has_low_s(&self) -> bool {
        self.signature.normalize_s() == self.signature
    }

    /// Refuses a certificate that this authority did not issue: another issuer's name, key identifier, or signature.
    pub fn verify_issued_by(&self, authority: &Self) -> Result<(), Error> {
        let fault = |reason| Error::NotIssuedBy {
            subject: self.subject.common_name.clone(),
            authority: authority.subject.common_name.clone(),
            reason,
        };
        authority.check_authority()?;
        if self.raw_issuer != authority.raw_subject {
            return Err(fault("its issuer has another name"));
        }
        match (&self.authority_key_id, &authority.subject_key_id) {
            (Some(wanted), Some(own)) if wanted != own => {
                return Err(fault("its issuer has another key of the same name"));
            }
            _ => {}
        }
        let key = VerifyingKey::from_sec1_bytes(&authority.public_point)
            .map_err(|_| fault("the authority's public key is no point of P-256"))?;
        key.verify(&self.signed, &self.signature).map_err(|_| fault("the signature is wrong"))
    }

    /// Refuses what is no signature of this certificate's key over the message; a high S is refused, as Fabric does.
    pub fn verify_signature(&self, message: &[u8], signature: &[u8]) -> Result<(), Error> {
        let fault = |reason| Error::Signature { subject: self.subject.common_name.clone(), reason };
        let signature =
            Signature::from_der(signature).map_err(|_| fault("it is no ECDSA signature"))?;
        if signature.normalize_s() != signature {
            return Err(fault("its S is in the upper half"));
        }
        let key = VerifyingKey::from_sec1_bytes(&self.public_point)
            .map_err(|_| fault("the certificate's public key is no point of P-256"))?;
        key.verify(message, &signature).map_err(|_| fault("it is over something else"))
    }

    /// Refuses a certificate that Fabric would not take as a root: `CA:TRUE`, certificate signing and a key identifier.
    pub fn check_authority(&self) -> Result<(), Error> {
        let reason = if !self.usages.is_authority {
            "its basic constraints do not say CA:TRUE"
        } else if !self.usages.signs_certificates {
            "its key usage does not allow to sign certificates"
        } else if self.subject_key_id.is_none() {
            "it has no subject key identifier, which Fabric demands"
        } else {
            return Ok(());
        };
        Err(Error::NotAnAuthority { subject: self.subject.common_name.clone(), reason })
    }

    /// Refuses a private key of another certificate.
    pub fn check_key(&self, key: &PrivateKey) -> Result<(), Error> {
        if self.public_point == key.public_point() {
            Ok(())
        } else {
            Err(Error::KeyMismatch { subject: self.subject.common_name.clone() })
        }
    }
}

/// What is read from the extensions.
#[derive(Default)]
struct Extensions {
    dns_names: Vec<String>,
    ip_addresses: Vec<IpAddr>,
    usages: Usages,
    subject_key_id: Option<Vec<u8>>,
    authority_key_id: Option<Vec<u8>>,
}

impl Extensions {
    fn read(parsed: &X509Certificate<'_>) -> Result<Self, Error> {
        let mut read = Self::default();
        for extension in parsed.extensions() {
            match extension.parsed_extension() {
                ParsedExtension::BasicConstraints(constraints) => {
                    read.usages.is_authority = constraints.ca;
                }
                ParsedExtension::KeyUsage(usage) => {
                    read.usages.signs_certificates = usage.key_cert_sign();
                }
                ParsedExtension::ExtendedKeyUsage(usage) => {
                    read.usages.authenticates_servers = usage.server_auth || usage.any;
                    read.usages.authenticates_clients = usage.client_auth || usage.any;
                }
                ParsedExtension::SubjectKeyIdentifier(identifier) => {
                    read.subject_key_id = Some(identifier.0.to_vec());
                }
                ParsedExtension::AuthorityKeyIdentifier(authority) => {
                    read.authority_key_id =
                        authority.key_identifier.as_ref().map(|identifier| identifier.0.to_vec());
                }
                ParsedExtension::SubjectAlternativeName(names) => {
                    read.read_names(&names.general_names)?;
                }
                ParsedExtension::ParseError { error } => {
                    return Err(Error::Certificate { reason: format!("an extension: {error}") });
                }
                _ => {}
            }
        }
        Ok(read)
    }

    fn read_names(&mut self, names: &[GeneralName<'_>]) -> Result<(), Error> {
        for name in names {
            match name {
                GeneralName::DNSName(name) => self.dns_names.push((*name).to_owned()),
                GeneralName::IPAddress(bytes) => self.ip_addresses.push(ip_address(bytes)?),
                _ => {}
            }
        }
        Ok(())
    }
}

fn ip_address(bytes: &[u8]) -> Result<IpAddr, Error> {
    if let Ok(octets) = <[u8; 4]>::try_from(bytes) {
        Ok(IpAddr::from(octets))
    } else if let Ok(octets) = <[u8; 16]>::try_from(bytes) {
        Ok(IpAddr::from(octets))
    } else {
        let reason = format!("an IP address has {} bytes", bytes.len());
        Err(Error::Certificate { reason })
    }
}

fn decode_pem(text: &str) -> Result<Vec<u8>, Error> {
    let fault = |reason: &str| Error::Pem { expected: LABEL, reason: reason.to_owned() };
    let trimmed = text.trim();
    if !trimmed.starts_with("-----BEGIN ") {
        return Err(fault("the text does not begin with one"));
    }
    let mut blocks = Pem::iter_from_buffer(trimmed.as_bytes());
    let block = match blocks.next() {
        Some(Ok(block)) => block,
        Some(Err(error)) => return Err(fault(&error.to_string())),
        None => return Err(fault("there is none")),
    };
    if block.label != LABEL {
        return Err(fault(&format!("the block is labelled `{}`", block.label)));
    }
    if trimmed.matches("-----BEGIN ").count() != 1 {
        return Err(fault("there are several"));
    }
    Ok(block.contents)
}

fn check_algorithms(parsed: &X509Certificate<'_>) -> Result<(), Error> {
    /// Object identifier of the curve P-256.
    const CURVE: &str = "1.2.840.10045.3.1.7";
    let fault = |algorithm: String| {
        Err(Error::Algorithm {
            subject: Subject::from_name(parsed.subject()).common_name,
            algorithm,
        })
    };
    let key = &parsed.public_key().algorithm;
    let curve = key.parameters.as_ref().and_then(|parameters| parameters.as_oid().ok());
    if key.algorithm != OID_KEY_TYPE_EC_PUBLIC_KEY {
        return fault(format!("a key of type {}", key.algorithm));
    }
    if curve.as_ref().map(ToString::to_string).as_deref() != Some(CURVE) {
        let name = curve.map_or_else(|| "without a name".to_owned(), |curve| curve.to_string());
        return fault(format!("the curve {name}"));
    }
    if parsed.signature_algorithm.algorithm != OID_SIG_ECDSA_WITH_SHA256 {
        return fault(format!("the signature algorithm {}", parsed.signature_algorithm.algorithm));
    }
    Ok(())
}
