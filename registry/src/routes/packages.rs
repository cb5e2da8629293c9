//! `GET /charts/<name>-<version>.tgz`: the stored bytes, or a part of them.

use std::ops::Range;

use axum::body::Body;
use axum::http::header::{ACCEPT_RANGES, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::Response;
use bytes::Bytes;
use chart_registry_store::ObjectReader;
use futures_util::{Stream, stream};

use super::conditional::Validator;
use super::parameters::Parameters;
use super::range::{self, Part};
use crate::authorization::{Authorized, Read};
use crate::refusal::{Code, PublishError, Refusal};

/// Answers with a package; its validator is its digest, so it never has to be asked for twice.
pub(super) async fn package(
    authorized: Authorized<Read>,
    Parameters(file): Parameters<String>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, PublishError> {
    if file.strip_suffix(".prov").is_some() {
        return Err(no_provenance(&file).into());
    }
    let repository = authorized.repository_with(|it| it.find_file(&file).is_some()).await;
    let Some(found) = repository.find_file(&file) else {
        return Err(Refusal::not_found("object not found", &format!("charts/{file}")).into());
    };
    let validator = Validator {
        tag: found.entry.package.sha256.to_string(),
        cache_control: "public, max-age=31536000, immutable",
        vary: None,
    };
    if let Some(response) = validator.not_modified(&headers) {
        return Ok(response);
    }
    let size = found.entry.package.size;
    // Ranges have a meaning for GET only.
    let part = match method {
        Method::HEAD => Part::Whole,
        _ => range::wanted(&headers, &validator.tag, size),
    };
    let (status, bytes) = match part {
        Part::Whole => (StatusCode::OK, 0..size),
        Part::Bytes(bytes) => (StatusCode::PARTIAL_CONTENT, bytes),
        Part::Unsatisfiable => return Ok(range::unsatisfiable(size)),
    };
    let body = match method {
        Method::HEAD => Body::empty(),
        _ => body(authorized.open_package(found.entry).await?, bytes.clone()),
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
    Ok(response)
}

fn no_provenance(file: &str) -> Refusal {
    let what = "provenance files are not built yet, so there is none";
    let fix = "pull without --verify and --prov";
    Refusal::new(Code::NotFound, what, &format!("charts/{file}"), fix)
}

fn body(reader: ObjectReader, part: Range<u64>) -> Body {
    match &reader {
        ObjectReader::Whole(bytes) if part == (0..bytes.len() as u64) => Body::from(bytes.clone()),
        ObjectReader::Whole(_) | ObjectReader::Pieces { .. } => {
            Body::from_stream(pieces(reader, part))
        }
    }
}

/// The bytes of one part, piece by piece.
fn pieces(reader: ObjectReader, part: Range<u64>) -> impl Stream<Item = std::io::Result<Bytes>> {
    stream::try_unfold((reader, part), |(reader, part)| async move {
        if part.is_empty() {
            return Ok(None);
        }
        let mut piece = reader.piece(part.start).await?;
        let wanted = usize::try_from(part.end - part.start).unwrap_or(usize::MAX);
        piece.truncate(wanted);
        if piece.is_empty() {
            return Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof));
        }
        let rest = part.start + piece.len() as u64..part.end;
        Ok(Some((piece, (reader, rest))))
    })
}
