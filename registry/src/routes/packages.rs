//! `GET /charts/<name>-<version>.tgz`: the stored bytes.

use axum::body::Body;
use axum::http::header::{ACCEPT_RANGES, CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, Method};
use axum::response::Response;
use bytes::Bytes;
use chart_registry_store::ObjectReader;
use futures_util::{Stream, stream};

use super::conditional::Validator;
use super::parameters::Parameters;
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
    let body = match method {
        Method::HEAD => Body::empty(),
        _ => body(authorized.open_package(found.entry).await?),
    };
    let mut response = Response::new(body);
    let answer = response.headers_mut();
    answer.insert(CONTENT_TYPE, HeaderValue::from_static("application/gzip"));
    answer.insert(CONTENT_LENGTH, HeaderValue::from(found.entry.package.size));
    answer.insert(ACCEPT_RANGES, HeaderValue::from_static("none"));
    validator.put_into(answer);
    Ok(response)
}

fn no_provenance(file: &str) -> Refusal {
    let what = "provenance files are not built yet, so there is none";
    let fix = "pull without --verify and --prov";
    Refusal::new(Code::NotFound, what, &format!("charts/{file}"), fix)
}

fn body(reader: ObjectReader) -> Body {
    match reader {
        ObjectReader::Whole(bytes) => Body::from(bytes),
        ObjectReader::Pieces { .. } => Body::from_stream(pieces(reader)),
    }
}

fn pieces(reader: ObjectReader) -> impl Stream<Item = std::io::Result<Bytes>> {
    stream::try_unfold((reader, 0), |(reader, offset)| async move {
        if offset >= reader.size() {
            return Ok(None);
        }
        let piece = reader.piece(offset).await?;
        let next = offset + piece.len() as u64;
        Ok(Some((piece, (reader, next))))
    })
}
