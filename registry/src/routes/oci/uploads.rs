//! `/v2/{name}/blobs/uploads/`: blobs whole, in parts, or from another repository.

use axum::extract::{RawQuery, Request};
use axum::http::header::{CONTENT_RANGE, LOCATION, RANGE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use chart_registry_store::{Algorithm, Digest};

use super::{CONTENT_DIGEST, put, value};
use crate::authorization::{Authorized, Publish};
use crate::oci::{self, Place, Progress};
use crate::refusal::{Code, PublishError, Refusal};
use crate::routes::parameters::Parameters;

/// Begins an upload, or takes a whole blob, or one from another repository.
pub(in crate::routes) async fn begin(
    authorized: Authorized<Publish>,
    Parameters(last): Parameters<String>,
    RawQuery(query): RawQuery,
    request: Request,
) -> Result<Response, PublishError> {
    let query = query.as_deref();
    if let Some(name) = value(query, "digest-algorithm")?
        && Algorithm::parse(&name).is_none()
    {
        let what = format!("`{name}` is no algorithm of this registry");
        let fix = "use sha256 or sha512";
        return Err(Refusal::new(Code::BadDigest, &what, "query", fix).into());
    }
    if let Some(digest) = value(query, "mount")? {
        let digest = oci::digest(&digest)?;
        let from = value(query, "from")?;
        if authorized.mount(&last, from.as_deref(), digest).await? {
            return Ok(created(&authorized.oci_place(&last), digest));
        }
    } else if let Some(digest) = value(query, "digest")? {
        let digest = oci::digest(&digest)?;
        let body = request.into_body().into_data_stream();
        authorized.push_blob(&last, digest, body).await?;
        return Ok(created(&authorized.oci_place(&last), digest));
    }
    let progress = authorized.begin_upload(&last).await?;
    let mut response = accepted(StatusCode::ACCEPTED, &authorized.oci_place(&last), progress);
    put(response.headers_mut(), "docker-upload-uuid", &progress.id.to_string());
    Ok(response)
}

/// Takes the next part of an upload.
pub(in crate::routes) async fn part(
    authorized: Authorized<Publish>,
    Parameters((last, id)): Parameters<(String, String)>,
    request: Request,
) -> Result<Response, PublishError> {
    let place = place(request.headers())?;
    let body = request.into_body().into_data_stream();
    let progress = authorized.continue_upload((&last, &id), place, body).await?;
    Ok(accepted(StatusCode::ACCEPTED, &authorized.oci_place(&last), progress))
}

/// Takes the last part, if there is one more, and makes the blob.
pub(in crate::routes) async fn finish(
    authorized: Authorized<Publish>,
    Parameters((last, id)): Parameters<(String, String)>,
    RawQuery(query): RawQuery,
    request: Request,
) -> Result<Response, PublishError> {
    let digest = value(query.as_deref(), "digest")?.ok_or_else(|| {
        let fix = "send the digest of the whole blob in the query";
        Refusal::new(Code::BadDigest, "the request has no digest", "query", fix)
    })?;
    let digest = oci::digest(&digest)?;
    let place = place(request.headers())?;
    let body = request.into_body().into_data_stream();
    authorized.finish_upload((&last, &id), (digest, place), body).await?;
    Ok(created(&authorized.oci_place(&last), digest))
}

/// Says how far an upload has come.
pub(in crate::routes) async fn progress(
    authorized: Authorized<Publish>,
    Parameters((last, id)): Parameters<(String, String)>,
) -> Result<Response, PublishError> {
    let progress = authorized.upload(&last, &id).await?;
    Ok(accepted(StatusCode::NO_CONTENT, &authorized.oci_place(&last), progress))
}

/// Forgets an upload.
pub(in crate::routes) async fn cancel(
    authorized: Authorized<Publish>,
    Parameters((last, id)): Parameters<(String, String)>,
) -> Result<Response, PublishError> {
    authorized.cancel_upload(&last, &id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn created(place: &str, digest: Digest) -> Response {
    let mut response = StatusCode::CREATED.into_response();
    put(response.headers_mut(), LOCATION, &format!("{place}/blobs/{digest}"));
    put(response.headers_mut(), CONTENT_DIGEST, &digest.to_string());
    response
}

fn accepted(status: StatusCode, place: &str, progress: Progress) -> Response {
    let mut response = status.into_response();
    let location = format!("{place}/blobs/uploads/{}", progress.id);
    put(response.headers_mut(), LOCATION, &location);
    // There is no word for "nothing yet".
    let range = format!("0-{}", progress.received.saturating_sub(1));
    put(response.headers_mut(), RANGE, &range);
    response
}

/// First and last byte of the part, if the request says them.
fn place(headers: &HeaderMap) -> Result<Place, Refusal> {
    let Some(value) = headers.get(CONTENT_RANGE) else { return Ok(None) };
    let text = value.to_str().unwrap_or_default();
    // Some clients write the form of answers, `bytes 0-9/*`.
    let plain = text.strip_prefix("bytes ").unwrap_or(text).split('/').next().unwrap_or_default();
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse::<u64>().ok().filter(|_| digits)
    };
    let pair = plain.split_once('-').and_then(|(one, two)| Some((number(one)?, number(two)?)));
    pair.filter(|(first, last)| first <= last).map(Some).ok_or_else(|| {
        let what = format!("`Content-Range` is not `<first>-<last>`: `{text}`");
        Refusal::new(Code::BadRequest, &what, "content-range", "send the part again")
    })
}
