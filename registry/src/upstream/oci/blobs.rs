//! Blobs of an upstream: fetched once each, and compared with their digests while they come.

use std::time::Duration;

use axum::http::StatusCode;
use chart_registry_store::Digest;

use super::super::{Kind, Proxy, failed, unreceived};
use super::api::Question;
use crate::oci::{Name, NamedBlob};
use crate::outbound::Limits;
use crate::refusal::{Fault, PublishError};
use crate::registry::Registry;

/// The time that a blob may take.
const BLOB_TIME: Duration = Duration::from_mins(30);

/// A blob that a manifest names.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    digest: Digest,
    size: u64,
}

impl Part {
    /// What has to be fetched for a manifest; nothing for what it carries itself or what may not be
    /// distributed.
    pub(super) fn of(blob: &NamedBlob) -> Option<Self> {
        let fetched = blob.data.is_none() && !blob.elsewhere;
        fetched.then_some(Self { digest: blob.digest, size: blob.size })
    }
}

impl Registry {
    /// Fetches a blob that a manifest names; the upstream has to have it.
    pub(super) async fn bring_part(
        &self,
        proxy: &Proxy,
        name: &Name,
        part: Part,
    ) -> Result<(), PublishError> {
        if self.bring_blob(proxy, name, (part.digest, Some(part.size))).await? {
            return Ok(());
        }
        let what = format!("its manifest names {}, and it has no such blob", part.digest);
        Err(failed(&what, &name.text(), "ask the upstream's operator").into())
    }

    /// Makes sure that a blob of a proxy is stored; false when the upstream has no such blob.
    pub(crate) async fn bring_blob(
        &self,
        proxy: &Proxy,
        name: &Name,
        (digest, size): (Digest, Option<u64>),
    ) -> Result<bool, PublishError> {
        let Kind::Oci(distribution) = &proxy.kind else { return Ok(false) };
        let flight = distribution.flight(&format!("{} blob {digest}", name.last));
        let _turn = flight.lock().await;
        if self.has_blob(name, digest).await? {
            return Ok(true);
        }
        if !proxy.upstream.admits(&name.last) {
            return Ok(false);
        }
        let place = format!("{}@{digest}", name.text());
        self.refuse_to_keep(&place)?;
        let most = proxy.upstream.at_most(self.options().max_blob_bytes);
        if size.is_some_and(|size| size > most) {
            let what = format!("it has more than {most} bytes");
            return Err(
                failed(&what, &place, "raise `max-bytes` of the proxy, if it is meant").into()
            );
        }
        let stopped = |_| Fault::Stopped { part: "fetching of blobs" };
        let _permit = proxy.fetches.acquire().await.map_err(stopped)?;
        let limits = Limits { bytes: size.unwrap_or(most), time: BLOB_TIME };
        let rest = format!("blobs/{digest}");
        let question = Question { last: &name.last, rest: &rest, limits, head: false };
        let back = "send it again when the upstream is back";
        let asked = match distribution.failure() {
            Some(reason) => Err(reason),
            None => proxy.ask(distribution, &question).await,
        };
        let response = asked.map_err(|reason| failed(&reason, &place, back))?;
        match response.status() {
            StatusCode::OK => {}
            StatusCode::NOT_FOUND => return Ok(false),
            status => {
                let what = format!("it answered {status} for a blob");
                return Err(failed(&what, &place, back).into());
            }
        }
        let pushed = self.push_blob(name, digest, response.into_pieces()).await;
        pushed.map_err(|error| wrong_bytes(error, &place))?;
        Ok(true)
    }
}

/// Other bytes than the digest says are the upstream's fault, too.
fn wrong_bytes(error: PublishError, place: &str) -> PublishError {
    match error {
        PublishError::Refused(refusal) if refusal.code == crate::refusal::Code::BadDigest => {
            failed(&refusal.what, place, "ask the upstream's operator").into()
        }
        other => unreceived(other, place),
    }
}
