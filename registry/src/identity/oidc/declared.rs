//! Issuers as the configuration declares them.

use std::collections::BTreeMap;

use chart_registry_store::TokenGrant;
use serde::Deserialize;

use crate::identity::rule::Rule;
use crate::outbound::Url;

/// Longest name of an issuer.
const MAX_NAME_BYTES: usize = 32;

/// An issuer as it is declared.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct DeclaredIssuer {
    /// What callers are called after: who it vouches for acts as `<name>:<subject>`.
    pub name: String,
    /// Its name in tokens, an `https` URL.
    pub issuer: String,
    /// What its tokens must be for.
    pub audience: String,
    /// Where its keys are; if not given, where its discovery document says.
    #[serde(default)]
    pub keys: Option<String>,
    /// Who gets what.
    pub rules: Vec<DeclaredRule>,
}

/// What tokens with some claims are worth.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct DeclaredRule {
    /// Claims that a token must have, with their values; a `*` at the end of one stands for anything.
    pub claims: BTreeMap<String, String>,
    /// The name under which the caller acts, instead of that of the token.
    #[serde(default)]
    pub subject: Option<String>,
    /// What they give.
    pub grants: Vec<TokenGrant>,
}

/// A URL that keys may come from, or why it is none.
pub(super) fn url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| format!("`{text}` is no URL: {error}"))?;
    let local = ["127.0.0.1", "[::1]", "localhost"];
    let is_local = url.host_str().is_some_and(|host| local.contains(&host));
    let is_safe = url.scheme() == "https" || (url.scheme() == "http" && is_local);
    if is_safe && url.username().is_empty() && url.password().is_none() && url.fragment().is_none()
    {
        return Ok(url);
    }
    Err("it is no `https` URL without a user, a password and a fragment".to_owned())
}

impl DeclaredRule {
    pub(super) fn read(&self) -> Result<Rule, Vec<(String, String)>> {
        Rule::parse(("claims", &self.claims), self.subject.as_deref(), &self.grants)
    }
}

impl DeclaredIssuer {
    /// Fields with what is wrong in them.
    pub(in crate::identity) fn faults(&self) -> Vec<(String, String)> {
        let mut faults = Vec::new();
        let mut fault = |field: &str, reason: String| faults.push((field.to_owned(), reason));
        let word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if !(1..=MAX_NAME_BYTES).contains(&self.name.len()) || !self.name.bytes().all(word) {
            fault("name", format!("it is not 1 to {MAX_NAME_BYTES} of `a-z`, `0-9` and `-`"));
        }
        if let Err(reason) = url(&self.issuer) {
            fault("issuer", reason);
        }
        if let Some(Err(reason)) = self.keys.as_deref().map(url) {
            fault("keys", reason);
        }
        if self.audience.is_empty() {
            fault("audience", "without one, tokens for others would be taken".to_owned());
        }
        if self.rules.is_empty() {
            fault("rules", "without one, its tokens are worth nothing".to_owned());
        }
        for (index, rule) in self.rules.iter().enumerate() {
            for (field, reason) in rule.read().err().unwrap_or_default() {
                fault(&format!("rules[{index}].{field}"), reason);
            }
        }
        faults
    }
}
