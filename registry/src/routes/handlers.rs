//! The handlers of the rows, called without a router of their own: the table has found the row.

use std::pin::Pin;

use axum::extract::{DefaultBodyLimit, Request};
use axum::handler::Handler;
use axum::response::Response;

use crate::authorization::Gate;

/// An answer on its way.
type Answer = Pin<Box<dyn Future<Output = Response> + Send>>;

/// What answers the requests that a row is meant for.
pub(super) struct Handled(Box<dyn Fn(Request, Gate) -> Answer + Send + Sync>);

impl Handled {
    /// The answer to a request.
    pub(super) fn answer(&self, request: Request, gate: Gate) -> Answer {
        (self.0)(request, gate)
    }

    /// The same for a handler that counts the bytes of its bodies itself.
    pub(super) fn counting(self) -> Self {
        Self(Box::new(move |mut request, gate| {
            DefaultBodyLimit::disable().apply(&mut request);
            self.answer(request, gate)
        }))
    }
}

/// A row's handler; the row says for which method.
pub(super) fn by<H, T>(handler: H) -> Handled
where
    H: Handler<T, Gate>,
    T: 'static,
{
    Handled(Box::new(move |request, gate| Box::pin(handler.clone().call(request, gate))))
}
