//! `/v2/{name}/blobs/{digest}`: the bytes of a blob, or a part of them.

use axum::body::Body;
use axum::http::header::{ACCEPT_RANGES, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};

use super::{CONTENT_DIGEST, put};
use crate::authorization::{Authorized, Delete, Read};
use crate::oci;
use crate::refusal::PublishError;
use crate::routes::conditional::Validator;
use crate::routes::packages;
use crate::routes::parameters::{Headers, Parameters};
use crate::routes::range;

/// Answers with a blob that a manifest of this name has, or that waits for one.
pub(in crate::routes) async fn blob(
    authorized: Authorized<Read>,
    Parameters((last, digest)): Parameters<(String, String)>,
    method: Method,
    Headers(headers): Headers,
) -> Result<Response, PublishError> {
    let digest = oci::digest(&digest)?;
    let source = authorized.find_blob(&last, digest).await?;
    let size = source.size;
    let validator = Validator::immutable(digest.to_string());
    if let Some(mut response) = validator.not_modified(&headers) {
        put(response.headers_mut(), CONTENT_DIGEST, &validator.tag);
        return Ok(response);
    }
    let Some((status, bytes)) = range::chosen((&method, &headers), &validator.tag, size) else {
        return Ok(range::unsatisfiable(size));
    };
    let body = if method == Method::HEAD {
        Body::empty()
    } else {
        let reader = authorized.open_blob(digest, source).await?;
        packages::body(reader, digest, bytes.clone()).await?
    };
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let answer = response.headers_mut();
    answer.insert(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    answer.insert(CONTENT_LENGTH, HeaderValue::from(bytes.end - bytes.start));
    answer.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    put(answer, CONTENT_DIGEST, &validator.tag);
    if let Some(range) =
        range::content_range(&bytes, size).filter(|_| status == StatusCode::PARTIAL_CONTENT)
    {
        answer.insert(CONTENT_RANGE, range);
    }
    validator.put_into(answer);
    Ok(response)
}

/// Takes away a blob that waits for its manifest; others go with the manifest that names them.
pub(in crate::routes) async fn delete_blob(
    authorized: Authorized<Delete>,
    Parameters((last, digest)): Parameters<(String, String)>,
) -> Result<Response, PublishError> {
    authorized.delete_blob(&last, oci::digest(&digest)?).await?;
    Ok(StatusCode::ACCEPTED.into_response())
}
