//! From a request to its handler: target, permission, row; in this order, once each.

use std::sync::Arc;

use axum::extract::Request;
use axum::http::header::WWW_AUTHENTICATE;
use axum::http::{HeaderValue, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};

use super::audit::Record;
use super::handlers::Handled;
use super::oci::dialect;
use super::sequence::{self, Seen};
use super::{ROUTES, Route, cross_site};
use crate::authorization::{Gate, Need, Permitted};
use crate::credentials::Caller;
use crate::metrics::Label;
use crate::refusal::{Code, PublishError, Refusal};
use crate::target::{Pattern, Segments, Target};

/// The table of routes, ready to answer.
pub(super) struct Table {
    gate: Gate,
    rows: Vec<Row>,
}

struct Row {
    route: &'static Route,
    pattern: Pattern,
    handler: Handled,
}

/// What a request is meant for.
enum Meant<'a> {
    Row(&'a Row, Target),
    /// The path is in the table, with other methods.
    OtherMethod,
    Nothing,
}

impl Table {
    pub(super) fn new(gate: Gate) -> Self {
        let row = |route: &'static Route| Row {
            route,
            pattern: Pattern::parse(route.path),
            handler: (route.handler)(),
        };
        Self { rows: ROUTES.iter().map(row).collect(), gate }
    }

    fn meant(&self, method: &Method, segments: &Segments) -> Meant<'_> {
        let method = if method == Method::HEAD { "GET" } else { method.as_str() };
        for row in self.rows.iter().filter(|row| row.route.method == method) {
            if let Some(target) = row.pattern.target(segments) {
                return Meant::Row(row, target);
            }
        }
        let mut others = self.rows.iter().filter(|row| row.route.method != method);
        let other = others.any(|row| row.pattern.target(segments).is_some());
        if other { Meant::OtherMethod } else { Meant::Nothing }
    }

    /// The row that a request is meant for, and what its path names.
    fn find(&self, request: &Request) -> Result<(&Row, Target), Refusal> {
        let segments = Segments::read(request.uri().path(), self.gate.base_path())?;
        match self.meant(request.method(), &segments) {
            Meant::Row(row, target) => Ok((row, target)),
            Meant::OtherMethod => Err(unknown_method(request.uri())),
            Meant::Nothing => Err(Refusal::not_found("not found", request.uri().path())),
        }
    }

    /// Puts the permission that a row needs into a request whose caller has it; where its handler
    /// tells what it has seen.
    async fn permit(
        &self,
        row: &Row,
        target: Target,
        (request, record): (&mut Request, &mut Record),
    ) -> Result<Option<Seen>, PublishError> {
        let Some(permission) = row.route.permission else { return Ok(None) };
        let caller = Caller::read(request.headers(), request.extensions())?;
        let identity = self.gate.identify(caller).await?;
        record.known(&identity);
        let changes = permission.writes() && row.route.method != "GET";
        if changes {
            cross_site::refuse(request.headers())?;
        }
        self.gate
            .permit(&identity, &Need { permission, repository: &target.repository, changes })?;
        let (target, seen) = (Arc::new(target), Seen::default());
        let permitted = Permitted { target, identity, permission, seen: seen.clone() };
        request.extensions_mut().insert(permitted);
        Ok(Some(seen))
    }

    /// What the handler of a row answers, when the caller may ask it.
    async fn handled(
        &self,
        row: &Row,
        target: Target,
        (mut request, record): (Request, &mut Record),
    ) -> Result<Response, PublishError> {
        let seen = self.permit(row, target, (&mut request, record)).await?;
        // Where the journal stands is told to those who may do something.
        if seen.is_some() {
            sequence::wait(&self.gate, request.headers()).await?;
        }
        let mut response = row.handler.answer(request, self.gate.clone()).await;
        if let Some(seen) = seen {
            sequence::tell(&self.gate, &seen, response.headers_mut());
        }
        Ok(response)
    }

    /// Where a caller gets a token for a row, if there is a server that gives some. OCI clients are
    /// told in their dialect.
    fn challenge(&self, row: &Row, target: &Target) -> Option<HeaderValue> {
        let server = self.gate.authorization_server()?;
        let permission = row.route.permission.filter(|_| !row.route.path.starts_with("/v2"))?;
        HeaderValue::from_str(&server.challenge(permission, &target.repository)).ok()
    }

    /// What the row of a request answers, with the row's name for the metrics.
    async fn answered(&self, request: Request) -> Response {
        let (row, target) = match self.find(&request) {
            Ok(found) => found,
            Err(refusal) => return refusal.into_response(),
        };
        let mut record = Record::new(row.route, target.repository.as_str(), &request);
        let challenge = self.challenge(row, &target);
        let handled = self.handled(row, target, (request, &mut record)).await;
        let mut response = handled.unwrap_or_else(IntoResponse::into_response);
        record.write(&response);
        if let Some(challenge) = challenge.filter(|_| response.status() == StatusCode::UNAUTHORIZED)
        {
            // Before the other one: clients that know only one look at the first.
            let headers = response.headers_mut();
            if let Some(other) = headers.insert(WWW_AUTHENTICATE, challenge) {
                headers.append(WWW_AUTHENTICATE, other);
            }
        }
        if let Some(origin) = self.gate.allowed_origin() {
            cross_site::allow_reading(origin, row.route, response.headers_mut());
        }
        response.extensions_mut().insert(Label(row.route.path));
        response
    }
}

/// Answers a request by the row that it is meant for, in the dialect of its clients.
pub(super) async fn answer(table: &Table, request: Request) -> Response {
    let speaks_oci = is_oci(request.uri());
    let method = request.method().clone();
    let response = table.answered(request).await;
    if speaks_oci { dialect::translated(&method, response) } else { response }
}

fn is_oci(uri: &Uri) -> bool {
    let rest = uri.path().strip_prefix("/v2");
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn unknown_method(uri: &Uri) -> Refusal {
    let fix = "see the documentation of the registry's routes";
    Refusal::new(Code::MethodNotAllowed, "this path does not take that method", uri.path(), fix)
}
