//! The parameters in a path, as the router read them, and those in a query.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;

use crate::authorization::{Gate, Permitted};
use crate::refusal::Fault;

/// The last value that a query gives to a parameter, as it stands there.
pub(super) fn last_value<'a>(query: Option<&'a str>, name: &str) -> Option<&'a str> {
    let pairs = query.unwrap_or_default().split('&').filter_map(|pair| pair.split_once('='));
    pairs.filter(|(key, _)| *key == name).map(|(_, value)| value).next_back()
}

/// Whether a query has a parameter, with a value or without.
pub(super) fn has_flag(query: Option<&str>, name: &str) -> bool {
    let keys = query.unwrap_or_default().split('&');
    keys.map(|pair| pair.split_once('=').map_or(pair, |(key, _)| key)).any(|key| key == name)
}

/// The headers of a request, taken out of it: nothing reads them after its handler.
pub(super) struct Headers(pub(super) HeaderMap);

impl FromRequestParts<Gate> for Headers {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &Gate) -> Result<Self, Infallible> {
        Ok(Self(std::mem::take(&mut parts.headers)))
    }
}

/// The parameters of the row that a request's path fits, in its order.
pub(super) struct Parameters<T>(pub(super) T);

/// Parameters as handlers take them.
pub(super) trait FromParameters: Sized {
    /// `None` when the row has another number of parameters.
    fn from_parameters(parameters: &[String]) -> Option<Self>;
}

impl FromParameters for String {
    fn from_parameters(parameters: &[String]) -> Option<Self> {
        let [one] = parameters else { return None };
        Some(one.clone())
    }
}

impl FromParameters for (String, String) {
    fn from_parameters(parameters: &[String]) -> Option<Self> {
        let [first, second] = parameters else { return None };
        Some((first.clone(), second.clone()))
    }
}

impl FromParameters for (String, String, String) {
    fn from_parameters(parameters: &[String]) -> Option<Self> {
        let [first, second, third] = parameters else { return None };
        Some((first.clone(), second.clone(), third.clone()))
    }
}

impl<T: FromParameters> FromRequestParts<Gate> for Parameters<T> {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _: &Gate) -> Result<Self, Fault> {
        let permitted = parts.extensions.get::<Permitted>();
        let parameters = permitted.and_then(|it| T::from_parameters(&it.target.parameters));
        parameters.map(Self).ok_or(Fault::Stopped { part: "reading of a route's parameters" })
    }
}
