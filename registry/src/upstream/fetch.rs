//! Fetching a package of an upstream, once.

use axum::http::StatusCode;
use chart_format::version::ChartVersion;
use chart_registry_catalog::tag_of;

use super::classic::{Classic, Shown};
use super::{Kind, PACKAGE_TIME, Proxy, failed, unanswered, unreceived};
use crate::oci::{Name, Reference};
use crate::outbound::{Limits, OutboundError, Request, Response, Url};
use crate::provenance::MAX_PROVENANCE_BYTES;
use crate::publishing::{Release, Wish};
use crate::refusal::{Fault, PublishError};
use crate::registry::Registry;
use crate::spool::{self, Received};

impl Registry {
    /// Makes sure that a package of a proxy is stored, when the upstream has one with this name.
    pub(crate) async fn bring(&self, path: &str, file: &str) -> Result<(), PublishError> {
        let Some(proxy) = self.proxies().at(path) else { return Ok(()) };
        if self.state().repository(path).find_package(file).is_some() {
            return Ok(());
        }
        match &proxy.kind {
            Kind::Classic(classic) => Box::pin(self.bring_listed((proxy, classic), file)).await,
            Kind::Oci(_) => Box::pin(self.bring_tagged((proxy, path), file)).await,
        }
    }

    /// The same of an upstream with an index.
    pub(super) async fn bring_listed(
        &self,
        (proxy, classic): (&Proxy, &Classic),
        file: &str,
    ) -> Result<(), PublishError> {
        classic.freshen(proxy, self).await?;
        let Some(shown) = classic.shown() else { return Ok(()) };
        let stopped = |_| Fault::Stopped { part: "fetching of packages" };
        let _permit = proxy.fetches.acquire().await.map_err(stopped)?;
        // Somebody else may have fetched it meanwhile.
        if self.state().repository(proxy.upstream.path.as_str()).find_package(file).is_some() {
            return Ok(());
        }
        self.fetch(proxy, &shown, file).await
    }

    /// A package's file name says which tag is meant; the manifest of the tag has the package.
    async fn bring_tagged(
        &self,
        (proxy, path): (&Proxy, &str),
        file: &str,
    ) -> Result<(), PublishError> {
        let Some((chart, version)) = ChartVersion::in_file_name(file) else { return Ok(()) };
        if ChartVersion::parse(version).is_err() {
            return Ok(());
        }
        let name = Name { path: path.to_owned(), last: chart.to_owned() };
        let reference = Reference::Tag(tag_of(version));
        self.bring_manifest(proxy, &name, &reference).await.map(drop)
    }

    async fn fetch(&self, proxy: &Proxy, shown: &Shown, file: &str) -> Result<(), PublishError> {
        let Some(entry) = shown.repository.find_package(file) else { return Ok(()) };
        let Some(remote) = shown.known.version(&entry.chart, &entry.version) else { return Ok(()) };
        let place = format!("charts/{file}");
        self.refuse_to_keep(&place)?;
        let url = proxy.place(&remote.url).filter(|url| proxy.may_give(url));
        let url = url.ok_or_else(|| {
            let what = format!("its index names `{}`, which is no place for packages", remote.url);
            failed(&what, &place, "add the host to `package-hosts` of the proxy, if it is meant")
        })?;
        let most = proxy.upstream.at_most(self.options().max_upload_bytes);
        let response =
            proxy.get(url.clone(), most).await.map_err(|error| unanswered(&error, &place))?;
        if response.status() != StatusCode::OK {
            let what = format!("it answered {}", response.status());
            return Err(failed(&what, &place, "ask the upstream's operator").into());
        }
        let received = spool::receive(self.store(), response.into_pieces(), most).await;
        let package = received.map_err(|error| unreceived(error, &place))?;
        if package.sha256 != remote.digest {
            let what = format!(
                "it gave sha256:{}, and its index says sha256:{}",
                package.sha256, remote.digest
            );
            let fix = "ask the upstream's operator which is right";
            return Err(failed(&what, &place, fix).into());
        }
        let package = Received { file_name: Some(file.to_owned()), ..package };
        let provenances = self.provenance_of(proxy, &url).await.into_iter().collect();
        let release = Release { packages: vec![package], provenances };
        let wish = Wish { created: Some(remote.created), ..Wish::default() };
        self.publish_one(&proxy.origin(), release, wish).await.map(drop)
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
