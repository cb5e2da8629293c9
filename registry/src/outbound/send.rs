//! Sending a request: where it may go, and which redirects it follows.

use std::net::IpAddr;

use axum::http::header::{AUTHORIZATION, LOCATION};
use axum::http::{Method, StatusCode};
use reqwest::Url;
use tokio::time::{Instant, timeout_at};

use super::{Client, OutboundError, Request, Response, is_public, normal, shown};

/// Most redirects of one request.
const MAX_REDIRECTS: usize = 5;

impl Client {
    /// Sends a request and returns the head of its answer, whatever its status is.
    ///
    /// # Errors
    ///
    /// When there is no answer within the limits, or it would come from where nobody may ask.
    pub async fn send(&self, request: Request) -> Result<Response, OutboundError> {
        let deadline = Instant::now() + request.limits.time;
        let mut url = request.url.clone();
        let mut redirects = 0;
        loop {
            let response = self.send_once(&request, &url, deadline).await?;
            let Some(place) = redirect(&request, &response) else {
                return Response::new(response, url, (request.limits, deadline));
            };
            url = self.follow(&url, place, redirects)?;
            redirects += 1;
        }
    }

    async fn send_once(
        &self,
        request: &Request,
        url: &Url,
        deadline: Instant,
    ) -> Result<reqwest::Response, OutboundError> {
        self.check(url)?;
        let mut builder = self.http.request(request.method.clone(), url.clone());
        for (name, value) in &request.headers {
            builder = builder.header(name, value);
        }
        if let Some(credentials) =
            request.credentials.as_ref().filter(|_| same_origin(url, &request.url))
        {
            let reason = "the credentials for it hold characters that no header can have";
            let unusable = || OutboundError::BadUrl { url: shown(url), reason };
            builder = builder.header(AUTHORIZATION, credentials.header().ok_or_else(unusable)?);
        }
        let sending = builder.body(request.body.clone()).send();
        match timeout_at(deadline, sending).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) => Err(OutboundError::failed(url, &error)),
            Err(_) => Err(OutboundError::too_slow(url, request.limits.time)),
        }
    }

    /// Refuses what is no URL of a web server, and addresses that nobody named. Names are judged when
    /// they are resolved.
    fn check(&self, url: &Url) -> Result<(), OutboundError> {
        let refuse = |reason| Err(OutboundError::BadUrl { url: shown(url), reason });
        if !["http", "https"].contains(&url.scheme()) {
            return refuse("only `http` and `https` are");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return refuse("it holds a user or a password");
        }
        let Some(host) = url.host_str().map(normal) else { return refuse("it has no host") };
        match host.parse::<IpAddr>() {
            Ok(address) if !is_public(address) && !self.private.contains(&host) => {
                Err(OutboundError::Private { host, address })
            }
            _ => Ok(()),
        }
    }

    /// Where the next request goes when `url` redirects to `place`.
    fn follow(&self, url: &Url, place: &str, redirects: usize) -> Result<Url, OutboundError> {
        let refuse = |target: String, reason| {
            Err(OutboundError::Redirect { url: shown(url), target, reason })
        };
        let Ok(target) = url.join(place) else { return refuse(String::new(), "it is no URL") };
        let refuse = |reason| refuse(shown(&target), reason);
        if redirects >= MAX_REDIRECTS {
            return refuse("there were too many before it");
        }
        if target.scheme() != url.scheme() {
            return refuse("it changes the scheme");
        }
        let host = target.host_str().map(normal).unwrap_or_default();
        if !same_origin(&target, url) && !self.redirects.contains(&host) {
            return refuse("it leads to another host, which the configuration does not allow");
        }
        Ok(target)
    }
}

/// What an answer says about where to go on; empty when it redirects without saying where to.
fn redirect<'a>(request: &Request, response: &'a reqwest::Response) -> Option<&'a str> {
    let redirects = matches!(
        response.status(),
        StatusCode::MOVED_PERMANENTLY
            | StatusCode::FOUND
            | StatusCode::SEE_OTHER
            | StatusCode::TEMPORARY_REDIRECT
            | StatusCode::PERMANENT_REDIRECT
    );
    let place = response.headers().get(LOCATION).map(|value| value.to_str().unwrap_or_default());
    let reads = [Method::GET, Method::HEAD].contains(&request.method);
    (redirects && reads).then(|| place.unwrap_or_default())
}

fn same_origin(one: &Url, other: &Url) -> bool {
    one.origin() == other.origin()
}
