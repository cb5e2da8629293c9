//! `GET /index.yaml`: JSON for everyone, gzip and YAML for those who ask.

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::RawQuery;
use axum::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;
use bytes::Bytes;
use chart_registry_catalog::Repository;
use futures_util::stream;

use super::conditional::Validator;
use super::negotiation::{self, Form};
use super::{view, yaml_form};
use crate::authorization::{Authorized, Read};
use crate::refusal::{Fault, PublishError};

/// One of the bodies of an index; each has a validator of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Representation {
    form: Form,
    gzip: bool,
}

impl Representation {
    /// YAML is rare and made for people: it is sent as it is.
    fn choose(form: Form, headers: &HeaderMap) -> Self {
        Self { form, gzip: form == Form::Json && negotiation::accepts_gzip(headers) }
    }

    fn validator(self, repository: &Repository) -> Validator {
        let suffix = match (self.form, self.gzip) {
            (Form::Json, false) => "j",
            (Form::Json, true) => "jz",
            (Form::Yaml, _) => "y",
        };
        let hash = repository.hash().to_string();
        Validator {
            tag: format!("{}-{suffix}", &hash[..32]),
            cache_control: "no-cache",
            vary: Some("Accept, Accept-Encoding"),
        }
    }
}

/// Answers with the index of the repository, or of a view of it.
pub(super) async fn index(
    authorized: Authorized<Read>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, PublishError> {
    let repository = match authorized.view().map(view::parse).transpose()? {
        Some(count) => authorized.latest(count).await?,
        None => authorized.repository(),
    };
    answer(repository, query.as_deref(), &headers).await
}

async fn answer(
    repository: Arc<Repository>,
    query: Option<&str>,
    headers: &HeaderMap,
) -> Result<Response, PublishError> {
    let representation = Representation::choose(negotiation::form(query, headers)?, headers);
    let validator = representation.validator(&repository);
    if let Some(response) = validator.not_modified(headers) {
        return Ok(response);
    }
    let mut response = match representation {
        Representation { form: Form::Yaml, .. } => yaml(repository).await?,
        Representation { gzip: true, .. } => gzip(repository).await?,
        Representation { gzip: false, .. } => identity(&repository),
    };
    validator.put_into(response.headers_mut());
    Ok(response)
}

fn identity(repository: &Arc<Repository>) -> Response {
    let frames = repository.index_frames();
    json_response(frames.remaining(), frames_body(frames))
}

async fn gzip(repository: Arc<Repository>) -> Result<Response, Fault> {
    let repository = if repository.gzip_is_ready() {
        repository
    } else {
        off_the_runtime(move || {
            repository.index_gzip();
            repository
        })
        .await?
    };
    let body = repository.index_gzip();
    let frames = body.frames().to_vec();
    let mut response = json_response(body.length(), frames_body(frames.into_iter()));
    response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    Ok(response)
}

async fn yaml(repository: Arc<Repository>) -> Result<Response, Fault> {
    let text = off_the_runtime(move || yaml_form::render(repository.index_frames())).await??;
    let mut response = Response::new(Body::from(text));
    let content_type = HeaderValue::from_static("application/yaml; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, content_type);
    Ok(response)
}

/// A JSON body of known length.
pub(super) fn json_response(length: u64, body: Body) -> Response {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    response
}

/// A body of frames that are ready in memory.
pub(super) fn frames_body(frames: impl Iterator<Item = Bytes> + Send + 'static) -> Body {
    Body::from_stream(stream::iter(frames.map(Ok::<_, Infallible>)))
}

/// Runs work of many milliseconds where it does not hold up other requests.
async fn off_the_runtime<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Fault> {
    let stopped = |_| Fault::Stopped { part: "preparation of an index" };
    tokio::task::spawn_blocking(work).await.map_err(stopped)
}
