//! A page as an answer: its headers forbid whatever a page does not need.

use askama::Template;
use axum::http::header::{
    CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Uri};
use axum::response::{IntoResponse, Response};
use chart_format::digest::Sha256;

use super::super::conditional::Validator;
use super::super::negotiation::accepts_gzip;
use crate::pages::assets::{Asset, ICON, STYLE, gzip};
use crate::pages::links::Links;
use crate::pages::templates::Frame;
use crate::refusal::{Fault, Refusal};

/// No script at all, styles and pictures from here, forms to here, no frames.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; \
                      base-uri 'none'; frame-ancestors 'none'";

/// Pages shorter than this are sent as they are.
const GZIP_FROM_BYTES: usize = 1_024;

/// What a page is called and what it is about.
pub(super) struct Title<'a> {
    /// Title of the document.
    pub(super) text: &'a str,
    /// What was searched for.
    pub(super) query: &'a str,
}

/// The frame of a page about a repository.
pub(super) fn frame(links: &Links, title: &Title<'_>) -> Frame {
    let place = match links.repository.as_str() {
        "" => "all charts".to_owned(),
        path => path.to_owned(),
    };
    Frame {
        title: title.text.to_owned(),
        home: links.home(),
        search: links.page(),
        place,
        query: title.query.to_owned(),
        style: links.asset(&STYLE.name),
        icon: links.asset(&ICON.name),
        crumbs: links.crumbs(),
        program: env!("CARGO_PKG_VERSION"),
    }
}

/// A page as an answer to a request with these headers.
pub(super) fn page(page: &impl Template, request: &HeaderMap) -> Result<Response, Fault> {
    let text = written(page)?;
    let compress = text.len() >= GZIP_FROM_BYTES && accepts_gzip(request);
    let suffix = if compress { "z" } else { "" };
    let validator = Validator {
        tag: format!("{}{suffix}", &Sha256::of(text.as_bytes()).to_string()[..32]),
        cache_control: "private, no-cache",
        vary: Some("Accept, Accept-Encoding"),
    };
    if let Some(response) = validator.not_modified(request) {
        return Ok(response);
    }
    let mut response = if compress {
        let bytes = gzip(text.as_bytes()).map_err(|error| Fault::io("compress a page", error))?;
        let mut response = bytes.into_response();
        response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        response
    } else {
        text.into_response()
    };
    validator.put_into(response.headers_mut());
    protect(response.headers_mut());
    Ok(response)
}

/// The text of a page.
pub(super) fn written(page: &impl Template) -> Result<String, Fault> {
    page.render().map_err(|error| Fault::Page { reason: error.to_string() })
}

/// Sets the type of a page, and what a browser may do with it.
pub(super) fn protect(headers: &mut HeaderMap) {
    let opener = HeaderName::from_static("cross-origin-opener-policy");
    for (name, value) in [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
        (opener, "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

/// `GET /-/assets/{file}`: a file that pages load.
pub(in super::super) async fn asset(uri: Uri, headers: HeaderMap) -> Result<Response, Refusal> {
    // The row needs no permission, so nothing was read for it; no repository is at stake.
    let file = uri.path().rsplit('/').next().unwrap_or_default();
    let asset = Asset::named(file).ok_or_else(|| Refusal::not_found("asset not found", file))?;
    let compress = accepts_gzip(&headers) && !asset.gzip.is_empty();
    let suffix = if compress { "-z" } else { "" };
    let mut validator = Validator::immutable(format!("{}{suffix}", asset.name));
    validator.vary = Some("Accept-Encoding");
    if let Some(response) = validator.not_modified(&headers) {
        return Ok(response);
    }
    let mut response =
        if compress { asset.gzip.clone() } else { asset.bytes.clone() }.into_response();
    let answer = response.headers_mut();
    if compress {
        answer.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    validator.put_into(answer);
    protect(answer);
    answer.insert(CONTENT_TYPE, HeaderValue::from_static(asset.media_type));
    Ok(response)
}
