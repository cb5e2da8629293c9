//! `GET /index.yaml`: JSON for everyone, gzip and YAML for those who ask.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::RawQuery;
use axum::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;
use chart_registry_catalog::{GzipFrames, IndexFrames, Repository};

use super::conditional::Validator;
use super::negotiation::{self, Form};
use super::packages::warn_if_stale;
use super::parameters::Headers;
use super::view;
use super::yaml_form::YamlFrames;
use crate::authorization::{Authorized, Read};
use crate::refusal::{Fault, PublishError};

/// One of the bodies of an index; each has a validator of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Representation {
    form: Form,
    /// All fields of all versions.
    full: bool,
    gzip: bool,
}

impl Representation {
    /// YAML is rare and made for people: it is sent as it is.
    fn choose(form: Form, full: bool, headers: &HeaderMap) -> Self {
        Self { form, full, gzip: form == Form::Json && negotiation::accepts_gzip(headers) }
    }

    fn validator(self, repository: &Repository) -> Validator {
        let form = match (self.form, self.gzip) {
            (Form::Json, false) => "j",
            (Form::Json, true) => "jz",
            (Form::Yaml, _) => "y",
        };
        // Which fields an index tells follows from the versions in it and from this word.
        let fields = if self.full { "full-" } else { "" };
        let hash = repository.hash().to_string();
        Validator {
            tag: format!("{}-{fields}{form}", &hash[..32]),
            cache_control: "no-cache",
            vary: Some("Accept, Accept-Encoding"),
        }
    }
}

/// Answers with the index of the repository, or of a view of it.
pub(super) async fn index(
    authorized: Authorized<Read>,
    RawQuery(query): RawQuery,
    Headers(headers): Headers,
) -> Result<Response, PublishError> {
    let spec = authorized.view().map(view::parse).transpose()?.unwrap_or_default();
    let form = negotiation::form(query.as_deref(), &headers)?;
    let sight = authorized.sight().await?;
    let repository = match spec.selection() {
        Some(selection) => authorized.chosen(&sight, selection).await?,
        None => sight.base.1,
    };
    let repository = hashed(repository).await?;
    let representation = Representation::choose(form, spec.full(), &headers);
    let validator = representation.validator(&repository);
    if let Some(response) = validator.not_modified(&headers) {
        return Ok(response);
    }
    let mut response = match representation {
        Representation { form: Form::Yaml, full, .. } => yaml(&authorized, repository, full),
        Representation { gzip: true, full: true, .. } => {
            let frames = GzipFrames::new(repository.full_frames());
            gzip_response(Response::new(authorized.send(repository, frames)))
        }
        Representation { gzip: true, .. } => gzip(&authorized, repository).await?,
        Representation { full, .. } => {
            let frames = if full { repository.full_frames() } else { repository.index_frames() };
            frames_response(&authorized, repository, frames)
        }
    };
    validator.put_into(response.headers_mut());
    warn_if_stale(response.headers_mut(), sight.stale.as_deref());
    Ok(response)
}

/// A repository whose validators cost nothing more.
async fn hashed(repository: Arc<Repository>) -> Result<Arc<Repository>, Fault> {
    if repository.hash_is_ready() {
        return Ok(repository);
    }
    off_the_runtime(move || {
        repository.hash();
        repository
    })
    .await
}

async fn gzip(
    authorized: &Authorized<Read>,
    repository: Arc<Repository>,
) -> Result<Response, Fault> {
    let repository = if repository.gzip_is_ready() {
        repository
    } else {
        off_the_runtime(move || {
            repository.index_gzip();
            repository
        })
        .await?
    };
    let (frames, length) =
        (repository.index_gzip().frames().to_vec(), repository.index_gzip().length());
    let body = authorized.send(repository, frames.into_iter().map(Ok));
    Ok(gzip_response(json_response(length, body)))
}

fn gzip_response(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    response
}

fn yaml(authorized: &Authorized<Read>, repository: Arc<Repository>, full: bool) -> Response {
    let versions = if full { repository.full_versions() } else { repository.index_versions() };
    let frames = YamlFrames::new(&repository, versions);
    let mut response = Response::new(authorized.send(repository, frames));
    let content_type = HeaderValue::from_static("application/yaml; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, content_type);
    response
}

/// The frames of a repository as a JSON body.
pub(super) fn frames_response(
    authorized: &Authorized<Read>,
    repository: Arc<Repository>,
    mut frames: IndexFrames,
) -> Response {
    let length = frames.remaining();
    let body = match frames.only() {
        // What is one piece holds no snapshot.
        Some(frame) => Body::from(frame),
        None => authorized.send(repository, frames.map(Ok)),
    };
    json_response(length, body)
}

/// A JSON body of known length.
pub(super) fn json_response(length: u64, body: Body) -> Response {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    response
}

/// Runs work of many milliseconds where it does not hold up other requests.
async fn off_the_runtime<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Fault> {
    let stopped = |_| Fault::Stopped { part: "preparation of an index" };
    tokio::task::spawn_blocking(work).await.map_err(stopped)
}
