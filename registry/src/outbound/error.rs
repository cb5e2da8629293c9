//! Why a request of the registry got no answer.

use std::error::Error;
use std::fmt::Write;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use reqwest::Url;

use super::resolver::PrivateAddress;

/// Why a request of the registry got no answer. URLs are told without query, user and password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OutboundError {
    /// The client cannot be made.
    #[error("requests to other servers cannot be made: {reason}")]
    Setup {
        /// Why not.
        reason: String,
    },
    /// A file of authorities cannot be used.
    #[error(
        "`{}` cannot be used as authorities to trust: {reason}; name a file of PEM certificates",
        file.display()
    )]
    Roots {
        /// The file.
        file: PathBuf,
        /// Why not.
        reason: String,
    },
    /// The URL is none that the registry asks.
    #[error("`{url}` is not asked: {reason}")]
    BadUrl {
        /// The URL.
        url: String,
        /// Why not.
        reason: &'static str,
    },
    /// The host is on this machine or in a private network, and the configuration does not name it.
    #[error(
        "`{host}` has the address {address}, which is not public; when that is meant, add the host \
         to `outbound.private-hosts`"
    )]
    Private {
        /// The host.
        host: String,
        /// Its address.
        address: IpAddr,
    },
    /// The server cannot be reached.
    #[error("`{url}` cannot be reached: {reason}")]
    Unreachable {
        /// The URL.
        url: String,
        /// Why not.
        reason: String,
    },
    /// The answer took too long.
    #[error("`{url}` did not answer within {} s", limit.as_secs())]
    TooSlow {
        /// The URL.
        url: String,
        /// The time that it had.
        limit: Duration,
    },
    /// The answer is too large.
    #[error("the answer of `{url}` is larger than {limit} bytes")]
    TooLarge {
        /// The URL.
        url: String,
        /// Most bytes.
        limit: u64,
    },
    /// A redirect is not followed.
    #[error("`{url}` redirects to `{target}`, which is not followed: {reason}")]
    Redirect {
        /// The URL.
        url: String,
        /// Where it leads.
        target: String,
        /// Why not.
        reason: &'static str,
    },
    /// The answer broke off or is no HTTP.
    #[error("the answer of `{url}` cannot be read: {reason}")]
    Broken {
        /// The URL.
        url: String,
        /// Why not.
        reason: String,
    },
}

/// A URL as it may stand in logs and answers.
pub(super) fn shown(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    // URLs of HTTP always have a host, so that these can be taken away.
    let _hosted = url.set_username("").and_then(|()| url.set_password(None));
    url.into()
}

/// An error with what caused it, in one line.
fn told(error: &reqwest::Error) -> String {
    let mut text = String::new();
    let mut next = error.source();
    while let Some(source) = next {
        let separator = if text.is_empty() { "" } else { ": " };
        let written = write!(text, "{separator}{source}");
        debug_assert!(written.is_ok(), "writing into a text cannot fail");
        next = source.source();
    }
    // Without a cause the error itself has to do; its URL would be told twice.
    if text.is_empty() { format!("{error:?}") } else { text }
}

impl OutboundError {
    pub(super) fn setup(error: &reqwest::Error) -> Self {
        Self::Setup { reason: told(error) }
    }

    pub(super) fn too_slow(url: &Url, limit: Duration) -> Self {
        Self::TooSlow { url: shown(url), limit }
    }

    pub(super) fn failed(url: &Url, error: &reqwest::Error) -> Self {
        let mut next = error.source();
        while let Some(source) = next {
            if let Some(PrivateAddress { host, address }) = source.downcast_ref() {
                return Self::Private { host: host.clone(), address: *address };
            }
            next = source.source();
        }
        let (url, reason) = (shown(url), told(error));
        if error.is_connect() || error.is_timeout() {
            Self::Unreachable { url, reason }
        } else {
            Self::Broken { url, reason }
        }
    }
}
