//! `/~latest=N/...`: a smaller index under a URL of its own, as a repository for stock clients.

use axum::extract::RawQuery;
use axum::http::{HeaderMap, Method};
use axum::response::Response;

use super::parameters::Parameters;
use super::{index, packages};
use crate::authorization::{Authorized, Read};
use crate::refusal::{Code, PublishError, Refusal};

/// Most versions of a chart that a view may ask for; beyond that the whole index is not larger.
const MAX_VERSIONS: usize = 1_000;

/// The index of a view.
pub(super) async fn view_index(
    authorized: Authorized<Read>,
    Parameters(view): Parameters<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, PublishError> {
    let repository = authorized.latest(parse(&view)?).await?;
    index::answer(repository, query.as_deref(), &headers).await
}

/// A package below a view: every package of the repository, so that pinned versions go on.
pub(super) async fn view_package(
    authorized: Authorized<Read>,
    Parameters((view, file)): Parameters<(String, String)>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, PublishError> {
    parse(&view)?;
    packages::answer(&authorized, file, (method, headers)).await
}

/// The number of versions in `~latest=N`.
fn parse(view: &str) -> Result<usize, Refusal> {
    let Some(conditions) = view.strip_prefix('~') else {
        return Err(Refusal::not_found("not found", view));
    };
    let number = conditions.strip_prefix("latest=").filter(|text| !text.starts_with('+'));
    let number = number.and_then(|text| text.parse().ok());
    number.filter(|number| (1..=MAX_VERSIONS).contains(number)).ok_or_else(|| {
        let what = format!("there is no view `{view}`");
        let fix = format!("use `~latest=N` with N from 1 to {MAX_VERSIONS}");
        Refusal::new(Code::BadRequest, &what, "path", &fix)
    })
}
