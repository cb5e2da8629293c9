//! What happened to a repository, as it stands in a commit.
//!
//! Fields that this program does not know are skipped on reading; they are not lost, because a
//! commit's bytes are never written again. An operation that it does not know stops writing, unless
//! the event says that it may be ignored.

mod oci;
mod policy;
mod quarantine;
mod token;

use chart_format::digest::Sha256;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

pub use oci::{BlobRef, Manifest, OciEvent, OciRecord, Unmanifest, Untag};
pub use policy::{Change, PolicyEvent, VersionEvent};
pub use quarantine::{QuarantineChange, QuarantineEvent};
pub use token::{Issued, TokenChange, TokenEvent, TokenGrant};

use crate::timestamp::Timestamp;

/// One event of a commit.
#[derive(Debug, Clone)]
pub enum Event {
    /// A package became available.
    Publish(Publish),
    /// A version was taken away; it may come back only with the same content.
    Delete(Delete),
    /// A signature over a package became available.
    Provenance(Provenance),
    /// Something happened to a version that is there.
    Version(VersionEvent),
    /// Rules changed.
    Policy(PolicyEvent),
    /// OCI manifests or tags changed.
    Oci(OciEvent),
    /// A token was issued or revoked.
    Token(TokenEvent),
    /// A package that is not served was found or dealt with.
    Quarantine(QuarantineEvent),
    /// An operation of a later program.
    Unknown {
        /// Its name.
        operation: String,
        /// True when a reader may go on as if it were not there.
        ignorable: bool,
    },
}

/// A package became available.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Publish {
    /// Path of the repository; empty for the root.
    pub repo: String,
    /// Name of the chart.
    pub name: String,
    /// Version of the chart, as written in its Chart.yaml.
    pub version: String,
    /// Who did it.
    pub actor: Actor,
    /// The request that did it, as in the log.
    pub request: String,
    /// The stored bytes.
    pub package: PackageRef,
    /// Digest of the files inside the package, whatever compressor packed them; with `sha256:`.
    #[serde(with = "prefixed")]
    pub content: Sha256,
    /// Whether other content under this version was to be replaced, and was.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub force: bool,
    /// When it was first published elsewhere, for what is imported; the commit's time when later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<Timestamp>,
    /// Chart.yaml as compact JSON in Helm's order of fields.
    pub chart: Box<RawValue>,
    /// What the version looks like to OCI clients; entries of the first days do not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oci: Option<OciRecord>,
}

/// A version was taken away.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Delete {
    /// Path of the repository; empty for the root.
    pub repo: String,
    /// Name of the chart.
    pub name: String,
    /// Version of the chart.
    pub version: String,
    /// Who did it.
    pub actor: Actor,
    /// The request that did it, as in the log.
    pub request: String,
}

/// A signature over a package became available. It is written once and never changes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Provenance {
    /// Path of the repository; empty for the root.
    pub repo: String,
    /// Name of the chart.
    pub name: String,
    /// Version of the chart.
    pub version: String,
    /// Who did it.
    pub actor: Actor,
    /// The request that did it, as in the log.
    pub request: String,
    /// The stored provenance file.
    pub provenance: PackageRef,
    /// Digest of the package that it vouches for.
    pub package: Sha256,
    /// Whose key was found to have signed it; nothing when nobody had to look.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signer: Option<Signer>,
    /// Digest of the OCI manifest with package and signature.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oci: Option<Sha256>,
}

/// A key that has signed a provenance file, as it was found at the upload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signer {
    /// Fingerprint of the key's certificate, in hexadecimal digits.
    pub fingerprint: String,
    /// Digest of the rules that asked for the signature.
    pub policy: Sha256,
}

/// Stored bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackageRef {
    /// Their SHA-256.
    pub sha256: Sha256,
    /// Their number.
    pub size: u64,
}

/// Who caused an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// The subject; `anonymous` when nothing is known of it.
    pub sub: String,
    /// How the subject was known: `http` when it was not, `token:ID`, `password`, `storage` or
    /// `embedded`.
    pub via: String,
}

#[derive(Deserialize)]
struct Operation {
    op: String,
    #[serde(default)]
    ignorable: bool,
}

impl Event {
    /// Who did it; nobody for an operation of a later program.
    pub fn actor(&self) -> Option<&Actor> {
        match self {
            Self::Publish(it) => Some(&it.actor),
            Self::Delete(it) => Some(&it.actor),
            Self::Provenance(it) => Some(&it.actor),
            Self::Version(it) => Some(&it.actor),
            Self::Policy(it) => Some(&it.actor),
            Self::Token(it) => Some(&it.actor),
            Self::Quarantine(it) => Some(&it.actor),
            Self::Oci(it) => Some(it.actor()),
            Self::Unknown { .. } => None,
        }
    }

    pub(crate) fn parse(text: &RawValue) -> Result<Self, serde_json::Error> {
        let Operation { op, ignorable } = serde_json::from_str(text.get())?;
        match op.as_str() {
            "publish" => serde_json::from_str(text.get()).map(Self::Publish),
            "delete" => serde_json::from_str(text.get()).map(Self::Delete),
            "provenance" => serde_json::from_str(text.get()).map(Self::Provenance),
            "policy" => serde_json::from_str(text.get()).map(Self::Policy),
            "token" => serde_json::from_str(text.get()).map(Self::Token),
            "quarantine" => serde_json::from_str(text.get()).map(Self::Quarantine),
            op if Change::OPERATIONS.contains(&op) => {
                serde_json::from_str(text.get()).map(Self::Version)
            }
            _ => Ok(match OciEvent::parse(&op, text)? {
                Some(event) => Self::Oci(event),
                None => Self::Unknown { operation: op, ignorable },
            }),
        }
    }
}

impl Serialize for Event {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        #[serde(tag = "op", rename_all = "lowercase")]
        enum Tagged<'a> {
            Publish(&'a Publish),
            Delete(&'a Delete),
            Provenance(&'a Provenance),
            Policy(&'a PolicyEvent),
            Token(&'a TokenEvent),
            Quarantine {
                /// A program that does not know the operation serves and writes as before.
                ignorable: bool,
                #[serde(flatten)]
                event: &'a QuarantineEvent,
            },
        }
        match self {
            Self::Publish(publish) => Tagged::Publish(publish).serialize(serializer),
            Self::Delete(delete) => Tagged::Delete(delete).serialize(serializer),
            Self::Provenance(it) => Tagged::Provenance(it).serialize(serializer),
            Self::Policy(it) => Tagged::Policy(it).serialize(serializer),
            Self::Token(it) => Tagged::Token(it).serialize(serializer),
            Self::Quarantine(event) => {
                Tagged::Quarantine { ignorable: true, event }.serialize(serializer)
            }
            // A change brings its own operation.
            Self::Version(it) => it.serialize(serializer),
            Self::Oci(event) => event.serialize(serializer),
            Self::Unknown { operation, .. } => Err(serde::ser::Error::custom(format!(
                "operation `{operation}` is not one that this program writes"
            ))),
        }
    }
}

mod prefixed {
    use chart_format::digest::Sha256;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(
        digest: &Sha256,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&digest.prefixed())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Sha256, D::Error> {
        Sha256::deserialize(deserializer)
    }
}
