//! How an upstream asks for a credential: `WWW-Authenticate`, and tokens from the server it names.
//!
//! The scope that is asked for is ours: an upstream does not choose what its token may do. Where the
//! token comes from is bounded, too, because the credential of the upstream is sent there.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::http::StatusCode;
use serde::Deserialize;

use super::super::Proxy;
use super::Distribution;
use crate::outbound::{Credentials, Limits, Request, Url};
use crate::quoted::unquoted;

/// What a server of tokens may cost.
const LIMITS: Limits = Limits { bytes: 64 << 10, time: Duration::from_secs(10) };

/// How long a token is used whose end nobody says, as the specification has it.
const USUAL_TIME: Duration = Duration::from_mins(1);

/// A token is not used any more so long before its end.
const MARGIN: Duration = Duration::from_secs(10);

/// How an upstream asks for a credential.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Challenge {
    Basic,
    Bearer { realm: String, service: Option<String> },
}

/// What a server of tokens gives. Many write the token under both names, some under one of them.
#[derive(Deserialize)]
struct Answer {
    token: Option<String>,
    access_token: Option<String>,
    expires_in: Option<u64>,
}

impl Answer {
    fn parse(text: &[u8]) -> Option<(String, Duration)> {
        let answer: Self = serde_json::from_slice(text).ok()?;
        let token = answer.token.or(answer.access_token).filter(|token| !token.is_empty())?;
        let time = answer.expires_in.map_or(USUAL_TIME, Duration::from_secs);
        // One that lasts for years is asked for again anyway.
        Some((token, time.min(Duration::from_hours(1)).saturating_sub(MARGIN)))
    }
}

impl Challenge {
    /// Reads a header; `None` for what the registry does not know.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = text.trim().split_once(' ').unwrap_or((text.trim(), ""));
        if scheme.eq_ignore_ascii_case("basic") {
            return Some(Self::Basic);
        }
        if !scheme.eq_ignore_ascii_case("bearer") {
            return None;
        }
        let mut parameters = parameters(rest)?;
        let realm = parameters.remove("realm")?;
        Some(Self::Bearer { realm, service: parameters.remove("service") })
    }
}

/// `name="value"` or `name=value`, separated by commas.
fn parameters(text: &str) -> Option<BTreeMap<String, String>> {
    let mut found = BTreeMap::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let (name, behind) = rest.split_once('=')?;
        let name = name.trim().to_ascii_lowercase();
        let (value, behind) = if let Some(quoted) = behind.strip_prefix('"') {
            unquoted(quoted)?
        } else {
            let end = behind.find(',').unwrap_or(behind.len());
            let (value, behind) = behind.split_at(end);
            (value.trim().to_owned(), behind)
        };
        found.insert(name, value);
        let behind = behind.trim_start();
        rest = match behind.strip_prefix(',') {
            Some(behind) => behind.trim_start(),
            None if behind.is_empty() => behind,
            None => return None,
        };
    }
    Some(found)
}

impl Proxy {
    /// The credential for one name that fits to a challenge, kept for the next requests.
    pub(super) async fn answer_challenge(
        &self,
        distribution: &Distribution,
        last: &str,
        challenge: &str,
    ) -> Result<Credentials, String> {
        let known = Challenge::parse(challenge);
        let known = known.ok_or_else(|| format!("it asks for a credential as `{challenge}`"))?;
        let (credentials, time) = match (known, &self.credentials) {
            (Challenge::Bearer { realm, service }, Some(Credentials::Basic { .. }) | None) => {
                self.token((&realm, service.as_deref()), &distribution.name(last)).await?
            }
            (Challenge::Basic | Challenge::Bearer { .. }, Some(given)) => {
                (given.clone(), USUAL_TIME)
            }
            (Challenge::Basic, None) => {
                let reason = "it asks for a password: name `user` and `password-file` of the proxy";
                return Err(reason.to_owned());
            }
        };
        distribution.tokens.put((last, ""), credentials.clone(), time);
        Ok(credentials)
    }

    async fn token(
        &self,
        (realm, service): (&str, Option<&str>),
        name: &str,
    ) -> Result<(Credentials, Duration), String> {
        let mut url = Url::parse(realm).map_err(|error| {
            format!("its server of tokens is `{realm}`, which is no URL: {error}")
        })?;
        self.check_token_server(&url)?;
        let scope = format!("repository:{name}:pull");
        let service = service.map(|service| ("service", service));
        url.query_pairs_mut().extend_pairs(service).append_pair("scope", &scope);
        let request = Request::get(url, LIMITS).credentials(self.credentials.clone());
        let response = self.client.send(request).await.map_err(|error| error.to_string())?;
        if response.status() != StatusCode::OK {
            return Err(format!("its server of tokens answered {}", response.status()));
        }
        let text = response.bytes().await.map_err(|error| error.to_string())?;
        let answer = Answer::parse(&text);
        let (token, time) = answer.ok_or("its server of tokens gave no token")?;
        Ok((Credentials::Bearer(token), time))
    }

    fn check_token_server(&self, url: &Url) -> Result<(), String> {
        let (own, host) = (self.upstream.url.url(), url.host_str().unwrap_or_default());
        let named = own.host_str() == Some(host)
            || self.upstream.token_hosts.iter().any(|it| it.eq_ignore_ascii_case(host));
        if !named {
            return Err(format!(
                "its tokens come from `{host}`; add it to `token-hosts` of the proxy, if that is meant"
            ));
        }
        if url.scheme() != own.scheme() && url.scheme() != "https" {
            return Err(format!("its tokens come from `{host}` without TLS"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn challenges_are_read_with_quotes_and_without() {
        let bearer = |realm: &str, service: Option<&str>| {
            let service = service.map(str::to_owned);
            Some(Challenge::Bearer { realm: realm.to_owned(), service })
        };
        let text = r#"Bearer realm="https://auth.example.com/token",service="registry",scope="repository:a,b:pull""#;
        assert_eq!(
            Challenge::parse(text),
            bearer("https://auth.example.com/token", Some("registry"))
        );
        let text = r#"bearer service=x , Realm="a\"b""#;
        assert_eq!(Challenge::parse(text), bearer("a\"b", Some("x")));
        assert_eq!(
            Challenge::parse("Basic realm=\"x\", charset=\"UTF-8\""),
            Some(Challenge::Basic)
        );
        assert_eq!(Challenge::parse("Basic"), Some(Challenge::Basic));
        for text in
            ["", "Bearer", "Bearer realm", "Bearer realm=\"x", "Negotiate x", "Bearer a=\"b\"c"]
        {
            assert_eq!(Challenge::parse(text), None, "{text}");
        }
    }

    #[test]
    fn tokens_are_taken_under_either_name_and_under_both() {
        let seconds = Duration::from_secs;
        for (text, token, time) in [
            (r#"{"token":"a","access_token":"a","expires_in":300,"issued_at":"x"}"#, "a", 290),
            (r#"{"access_token":"b","token":null}"#, "b", 50),
            (r#"{"token":"c","expires_in":999999999}"#, "c", 3_590),
        ] {
            assert_eq!(Answer::parse(text.as_bytes()), Some((token.to_owned(), seconds(time))));
        }
        for text in ["{}", r#"{"token":""}"#, r#"{"token":1}"#, "[]", "x"] {
            assert_eq!(Answer::parse(text.as_bytes()), None, "{text}");
        }
    }
}
