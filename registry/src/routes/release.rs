//! `POST /-/v1/releases/...`: several packages in one commit; all of them appear, or none does.

use axum::Json;
use axum::extract::multipart::{Field, Multipart};
use axum::extract::{FromRequest, RawQuery, Request};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::publish::{no_package, unreadable, wish};
use crate::authorization::{Authorized, Publish};
use crate::form_fields::Part;
use crate::publishing::{MAX_RELEASE, Release};
use crate::refusal::{Code, PublishError, Refusal};
use crate::spool::{Received, within_total_limit};

/// How many times the largest package all packages of a release may weigh together.
const MAX_WEIGHT: u64 = 8;

/// Takes a form with the fields `chart` and `prov`, each as often as needed.
pub(super) async fn publish(
    authorized: Authorized<Publish>,
    RawQuery(query): RawQuery,
    request: Request,
) -> Result<Response, PublishError> {
    let wish = wish(query.as_deref());
    let release = within_total_limit(receive(&authorized, request)).await?;
    if release.packages.is_empty() {
        let what = "no package found in form fields `chart`";
        return Err(no_package(what, "form").into());
    }
    let receipts = authorized.publish_all(release, wish).await?;
    let seq = receipts.iter().map(|receipt| receipt.seq).max();
    let status = if wish.dry_run { StatusCode::OK } else { StatusCode::CREATED };
    let body = json!({
        "saved": !wish.dry_run, "dryRun": wish.dry_run, "seq": seq, "packages": receipts
    });
    Ok((status, Json(body)).into_response())
}

async fn receive(
    authorized: &Authorized<Publish>,
    request: Request,
) -> Result<Release, PublishError> {
    let form = Multipart::from_request(request, &()).await;
    let mut form = form.map_err(|error| {
        let fix = "send a form: `curl -F chart=@a.tgz -F chart=@b.tgz`";
        Refusal::new(Code::BadRequest, &error.body_text(), "content-type", fix)
    })?;
    let mut release = Release::default();
    let mut left = authorized.max_upload_bytes().saturating_mul(MAX_WEIGHT);
    while let Some(field) = form.next_field().await.map_err(|error| unreadable(&error))? {
        let name = field.name().unwrap_or_default().to_owned();
        let received = match authorized.form_fields().part(&name) {
            Some(Part::Package) => {
                let package = receive_package(authorized, field).await?;
                release.packages.push(package.clone());
                package
            }
            Some(Part::Provenance) => {
                let file = authorized.receive_provenance(field).await?;
                release.provenances.push(file.clone());
                file
            }
            None => return Err(unknown(&name).into()),
        };
        left = left.checked_sub(received.size).ok_or_else(|| too_heavy(authorized))?;
        if release.packages.len() > MAX_RELEASE || release.provenances.len() > MAX_RELEASE {
            let what = format!("a release has at most {MAX_RELEASE} packages");
            let fix = "publish what belongs together, in several releases";
            return Err(Refusal::new(Code::TooLarge, &what, "form", fix).into());
        }
    }
    Ok(release)
}

async fn receive_package(
    authorized: &Authorized<Publish>,
    field: Field<'_>,
) -> Result<Received, PublishError> {
    let file_name = field.file_name().map(str::to_owned);
    let package = authorized.receive(field).await?;
    Ok(Received { file_name, ..package })
}

fn unknown(name: &str) -> Refusal {
    let what = format!("the form has a field `{name}`, and nothing was stored");
    let fix = "send packages as `chart` and provenance files as `prov`";
    Refusal::new(Code::BadRequest, &what, "form", fix)
}

fn too_heavy(authorized: &Authorized<Publish>) -> Refusal {
    let limit = authorized.max_upload_bytes().saturating_mul(MAX_WEIGHT);
    let what = format!("the packages of the release are larger than {limit} bytes together");
    let fix = "publish what belongs together, in several releases";
    Refusal::new(Code::TooLarge, &what, "form", fix)
}
