//! Fetching a package of an upstream, once.

use std::time::Duration;

use axum::http::StatusCode;
use chart_registry_store::Actor;

use super::{Proxy, Shown};
use crate::outbound::{Limits, OutboundError, Request, Response, Url};
use crate::provenance::MAX_PROVENANCE_BYTES;
use crate::publishing::{Release, Wish};
use crate::refusal::{Code, Fault, PublishError, Refusal};
use crate::registry::{Origin, Registry};
use crate::spool::{self, Received};

/// The time that a package may take.
const PACKAGE_TIME: Duration = Duration::from_mins(2);

/// How the actor of what comes from an upstream is known, before its host.
const VIA: &str = "proxy:";

impl Registry {
    /// Makes sure that a package of a proxy is stored, when the upstream has one with this name.
    pub(crate) async fn bring(&self, path: &str, file: &str) -> Result<(), PublishError> {
        let Some(proxy) = self.proxies().at(path) else { return Ok(()) };
        let stored = || self.state().repository(path).find_package(file).is_some();
        if stored() {
            return Ok(());
        }
        proxy.freshen(&self.state()).await?;
        let Some(shown) = proxy.shown.load_full() else { return Ok(()) };
        let stopped = |_| Fault::Stopped { part: "fetching of packages" };
        let _permit = proxy.fetches.acquire().await.map_err(stopped)?;
        // Somebody else may have fetched it meanwhile.
        if stored() { Ok(()) } else { self.fetch(proxy, &shown, (path, file)).await }
    }

    /// What a proxy shows comes from its upstream alone.
    pub(crate) fn refuse_into_proxy(&self, origin: &Origin) -> Result<(), Refusal> {
        let path = &origin.repository;
        if self.proxies().at(path).is_none() || origin.actor.via.starts_with(VIA) {
            return Ok(());
        }
        let what = format!("`{path}` shows what another repository has, and takes no packages");
        let fix = "publish to the other repository, or to another path";
        Err(Refusal::new(Code::Forbidden, &what, &format!("repository `{path}`"), fix))
    }

    async fn fetch(
        &self,
        proxy: &Proxy,
        shown: &Shown,
        (path, file): (&str, &str),
    ) -> Result<(), PublishError> {
        let Some(entry) = shown.repository.find_package(file) else { return Ok(()) };
        let Some(remote) = shown.known.version(&entry.chart, &entry.version) else { return Ok(()) };
        let url = proxy.place(&remote.url).filter(|url| proxy.may_give(url));
        let url = url.ok_or_else(|| {
            let what = format!("its index names `{}`, which is no place for packages", remote.url);
            failed(&what, file, "add the host to `package-hosts` of the proxy, if it is meant")
        })?;
        let most = self.options().max_upload_bytes;
        let response =
            proxy.get(url.clone(), most).await.map_err(|error| unanswered(&error, file))?;
        if response.status() != StatusCode::OK {
            let what = format!("it answered {}", response.status());
            return Err(failed(&what, file, "ask the upstream's operator").into());
        }
        let package = spool::receive(self.store(), response.into_pieces(), most).await?;
        if package.sha256 != remote.digest {
            let what = format!(
                "it gave sha256:{}, and its index says sha256:{}",
                package.sha256, remote.digest
            );
            return Err(failed(&what, file, "ask the upstream's operator which is right").into());
        }
        let package = Received { file_name: Some(file.to_owned()), ..package };
        let provenances = self.provenance_of(proxy, &url).await.into_iter().collect();
        let release = Release { packages: vec![package], provenances };
        let via = format!("{VIA}{}", proxy.upstream.url.url().host_str().unwrap_or_default());
        let actor = Actor { sub: "upstream".to_owned(), via };
        let origin = Origin { actor, request: String::new(), repository: path.to_owned() };
        let wish = Wish { created: Some(remote.created), ..Wish::default() };
        self.publish_one(&origin, release, wish).await.map(drop)
    }

    /// The provenance file beside a package, if there is one that can be had.
    async fn provenance_of(&self, proxy: &Proxy, package: &Url) -> Option<Received> {
        let mut url = package.clone();
        url.set_path(&format!("{}.prov", package.path()));
        let response = proxy.get(url, MAX_PROVENANCE_BYTES).await.ok()?;
        if response.status() != StatusCode::OK {
            return None;
        }
        let file = spool::receive(self.store(), response.into_pieces(), MAX_PROVENANCE_BYTES).await;
        file.ok().filter(|file| crate::signing::read(file).is_ok())
    }
}

impl Proxy {
    async fn get(&self, url: Url, bytes: u64) -> Result<Response, OutboundError> {
        let limits = Limits { bytes, time: PACKAGE_TIME };
        let own = url.origin() == self.upstream.url.url().origin();
        let credentials = self.credentials.clone().filter(|_| own);
        self.client.send(Request::get(url, limits).credentials(credentials)).await
    }

    /// Whether a package may come from there.
    fn may_give(&self, url: &Url) -> bool {
        let host = url.host_str().unwrap_or_default();
        url.origin() == self.upstream.url.url().origin()
            || self.upstream.package_hosts.iter().any(|it| it.eq_ignore_ascii_case(host))
    }
}

fn unanswered(error: &OutboundError, file: &str) -> Refusal {
    failed(&error.to_string(), file, "send it again when the upstream is back")
}

fn failed(what: &str, file: &str, fix: &str) -> Refusal {
    let what = format!("the upstream does not give the package: {what}");
    Refusal::new(Code::Upstream, &what, &format!("charts/{file}"), fix)
}
