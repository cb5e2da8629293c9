//! Refusals and faults as pages, for browsers.

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{CACHE_CONTROL, CONTENT_LENGTH};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::Response;

use super::super::negotiation::accepts_html;
use super::answer::{Title, frame, protect, written};
use crate::authorization::Gate;
use crate::external::External;
use crate::pages::links::Links;
use crate::pages::templates::ErrorPage;
use crate::refusal::Refusal;
use crate::request_id::RequestId;

/// What errors are shown with, when a request names HTML.
pub(in super::super) struct ErrorPages {
    external: External,
    request_id: RequestId,
}

impl ErrorPages {
    /// For a request that would rather see a page; all others get what programs read.
    pub(in super::super) fn wanted(gate: &Gate, request: &Request) -> Option<Self> {
        let reads = [Method::GET, Method::HEAD].contains(request.method());
        if !reads || !accepts_html(request.headers()) || request.uri().path().starts_with("/v2/") {
            return None;
        }
        let external = External::of_request(request, gate);
        Some(Self { external, request_id: RequestId::of(request.extensions()) })
    }

    /// The answer, as a page when it is an error.
    pub(in super::super) fn shown(self, response: Response) -> Response {
        if response.status().as_u16() < 400 {
            return response;
        }
        let links = Links::new(self.external.path(), "");
        error(response, &links, self.request_id.as_str().to_owned())
    }
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
