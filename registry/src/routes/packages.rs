//! `GET /charts/<name>-<version>.tgz`: the stored bytes, or a part of them; with `.prov` behind it,
//! the signature over them.

use std::io;
use std::ops::Range;

use axum::body::Body;
use axum::http::header::{ACCEPT_RANGES, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, WARNING};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::Response;
use bytes::Bytes;
use chart_registry_catalog::{Entry, Repository};
use chart_registry_store::{Digest, ObjectReader, Soundness, refuse_damaged};
use futures_util::{Stream, stream};

use super::conditional::Validator;
use super::parameters::{Headers, Parameters};
use super::range;
use super::view;
use crate::authorization::{Authorized, Read};
use crate::refusal::{Code, PublishError, Refusal};

/// Answers with a package; its validator is its digest, so it never has to be asked for twice.
pub(super) async fn package(
    authorized: Authorized<Read>,
    Parameters(file): Parameters<String>,
    method: Method,
    Headers(headers): Headers,
) -> Result<Response, PublishError> {
    // Every package of the repository is there below every view, so that pinned versions go on.
    authorized.view().map(view::parse).transpose()?;
    if let Some(package) = file.strip_suffix(".prov") {
        return provenance(&authorized, package, (method, headers)).await;
    }
    let held = authorized.holding(&file, |it| it.find_package(&file).is_some()).await?;
    let Some(entry) = held.as_ref().and_then(|it| it.find_package(&file)) else {
        return Err(Refusal::not_found("object not found", &format!("charts/{file}")).into());
    };
    let validator = Validator::immutable(entry.package.sha256.to_string());
    if let Some(response) = validator.not_modified(&headers) {
        return Ok(response);
    }
    let size = entry.package.size;
    let Some((status, bytes)) = range::chosen((&method, &headers), &validator.tag, size) else {
        return Ok(range::unsatisfiable(size));
    };
    let body = if method == Method::HEAD {
        Body::empty()
    } else {
        let reader = authorized.open_package(entry).await?;
        body(reader, entry.package.sha256, bytes.clone()).await?
    };
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let answer = response.headers_mut();
    answer.insert(CONTENT_TYPE, HeaderValue::from_static("application/gzip"));
    answer.insert(CONTENT_LENGTH, HeaderValue::from(bytes.end - bytes.start));
    answer.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    if let Some(range) =
        range::content_range(&bytes, size).filter(|_| status == StatusCode::PARTIAL_CONTENT)
    {
        answer.insert(CONTENT_RANGE, range);
    }
    validator.put_into(answer);
    for warning in warnings(entry) {
        answer.append(WARNING, warning);
    }
    Ok(response)
}

/// What clients that look are told about a version that is yanked or deprecated.
pub(super) fn warnings(entry: &Entry) -> impl Iterator<Item = HeaderValue> {
    let yanked = entry.fate.yanked().map(|reason| format!("the version is yanked: {reason}"));
    let deprecated =
        entry.fate.deprecated().map(|reason| format!("the version is deprecated: {reason}"));
    yanked.into_iter().chain(deprecated).filter_map(|text| warning(299, &text))
}

/// Tells clients that look that an upstream could not be asked.
pub(super) fn warn_if_stale(headers: &mut HeaderMap, reason: Option<&str>) {
    let Some(reason) = reason else { return };
    let text = format!("the upstream does not answer, this may be old: {reason}");
    headers.extend(warning(111, &text).map(|value| (WARNING, value)));
}

/// A warning in plain characters.
fn warning(code: u16, text: &str) -> Option<HeaderValue> {
    let plain = |c: char| if c.is_ascii_graphic() || c == ' ' { c } else { '?' };
    let text: String = text.chars().map(plain).collect();
    let quoted = text.replace('\\', "\\\\").replace('"', "\\\"");
    HeaderValue::from_str(&format!("{code} - \"{quoted}\"")).ok()
}

/// Answers with the provenance file of a package. It is written once, so that it is cached like one.
async fn provenance(
    authorized: &Authorized<Read>,
    package: &str,
    (method, headers): (Method, HeaderMap),
) -> Result<Response, PublishError> {
    let signed = |it: &Repository| it.find_package(package).and_then(Entry::provenance);
    let held = authorized.holding(package, |it| signed(it).is_some()).await?;
    let file = format!("{package}.prov");
    let Some(stored) = held.and_then(|it| signed(&it)) else {
        let fix = "pull without --verify and --prov, or ask the publisher to sign the package";
        let place = format!("charts/{file}");
        return Err(Refusal::new(Code::NotFound, "object not found", &place, fix).into());
    };
    let validator = Validator::immutable(stored.sha256.to_string());
    if let Some(response) = validator.not_modified(&headers) {
        return Ok(response);
    }
    let body = if method == Method::HEAD {
        Body::empty()
    } else {
        let reader = authorized.open_provenance(file, stored).await?;
        body(reader, stored.sha256, 0..stored.size).await?
    };
    let mut response = Response::new(body);
    let answer = response.headers_mut();
    answer.insert(CONTENT_TYPE, HeaderValue::from_static("application/pgp-signature"));
    answer.insert(CONTENT_LENGTH, HeaderValue::from(stored.size));
    validator.put_into(answer);
    Ok(response)
}

/// A body of an object, or of a part of it. An object that turns out to be damaged at its end ends
/// before that, so that no client has all of it and takes it for whole; of one that is known to be
/// damaged no part is given.
pub(super) async fn body(
    reader: ObjectReader,
    digest: impl Into<Digest>,
    part: Range<u64>,
) -> Result<Body, PublishError> {
    let all = part == (0..reader.size());
    if let ObjectReader::Whole(bytes) = &reader {
        let whole = all.then(|| Body::from(bytes.clone()));
        return Ok(whole.unwrap_or_else(|| Body::from_stream(pieces(reader, None, part))));
    }
    let digest = digest.into();
    if !all {
        refuse_damaged(&reader, digest).await?;
    }
    let soundness = all.then(|| Soundness::of(digest));
    Ok(Body::from_stream(pieces(reader, soundness, part)))
}

/// The bytes of one part, piece by piece.
fn pieces(
    reader: ObjectReader,
    soundness: Option<Soundness>,
    part: Range<u64>,
) -> impl Stream<Item = io::Result<Bytes>> {
    stream::try_unfold((reader, soundness, part), |(reader, mut soundness, part)| async move {
        if part.is_empty() {
            return Ok(None);
        }
        let mut piece = reader.piece(part.start).await?;
        let wanted = usize::try_from(part.end - part.start).unwrap_or(usize::MAX);
        piece.truncate(wanted);
        if piece.is_empty() {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof));
        }
        let rest = part.start + piece.len() as u64..part.end;
        if let Some(soundness) = &mut soundness {
            soundness.update(&piece);
        }
        if rest.is_empty() && soundness.take().is_some_and(|soundness| !soundness.finish()) {
            tracing::error!("an object is damaged: `verify` names it");
            return Err(io::Error::from(io::ErrorKind::InvalidData));
        }
        Ok(Some((piece, (reader, soundness, rest))))
    })
}
