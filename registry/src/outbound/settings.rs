//! What a platform team declares about outgoing requests, and what the environment says.

use std::path::PathBuf;

use reqwest::{NoProxy, Proxy, Url};
use serde::Deserialize;

use super::{OutboundError, normal, shown};

/// The section `outbound` of the configuration file.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct OutboundSettings {
    /// Files of PEM certificates that are trusted besides the system's.
    pub ca_files: Vec<PathBuf>,
    /// Hosts that may be asked although their addresses are private, whoever names them.
    pub private_hosts: Vec<String>,
    /// The proxies to use; never part of the file.
    #[serde(skip)]
    pub proxies: Proxies,
}

/// The URL of a web server in the configuration: `http` or `https`, without a password in it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Address(Url);

impl Address {
    /// The URL.
    pub fn url(&self) -> &Url {
        &self.0
    }

    /// As it may stand in logs and answers: without the query, which may hold a secret.
    pub fn shown(&self) -> String {
        shown(&self.0)
    }
}

impl TryFrom<String> for Address {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let url = Url::parse(&text).map_err(|error| format!("`{text}` is no URL: {error}"))?;
        if !["http", "https"].contains(&url.scheme()) {
            return Err(format!("`{text}` is no URL of a web server: begin it with `https://`"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            let place = shown(&url);
            return Err(format!("`{place}` has a user or a password in it: name a file with it"));
        }
        Ok(Self(url))
    }
}

/// Proxies as the usual variables of the environment name them.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Proxies {
    /// For `http` URLs.
    pub http: Option<String>,
    /// For `https` URLs.
    pub https: Option<String>,
    /// Hosts and networks that are asked directly, separated by commas.
    pub except: Option<String>,
}

/// Says nothing of the values: a proxy's URL may hold a password.
impl std::fmt::Debug for Proxies {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Proxies")
            .field("http", &self.http.is_some())
            .field("https", &self.https.is_some())
            .field("except", &self.except)
            .finish()
    }
}

impl Proxies {
    /// `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`; lower case goes first.
    pub fn from_environment() -> Self {
        let variable = |name: &str| {
            let found = [name.to_ascii_lowercase(), name.to_owned()].into_iter();
            found.filter_map(|name| std::env::var(name).ok()).find(|value| !value.is_empty())
        };
        let all = variable("ALL_PROXY");
        Self {
            http: variable("HTTP_PROXY").or_else(|| all.clone()),
            https: variable("HTTPS_PROXY").or(all),
            except: variable("NO_PROXY"),
        }
    }

    pub(super) fn to_use(&self) -> Result<Vec<Proxy>, OutboundError> {
        let except = self.except.as_deref().and_then(NoProxy::from_string);
        let mut proxies = Vec::new();
        if let Some(url) = &self.http {
            proxies.push(Proxy::http(parse(url)?));
        }
        if let Some(url) = &self.https {
            proxies.push(Proxy::https(parse(url)?));
        }
        let usable = |proxy: reqwest::Result<Proxy>| match proxy {
            Ok(proxy) => Ok(proxy.no_proxy(except.clone())),
            Err(error) => Err(OutboundError::setup(&error)),
        };
        proxies.into_iter().map(usable).collect()
    }

    /// The hosts of the proxies.
    pub(super) fn hosts(&self) -> impl Iterator<Item = String> {
        let urls = self.http.iter().chain(&self.https).filter_map(|url| parse(url).ok());
        urls.filter_map(|url| url.host_str().map(normal))
    }
}

/// A proxy may be written without its scheme, as `curl` takes it.
fn parse(text: &str) -> Result<Url, OutboundError> {
    let full = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
    Url::parse(&full).map_err(|error| {
        let reason = format!("a proxy of the environment is no URL: {error}");
        OutboundError::Setup { reason }
    })
}
