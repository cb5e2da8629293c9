//! The audit log: one line for each request that may change something, that is an administrator's, or
//! that is refused because of who sent it. Who, what, where, how it ended, under which name.
//!
//! Lines have the target `audit`, so that `RUST_LOG=warn,audit=info` writes them and little else. They
//! hold no header, no query and no body: secrets travel there.
//!
//! Left out: reads that are allowed; the request's own line in the log tells of them.

use std::net::IpAddr;

use axum::extract::Request;
use axum::http::{Method, StatusCode, Uri};
use axum::response::Response;

use super::Route;
use crate::access::{Identity, Permission};
use crate::peer::Peer;
use crate::refusal::{Logged, Refusal};
use crate::request_id::RequestId;

/// What is known of a request before it is answered.
pub(super) struct Record {
    route: &'static Route,
    permission: Option<Permission>,
    repository: String,
    method: Method,
    uri: Uri,
    client: Option<IpAddr>,
    request: RequestId,
    who: Option<Identity>,
}

impl Record {
    pub(super) fn new(route: &'static Route, repository: &str, request: &Request) -> Self {
        Self {
            route,
            permission: route.permission,
            repository: repository.to_owned(),
            method: request.method().clone(),
            uri: request.uri().clone(),
            client: request.extensions().get::<Peer>().map(|peer| peer.address),
            request: RequestId::of(request.extensions()),
            who: None,
        }
    }

    /// Notes who sent the request, as soon as that is known.
    pub(super) fn known(&mut self, identity: &Identity) {
        self.who = Some(identity.clone());
    }

    /// Writes the line, if the request is one that has a line.
    pub(super) fn write(self, response: &Response) {
        let Some(permission) = self.permission else { return };
        let status = response.status();
        let changes = permission.writes() && self.method != Method::GET;
        let changes = changes && self.method != Method::HEAD;
        if !(changes || permission == Permission::Administer || is_about_caller(status)) {
            return;
        }
        let refusal = response.extensions().get::<Refusal>();
        // Reasons about anything else may repeat what the caller sent.
        let about_caller = refusal.filter(|_| is_about_caller(status));
        let receipt = response.extensions().get::<Logged>().and_then(|it| it.receipt.as_ref());
        let who = self.who.as_ref().map_or("unknown", |who| &*who.subject);
        let via = self.who.as_ref().map(|who| &*who.via);
        tracing::info!(
            target: "audit",
            who,
            via,
            client = self.client.map(tracing::field::display),
            permission = permission.name(),
            method = %self.method,
            route = self.route.path,
            repository = self.repository,
            path = self.uri.path(),
            outcome = outcome(status),
            status = status.as_u16(),
            code = refusal.and_then(code),
            reason = about_caller.map(|refusal| refusal.what.as_str()),
            chart = receipt.map(|it| it.name.as_str()),
            version = receipt.map(|it| it.version.as_str()),
            digest = receipt.map(|it| it.digest.as_str()),
            seq = receipt.map(|it| it.seq),
            request_id = self.request.as_str(),
            "audit"
        );
    }
}

/// Whether an answer is about who has sent the request.
fn is_about_caller(status: StatusCode) -> bool {
    [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN, StatusCode::TOO_MANY_REQUESTS]
        .contains(&status)
}

/// The stable name of a refusal.
fn code(refusal: &Refusal) -> Option<String> {
    let name = serde_json::to_value(refusal.code).ok()?;
    name.as_str().map(str::to_owned)
}

fn outcome(status: StatusCode) -> &'static str {
    match status.as_u16() {
        ..400 => "done",
        400..500 => "refused",
        500.. => "failed",
    }
}
