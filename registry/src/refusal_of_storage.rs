//! What a client hears when the storage did not do what it was asked: a refusal where waiting, space or
//! the same request again helps, a fault where only the operator does.

use chart_registry_store::StoreError;

use crate::refusal::{Code, PublishError, Refusal};

impl From<StoreError> for PublishError {
    fn from(error: StoreError) -> Self {
        let (code, fix) = match &error {
            StoreError::Full { .. } => (Code::StorageFull, "free some space and send it again"),
            StoreError::Unwritable { .. } => (
                Code::StorageReadOnly,
                "let the operator mount it for writing, then send it again; reading goes on",
            ),
            StoreError::ReadOnly { .. } => {
                (Code::StorageReadOnly, "tell the registry's operator; reading goes on")
            }
            StoreError::OutcomeUnknown { .. } => {
                (Code::OutcomeUnknown, "send the same content again: it is stored at most once")
            }
            StoreError::Bucket { passing: true, .. } => {
                (Code::StorageUnavailable, "send the same content again in a moment")
            }
            StoreError::Stopping => (Code::Stopping, "send it again in a moment"),
            StoreError::CommitTooLarge { .. } => (Code::TooLarge, "make Chart.yaml smaller"),
            StoreError::Io { .. }
            | StoreError::Bucket { .. }
            | StoreError::Unreachable { .. }
            | StoreError::Unconditional
            | StoreError::NotAStore { .. }
            | StoreError::DamagedFormat { .. }
            | StoreError::NewerFormat { .. }
            | StoreError::MissingCommit { .. }
            | StoreError::DamagedCommit { .. }
            | StoreError::DamagedSegment { .. }
            | StoreError::DamagedObject { .. }
            | StoreError::BrokenChain { .. }
            | StoreError::WrongDigest { .. } => return Self::Fault(error.into()),
        };
        if error.is_passing() {
            // What a bucket says names hosts that are no client's business.
            tracing::warn!(%error, "the bucket did not do what it was asked");
            let what = "the storage does not answer";
            return Self::Refused(Refusal::new(code, what, "storage", fix));
        }
        Self::Refused(Refusal::new(code, &error.to_string(), "storage", fix))
    }
}
