//! Names of owners in certificates.

use rcgen::{DistinguishedName, DnType, DnValue};
use x509_parser::asn1_rs::{Oid, Tag};
use x509_parser::x509::{AttributeTypeAndValue, X509Name};

use crate::Error;

/// Upper bound of a common name in X.509, in characters.
const MAX_COMMON_NAME: usize = 64;

/// The owner of a certificate, written in the order that Go writes: C, ST, L, O, OU, CN.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Subject {
    /// C: two letters.
    pub country: Option<String>,
    /// ST.
    pub province: Option<String>,
    /// L.
    pub locality: Option<String>,
    /// O.
    pub organization: Option<String>,
    /// OU: in an identity, the role that `NodeOUs` read.
    pub organizational_unit: Option<String>,
    /// CN: at most 64 characters.
    pub common_name: String,
}

impl Subject {
    /// The name for the certificate library; refuses what X.509 cannot hold.
    pub(super) fn to_distinguished_name(&self) -> Result<DistinguishedName, Error> {
        let length = self.common_name.chars().count();
        if length == 0 || length > MAX_COMMON_NAME {
            return Err(Error::Name {
                name: self.common_name.clone(),
                reason: "a common name has 1 to 64 characters",
            });
        }
        let mut name = DistinguishedName::new();
        let attributes = [
            (DnType::CountryName, self.country.as_deref()),
            (DnType::StateOrProvinceName, self.province.as_deref()),
            (DnType::LocalityName, self.locality.as_deref()),
            (DnType::OrganizationName, self.organization.as_deref()),
            (DnType::OrganizationalUnitName, self.organizational_unit.as_deref()),
            (DnType::CommonName, Some(self.common_name.as_str())),
        ];
        for (kind, value) in attributes {
            if let Some(value) = value {
                name.push(kind, directory_string(value));
            }
        }
        Ok(name)
    }

    /// Reads the first value of each attribute; empty where there is none.
    pub(super) fn from_name(name: &X509Name<'_>) -> Self {
        Self {
            country: first(name.iter_country()),
            province: first(name.iter_state_or_province()),
            locality: first(name.iter_locality()),
            organization: first(name.iter_organization()),
            organizational_unit: first(name.iter_organizational_unit()),
            common_name: first(name.iter_common_name()).unwrap_or_default(),
        }
    }
}

/// Every organizational unit of a name, in order.
pub(super) fn organizational_units(name: &X509Name<'_>) -> Vec<String> {
    name.iter_organizational_unit()
        .filter_map(|attribute| attribute.as_str().ok())
        .map(str::to_owned)
        .collect()
}

/// The name of an authority for the certificate library, value types kept, so that issuer and subject agree byte for byte.
pub(super) fn issuer_name(name: &X509Name<'_>) -> Result<DistinguishedName, Error> {
    let mut issuer = DistinguishedName::new();
    for relative in name.iter() {
        let mut attributes = relative.iter();
        let (Some(attribute), None) = (attributes.next(), attributes.next()) else {
            return Err(unusable(
                name,
                "a relative name with several values cannot be an issuer's",
            ));
        };
        let kind = kind(attribute.attr_type())
            .ok_or_else(|| unusable(name, "an attribute's object identifier cannot be read"))?;
        if issuer.get(&kind).is_some() {
            return Err(unusable(name, "the same attribute twice cannot be an issuer's"));
        }
        issuer.push(
            kind,
            value(attribute).ok_or_else(|| {
                unusable(
                    name,
                    "only PrintableString and UTF8String are supported in an issuer's name",
                )
            })?,
        );
    }
    Ok(issuer)
}

/// `PrintableString` where the characters allow it, as Go writes.
fn directory_string(value: &str) -> DnValue {
    match value.try_into() {
        Ok(printable) => DnValue::PrintableString(printable),
        Err(_) => DnValue::Utf8String(value.to_owned()),
    }
}

fn first<'a, 'b: 'a>(
    mut attributes: impl Iterator<Item = &'a AttributeTypeAndValue<'b>>,
) -> Option<String> {
    attributes.next().and_then(|attribute| attribute.as_str().ok()).map(str::to_owned)
}

fn kind(identifier: &Oid<'_>) -> Option<DnType> {
    let arcs: Vec<u64> = identifier.iter()?.collect();
    Some(DnType::from_oid(&arcs))
}

fn value(attribute: &AttributeTypeAndValue<'_>) -> Option<DnValue> {
    let text = attribute.as_str().ok()?;
    match attribute.attr_value().tag() {
        Tag::PrintableString => text.try_into().ok().map(DnValue::PrintableString),
        Tag::Utf8String => Some(DnValue::Utf8String(text.to_owned())),
        _ => None,
    }
}

fn unusable(name: &X509Name<'_>, reason: &'static str) -> Error {
    Error::Name { name: name.to_string(), reason }
}
