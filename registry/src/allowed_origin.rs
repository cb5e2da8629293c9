//! The origin whose pages may read the API in a browser.

use std::fmt::{self, Display, Formatter};
use std::str::FromStr;

use axum::http::HeaderValue;

use crate::external::is_host;
use crate::outbound::Url;

/// The word for the pages of every origin.
const EVERY: &str = "*";

/// An origin as browsers write it, or `*`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowedOrigin {
    text: String,
    header: HeaderValue,
}

impl AllowedOrigin {
    /// What answers say.
    pub(crate) fn header(&self) -> &HeaderValue {
        &self.header
    }
}

impl FromStr for AllowedOrigin {
    type Err = String;

    /// Browsers compare the text as it is: an origin in another spelling would never be one. `null`
    /// is what every page in a sandbox says of itself.
    fn from_str(text: &str) -> Result<Self, String> {
        let origin = Url::parse(text).ok().map(|url| (url.origin(), url));
        let is_origin = origin.is_some_and(|(origin, url)| {
            let authority = text.split_once("://").map_or("", |(_, behind)| behind);
            // A browser has no `*` in a host, and a reader would take it for a pattern.
            ["http", "https"].contains(&url.scheme())
                && origin.ascii_serialization() == text
                && is_host(authority)
        });
        let header = HeaderValue::from_str(text).ok().filter(|_| is_origin || text == EVERY);
        match header {
            Some(header) => Ok(Self { text: text.to_owned(), header }),
            None => Err(format!("`{}` is no origin as browsers write it", text.escape_debug())),
        }
    }
}

impl Display for AllowedOrigin {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_what_browsers_say_and_nothing_else() {
        for text in ["*", "https://console.example", "http://localhost:3000", "http://[::1]:1"] {
            assert_eq!(text.parse::<AllowedOrigin>().unwrap().to_string(), text);
        }
        for text in [
            "",
            "null",
            "**",
            "console.example",
            "https://console.example/",
            "https://console.example/ui",
            "https://console.example:443",
            "https://Console.example",
            "https://*.example",
            "https://a.example,https://b.example",
            "https://a.example https://b.example",
            "https://user@console.example",
            "ftp://console.example",
            "file:///",
            "https://console.example\r\nx: y",
        ] {
            assert!(text.parse::<AllowedOrigin>().is_err(), "{text:?}");
        }
    }
}
