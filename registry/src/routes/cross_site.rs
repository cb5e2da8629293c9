//! Requests that a page of another site makes a browser send.
//!
//! A browser adds passwords and certificates to what any page lets it send, and reaches a registry on
//! a developer's machine. So a request that changes something is refused when the browser says that a
//! foreign page is behind it. Programs do not send these headers.
//!
//! An operator may let the pages of an origin read the API as everybody may read it. That is all they
//! may: a page of that origin that changes something is refused like any other, no answer says that
//! it may be read with what the browser has stored, and a question for more (`OPTIONS`) gets no yes.

use axum::http::HeaderMap;
use axum::http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, HOST, ORIGIN};

use super::Route;
use crate::allowed_origin::AllowedOrigin;

use crate::refusal::{Code, Refusal};

/// Refuses a request that comes from a page of another site.
pub(super) fn refuse(headers: &HeaderMap) -> Result<(), Refusal> {
    if !is_foreign(headers) {
        return Ok(());
    }
    let what = "a page of another site has sent this";
    let fix = "send it with a program, or from a page of the registry itself";
    Err(Refusal::new(Code::Forbidden, what, "header origin", fix))
}

/// Lets pages of an origin read what a row answers, if that is one of `ChartMuseum`'s API that changes
/// nothing.
pub(super) fn allow_reading(origin: &AllowedOrigin, route: &Route, headers: &mut HeaderMap) {
    if route.method == "GET" && route.path.starts_with("/api/") {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.header().clone());
    }
}

fn is_foreign(headers: &HeaderMap) -> bool {
    if let Some(site) = headers.get("sec-fetch-site") {
        return site != "same-origin" && site != "none";
    }
    // Browsers without that header, and hosts that they do not trust.
    let Some(origin) = headers.get(ORIGIN) else { return false };
    let origin = origin.to_str().ok().and_then(|origin| origin.split_once("://"));
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    origin.map(|(_, host)| host) != host
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_foreign_page_sends_is_refused() {
        let foreign = |pairs: &[(&'static str, &str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.insert(*name, value.parse().unwrap());
            }
            refuse(&headers).is_err()
        };
        assert!(!foreign(&[]));
        assert!(!foreign(&[("sec-fetch-site", "same-origin")]));
        assert!(!foreign(&[("sec-fetch-site", "none")]));
        assert!(foreign(&[("sec-fetch-site", "cross-site")]));
        assert!(foreign(&[("sec-fetch-site", "same-site")]));
        let host = ("host", "charts.example:8080");
        assert!(!foreign(&[host, ("origin", "https://charts.example:8080")]));
        assert!(foreign(&[host, ("origin", "https://evil.example")]));
        assert!(foreign(&[host, ("origin", "null")]));
    }
}
