//! `/v2/{name}/manifests/{reference}` and `/v2/{name}/referrers/{digest}`.

use axum::body::Body;
use axum::extract::{RawQuery, Request};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, LOCATION, WARNING};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use chart_registry_catalog::{MANIFEST_TYPE, Named};
use serde::Serialize;

use super::{CONTENT_DIGEST, put, value, values};
use crate::authorization::{Authorized, Delete, Publish, Read};
use crate::oci::{self, Reference, Referrer};
use crate::refusal::{Fault, PublishError};
use crate::routes::conditional::Validator;
use crate::routes::packages;
use crate::routes::parameters::{Headers, Parameters};
use crate::spool::within_total_limit;

/// Most descriptors in one answer about referrers.
const REFERRERS_AT_ONCE: usize = 256;

/// Media type of a list of manifests.
const INDEX_TYPE: &str = "application/vnd.oci.image.index.v1+json";

/// Answers with the bytes of a manifest, as they were pushed.
pub(in crate::routes) async fn manifest(
    authorized: Authorized<Read>,
    Parameters((last, reference)): Parameters<(String, String)>,
    method: Method,
    Headers(headers): Headers,
) -> Result<Response, PublishError> {
    let reference = Reference::parse(&reference)?;
    let found = authorized.find_manifest(&last, &reference).await?;
    let digest = found.named.digest().to_string();
    let validator = match reference {
        Reference::Digest(_) => Validator::immutable(digest.clone()),
        // A tag may name something else in a moment.
        Reference::Tag(_) => {
            Validator { tag: digest.clone(), cache_control: "no-cache", vary: None }
        }
    };
    if let Some(mut response) = validator.not_modified(&headers) {
        put(response.headers_mut(), CONTENT_DIGEST, &digest);
        return Ok(response);
    }
    let made = match &found.named {
        Named::Stored(_) => None,
        Named::Made { .. } => Some(authorized.written(&found)?),
    };
    let oci::FoundManifest { named, entry, stale, .. } = found;
    let (media_type, size) = match (&named, &made) {
        (Named::Stored(stored), _) => (stored.media_type.as_str(), stored.size),
        (Named::Made { .. }, bytes) => (MANIFEST_TYPE, bytes.as_ref().map_or(0, Bytes::len) as u64),
    };
    let mut answer = HeaderMap::new();
    put(&mut answer, CONTENT_TYPE, media_type);
    put(&mut answer, CONTENT_DIGEST, &digest);
    answer.insert(CONTENT_LENGTH, HeaderValue::from(size));
    validator.put_into(&mut answer);
    for warning in entry.iter().flat_map(packages::warnings) {
        answer.append(WARNING, warning);
    }
    packages::warn_if_stale(&mut answer, stale.as_deref());
    let body = match (method, made) {
        (Method::HEAD, _) => Body::empty(),
        (_, Some(bytes)) => Body::from(bytes),
        (_, None) => {
            let digest = named.digest();
            packages::body(authorized.open_manifest(digest).await?, digest, 0..size).await?
        }
    };
    Ok((answer, body).into_response())
}

/// Takes a manifest.
pub(in crate::routes) async fn put_manifest(
    authorized: Authorized<Publish>,
    Parameters((last, reference)): Parameters<(String, String)>,
    RawQuery(query): RawQuery,
    request: Request,
) -> Result<Response, PublishError> {
    let reference = Reference::parse(&reference)?;
    let tags = match &reference {
        Reference::Digest(_) => values(query.as_deref(), "tag")?,
        Reference::Tag(_) => Vec::new(),
    };
    let content_type = request.headers().get(CONTENT_TYPE);
    let content_type = content_type.and_then(|value| value.to_str().ok()).map(str::to_owned);
    let body = request.into_body().into_data_stream();
    let bytes = within_total_limit(authorized.receive_manifest(body)).await?;
    let place = authorized.oci_place(&last);
    let push = oci::Push { last, reference, tags, content_type, bytes, created: None };
    let pushed = authorized.push_manifest(push).await?;
    let mut response = StatusCode::CREATED.into_response();
    let answer = response.headers_mut();
    let digest = pushed.digest.to_string();
    put(answer, LOCATION, &format!("{place}/manifests/{digest}"));
    put(answer, CONTENT_DIGEST, &digest);
    if let Some(subject) = pushed.subject {
        put(answer, "oci-subject", &subject.to_string());
    }
    for tag in &pushed.tags {
        if let Ok(tag) = HeaderValue::from_str(tag) {
            answer.append("oci-tag", tag);
        }
    }
    Ok(response)
}

/// Takes away a tag or a manifest.
pub(in crate::routes) async fn delete_manifest(
    authorized: Authorized<Delete>,
    Parameters((last, reference)): Parameters<(String, String)>,
) -> Result<Response, PublishError> {
    authorized.delete_manifest(last, Reference::parse(&reference)?).await?;
    Ok(StatusCode::ACCEPTED.into_response())
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Index {
    schema_version: u32,
    media_type: &'static str,
    manifests: Vec<Referrer>,
}

/// Answers with the manifests that are about another one; none is an answer, too.
pub(in crate::routes) async fn referrers(
    authorized: Authorized<Read>,
    Parameters((last, subject)): Parameters<(String, String)>,
    RawQuery(query): RawQuery,
) -> Result<Response, PublishError> {
    let subject = oci::digest(&subject)?;
    let kind = value(query.as_deref(), "artifactType")?.filter(|kind| !kind.is_empty());
    let after = match value(query.as_deref(), "last")? {
        Some(text) => Some(oci::digest(&text)?),
        None => None,
    };
    let place = authorized.oci_place(&last);
    let (all, stale) = authorized.referrers(&last, subject).await?;
    let wanted = all.into_iter().filter(|manifest| {
        let fits = kind.is_none() || manifest.artifact_type == kind;
        fits && after.is_none_or(|after| manifest.digest > after)
    });
    let mut wanted: Vec<_> = wanted.take(REFERRERS_AT_ONCE + 1).collect();
    let more = wanted.len() > REFERRERS_AT_ONCE;
    wanted.truncate(REFERRERS_AT_ONCE);
    let next = wanted.last().filter(|_| more).map(|manifest| manifest.digest);
    let mut manifests = Vec::with_capacity(wanted.len());
    for manifest in wanted {
        manifests.push(authorized.describe(&manifest).await?);
    }
    let index = Index { schema_version: 2, media_type: INDEX_TYPE, manifests };
    let body = serde_json::to_vec(&index).map_err(|e| Fault::io("list referrers", e.into()))?;
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(INDEX_TYPE));
    packages::warn_if_stale(&mut headers, stale.as_deref());
    if kind.is_some() {
        headers.insert("oci-filters-applied", HeaderValue::from_static("artifactType"));
    }
    if let Some(next) = next {
        let filter = kind.map(|kind| format!("&artifactType={}", encoded(&kind)));
        let query = format!("last={next}{}", filter.unwrap_or_default());
        put(&mut headers, "link", &format!("<{place}/referrers/{subject}?{query}>; rel=\"next\""));
    }
    Ok((headers, body).into_response())
}

/// A media type as it stands in a query.
pub(super) fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            for digit in [byte >> 4, byte & 15] {
                out.push(char::from_digit(u32::from(digit), 16).unwrap_or('0'));
            }
        }
        out
    })
}
