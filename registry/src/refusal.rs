//! What the registry says when it does not do what was asked.
//!
//! A [`Refusal`] is about the request and tells how to fix it. A [`Fault`] is ours: its cause goes to
//! the log, the client gets an id to ask with. A fault is never dressed up as "not found".

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use chart_registry_catalog::ApplyError;
use chart_registry_store::StoreError;
use serde::Serialize;

use crate::outbound::OutboundError;
use crate::registry::Receipt;

/// What clients are asked for; tokens go as passwords.
pub(crate) const CHALLENGE: &str = "Basic realm=\"chart-registry\", charset=\"UTF-8\"";

/// Stable names of refusals, with the HTTP status that goes with each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Code {
    /// The package is not what Helm calls a chart archive, or breaks a limit.
    BadPackage,
    /// The package holds a private key.
    PrivateKey,
    /// The request holds no package.
    NoPackage,
    /// The request cannot be read.
    BadRequest,
    /// The provenance file does not vouch for the stored package.
    BadProvenance,
    /// The version has another provenance file.
    ProvenanceExists,
    /// The body is larger than the limit.
    TooLarge,
    /// The values of a package are not YAML that JSON can say.
    UnreadableValues,
    /// The body came too slowly.
    TooSlow,
    /// The version exists with other content.
    VersionExists,
    /// The version was deleted and had other content.
    VersionDeleted,
    /// Another version differs only in its build metadata.
    VersionTwin,
    /// The version was purged and never comes back.
    VersionPurged,
    /// The version is held: nobody takes it away.
    VersionHeld,
    /// The policy takes signed packages only.
    Unsigned,
    /// The signature is none that the policy asks for.
    BadSignature,
    /// The policy's quota is used up.
    QuotaExceeded,
    /// The policy keeps the name for others.
    NameReserved,
    /// The version cannot come into that channel.
    WrongChannel,
    /// The document is no policy.
    BadPolicy,
    /// The policy, or what it is about, changed while the request was on its way.
    PolicyChanged,
    /// The clock was set, so that nobody knows how old things are.
    ClockJumped,
    /// The text is no OCI name.
    BadName,
    /// The text is no tag.
    BadTag,
    /// The text is no digest, or the bytes have another one.
    BadDigest,
    /// The manifest is none, or does not fit to what it names.
    BadManifest,
    /// The manifest names a blob that the repository does not have.
    MissingBlob,
    /// The part of an upload has another size than the request says.
    BadSize,
    /// The part of an upload is not the next one.
    OutOfOrder,
    /// The repository has no such manifest or tag.
    ManifestUnknown,
    /// The repository has no such blob.
    BlobUnknown,
    /// There is no such upload.
    UploadUnknown,
    /// Too many uploads are not complete.
    TooManyUploads,
    /// There is no such thing.
    NotFound,
    /// The path exists, the method does not.
    MethodNotAllowed,
    /// The request needs a credential, or has one that is worth nothing.
    Unauthorized,
    /// Too many credentials from one address were worth nothing.
    TooManyAttempts,
    /// This server does not let the caller do that.
    Forbidden,
    /// What the client knows from elsewhere is not known here yet.
    Behind,
    /// The storage is full.
    StorageFull,
    /// The storage does not take writes now.
    StorageReadOnly,
    /// The bucket does not answer, or is overloaded.
    StorageUnavailable,
    /// The bucket did not say whether it has written.
    OutcomeUnknown,
    /// The upstream of a proxy does not give what it has.
    Upstream,
    /// The server is stopping.
    Stopping,
}

impl Code {
    /// The HTTP status of this refusal.
    pub fn status(self) -> StatusCode {
        match self {
            Self::BadPackage
            | Self::PrivateKey
            | Self::NoPackage
            | Self::BadRequest
            | Self::BadProvenance
            | Self::BadSignature
            | Self::BadPolicy
            | Self::BadName
            | Self::BadTag
            | Self::BadDigest
            | Self::BadManifest
            | Self::MissingBlob
            | Self::BadSize => StatusCode::BAD_REQUEST,
            Self::UnreadableValues => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::VersionExists
            | Self::VersionDeleted
            | Self::VersionTwin
            | Self::VersionPurged
            | Self::VersionHeld
            | Self::WrongChannel
            | Self::PolicyChanged
            | Self::ProvenanceExists => StatusCode::CONFLICT,
            Self::OutOfOrder => StatusCode::RANGE_NOT_SATISFIABLE,
            Self::TooManyUploads | Self::TooManyAttempts => StatusCode::TOO_MANY_REQUESTS,
            Self::NotFound | Self::ManifestUnknown | Self::BlobUnknown | Self::UploadUnknown => {
                StatusCode::NOT_FOUND
            }
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::Upstream => StatusCode::BAD_GATEWAY,
            Self::Forbidden | Self::Unsigned | Self::NameReserved => StatusCode::FORBIDDEN,
            Self::QuotaExceeded | Self::StorageFull => StatusCode::INSUFFICIENT_STORAGE,
            Self::StorageReadOnly
            | Self::StorageUnavailable
            | Self::OutcomeUnknown
            | Self::Stopping
            | Self::ClockJumped
            | Self::Behind => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

impl Code {
    /// A header that clients need to go on after this refusal.
    fn header(self) -> Option<(HeaderName, &'static str)> {
        match self {
            Self::Unauthorized => Some((WWW_AUTHENTICATE, CHALLENGE)),
            Self::TooManyAttempts => Some((RETRY_AFTER, "60")),
            _ => None,
        }
    }
}

/// The request cannot be fulfilled, for a reason that the caller can understand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{what} ({place}): {fix}")]
pub struct Refusal {
    /// Stable name of the reason.
    pub code: Code,
    /// What is wrong.
    pub what: String,
    /// Where it is: a file in the package, a field, a path.
    #[serde(rename = "where")]
    pub place: String,
    /// What to do.
    pub fix: String,
}

/// The registry itself failed.
///
/// Causes are shared, because one failed commit answers many requests.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Fault {
    /// The storage failed.
    #[error(transparent)]
    Store(Arc<StoreError>),
    /// The journal cannot be applied.
    #[error(transparent)]
    Journal(Arc<ApplyError>),
    /// A package that the journal names is not in the storage.
    #[error("the package `{file}` with digest {digest} is in the journal but not in the storage")]
    LostPackage {
        /// File name of the package.
        file: String,
        /// Its digest.
        digest: String,
    },
    /// Reading an upload or a package failed.
    #[error("cannot {action}: {source}")]
    Io {
        /// What was being done.
        action: &'static str,
        /// The operating system's reason.
        source: Arc<io::Error>,
    },
    /// The recorded entries do not make an index.
    #[error("the index cannot be written: {reason}")]
    Index {
        /// Why not.
        reason: String,
    },
    /// What the configuration says cannot be done.
    #[error("the configuration cannot be used: {reason}")]
    Configuration {
        /// Why not.
        reason: String,
    },
    /// Other servers cannot be asked.
    #[error(transparent)]
    Outbound(OutboundError),
    /// A route did not ask for the permission that its handler needs.
    #[error("the route did not ask for the permission `{needed}`")]
    Unpermitted {
        /// The permission.
        needed: &'static str,
    },
    /// The storage did not answer.
    #[error("the storage did not answer within {} s", waited.as_secs())]
    NoAnswer {
        /// How long it was waited for.
        waited: Duration,
    },
    /// Somebody has set the clock.
    #[error("the clock was set: nobody knows how old things are now")]
    ClockSet,
    /// A page cannot be written.
    #[error("a page cannot be written: {reason}")]
    Page {
        /// Why not.
        reason: String,
    },
    /// A part of the program stopped unexpectedly.
    #[error("the {part} stopped unexpectedly")]
    Stopped {
        /// Which part.
        part: &'static str,
    },
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Store(Arc::new(error))
    }
}

impl From<ApplyError> for Fault {
    fn from(error: ApplyError) -> Self {
        Self::Journal(Arc::new(error))
    }
}

impl Fault {
    pub(crate) fn io(action: &'static str, source: io::Error) -> Self {
        Self::Io { action, source: Arc::new(source) }
    }

    /// What is kept deflated in memory is damaged.
    pub(crate) fn unreadable() -> Self {
        Self::Index { reason: "a recorded Chart.yaml cannot be read again".to_owned() }
    }
}

/// Why a request was not fulfilled.
#[derive(Debug, Clone, thiserror::Error)]
pub enum PublishError {
    /// The request is at fault.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The registry is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl Refusal {
    pub(crate) fn new(code: Code, what: &str, place: &str, fix: &str) -> Self {
        let (what, place, fix) = (what.to_owned(), place.to_owned(), fix.to_owned());
        Self { code, what, place, fix }
    }

    pub(crate) fn not_found(what: &str, place: &str) -> Self {
        Self::new(Code::NotFound, what, place, "see GET /api/charts for what is there")
    }
}

#[derive(Serialize)]
struct RefusalBody<'a> {
    /// `ChartMuseum`'s field; its clients show this text.
    error: String,
    #[serde(flatten)]
    refusal: &'a Refusal,
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = RefusalBody { error: self.to_string(), refusal: &self };
        let mut response = (self.code.status(), Json(body)).into_response();
        if let Some((name, value)) = self.code.header() {
            response.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        // Other dialects say it in their own words.
        response.extensions_mut().insert(self);
        response
    }
}

/// What a handler wants to have in the request's line in the log.
#[derive(Debug, Clone, Default)]
pub(crate) struct Logged {
    /// Why the registry failed.
    pub(crate) cause: Option<String>,
    /// What was published.
    pub(crate) receipt: Option<Receipt>,
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let passing = matches!(&self, Self::Store(error) if error.is_passing());
        let (status, error, code) = if passing {
            let error = "the storage does not answer: send it again in a moment";
            (StatusCode::SERVICE_UNAVAILABLE, error, "storage-unavailable")
        } else {
            let error = "internal error: the request's X-Request-Id leads to the cause in the log";
            (StatusCode::INTERNAL_SERVER_ERROR, error, "internal-error")
        };
        let body = serde_json::json!({ "error": error, "code": code });
        let mut response = (status, Json(body)).into_response();
        let cause = Some(self.to_string());
        response.extensions_mut().insert(Logged { cause, ..Logged::default() });
        response
    }
}

impl IntoResponse for PublishError {
    fn into_response(self) -> Response {
        match self {
            Self::Refused(refusal) => refusal.into_response(),
            Self::Fault(fault) => fault.into_response(),
        }
    }
}
