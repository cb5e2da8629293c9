//! Refusals and faults as pages, for browsers.

use axum::body::Body;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_LENGTH};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;

use super::super::negotiation::accepts_html;
use super::answer::{Title, frame, protect, written};
use crate::authorization::Gate;
use crate::external::External;
use crate::pages::links::Links;
use crate::pages::templates::ErrorPage;
use crate::refusal::Refusal;
use crate::request_id::RequestId;

/// Turns an answer that is an error into a page, when the request names HTML; all else passes.
pub(in super::super) async fn errors(
    State(gate): State<Gate>,
    request: Request,
    next: Next,
) -> Response {
    let reads = [Method::GET, Method::HEAD].contains(request.method());
    if !reads || !accepts_html(request.headers()) || request.uri().path().starts_with("/v2/") {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    let Ok(external) = External::from_request_parts(&mut parts, &gate).await;
    let request_id = RequestId::of(&parts.extensions);
    let response = next.run(Request::from_parts(parts, body)).await;
    if response.status().as_u16() < 400 {
        return response;
    }
    let links = Links::new(external.path(), "");
    error(response, &links, request_id)
}

fn error(response: Response, links: &Links, request: String) -> Response {
    let status = response.status();
    let refusal = response.extensions().get::<Refusal>().cloned();
    let title = title(status);
    let (what, place, fix, code) = match refusal {
        Some(refusal) => {
            (refusal.what.clone(), refusal.place.clone(), refusal.fix.clone(), code(&refusal))
        }
        None => (
            "The registry failed. The number of the request leads its operator to the cause."
                .to_owned(),
            String::new(),
            String::new(),
            String::new(),
        ),
    };
    let shown = ErrorPage {
        frame: frame(links, &Title { text: title, query: "" }),
        status: status.as_u16(),
        title,
        what,
        place,
        fix,
        code,
        request,
    };
    // A page that cannot be written leaves the answer as it is.
    let Ok(text) = written(&shown) else { return response };
    let (mut parts, _) = response.into_parts();
    parts.headers.insert(CONTENT_LENGTH, HeaderValue::from(text.len()));
    parts.headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    protect(&mut parts.headers);
    Response::from_parts(parts, Body::from(text))
}

/// The stable name of a refusal.
fn code(refusal: &Refusal) -> String {
    let name = serde_json::to_value(refusal.code).unwrap_or_default();
    name.as_str().unwrap_or_default().to_owned()
}

fn title(status: StatusCode) -> &'static str {
    match status {
        StatusCode::NOT_FOUND => "Not here",
        StatusCode::UNAUTHORIZED => "Who is there?",
        StatusCode::FORBIDDEN => "Not for you",
        StatusCode::SERVICE_UNAVAILABLE => "Not now",
        _ if status.is_server_error() => "That went wrong",
        _ => "Not understood",
    }
}
