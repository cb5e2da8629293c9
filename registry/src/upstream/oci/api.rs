//! What an upstream answers.

use std::time::Duration;

use axum::http::header::{ACCEPT, CONTENT_TYPE, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use bytes::Bytes;
use chart_registry_store::{Algorithm, Digest};

use super::super::Proxy;
use super::Distribution;
use crate::oci::{MAX_MANIFEST_BYTES, Reference};
use crate::outbound::{Limits, Request, Response};

/// What a manifest may cost.
const MANIFEST: Limits = Limits { bytes: MAX_MANIFEST_BYTES, time: Duration::from_secs(30) };

/// Media types of manifests.
const MANIFEST_TYPES: &str = "application/vnd.oci.image.manifest.v1+json, \
    application/vnd.oci.image.index.v1+json, \
    application/vnd.docker.distribution.manifest.v2+json, \
    application/vnd.docker.distribution.manifest.list.v2+json, \
    application/vnd.oci.artifact.manifest.v1+json";

/// A question about one name.
pub(super) struct Question<'a> {
    /// Last segment of the name.
    pub(super) last: &'a str,
    /// What stands behind the name, with its query if it has one.
    pub(super) rest: &'a str,
    pub(super) limits: Limits,
    pub(super) head: bool,
}

/// What an upstream says about a manifest.
pub(super) enum Answer {
    /// It has none.
    Absent,
    /// It is the one that is here.
    Same,
    /// It is this one.
    Manifest(Fetched),
}

/// A manifest whose digest is what was asked for, or what the upstream says.
pub(super) struct Fetched {
    pub(super) digest: Digest,
    pub(super) media_type: Option<String>,
    pub(super) bytes: Bytes,
}

impl Proxy {
    /// Asks about a name, with a credential if it is asked for one. The answer may have any status
    /// but 401.
    pub(super) async fn ask(
        &self,
        distribution: &Distribution,
        question: &Question<'_>,
    ) -> Result<Response, String> {
        let known = distribution.tokens.get(question.last, "");
        let response = self.ask_once((distribution, question), known).await?;
        if response.status() != StatusCode::UNAUTHORIZED {
            return Ok(response);
        }
        distribution.tokens.forget(question.last, "");
        let challenge = response.headers().get_all(WWW_AUTHENTICATE).iter();
        let mut challenge = challenge.filter_map(|value| value.to_str().ok());
        let challenge = challenge.next().unwrap_or_default().to_owned();
        let given = self.answer_challenge(distribution, question.last, &challenge).await?;
        let response = self.ask_once((distribution, question), Some(given)).await?;
        if response.status() != StatusCode::UNAUTHORIZED {
            return Ok(response);
        }
        distribution.tokens.forget(question.last, "");
        Err("it refuses the registry's credential, or needs one that the proxy does not have"
            .to_owned())
    }

    async fn ask_once(
        &self,
        (distribution, question): (&Distribution, &Question<'_>),
        credentials: Option<crate::outbound::Credentials>,
    ) -> Result<Response, String> {
        let Question { last, rest, limits, head } = *question;
        let (rest, query) = match rest.split_once('?') {
            Some((rest, query)) => (rest, Some(query)),
            None => (rest, None),
        };
        let mut url = distribution.url(last, rest);
        url.set_query(query);
        let request = if head { Request::head(url, limits) } else { Request::get(url, limits) };
        let request = request.header(ACCEPT, HeaderValue::from_static(MANIFEST_TYPES));
        let sent = self.client.send(request.credentials(credentials)).await;
        sent.map_err(|error| error.to_string())
    }

    /// Asks for a manifest; `here` is the digest of the one that is stored under the tag.
    pub(super) async fn ask_manifest(
        &self,
        distribution: &Distribution,
        (last, reference): (&str, &Reference),
        here: Option<Digest>,
    ) -> Result<Answer, String> {
        let rest = format!("manifests/{}", reference.text());
        let question = |head| Question { last, rest: &rest, limits: MANIFEST, head };
        if let Some(here) = here {
            // Registries count requests for manifests, and not for their headers.
            let response = self.ask(distribution, &question(true)).await?;
            match response.status() {
                StatusCode::OK if said(&response) == Some(here) => return Ok(Answer::Same),
                StatusCode::NOT_FOUND => return Ok(Answer::Absent),
                // Whatever else it says to such a request, the other kind is answered.
                _ => {}
            }
        }
        let response = self.ask(distribution, &question(false)).await?;
        match response.status() {
            StatusCode::OK => {}
            StatusCode::NOT_FOUND => return Ok(Answer::Absent),
            status => return Err(format!("it answered {status} for a manifest")),
        }
        let promised = match reference {
            Reference::Digest(digest) => Some(*digest),
            Reference::Tag(_) => said(&response),
        };
        let media_type = response.header(CONTENT_TYPE.as_str()).map(str::to_owned);
        let bytes = response.bytes().await.map_err(|error| error.to_string())?;
        let algorithm = promised.map_or(Algorithm::Sha256, |it| it.algorithm());
        let digest = Digest::of(algorithm, &bytes);
        if let Some(promised) = promised.filter(|promised| *promised != digest) {
            return Err(format!("it gave a manifest with the digest {digest} as {promised}"));
        }
        if here == Some(digest) {
            return Ok(Answer::Same);
        }
        Ok(Answer::Manifest(Fetched { digest, media_type, bytes }))
    }
}

/// The digest that an answer says its manifest has.
fn said(response: &Response) -> Option<Digest> {
    response.header("docker-content-digest").and_then(|text| Digest::parse(text).ok())
}
