//! `GET /api/charts/{name}/{version}/values` and `/templates`: files of a version.

use axum::Json;
use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chart_format::yaml;
use serde_json::{Value, json};

use super::charts::{not_found, select};
use super::parameters::Parameters;
use crate::authorization::{Authorized, Read};
use crate::contents::{Contents, SHOWN_BYTES};
use crate::refusal::{Code, PublishError, Refusal};

/// values.yaml as it stands in the package.
pub(super) async fn values(
    authorized: Authorized<Read>,
    Parameters((name, version)): Parameters<(String, String)>,
) -> Result<Response, PublishError> {
    let (contents, place) = contents(&authorized, &name, &version).await?;
    let absent = || Refusal::not_found("values.yaml not found", &place);
    let mut response = contents.values.ok_or_else(absent)?.into_response();
    let content_type = HeaderValue::from_static("application/yaml");
    response.headers_mut().insert(CONTENT_TYPE, content_type);
    Ok(response)
}

/// The templates in base64, and the values as JSON.
pub(super) async fn templates(
    authorized: Authorized<Read>,
    Parameters((name, version)): Parameters<(String, String)>,
) -> Result<Json<Value>, PublishError> {
    let (contents, place) = contents(&authorized, &name, &version).await?;
    let shown = contents
        .templates
        .iter()
        .map(|(path, content)| json!({ "name": path, "data": STANDARD.encode(content) }));
    let shown: Vec<Value> = shown.collect();
    let values = json_values(contents.values.as_deref().unwrap_or_default(), &place)?;
    Ok(Json(json!({ "templates": shown, "values": values })))
}

async fn contents(
    authorized: &Authorized<Read>,
    name: &str,
    version: &str,
) -> Result<(Contents, String), PublishError> {
    let repository = authorized.repository_with(|it| select(it, name, version).is_some()).await?;
    let found = select(&repository, name, version).ok_or_else(|| not_found(name, version))?;
    let place = found.entry.file_name();
    let contents = authorized.contents(found.entry).await?;
    if contents.cut {
        let what = format!("values and templates are larger than {SHOWN_BYTES} bytes together");
        let fix = "pull the package and look into it";
        return Err(Refusal::new(Code::TooLarge, &what, &place, fix).into());
    }
    Ok((contents, place))
}

/// A file of comments only is an empty object, as for Helm.
fn json_values(text: &[u8], place: &str) -> Result<Value, Refusal> {
    let refuse = |reason: String| {
        let what = format!("values.yaml is no YAML that can be shown as JSON: {reason}");
        Refusal::new(Code::UnreadableValues, &what, place, "read it from the route `values`")
    };
    let text = std::str::from_utf8(text).map_err(|error| refuse(error.to_string()))?;
    match yaml::read(text, yaml::Limits::VALUES).map_err(|error| refuse(error.to_string()))? {
        Value::Null => Ok(json!({})),
        values => Ok(values),
    }
}
