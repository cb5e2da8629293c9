//! The declared issuers: their keys, and from claims to grants.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chart_registry_store::TokenGrant;
use serde::Deserialize;
use tokio::time::Instant;

use super::keys::Keys;
use super::token::{Claims, TokenFault, Unproven};
use crate::access::{Grant, Identity};
use crate::identity::check_subject;
use crate::identity::declared::grants;
use crate::outbound::{Client, Limits, Outbound, Request, Url};

/// Keys are fetched again after this time.
const FRESH: Duration = Duration::from_secs(60 * 60);

/// Keys that cannot be fetched again are used for this long.
const USABLE: Duration = Duration::from_secs(24 * 60 * 60);

/// Two attempts to fetch keys are so far apart, whatever tokens ask for.
const PAUSE: Duration = Duration::from_secs(60);

/// What a document of an issuer may cost.
const LIMITS: Limits = Limits { bytes: 256 << 10, time: Duration::from_secs(10) };

/// Most tokens whose proof is remembered.
const REMEMBERED: usize = 4_096;

/// An issuer as it is declared.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct DeclaredIssuer {
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
    /// Claims that a token must have, with their values.
    pub claims: BTreeMap<String, String>,
    /// What they give.
    pub grants: Vec<TokenGrant>,
}

/// The declared issuers; cloning gives another handle on the same ones.
#[derive(Clone, Default)]
pub(crate) struct Issuers(Arc<Inner>);

#[derive(Default)]
struct Inner {
    issuers: Vec<Issuer>,
    /// Identities by digest of the token, with the second at which they end.
    proven: Mutex<HashMap<[u8; 32], (Identity, i64)>>,
}

struct Issuer {
    name: String,
    audience: String,
    keys: Option<Url>,
    rules: Vec<Rule>,
    known: tokio::sync::Mutex<Known>,
}

struct Rule {
    claims: BTreeMap<String, String>,
    grants: Vec<Grant>,
}

#[derive(Default)]
struct Known {
    keys: Arc<Keys>,
    fetched: Option<Instant>,
    tried: Option<Instant>,
}

#[derive(Deserialize)]
struct Discovery {
    issuer: String,
    jwks_uri: Url,
}

impl std::fmt::Debug for Issuers {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_list().entries(self.0.issuers.iter().map(|issuer| &issuer.name)).finish()
    }
}

/// Why a URL is none that keys may come from.
fn url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| format!("`{text}` is no URL: {error}"))?;
    let is_local = url.host_str().is_some_and(|host| ["127.0.0.1", "[::1]", "localhost"].contains(&host));
    let is_safe = url.scheme() == "https" || (url.scheme() == "http" && is_local);
    if is_safe && url.username().is_empty() && url.fragment().is_none() {
        return Ok(url);
    }
    Err(format!("`{text}` is no `https` URL without a user and a fragment"))
}

impl DeclaredIssuer {
    /// Fields with what is wrong in them.
    pub(crate) fn faults(&self) -> Vec<(String, String)> {
        let mut faults = Vec::new();
        if let Err(reason) = url(&self.issuer) {
            faults.push(("issuer".to_owned(), reason));
        }
        if let Some(Err(reason)) = self.keys.as_deref().map(url) {
            faults.push(("keys".to_owned(), reason));
        }
        if self.audience.is_empty() {
            let reason = "without an audience, tokens for others would be taken".to_owned();
            faults.push(("audience".to_owned(), reason));
        }
        for (index, rule) in self.rules.iter().enumerate() {
            if rule.claims.is_empty() {
                let reason = "without a claim, everybody whom the issuer knows is meant".to_owned();
                faults.push((format!("rules[{index}].claims"), reason));
            }
            if let Err(reason) = grants(&rule.grants) {
                faults.push((format!("rules[{index}].grants"), reason));
            }
        }
        faults
    }
}

impl Issuers {
    /// The issuers of a declaration without faults.
    pub(crate) fn new(declared: &[DeclaredIssuer]) -> Self {
        let issuers = declared.iter().map(|it| Issuer {
            name: it.issuer.clone(),
            audience: it.audience.clone(),
            keys: it.keys.as_deref().and_then(|text| url(text).ok()),
            rules: it.rules.iter().filter_map(rule).collect(),
            known: tokio::sync::Mutex::default(),
        });
        Self(Arc::new(Inner { issuers: issuers.collect(), proven: Mutex::default() }))
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.issuers.is_empty()
    }

    /// The caller with a token; `now` counts seconds since 1970.
    pub(crate) async fn identify(
        &self,
        text: &str,
        outbound: &Outbound,
        now: i64,
    ) -> Result<Identity, TokenFault> {
        let digest = *chart_format::digest::Sha256::of(text.as_bytes()).as_bytes();
        if let Some(identity) = self.remembered(&digest, now) {
            return Ok(identity);
        }
        let token = Unproven::read(text)?;
        let issuer = self.0.issuers.iter().find(|issuer| issuer.name == token.issuer());
        let issuer = issuer.ok_or(TokenFault::Issuer)?;
        let keys = issuer.keys(token.key.as_deref(), outbound).await.ok_or(TokenFault::Keys)?;
        let claims = token.proven(&keys, &issuer.audience, now)?;
        let identity = issuer.identity(&claims)?;
        self.remember(digest, identity.clone(), claims.expires);
        Ok(identity)
    }

    fn remembered(&self, digest: &[u8; 32], now: i64) -> Option<Identity> {
        let proven = self.0.proven.lock().unwrap_or_else(PoisonError::into_inner);
        let (identity, expires) = proven.get(digest)?;
        (now < *expires).then(|| identity.clone())
    }

    fn remember(&self, digest: [u8; 32], identity: Identity, expires: i64) {
        let mut proven = self.0.proven.lock().unwrap_or_else(PoisonError::into_inner);
        if proven.len() >= REMEMBERED {
            proven.clear();
        }
        proven.insert(digest, (identity, expires));
    }
}

fn rule(declared: &DeclaredRule) -> Option<Rule> {
    let grants = grants(&declared.grants).ok()?;
    Some(Rule { claims: declared.claims.clone(), grants })
}

impl Issuer {
    /// The caller with these claims; one whom no rule means may do nothing.
    fn identity(&self, claims: &Claims) -> Result<Identity, TokenFault> {
        check_subject(&claims.subject).map_err(|_| TokenFault::Subject)?;
        let means = |rule: &&Rule| rule.claims.iter().all(|(name, text)| claims.has(name, text));
        let grants = self.rules.iter().filter(means).flat_map(|rule| rule.grants.clone());
        Ok(Identity::new(&claims.subject, &format!("oidc:{}", self.name), grants.collect()))
    }

    /// The keys, with that of a name if the issuer has it. Requests that need keys wait for each
    /// other, so that the issuer is asked once.
    async fn keys(&self, name: Option<&str>, outbound: &Outbound) -> Option<Arc<Keys>> {
        let mut known = self.known.lock().await;
        let now = Instant::now();
        let age = known.fetched.map(|at| now.duration_since(at));
        let is_enough = age.is_some_and(|age| age < FRESH) && known.keys.know(name);
        let may_try = known.tried.is_none_or(|at| now.duration_since(at) >= PAUSE);
        if !is_enough && may_try {
            known.tried = Some(now);
            match self.fetch(outbound).await {
                Ok(keys) => {
                    known.keys = Arc::new(keys);
                    known.fetched = Some(Instant::now());
                }
                Err(reason) => {
                    tracing::warn!(issuer = self.name, reason, "cannot fetch the keys of an issuer");
                }
            }
        }
        let age = known.fetched.map(|at| Instant::now().duration_since(at));
        age.is_some_and(|age| age < USABLE).then(|| Arc::clone(&known.keys))
    }

    async fn fetch(&self, outbound: &Outbound) -> Result<Keys, String> {
        let named: Vec<Url> = self.keys.iter().cloned().chain(Url::parse(&self.name)).collect();
        let client = outbound.client(&named, &[]).map_err(|error| error.to_string())?;
        let place = match &self.keys {
            Some(place) => place.clone(),
            None => self.discover(&client).await?,
        };
        let text = get(&client, place).await?;
        Keys::read(&text).map_err(|error| format!("the key set cannot be read: {error}"))
    }

    async fn discover(&self, client: &Client) -> Result<Url, String> {
        let place = format!("{}/.well-known/openid-configuration", self.name.trim_end_matches('/'));
        let place = Url::parse(&place).map_err(|error| error.to_string())?;
        let text = get(client, place).await?;
        let found: Discovery = serde_json::from_slice(&text)
            .map_err(|error| format!("the discovery document cannot be read: {error}"))?;
        if found.issuer != self.name {
            return Err(format!("the discovery document is of the issuer `{}`", found.issuer));
        }
        url(found.jwks_uri.as_str())
    }
}

async fn get(client: &Client, place: Url) -> Result<bytes::Bytes, String> {
    let told = |error: crate::outbound::OutboundError| error.to_string();
    let response = client.send(Request::get(place, LIMITS)).await.map_err(told)?;
    if !response.status().is_success() {
        return Err(format!("`{}` answers {}", response.url(), response.status()));
    }
    response.bytes().await.map_err(told)
}
