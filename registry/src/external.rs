//! Under which URL clients reach the registry: as the operator says, else as trusted proxies say,
//! else as the request says.
//!
//! A request's own words are shown only to whoever sent them.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::header::HOST;
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, Request, Uri};

use crate::authorization::Gate;
use crate::forwarded::Told;

/// Left in requests that came over TLS.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Encrypted;

/// What says how a request came.
type Head<'a> = (&'a Uri, &'a HeaderMap, &'a Extensions);

/// The URL of the registry without a slash at its end, base path included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct External(pub(crate) String);

impl External {
    /// Its path without a slash at its end: what links within the registry begin with.
    pub(crate) fn path(&self) -> &str {
        let behind = self.0.split_once("://").map_or(self.0.as_str(), |(_, behind)| behind);
        behind.find('/').map_or("", |at| &behind[at..])
    }

    /// Whether what is sent there is encrypted, or stays on the machine.
    pub(crate) fn keeps_secrets(&self) -> bool {
        let Some((scheme, behind)) = self.0.split_once("://") else { return false };
        let end = behind.find(['/', ':']).unwrap_or(behind.len());
        let is_local = behind.starts_with("[::1]")
            || ["localhost", "127.0.0.1"].contains(&behind.get(..end).unwrap_or_default());
        scheme == "https" || is_local
    }

    /// The URL of a repository.
    pub(crate) fn repository(&self, path: &str) -> String {
        if path.is_empty() { self.0.clone() } else { format!("{}/{path}", self.0) }
    }

    /// The URL that the operator says, if it is not empty.
    pub(crate) fn configured(url: &str) -> Option<Self> {
        (!url.is_empty()).then(|| Self(url.to_owned()))
    }

    /// The URL by which a request came.
    pub(crate) fn of_request<B>(request: &Request<B>, gate: &Gate) -> Self {
        let head = (request.uri(), request.headers(), request.extensions());
        Self::of(head, gate.external_url(), gate.base_path())
    }

    fn of((uri, headers, extensions): Head<'_>, configured: &str, base_path: &str) -> Self {
        if let Some(configured) = Self::configured(configured) {
            return configured;
        }
        let told = extensions.get::<Told>();
        let place = told.map_or_else(|| Told::default().place(base_path), |it| it.place(base_path));
        let host = headers.get(HOST).and_then(|value| value.to_str().ok());
        let host = host.or_else(|| uri.authority().map(axum::http::uri::Authority::as_str));
        let host = told.and_then(|told| told.host.as_deref()).or(host);
        let host = host.filter(|host| is_host(host)).unwrap_or("localhost");
        let own = if extensions.get::<Encrypted>().is_some() { "https" } else { "http" };
        let scheme = told.and_then(|told| told.scheme).unwrap_or(own);
        Self(format!("{scheme}://{host}{place}"))
    }
}

/// Whether a text can only be a host with a port.
pub(crate) fn is_host(host: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte);
    !host.is_empty() && host.len() <= 255 && host.bytes().all(plain)
}

/// The text of an external URL without a slash at its end, or what is wrong with it.
pub(crate) fn external_url(text: &str) -> Result<String, String> {
    let behind = ["http://", "https://"].iter().find_map(|scheme| text.strip_prefix(scheme));
    let fine = behind.is_some_and(|behind| {
        let (host, path) = behind.split_once('/').unwrap_or((behind, ""));
        is_host(host) && crate::target::base_path(path).is_ok()
    });
    if fine {
        return Ok(text.trim_end_matches('/').to_owned());
    }
    Err(format!("`{text}` is not `http://` or `https://` with a host, and a plain path behind it"))
}

impl FromRequestParts<Gate> for External {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, gate: &Gate) -> Result<Self, Infallible> {
        let head = (&parts.uri, &parts.headers, &parts.extensions);
        Ok(Self::of(head, gate.external_url(), gate.base_path()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(host: &str) -> Parts {
        Request::get("/").header(HOST, host).body(()).unwrap().into_parts().0
    }

    fn of(parts: &Parts, configured: &str, base: &str) -> External {
        External::of((&parts.uri, &parts.headers, &parts.extensions), configured, base)
    }

    #[test]
    fn the_operator_knows_best_and_a_request_is_believed_only_when_it_names_a_host() {
        let shown = |host, configured, base| of(&parts(host), configured, base).0;
        assert_eq!(shown("a.example:8080", "", ""), "http://a.example:8080");
        assert_eq!(shown("[::1]:80", "", "x/helm"), "http://[::1]:80/x/helm");
        assert_eq!(shown("a/b", "", ""), "http://localhost");
        assert_eq!(shown("a\"><b", "", ""), "http://localhost");
        assert_eq!(shown("a", "https://b.example/helm", "c"), "https://b.example/helm");
        let mut over_tls = parts("a.example");
        over_tls.extensions.insert(Encrypted);
        let external = of(&over_tls, "", "x");
        assert_eq!(external.0, "https://a.example/x");
        assert_eq!((external.path(), &*external.repository("t")), ("/x", "https://a.example/x/t"));
        assert_eq!(External("http://a".to_owned()).path(), "");
    }

    #[test]
    fn secrets_are_kept_by_encryption_and_by_the_machine() {
        let keeps = |url: &str| External(url.to_owned()).keeps_secrets();
        for url in [
            "https://a.example/x",
            "http://localhost:8080",
            "http://127.0.0.1",
            "http://[::1]:80/x",
        ] {
            assert!(keeps(url), "{url}");
        }
        for url in ["http://a.example", "http://localhost.example", "http://127.0.0.1.example/"] {
            assert!(!keeps(url), "{url}");
        }
    }

    #[test]
    fn what_a_trusted_proxy_says_goes_before_what_the_request_says() {
        let mut behind = parts("inner:8080");
        let prefix = "team".to_owned();
        let host = Some("charts.example".to_owned());
        behind.extensions.insert(Told { scheme: Some("https"), host, prefix });
        assert_eq!(of(&behind, "", "").0, "https://charts.example/team");
        assert_eq!(of(&behind, "", "helm").0, "https://charts.example/team/helm");
        assert_eq!(of(&behind, "http://b.example", "helm").0, "http://b.example");
        behind.extensions.insert(Told { prefix: "team".to_owned(), ..Told::default() });
        assert_eq!(of(&behind, "", "").0, "http://inner:8080/team");
    }

    #[test]
    fn an_external_url_has_a_scheme_a_host_and_a_plain_path() {
        assert_eq!(external_url("https://a.example/helm/").unwrap(), "https://a.example/helm");
        for text in
            ["a.example", "ftp://a", "https://", "https://a/../b", "https://u@a", "http://a?b"]
        {
            assert!(external_url(text).is_err(), "{text}");
        }
    }
}
