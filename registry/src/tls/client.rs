//! What the certificate of a client says, after TLS has verified it.

use std::net::IpAddr;

use chart_format::digest::Sha256;
use tokio_rustls::rustls::pki_types::CertificateDer;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::FromDer;
use x509_parser::x509::AttributeTypeAndValue;

/// Hexadecimal digits by which a certificate is known in journal and log.
const DIGEST_CHARACTERS: usize = 16;

/// Names and end of a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ClientCertificate {
    /// Names with their kind, in the order of [`Self::KINDS`].
    names: Vec<(&'static str, String)>,
    digest: String,
    ends: i64,
}

impl ClientCertificate {
    /// Kinds of names, those first that name a client best.
    pub(crate) const KINDS: [&'static str; 7] =
        ["uri", "dns", "email", "address", "common-name", "organization", "organizational-unit"];

    /// Reads a certificate; `None` when it is none.
    pub(crate) fn read(certificate: &CertificateDer<'_>) -> Option<Self> {
        let (_, read) = X509Certificate::from_der(certificate).ok()?;
        let mut names = alternatives(&read);
        let subject = read.subject();
        names.extend(subject.iter_common_name().filter_map(named("common-name")));
        names.extend(subject.iter_organization().filter_map(named("organization")));
        names.extend(subject.iter_organizational_unit().filter_map(named("organizational-unit")));
        let place = |kind: &str| Self::KINDS.iter().position(|known| *known == kind);
        names.sort_by_key(|(kind, _)| place(kind));
        let digest = Sha256::of(certificate).to_string()[..DIGEST_CHARACTERS].to_owned();
        Some(Self { names, digest, ends: read.validity().not_after.timestamp() })
    }

    /// Its names of a kind.
    pub(crate) fn names(&self, kind: &str) -> impl Iterator<Item = &str> {
        self.names.iter().filter(move |(known, _)| *known == kind).map(|(_, name)| name.as_str())
    }

    /// The name that names the client best; empty when it has none.
    pub(crate) fn main_name(&self) -> &str {
        self.names.first().map_or("", |(_, name)| name)
    }

    /// The beginning of its SHA-256.
    pub(crate) fn digest(&self) -> &str {
        &self.digest
    }

    /// Second since 1970 at which it ends.
    pub(crate) fn ends(&self) -> i64 {
        self.ends
    }
}

fn named<'a>(
    kind: &'static str,
) -> impl Fn(&AttributeTypeAndValue<'a>) -> Option<(&'static str, String)> {
    move |attribute| Some((kind, attribute.as_str().ok()?.to_owned()))
}

fn alternatives(certificate: &X509Certificate<'_>) -> Vec<(&'static str, String)> {
    let extension = certificate.subject_alternative_name().ok().flatten();
    let all = extension.iter().flat_map(|extension| &extension.value.general_names);
    let read = |name: &GeneralName<'_>| match name {
        GeneralName::URI(text) => Some(("uri", (*text).to_owned())),
        GeneralName::DNSName(text) => Some(("dns", (*text).to_owned())),
        GeneralName::RFC822Name(text) => Some(("email", (*text).to_owned())),
        GeneralName::IPAddress(bytes) => Some(("address", address(bytes)?.to_string())),
        _ => None,
    };
    all.filter_map(read).collect()
}

/// An address as certificates have it.
pub(super) fn address(bytes: &[u8]) -> Option<IpAddr> {
    let four = <[u8; 4]>::try_from(bytes).map(IpAddr::from).ok();
    four.or_else(|| <[u8; 16]>::try_from(bytes).map(IpAddr::from).ok())
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, DnType, DnValue, KeyPair, SanType};

    use super::*;

    #[test]
    fn names_are_read_by_kind_and_the_best_one_comes_first() {
        let mut parameters = CertificateParams::new(vec!["ci.example".to_owned()]).unwrap();
        let uri = "spiffe://acme/ci".try_into().unwrap();
        parameters.subject_alt_names.push(SanType::URI(uri));
        parameters.subject_alt_names.push(SanType::IpAddress("10.0.0.7".parse().unwrap()));
        let unit = DnValue::Utf8String("Gr\u{fc}n".to_owned());
        parameters.distinguished_name.push(DnType::CommonName, "runner");
        parameters.distinguished_name.push(DnType::OrganizationName, "acme");
        parameters.distinguished_name.push(DnType::OrganizationalUnitName, unit);
        let certificate = parameters.self_signed(&KeyPair::generate().unwrap()).unwrap();
        let read = ClientCertificate::read(certificate.der()).unwrap();
        for (kind, name) in [
            ("uri", "spiffe://acme/ci"),
            ("dns", "ci.example"),
            ("address", "10.0.0.7"),
            ("common-name", "runner"),
            ("organization", "acme"),
            ("organizational-unit", "Gr\u{fc}n"),
        ] {
            assert_eq!(read.names(kind).collect::<Vec<_>>(), [name], "{kind}");
        }
        assert_eq!((read.main_name(), read.digest().len()), ("spiffe://acme/ci", 16));
        assert!(read.ends() > 0);
        assert!(ClientCertificate::read(&CertificateDer::from(vec![1, 2, 3])).is_none());
    }
}
