//! Certificate authorities and what they issue.

use rand::CryptoRng;
use rcgen::{CertificateParams, CustomExtension, IsCa, Issuer, SerialNumber};
use time::{Duration, OffsetDateTime};
use x509_parser::prelude::FromDer as _;

use super::extension::{self, KeyUsage};
use super::key::Signer;
use super::subject::{Subject, issuer_name};
use super::{Certificate, PrivateKey};
use crate::Error;

/// `cryptogen`'s lifetime of every certificate: 3650 days.
pub const TEN_YEARS: Duration = Duration::days(3650);

/// Bytes of a serial number.
const SERIAL_BYTES: usize = 16;

/// When and with what randomness certificates are made; nothing here looks at a clock.
pub struct Issuance<'random> {
    /// First second of validity; parts of a second are dropped.
    pub not_before: OffsetDateTime,
    /// Length of validity; a certificate never outlives its authority.
    pub lifetime: Duration,
    /// Source of keys and serial numbers.
    pub random: &'random mut dyn CryptoRng,
}

/// What an authority vouches for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AuthorityKind {
    /// Identities that sign transactions and blocks.
    Signing,
    /// TLS certificates of nodes.
    Tls,
    /// Above the authorities of servers that certify identities by themselves: a root of its own, because Fabric takes no
    /// identity of a root that has authorities below it in the same MSP.
    Enrollment,
}

impl AuthorityKind {
    /// `ca.<domain>`, `tlsca.<domain>` or `enrollment-ca.<domain>` of this organization.
    pub fn subject(self, organization: &str, domain: &str) -> Subject {
        let prefix = match self {
            Self::Signing => "ca",
            Self::Tls => "tlsca",
            Self::Enrollment => "enrollment-ca",
        };
        Subject {
            organization: Some(organization.to_owned()),
            common_name: format!("{prefix}.{domain}"),
            ..Subject::default()
        }
    }
}

/// What an identity may do; stands as organizational unit in its certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Endorses and keeps ledgers.
    Peer,
    /// Orders blocks.
    Orderer,
    /// Administers the organization.
    Admin,
    /// Sends transactions.
    Client,
}

impl Role {
    /// The organizational unit that Fabric's `NodeOUs` look for.
    pub fn organizational_unit(self) -> &'static str {
        match self {
            Self::Peer => "peer",
            Self::Orderer => "orderer",
            Self::Admin => "admin",
            Self::Client => "client",
        }
    }
}

/// A certificate to be issued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Leaf {
    /// A signing identity with exactly one role.
    Identity {
        /// For example `peer0.org1` or `Admin@org1`.
        common_name: String,
        /// Its organizational unit.
        role: Role,
    },
    /// A node that serves and dials with TLS.
    Tls {
        /// For example `peer0.org1`.
        common_name: String,
        /// DNS names and addresses that it is dialled by; may be empty for a pure client in `cryptogen`'s shape.
        names: Vec<String>,
    },
    /// A client of TLS endpoints that never serves.
    Client {
        /// For example `orderer-admin@org1`.
        common_name: String,
    },
    /// An authority below the one that issues it: it can be taken away without the root, which stays offline. Identities that
    /// it issues are trusted where its certificate stands among the intermediates of the MSP.
    Authority {
        /// For example `intermediate-ca.org1`.
        subject: Subject,
    },
}

/// A certificate with its new key.
#[derive(Debug, Clone)]
pub struct Issued {
    /// The certificate.
    pub certificate: Certificate,
    /// Its key.
    pub key: PrivateKey,
}

/// A certificate authority that can issue.
#[derive(Debug, Clone)]
pub struct Authority {
    certificate: Certificate,
    key: PrivateKey,
}

impl Authority {
    /// Makes a key and a self-signed root certificate.
    pub fn create(subject: &Subject, issuance: &mut Issuance<'_>) -> Result<Self, Error> {
        let key = PrivateKey::generate(issuance.random);
        Self::self_signed(subject, key, issuance)
    }

    /// Makes a self-signed root certificate for an existing key.
    pub fn self_signed(
        subject: &Subject,
        key: PrivateKey,
        issuance: &mut Issuance<'_>,
    ) -> Result<Self, Error> {
        let mut parameters = parameters(subject, issuance)?;
        parameters.not_after = end(&subject.common_name, issuance, None)?;
        parameters.custom_extensions = vec![
            extension::key_usage(KeyUsage::Authority),
            extension::authority_purposes(),
            extension::basic_constraints(true),
            extension::subject_key_identifier(&key.subject_key_id()),
        ];
        let certificate = parameters
            .self_signed(&Signer(&key))
            .map_err(|error| refused(&subject.common_name, &error))?;
        Self::new(Certificate::from_pem(&certificate.pem())?, key)
    }

    /// Makes a key and the certificate of an authority below this one.
    ///
    /// It can be taken away again without the root, which stays offline; identities that it issues are trusted where its
    /// certificate stands among the intermediates of the MSP.
    pub fn subordinate(
        &self,
        subject: &Subject,
        issuance: &mut Issuance<'_>,
    ) -> Result<Self, Error> {
        let key = PrivateKey::generate(issuance.random);
        let certificate =
            self.certify(&key, &Leaf::Authority { subject: subject.clone() }, issuance)?;
        Self::new(certificate, key)
    }

    /// Puts an authority's certificate and key together; refuses a key that does not match and a certificate that is none.
    pub fn new(certificate: Certificate, key: PrivateKey) -> Result<Self, Error> {
        certificate.check_authority()?;
        certificate.check_key(&key)?;
        Ok(Self { certificate, key })
    }

    /// The root certificate.
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// The root key.
    pub fn key(&self) -> &PrivateKey {
        &self.key
    }

    /// Makes a key and a certificate for it.
    pub fn issue(&self, leaf: &Leaf, issuance: &mut Issuance<'_>) -> Result<Issued, Error> {
        let key = PrivateKey::generate(issuance.random);
        let certificate = self.certify(&key, leaf, issuance)?;
        Ok(Issued { certificate, key })
    }

    /// Issues a certificate for an existing key: a renewal, or other names.
    ///
    /// Orderers know consenters by the public key of their TLS certificate, so a renewal with the same key is no change of
    /// the channel's configuration.
    pub fn certify(
        &self,
        key: &PrivateKey,
        leaf: &Leaf,
        issuance: &mut Issuance<'_>,
    ) -> Result<Certificate, Error> {
        let subject = self.subject_of(leaf);
        let mut parameters = parameters(&subject, issuance)?;
        parameters.not_after = end(&subject.common_name, issuance, Some(&self.certificate))?;
        parameters.custom_extensions = self.extensions_of(leaf, key)?;
        let issued = parameters
            .signed_by(&Signer(key), &self.issuer()?)
            .map_err(|error| refused(&subject.common_name, &error))?;
        let certificate = Certificate::from_pem(&issued.pem())?;
        certificate.verify_issued_by(&self.certificate)?;
        Ok(certificate)
    }

    fn issuer(&self) -> Result<Issuer<'_, Signer<'_>>, Error> {
        let (_, parsed) =
            x509_parser::certificate::X509Certificate::from_der(self.certificate.der())
                .map_err(|error| Error::Certificate { reason: error.to_string() })?;
        let mut parameters = CertificateParams::default();
        parameters.distinguished_name = issuer_name(parsed.subject())?;
        Ok(Issuer::new(parameters, Signer(&self.key)))
    }

    /// Country, province and locality are the authority's; the organization is left out, as `cryptogen` does.
    fn subject_of(&self, leaf: &Leaf) -> Subject {
        let (common_name, organizational_unit) = match leaf {
            Leaf::Authority { subject } => return subject.clone(),
            Leaf::Identity { common_name, role } => {
                (common_name, Some(role.organizational_unit().to_owned()))
            }
            Leaf::Tls { common_name, .. } | Leaf::Client { common_name } => (common_name, None),
        };
        let own = self.certificate.subject();
        Subject {
            country: own.country.clone(),
            province: own.province.clone(),
            locality: own.locality.clone(),
            organization: None,
            organizational_unit,
            common_name: common_name.clone(),
        }
    }

    fn extensions_of(&self, leaf: &Leaf, key: &PrivateKey) -> Result<Vec<CustomExtension>, Error> {
        let usage = match leaf {
            Leaf::Authority { .. } => KeyUsage::Authority,
            Leaf::Identity { .. } => KeyUsage::Signature,
            Leaf::Tls { .. } | Leaf::Client { .. } => KeyUsage::Tls,
        };
        let mut extensions = vec![extension::key_usage(usage)];
        match leaf {
            Leaf::Identity { .. } => {}
            Leaf::Tls { .. } => extensions.push(extension::node_purposes()),
            Leaf::Client { .. } => extensions.push(extension::client_purposes()),
            Leaf::Authority { .. } => extensions.push(extension::authority_purposes()),
        }
        let is_authority = matches!(leaf, Leaf::Authority { .. });
        extensions.push(extension::basic_constraints(is_authority));
        if is_authority {
            extensions.push(extension::subject_key_identifier(&key.subject_key_id()));
        }
        if let Some(identifier) = self.certificate.subject_key_id() {
            extensions.push(extension::authority_key_identifier(identifier));
        }
        if let Leaf::Tls { names, .. } = leaf
            && !names.is_empty()
        {
            extensions.push(extension::subject_alternative_names(names)?);
        }
        Ok(extensions)
    }
}

/// Subject, serial number and begin; extensions are ours alone, see [`extension`].
fn parameters(subject: &Subject, issuance: &mut Issuance<'_>) -> Result<CertificateParams, Error> {
    let mut serial = [0; SERIAL_BYTES];
    issuance.random.fill_bytes(&mut serial);
    let mut parameters = CertificateParams::default();
    parameters.distinguished_name = subject.to_distinguished_name()?;
    parameters.serial_number = Some(SerialNumber::from_slice(&serial));
    parameters.is_ca = IsCa::NoCa;
    parameters.not_before =
        issuance.not_before.to_offset(time::UtcOffset::UTC).truncate_to_second();
    Ok(parameters)
}

fn end(
    subject: &str,
    issuance: &Issuance<'_>,
    authority: Option<&Certificate>,
) -> Result<OffsetDateTime, Error> {
    let fault = |reason| Error::Validity { subject: subject.to_owned(), reason };
    let begin = issuance.not_before.to_offset(time::UtcOffset::UTC).truncate_to_second();
    let wanted = begin
        .checked_add(issuance.lifetime)
        .filter(|end| *end > begin && end.year() <= 9999 && begin.year() >= 1950)
        .ok_or_else(|| fault("it has to end after it begins, between the years 1950 and 9999"))?;
    match authority {
        None => Ok(wanted),
        Some(authority) if authority.not_after() <= begin => {
            Err(fault("its authority has expired by then; renew the authority first"))
        }
        Some(authority) => Ok(wanted.min(authority.not_after())),
    }
}

fn refused(subject: &str, error: &rcgen::Error) -> Error {
    Error::Issue { subject: subject.to_owned(), reason: error.to_string() }
}
