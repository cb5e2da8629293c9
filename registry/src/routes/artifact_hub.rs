//! `GET /artifacthub-repo.yml`: the ID of a repository for Artifact Hub, as `ChartMuseum` serves it.

use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};

use crate::authorization::{Authorized, Read};
use crate::refusal::{Code, Refusal};

/// Answers with the ID that the settings name for the repository.
pub(super) async fn file(authorized: Authorized<Read>) -> Result<Response, Refusal> {
    let Some(id) = authorized.artifact_hub_id() else {
        let fix = "name the ID that Artifact Hub shows in the setting `artifact-hub`";
        let what = "Artifact Hub repository ID not found";
        return Err(Refusal::new(Code::NotFound, what, "artifacthub-repo.yml", fix));
    };
    let mut response = format!("repositoryID: \"{id}\"\n").into_response();
    let content_type = HeaderValue::from_static("application/x-yaml");
    response.headers_mut().insert(CONTENT_TYPE, content_type);
    Ok(response)
}
