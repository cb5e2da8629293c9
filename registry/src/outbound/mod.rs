//! The one HTTP client of the registry: every request that it makes itself goes through here.
//!
//! What an answer may cost is bounded: bytes, time, redirects. Where a request may go is bounded,
//! too: an address of this machine or of a private network is used only when the configuration names
//! its host, because names and redirects of others must not reach what the registry alone can reach.
//! Credentials stay with the host that they were given for.
//!
//! A proxy of the environment resolves names itself, so for what goes through it the proxy decides
//! about addresses; addresses that stand in a URL are judged here in any case.
//!
//! Left out: HTTP/2, compressed answers, cookies, `.netrc`.

mod address;
mod error;
mod request;
mod resolver;
mod response;
mod roots;
mod send;
mod settings;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use reqwest::redirect::Policy;
use tokio_rustls::rustls::ClientConfig;

pub use address::is_public;
pub use axum::http::header;
pub use error::OutboundError;
pub use request::{Credentials, Limits, Request};
pub use reqwest::Url;
pub use response::Response;
pub use settings::{Address, OutboundSettings, Proxies};

use error::shown;
use resolver::Guarded;

/// A connection that is not made within this time is given up.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);

/// An answer of which no byte comes for this long is given up.
const IDLE_LIMIT: Duration = Duration::from_secs(30);

/// Connections that nobody used for this long are closed.
const POOL_IDLE_LIMIT: Duration = Duration::from_secs(30);

/// What all clients share: whom they trust, which private hosts are fine, which proxies there are.
#[derive(Clone)]
pub struct Outbound {
    tls: ClientConfig,
    settings: Arc<OutboundSettings>,
}

/// A client for one purpose, with the hosts that the configuration names for it.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    /// Hosts that may have private addresses.
    private: Arc<BTreeSet<String>>,
    /// Hosts besides the one that was asked to which a redirect may lead.
    redirects: Arc<BTreeSet<String>>,
}

impl Outbound {
    /// Reads the roots of the system and of the files that the settings name.
    ///
    /// # Errors
    ///
    /// When a file of certificates cannot be used.
    pub fn new(settings: OutboundSettings) -> Result<Self, OutboundError> {
        let tls = roots::client_config(&settings.ca_files)?;
        Ok(Self { tls, settings: Arc::new(settings) })
    }

    /// A client that may use private addresses of the hosts in `named`, which are URLs that the
    /// configuration has, and that follows redirects to `redirects` besides the host that it asked.
    ///
    /// # Errors
    ///
    /// When a proxy of the environment is no URL.
    pub fn client(&self, named: &[Url], redirects: &[String]) -> Result<Client, OutboundError> {
        self.make(named, redirects, Some(IDLE_LIMIT))
    }

    /// A client for large bodies to the hosts of `named`: while one is sent no byte of an answer
    /// comes, so that only the limit of the request's whole time holds.
    ///
    /// # Errors
    ///
    /// As [`Self::client`].
    pub fn uploading_client(&self, named: &[Url]) -> Result<Client, OutboundError> {
        self.make(named, &[], None)
    }

    fn make(
        &self,
        named: &[Url],
        redirects: &[String],
        idle_limit: Option<Duration>,
    ) -> Result<Client, OutboundError> {
        let hosts = named.iter().filter_map(Url::host_str).map(normal);
        let private: BTreeSet<String> =
            hosts.chain(self.settings.private_hosts.iter().map(|host| normal(host))).collect();
        let proxies = self.settings.proxies.to_use()?;
        let mut resolvable = private.clone();
        // Whoever sets a proxy means it, wherever it is.
        resolvable.extend(self.settings.proxies.hosts());
        let mut builder = reqwest::Client::builder()
            .tls_backend_preconfigured(self.tls.clone())
            .dns_resolver(Arc::new(Guarded::new(resolvable)))
            .redirect(Policy::none())
            .no_proxy()
            .referer(false)
            .http1_only()
            .connect_timeout(CONNECT_LIMIT)
            .pool_idle_timeout(POOL_IDLE_LIMIT)
            .user_agent(concat!("chart-registry/", env!("CARGO_PKG_VERSION")));
        for proxy in proxies {
            builder = builder.proxy(proxy);
        }
        if let Some(limit) = idle_limit {
            builder = builder.read_timeout(limit);
        }
        let http = builder.build().map_err(|error| OutboundError::setup(&error))?;
        let redirects = redirects.iter().map(|host| normal(host)).collect();
        Ok(Client { http, private: Arc::new(private), redirects: Arc::new(redirects) })
    }
}

/// A host as it is compared: lower case, without the dot of a complete name and the brackets of an
/// address.
fn normal(host: &str) -> String {
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    bare.trim_end_matches('.').to_ascii_lowercase()
}
