//! `POST /api/charts`: a package as the body, or a form with the fields `chart` and `prov`; and
//! `POST /api/prov`: a provenance file as the body.

use axum::Json;
use axum::extract::multipart::{Field, Multipart};
use axum::extract::{FromRequest, RawQuery, Request};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, LOCATION};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::json;

use super::parameters::has_flag;
use crate::authorization::{Authorized, Publish};
use crate::form_fields::{FormFields, Part};
use crate::publishing::{Release, Wish};
use crate::refusal::{Code, Logged, PublishError, Refusal};
use crate::registry::Receipt;
use crate::spool::{Received, too_large, within_total_limit};

/// `ChartMuseum`'s answer, then ours.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    saved: bool,
    /// Present when nothing was to be stored.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    dry_run: bool,
    #[serde(flatten)]
    receipt: Receipt,
}

/// What a request brought.
#[derive(Default)]
struct Sent {
    package: Option<Received>,
    provenance: Option<Received>,
}

/// What the query of a request asks for.
pub(super) fn wish(query: Option<&str>) -> Wish {
    let (force, dry_run) = (has_flag(query, "force"), has_flag(query, "dry-run"));
    Wish { force, dry_run, created: None }
}

/// Takes a package, its provenance file, or both. 201 also when the same was there already: a
/// repeated upload succeeds.
pub(super) async fn publish(
    authorized: Authorized<Publish>,
    RawQuery(query): RawQuery,
    request: Request,
) -> Result<Response, PublishError> {
    let (place, wish) = (authorized.place(), wish(query.as_deref()));
    let receipt = match within_total_limit(receive(&authorized, request)).await? {
        Sent { package: Some(package), .. } if package.size == 0 => {
            return Err(no_package("the request has no body", "request body").into());
        }
        Sent { package: Some(package), provenance } => {
            let provenances = provenance.into_iter().collect();
            let release = Release { packages: vec![package], provenances };
            authorized.publish_one(release, wish).await?
        }
        Sent { package: None, provenance: Some(provenance) } => {
            authorized.publish_provenance(provenance, wish.dry_run).await?;
            return Ok(saved(wish.dry_run));
        }
        Sent { package: None, provenance: None } => {
            let FormFields { chart, prov } = authorized.form_fields();
            let what = format!(
                "no package or provenance file found in form fields `{chart}` and `{prov}`"
            );
            return Err(no_package(&what, "form").into());
        }
    };
    if wish.dry_run {
        return Ok(Json(Answer { saved: false, dry_run: true, receipt }).into_response());
    }
    let logged = Logged { receipt: Some(receipt.clone()), ..Logged::default() };
    let location = HeaderValue::from_str(&format!("{place}/{}", receipt.location));
    let body = Answer { saved: true, dry_run: false, receipt };
    let mut response = (StatusCode::CREATED, Json(body)).into_response();
    response.extensions_mut().insert(logged);
    if let Ok(location) = location {
        response.headers_mut().insert(LOCATION, location);
    }
    Ok(response)
}

/// Takes a provenance file.
pub(super) async fn provenance(
    authorized: Authorized<Publish>,
    RawQuery(query): RawQuery,
    request: Request,
) -> Result<Response, PublishError> {
    let dry_run = wish(query.as_deref()).dry_run;
    let body = request.into_body().into_data_stream();
    let received = within_total_limit(authorized.receive_provenance(body)).await?;
    authorized.publish_provenance(received, dry_run).await?;
    Ok(saved(dry_run))
}

fn saved(dry_run: bool) -> Response {
    if dry_run {
        return Json(json!({ "saved": false, "dryRun": true })).into_response();
    }
    (StatusCode::CREATED, Json(json!({ "saved": true }))).into_response()
}

async fn receive(authorized: &Authorized<Publish>, request: Request) -> Result<Sent, PublishError> {
    if is_form(request.headers()) {
        return receive_form(authorized, request).await;
    }
    refuse_announced_size(request.headers(), authorized.max_upload_bytes())?;
    let package = authorized.receive(request.into_body().into_data_stream()).await?;
    Ok(Sent { package: Some(package), provenance: None })
}

fn is_form(headers: &HeaderMap) -> bool {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    content_type.is_some_and(|text| text.to_ascii_lowercase().starts_with("multipart/form-data"))
}

/// A client that says the size beforehand hears before it has sent everything.
fn refuse_announced_size(headers: &HeaderMap, limit: u64) -> Result<(), Refusal> {
    let announced = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    match announced.and_then(|text| text.parse::<u64>().ok()) {
        Some(size) if size > limit => Err(too_large(limit)),
        Some(_) | None => Ok(()),
    }
}

async fn receive_form(
    authorized: &Authorized<Publish>,
    request: Request,
) -> Result<Sent, PublishError> {
    let mut form = Multipart::from_request(request, &()).await.map_err(|error| {
        Refusal::new(Code::BadRequest, &error.body_text(), "content-type", "send a valid form")
    })?;
    let mut sent = Sent::default();
    while let Some(field) = next_field(&mut form).await? {
        let name = field.name().unwrap_or_default().to_owned();
        match authorized.form_fields().part(&name) {
            Some(Part::Package) if sent.package.is_some() => return Err(second(&name).into()),
            Some(Part::Provenance) if sent.provenance.is_some() => {
                return Err(second(&name).into());
            }
            Some(Part::Package) => {
                let file_name = field.file_name().map(str::to_owned);
                let package = authorized.receive(field).await?;
                sent.package = Some(Received { file_name, ..package });
            }
            Some(Part::Provenance) => {
                sent.provenance = Some(authorized.receive_provenance(field).await?);
            }
            // Other fields mean nothing to ChartMuseum either; they are within the body's limit.
            None => skip(field).await?,
        }
    }
    Ok(sent)
}

async fn next_field(form: &mut Multipart) -> Result<Option<Field<'_>>, Refusal> {
    form.next_field().await.map_err(|error| unreadable(&error))
}

async fn skip(mut field: Field<'_>) -> Result<(), Refusal> {
    while field.chunk().await.map_err(|error| unreadable(&error))?.is_some() {}
    Ok(())
}

pub(super) fn unreadable(error: &axum::extract::multipart::MultipartError) -> Refusal {
    let code = match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Code::TooLarge,
        _ => Code::BadRequest,
    };
    Refusal::new(code, &error.body_text(), "form", "send a complete form within the size limit")
}

pub(super) fn no_package(what: &str, place: &str) -> Refusal {
    let fix = "send the package as the body (`curl --data-binary @chart.tgz`) or as the form field \
               `chart`";
    Refusal::new(Code::NoPackage, what, place, fix)
}

fn second(field: &str) -> Refusal {
    let what = format!("the form brings a second file in `{field}`, and nothing was stored");
    let place = format!("form field {field}");
    Refusal::new(Code::BadRequest, &what, &place, "send one request per package")
}
