//! Refusals and faults as OCI clients read them: `{"errors":[{"code","message","detail"}]}`.

use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::refusal::{Code, Logged, Refusal};

/// The answer with its refusal or fault, if it has one, said as OCI clients expect it.
pub(in crate::routes) fn translated(method: &Method, response: Response) -> Response {
    let extensions = response.extensions();
    let error = if let Some(refusal) = extensions.get::<Refusal>() {
        said(refusal)
    } else if extensions.get::<Logged>().is_some_and(|logged| logged.cause.is_some()) {
        json!({
            "code": "UNKNOWN",
            "message": "internal error: the request's X-Request-Id leads to the cause in the log",
        })
    } else {
        return response;
    };
    let (parts, _) = response.into_parts();
    let body = json!({ "errors": [error] }).to_string();
    let length = HeaderValue::from(body.len());
    let (mut head, body) = (parts.status, body).into_response().into_parts();
    head.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    head.headers.insert(CONTENT_LENGTH, length);
    head.extensions = parts.extensions;
    for (name, value) in &parts.headers {
        if *name != CONTENT_TYPE && *name != CONTENT_LENGTH {
            head.headers.append(name.clone(), value.clone());
        }
    }
    if head.status == StatusCode::TOO_MANY_REQUESTS {
        head.headers.insert("retry-after", HeaderValue::from_static("60"));
    }
    without_body(method, Response::from_parts(head, body))
}

/// A refusal of a `HEAD` request has no body; what it has are its headers.
fn without_body(method: &Method, response: Response) -> Response {
    if method == Method::HEAD { response.map(|_| axum::body::Body::empty()) } else { response }
}

fn said(refusal: &Refusal) -> serde_json::Value {
    json!({
        "code": name(refusal.code),
        "message": refusal.to_string(),
        "detail": { "code": refusal.code, "where": refusal.place, "fix": refusal.fix },
    })
}

/// The code of the specification that fits best.
fn name(code: Code) -> &'static str {
    match code {
        Code::BadManifest
        | Code::BadPackage
        | Code::PrivateKey
        | Code::BadProvenance
        | Code::BadSignature
        | Code::BadPolicy => "MANIFEST_INVALID",
        Code::BadName => "NAME_INVALID",
        Code::BadTag => "TAG_INVALID",
        Code::BadDigest => "DIGEST_INVALID",
        Code::MissingBlob => "MANIFEST_BLOB_UNKNOWN",
        Code::BadSize | Code::TooLarge | Code::StorageFull => "SIZE_INVALID",
        Code::OutOfOrder | Code::BadRequest | Code::NoPackage | Code::TooSlow => {
            "BLOB_UPLOAD_INVALID"
        }
        Code::ManifestUnknown => "MANIFEST_UNKNOWN",
        Code::BlobUnknown => "BLOB_UNKNOWN",
        Code::UploadUnknown => "BLOB_UPLOAD_UNKNOWN",
        Code::TooManyUploads
        | Code::TooManyAttempts
        | Code::StorageReadOnly
        | Code::StorageUnavailable
        | Code::OutcomeUnknown
        | Code::Stopping
        | Code::ClockJumped
        | Code::Behind => "TOOMANYREQUESTS",
        Code::Unauthorized => "UNAUTHORIZED",
        Code::NotFound => "NAME_UNKNOWN",
        Code::MethodNotAllowed | Code::UnreadableValues => "UNSUPPORTED",
        Code::Forbidden
        | Code::Upstream
        | Code::VersionExists
        | Code::VersionDeleted
        | Code::VersionTwin
        | Code::VersionPurged
        | Code::VersionHeld
        | Code::Unsigned
        | Code::QuotaExceeded
        | Code::NameReserved
        | Code::WrongChannel
        | Code::PolicyChanged
        | Code::ProvenanceExists => "DENIED",
    }
}
