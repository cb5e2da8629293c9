//! The routes: one table, one row per path and method, with the permission that each needs.

mod answering;
mod artifact_hub;
mod audit;
mod changes;
mod charts;
mod conditional;
mod contents;
mod cross_site;
mod dispatch;
mod handlers;
mod index;
mod life;
mod negotiation;
mod oci;
mod packages;
mod pages;
mod parameters;
mod policy;
mod publish;
mod quarantine;
pub(crate) mod range;
mod release;
mod sequence;
mod status;
mod tokens;
mod view;
mod webhooks;
mod yaml_form;

use axum::Router;
use chart_registry_store::Change;

use crate::access::Permission;
use crate::authorization::{Administer, Authorized, Delete, Publish};
use crate::provenance::MAX_PROVENANCE_BYTES;
use crate::registry::Registry;
pub(crate) use answering::Answering;
use handlers::{Handled, by as delete, by as get, by as patch, by as post, by as put};
pub(crate) use sequence::Seen;

/// What a multipart body may hold besides the package.
const MULTIPART_OVERHEAD_BYTES: u64 = (64 << 10) + MAX_PROVENANCE_BYTES;

/// One row of the table of routes.
pub struct Route {
    /// Method of the row; `GET` answers `HEAD`, too.
    pub method: &'static str,
    /// Path, with `{parameters}`: `{repository}` stands for the path of a repository, which is empty
    /// for the root, and `{view}` for one segment that begins with `~`, or none.
    pub path: &'static str,
    /// Permission that a caller needs; `None` for what says nothing about a repository.
    pub permission: Option<Permission>,
    handler: fn() -> Handled,
}

/// All routes of a registry.
pub const ROUTES: &[Route] = &[
    route("GET", "/{repository}/{view}/index.yaml", READ, || get(index::index)),
    route("GET", "/{repository}/{view}/charts/{file}", READ, || get(packages::package)),
    route("GET", "/{repository}/artifacthub-repo.yml", READ, || get(artifact_hub::file)),
    route("GET", "/api/{repository}/charts", READ, || get(charts::all)),
    route("POST", "/api/{repository}/charts", PUBLISH, || post(publish::publish)),
    route("POST", "/api/{repository}/prov", PUBLISH, || post(publish::provenance)),
    route("GET", "/api/{repository}/charts/{name}", READ, || get(charts::chart)),
    route("GET", "/api/{repository}/charts/{name}/{version}", READ, || get(charts::version)),
    route("DELETE", "/api/{repository}/charts/{name}/{version}", DELETE, || delete(charts::delete)),
    route("GET", "/api/{repository}/charts/{name}/{version}/templates", READ, || {
        get(contents::templates)
    }),
    route("GET", "/api/{repository}/charts/{name}/{version}/values", READ, || {
        get(contents::values)
    }),
    route("POST", "/-/v1/releases/{repository}", PUBLISH, || post(release::publish).counting()),
    route("GET", "/-/v1/versions/{repository}/{name}/{version}", READ, || get(life::life)),
    route("PUT", "/-/v1/versions/{repository}/{name}/{version}/yank", DELETE, || {
        put(|it: Authorized<Delete>, at, body| {
            life::change(it, at, body, |reason| Change::Yank { reason })
        })
    }),
    route("DELETE", "/-/v1/versions/{repository}/{name}/{version}/yank", DELETE, || {
        delete(|it: Authorized<Delete>, at, body| {
            life::change(it, at, body, |reason| Change::Unyank { reason })
        })
    }),
    route("PUT", "/-/v1/versions/{repository}/{name}/{version}/deprecation", DELETE, || {
        put(|it: Authorized<Delete>, at, body| {
            life::change(it, at, body, |reason| Change::Deprecate { reason })
        })
    }),
    route("DELETE", "/-/v1/versions/{repository}/{name}/{version}/deprecation", DELETE, || {
        delete(|it: Authorized<Delete>, at, body| {
            life::change(it, at, body, |reason| Change::Undeprecate { reason })
        })
    }),
    route(
        "PUT",
        "/-/v1/versions/{repository}/{name}/{version}/channels/{channel}",
        PUBLISH,
        || {
            put(|it: Authorized<Publish>, at, body| {
                life::channel(it, at, body, |channel, reason| Change::Promote { channel, reason })
            })
        },
    ),
    route(
        "DELETE",
        "/-/v1/versions/{repository}/{name}/{version}/channels/{channel}",
        PUBLISH,
        || {
            delete(|it: Authorized<Publish>, at, body| {
                life::channel(it, at, body, |channel, reason| Change::Demote { channel, reason })
            })
        },
    ),
    route("PUT", "/-/v1/versions/{repository}/{name}/{version}/hold", ADMINISTER, || {
        put(|it: Authorized<Administer>, at, body| {
            life::change(it, at, body, |reason| Change::Hold { reason })
        })
    }),
    route("DELETE", "/-/v1/versions/{repository}/{name}/{version}/hold", ADMINISTER, || {
        delete(|it: Authorized<Administer>, at, body| {
            life::change(it, at, body, |reason| Change::Unhold { reason })
        })
    }),
    route("POST", "/-/v1/versions/{repository}/{name}/{version}/purge", ADMINISTER, || {
        post(|it: Authorized<Administer>, at, body| {
            life::change(it, at, body, |reason| Change::Purge { reason })
        })
    }),
    route("GET", "/-/v1/policy/{repository}", READ, || get(policy::show)),
    route("PUT", "/-/v1/policy/{repository}", ADMINISTER, || put(policy::put)),
    route("DELETE", "/-/v1/policy/{repository}", ADMINISTER, || delete(policy::delete)),
    route("POST", "/-/v1/retention/{repository}", ADMINISTER, || post(policy::retention)),
    route("GET", "/-/v1/changes/{repository}", READ, || get(changes::changes)),
    route("GET", "/-/v1/tokens/{repository}", ADMINISTER, || get(tokens::list)),
    route("POST", "/-/v1/tokens/{repository}", ADMINISTER, || post(tokens::issue)),
    route("DELETE", "/-/v1/tokens/{repository}/{id}", ADMINISTER, || delete(tokens::revoke)),
    route("GET", "/-/v1/quarantine/{repository}", ADMINISTER, || get(quarantine::list)),
    route("DELETE", "/-/v1/quarantine/{repository}/{digest}", ADMINISTER, || {
        delete(quarantine::settle)
    }),
    route("GET", "/-/v1/identity/{repository}", ENTER, || get(tokens::identity)),
    route("GET", "/-/v1/head", READ, || get(changes::head)),
    route("GET", "/-/v1/views", NONE, || get(view::known)),
    route("GET", "/v2/", ENTER, || get(oci::version)),
    route("GET", "/-/v1/oci-token", ENTER, || get(oci::exchange)),
    route("GET", "/v2/_catalog", ENTER, || get(oci::catalog)),
    route("GET", "/v2/{repository}/{name}/tags/list", READ, || get(oci::tags)),
    route("GET", "/v2/{repository}/{name}/manifests/{reference}", READ, || get(oci::manifest)),
    route("PUT", "/v2/{repository}/{name}/manifests/{reference}", PUBLISH, || {
        put(oci::put_manifest)
    }),
    route("DELETE", "/v2/{repository}/{name}/manifests/{reference}", DELETE, || {
        delete(oci::delete_manifest)
    }),
    route("GET", "/v2/{repository}/{name}/referrers/{digest}", READ, || get(oci::referrers)),
    route("GET", "/v2/{repository}/{name}/blobs/{digest}", READ, || get(oci::blob)),
    route("DELETE", "/v2/{repository}/{name}/blobs/{digest}", DELETE, || delete(oci::delete_blob)),
    route("POST", "/v2/{repository}/{name}/blobs/uploads/", PUBLISH, || post(oci::begin)),
    route("GET", "/v2/{repository}/{name}/blobs/uploads/{id}", PUBLISH, || get(oci::progress)),
    route("PATCH", "/v2/{repository}/{name}/blobs/uploads/{id}", PUBLISH, || patch(oci::part)),
    route("PUT", "/v2/{repository}/{name}/blobs/uploads/{id}", PUBLISH, || put(oci::finish)),
    route("DELETE", "/v2/{repository}/{name}/blobs/uploads/{id}", PUBLISH, || delete(oci::cancel)),
    route("GET", "/-/v1/webhooks", ADMINISTER, || get(webhooks::report)),
    route("GET", "/", READ, || get(pages::start)),
    route("GET", "/-/ui/{repository}", READ, || get(pages::repository)),
    route("GET", "/-/ui/{repository}/charts/{name}", READ, || get(pages::chart)),
    route("GET", "/-/ui/{repository}/charts/{name}/{version}", READ, || get(pages::version)),
    route("GET", "/-/ui/{repository}/charts/{name}/{version}/values", READ, || get(pages::values)),
    route("GET", "/-/ui/{repository}/charts/{name}/{version}/files", READ, || get(pages::files)),
    route("GET", "/-/ui/{repository}/charts/{name}/{version}/versions", READ, || {
        get(pages::versions)
    }),
    route("GET", "/-/ui/{repository}/charts/{name}/{version}/changes", READ, || {
        get(pages::changes)
    }),
    route("GET", "/-/ui/{repository}/charts/{name}/{version}/network", READ, || {
        get(pages::network)
    }),
    route("GET", "/-/v1/openapi.json", NONE, || get(status::openapi)),
    route("GET", "/-/assets/{file}", NONE, || get(pages::asset)),
    route("GET", "/metrics", READ, || get(status::metrics)),
    route("GET", "/health", NONE, || get(status::health)),
    route("GET", "/readyz", NONE, || get(status::ready)),
    route("GET", "/info", NONE, || get(status::info)),
];

const NONE: Option<Permission> = None;
const ENTER: Option<Permission> = Some(Permission::Enter);
const READ: Option<Permission> = Some(Permission::Read);
const PUBLISH: Option<Permission> = Some(Permission::Publish);
const DELETE: Option<Permission> = Some(Permission::Delete);
const ADMINISTER: Option<Permission> = Some(Permission::Administer);

const fn route(
    method: &'static str,
    path: &'static str,
    permission: Option<Permission>,
    handler: fn() -> Handled,
) -> Route {
    Route { method, path, permission, handler }
}

/// What answers the requests to a registry, as a router that can be nested elsewhere.
pub(crate) fn router(registry: Registry) -> Router {
    let answering = answering(registry);
    Router::new().fallback(move |request| answering.answer(request))
}

/// What answers the requests to a registry.
pub(crate) fn answering(registry: Registry) -> Answering {
    let limit = registry.options().max_upload_bytes.saturating_add(MULTIPART_OVERHEAD_BYTES);
    Answering::new(registry, usize::try_from(limit).unwrap_or(usize::MAX))
}
