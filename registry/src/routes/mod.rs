//! The routes: one table, one row per path and method, with the permission that each needs.

mod charts;
mod conditional;
mod contents;
mod index;
mod negotiation;
mod packages;
mod parameters;
mod publish;
mod range;
mod status;
mod view;
mod yaml_form;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::Uri;
use axum::routing::{MethodRouter, delete, get, post};

use crate::authorization::{self, Action, Gate};
use crate::logging::log_request;
use crate::metrics;
use crate::provenance::MAX_PROVENANCE_BYTES;
use crate::refusal::{Code, Refusal};
use crate::registry::Registry;

/// What a multipart body may hold besides the package.
const MULTIPART_OVERHEAD_BYTES: u64 = (64 << 10) + MAX_PROVENANCE_BYTES;

/// One row of the table of routes.
pub struct Route {
    /// Method of the row; `GET` answers `HEAD`, too.
    pub method: &'static str,
    /// Path, with `{parameters}`.
    pub path: &'static str,
    /// Permission that a caller needs; `none` for what says nothing about a repository.
    pub action: &'static str,
    handler: fn() -> MethodRouter<Gate>,
}

/// All routes of a registry.
pub const ROUTES: &[Route] = &[
    route("GET", "/index.yaml", READ, || get(index::index)),
    route("GET", "/charts/{file}", READ, || get(packages::package)),
    route("GET", "/{view}/index.yaml", READ, || get(view::view_index)),
    route("GET", "/{view}/charts/{file}", READ, || get(view::view_package)),
    route("GET", "/api/charts", READ, || get(charts::all)),
    route("POST", "/api/charts", PUBLISH, || post(publish::publish)),
    route("POST", "/api/prov", PUBLISH, || post(publish::provenance)),
    route("GET", "/api/charts/{name}", READ, || get(charts::chart)),
    route("GET", "/api/charts/{name}/{version}", READ, || get(charts::version)),
    route("DELETE", "/api/charts/{name}/{version}", DELETE, || delete(charts::delete)),
    route("GET", "/api/charts/{name}/{version}/templates", READ, || get(contents::templates)),
    route("GET", "/api/charts/{name}/{version}/values", READ, || get(contents::values)),
    route("GET", "/metrics", READ, || get(status::metrics)),
    route("GET", "/health", "none", || get(status::health)),
    route("GET", "/info", "none", || get(status::info)),
];

const READ: &str = authorization::Read::NAME;
const PUBLISH: &str = authorization::Publish::NAME;
const DELETE: &str = authorization::Delete::NAME;

const fn route(
    method: &'static str,
    path: &'static str,
    action: &'static str,
    handler: fn() -> MethodRouter<Gate>,
) -> Route {
    Route { method, path, action, handler }
}

/// The router of a registry.
pub(crate) fn router(registry: Registry) -> Router {
    let limit = registry.options().max_upload_bytes.saturating_add(MULTIPART_OVERHEAD_BYTES);
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut router = Router::new();
    for Route { path, handler, .. } in ROUTES {
        router = router.route(path, handler());
    }
    router
        .fallback(unknown_path)
        .method_not_allowed_fallback(unknown_method)
        .layer(DefaultBodyLimit::max(limit))
        .layer(axum::middleware::from_fn(log_request))
        .layer(axum::middleware::from_fn_with_state(registry.metrics(), metrics::count))
        .with_state(Gate::new(registry))
}

async fn unknown_path(uri: Uri) -> Refusal {
    Refusal::not_found("not found", uri.path())
}

async fn unknown_method(uri: Uri) -> Refusal {
    let fix = "see the documentation of the registry's routes";
    Refusal::new(Code::MethodNotAllowed, "this path does not take that method", uri.path(), fix)
}
