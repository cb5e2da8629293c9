//! Everything that can be wrong with Fabric artefacts.

use std::fmt;

use crate::block::GenesisFault;
use crate::cryptogen::TreeFault;

/// Why an artefact cannot be made or read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The text is not one PEM block of the expected kind.
    #[error("expected one PEM block `{expected}`: {reason}")]
    Pem {
        /// Label of the block, for example `CERTIFICATE`.
        expected: &'static str,
        /// What is there instead.
        reason: String,
    },
    /// The key is not a PKCS#8 P-256 key.
    #[error(
        "the private key is not an unencrypted PKCS#8 P-256 key ({reason}); convert it with `openssl pkcs8 -topk8 -nocrypt`"
    )]
    PrivateKey {
        /// What the decoder says.
        reason: String,
    },
    /// The certificate cannot be decoded.
    #[error("the certificate cannot be read: {reason}")]
    Certificate {
        /// What the decoder says.
        reason: String,
    },
    /// The certificate's key or signature is not ECDSA on P-256 with SHA-256.
    #[error(
        "certificate `{subject}` uses {algorithm}; only ECDSA on P-256 with SHA-256 is supported"
    )]
    Algorithm {
        /// Common name of the certificate.
        subject: String,
        /// The algorithm's name or object identifier.
        algorithm: String,
    },
    /// A certificate that has to be a certificate authority is none.
    #[error("certificate `{subject}` is no certificate authority: {reason}")]
    NotAnAuthority {
        /// Common name of the certificate.
        subject: String,
        /// Which property is missing.
        reason: &'static str,
    },
    /// The certificate was not issued by this authority.
    #[error("certificate `{subject}` was not issued by `{authority}`: {reason}")]
    NotIssuedBy {
        /// Common name of the certificate.
        subject: String,
        /// Common name of the authority.
        authority: String,
        /// What differs: the issuer's name, the key identifier or the signature.
        reason: &'static str,
    },
    /// A signature is not one of this certificate's owner over what was to be signed.
    #[error("the signature is not one of `{subject}`: {reason}")]
    Signature {
        /// Common name of the certificate.
        subject: String,
        /// What is wrong.
        reason: &'static str,
    },
    /// The private key belongs to another certificate.
    #[error("the private key does not belong to certificate `{subject}`")]
    KeyMismatch {
        /// Common name of the certificate.
        subject: String,
    },
    /// A name cannot stand in a certificate.
    #[error("`{name}` cannot stand in a certificate: {reason}")]
    Name {
        /// The name.
        name: String,
        /// The rule that it breaks.
        reason: &'static str,
    },
    /// The validity cannot be written or lies outside of the authority's.
    #[error("certificate `{subject}` cannot be valid for that time: {reason}")]
    Validity {
        /// Common name of the certificate.
        subject: String,
        /// What is wrong.
        reason: &'static str,
    },
    /// The certificate library refused.
    #[error("certificate `{subject}` cannot be issued: {reason}")]
    Issue {
        /// Common name of the certificate.
        subject: String,
        /// What the library says.
        reason: String,
    },
    /// A signature policy is not written in Fabric's language.
    #[error("policy, column {column}: {reason}")]
    Policy {
        /// Character position, from 1.
        column: usize,
        /// What is wrong there, and what is expected.
        reason: String,
    },
    /// A channel cannot be made from these inputs; every fault is listed.
    #[error("channel `{channel}` cannot be made: {}", List(.faults))]
    Genesis {
        /// Name of the channel.
        channel: String,
        /// All faults, in the order of the configuration.
        faults: Vec<GenesisFault>,
    },
    /// A tree of certificates and keys cannot be taken over; every fault is listed.
    #[error("the tree of certificates cannot be imported: {}", List(.faults))]
    Tree {
        /// All faults, organization by organization.
        faults: Vec<TreeFault>,
    },
    /// A block cannot be decoded.
    #[error("the block cannot be read: {part}: {reason}")]
    Block {
        /// Which part of the block.
        part: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Two configurations are equal, and an update needs a difference.
    #[error(
        "channel `{channel}`: the new configuration is the old one; there is nothing to update"
    )]
    NoChange {
        /// Name of the channel.
        channel: String,
    },
    /// A chaincode package cannot be made from this input.
    #[error("chaincode package `{label}`: {reason}")]
    Package {
        /// Label of the package.
        label: String,
        /// What is wrong, and the rule.
        reason: String,
    },
}

/// Shows a list of faults in one line.
struct List<'a, T>(&'a [T]);

impl<T: fmt::Display> fmt::Display for List<'_, T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.0.iter().enumerate() {
            if index > 0 {
                formatter.write_str("; ")?;
            }
            write!(formatter, "{fault}")?;
        }
        Ok(())
    }
}
