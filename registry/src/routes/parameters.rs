//! The parameters in a path, refused in the registry's own words when they are not text, and those
//! in a query.

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use crate::authorization::Gate;
use crate::refusal::{Code, Refusal};

/// The last value that a query gives to a parameter, as it stands there.
pub(super) fn last_value<'a>(query: Option<&'a str>, name: &str) -> Option<&'a str> {
    let pairs = query.unwrap_or_default().split('&').filter_map(|pair| pair.split_once('='));
    pairs.filter(|(key, _)| *key == name).map(|(_, value)| value).next_back()
}

/// Like [`Path`], with a refusal as its rejection.
pub(super) struct Parameters<T>(pub(super) T);

impl<T: DeserializeOwned + Send> FromRequestParts<Gate> for Parameters<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, gate: &Gate) -> Result<Self, Refusal> {
        match Path::from_request_parts(parts, gate).await {
            Ok(Path(parameters)) => Ok(Self(parameters)),
            Err(error) => Err(Refusal::new(
                Code::BadRequest,
                &error.body_text(),
                parts.uri.path(),
                "write the path in UTF-8, percent-encoded",
            )),
        }
    }
}
