//! The declared issuers: their keys, and from claims to an identity.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chart_format::digest::Sha256;
use serde::Deserialize;

use super::access::AuthorizationServer;
use super::declared::{DeclaredIssuer, DeclaredRule, url};
use super::fault::TokenFault;
use super::keys::Keys;
use super::known::{Found, Known};
use super::token::{Claims, Presented, Unproven};
use crate::access::Identity;
use crate::identity::check_subject;
use crate::identity::rule::{self, Rule};
use crate::outbound::{Client, Limits, Outbound, OutboundError, Request, Url};

/// What a document of an issuer may cost.
const LIMITS: Limits = Limits { bytes: 256 << 10, time: Duration::from_secs(10) };

/// Most tokens whose proof is remembered.
const REMEMBERED: usize = 4_096;

/// A proof is remembered for so many seconds at most, so that a key that its issuer has withdrawn
/// is of no use for longer than its keys are fresh.
const REMEMBERED_SECONDS: i64 = 300;

/// The declared issuers; cloning gives another handle on the same ones.
#[derive(Clone, Default)]
pub(crate) struct Issuers(Arc<Inner>);

#[derive(Default)]
struct Inner {
    issuers: Vec<Arc<Issuer>>,
    /// Whose tokens are those that no issuer has made.
    server: Option<AuthorizationServer>,
    /// Identities by digest of the token, with the second at which they are forgotten.
    proven: Mutex<HashMap<Sha256, (Identity, i64)>>,
}

struct Issuer {
    /// What its callers are called after.
    name: String,
    /// Its name in tokens.
    url: String,
    audience: String,
    keys: Option<Url>,
    rules: Arc<[Rule]>,
    known: Known,
    /// Who fetches keys; others who need them wait.
    turn: tokio::sync::Mutex<()>,
}

#[derive(Deserialize)]
struct Discovery {
    issuer: String,
    jwks_uri: String,
}

impl std::fmt::Debug for Issuers {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_list().entries(self.0.issuers.iter().map(|issuer| &issuer.name)).finish()
    }
}

impl Issuers {
    /// The issuers of a declaration without faults.
    pub(crate) fn new(declared: &[DeclaredIssuer]) -> Self {
        let issuers = declared.iter().map(|it| {
            Arc::new(Issuer {
                name: it.name.clone(),
                url: it.issuer.clone(),
                audience: it.audience.clone(),
                keys: it.keys.as_deref().and_then(|text| url(text).ok()),
                rules: rule::all(it.rules.iter().map(DeclaredRule::read)),
                known: Known::default(),
                turn: tokio::sync::Mutex::default(),
            })
        });
        Self(Arc::new(Inner { issuers: issuers.collect(), ..Inner::default() }))
    }

    /// The same, and a server of the kind that `ChartMuseum` knows.
    pub(crate) fn with(&self, server: AuthorizationServer) -> Self {
        let issuers = self.0.issuers.clone();
        Self(Arc::new(Inner { issuers, server: Some(server), ..Inner::default() }))
    }

    /// The server of the kind that `ChartMuseum` knows.
    pub(crate) fn server(&self) -> Option<&AuthorizationServer> {
        self.0.server.as_ref()
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.issuers.is_empty() && self.0.server.is_none()
    }

    /// The caller with a token; `now` counts seconds since 1970.
    pub(crate) async fn identify(
        &self,
        token: &Presented,
        outbound: &Outbound,
        now: i64,
    ) -> Result<Identity, TokenFault> {
        let text = token.reveal();
        let digest = Sha256::of(text.as_bytes());
        if let Some(identity) = self.remembered(&digest, now) {
            return Ok(identity);
        }
        let token = Unproven::read(text)?;
        let issuer = self.0.issuers.iter().find(|issuer| issuer.url == token.issuer());
        let (identity, expires) = match (issuer, &self.0.server) {
            (Some(issuer), _) => {
                let keys = issuer.keys(token.key(), outbound).await.ok_or(TokenFault::Keys)?;
                let claims = token.proven(&keys, Some(&issuer.audience), now)?;
                (issuer.identity(&claims)?, claims.expires)
            }
            (None, Some(server)) => server.identity(token, now)?,
            (None, None) => return Err(TokenFault::Issuer),
        };
        self.remember(digest, identity.clone(), expires.min(now + REMEMBERED_SECONDS));
        Ok(identity)
    }

    fn remembered(&self, digest: &Sha256, now: i64) -> Option<Identity> {
        let proven = self.0.proven.lock().unwrap_or_else(PoisonError::into_inner);
        let (identity, until) = proven.get(digest)?;
        (now < *until).then(|| identity.clone())
    }

    fn remember(&self, digest: Sha256, identity: Identity, until: i64) {
        let mut proven = self.0.proven.lock().unwrap_or_else(PoisonError::into_inner);
        if proven.len() >= REMEMBERED {
            proven.clear();
        }
        proven.insert(digest, (identity, until));
    }
}

impl Issuer {
    /// The caller with these claims; one whom no rule means may do nothing.
    fn identity(&self, claims: &Claims) -> Result<Identity, TokenFault> {
        let decision = rule::decide(&self.rules, |name, pattern| claims.has(name, pattern));
        // No declared user has a colon in the name, and no other issuer this name.
        let own = || format!("{}:{}", self.name, claims.subject);
        let subject = decision.subject.unwrap_or_else(own);
        if claims.subject.is_empty() || check_subject(&subject).is_err() {
            return Err(TokenFault::Subject);
        }
        Ok(Identity::new(&subject, &format!("oidc:{}", self.name), decision.grants))
    }

    /// The keys, with that of a name if the issuer has it; `None` when there are none.
    async fn keys(self: &Arc<Self>, name: Option<&str>, outbound: &Outbound) -> Option<Arc<Keys>> {
        match self.known.find(name) {
            Found::Fresh(keys) => return Some(keys),
            Found::Aged(keys) => {
                self.refresh_beside(outbound);
                return Some(keys);
            }
            Found::Lacking(_) => {}
        }
        let _turn = self.turn.lock().await;
        // Somebody else may have fetched them meanwhile.
        match self.known.find(name) {
            Found::Fresh(keys) | Found::Aged(keys) => Some(keys),
            Found::Lacking(old) => self.refresh(outbound).await.or(old),
        }
    }

    /// Fetches keys without letting a request wait for it, unless somebody does already.
    fn refresh_beside(self: &Arc<Self>, outbound: &Outbound) {
        let (issuer, outbound) = (Arc::clone(self), outbound.clone());
        tokio::spawn(async move {
            let Ok(_turn) = issuer.turn.try_lock() else { return };
            if matches!(issuer.known.find(None), Found::Aged(_)) {
                issuer.refresh(&outbound).await;
            }
        });
    }

    async fn refresh(&self, outbound: &Outbound) -> Option<Arc<Keys>> {
        if !self.known.may_try() {
            return None;
        }
        match self.fetch(outbound).await {
            Ok(keys) => Some(self.known.keep(keys)),
            Err(reason) => {
                tracing::warn!(issuer = self.name, reason, "cannot fetch the keys of an issuer");
                None
            }
        }
    }

    async fn fetch(&self, outbound: &Outbound) -> Result<Keys, String> {
        let named: Vec<Url> = self.keys.iter().cloned().chain(Url::parse(&self.url)).collect();
        let client = outbound.client(&named, &[]).map_err(|error| error.to_string())?;
        let place = match &self.keys {
            Some(place) => place.clone(),
            None => self.discover(&client).await?,
        };
        let text = get(&client, place).await?;
        Keys::read(&text).map_err(|error| format!("the key set cannot be read: {error}"))
    }

    async fn discover(&self, client: &Client) -> Result<Url, String> {
        let issuer = self.url.trim_end_matches('/');
        let place = format!("{issuer}/.well-known/openid-configuration");
        let place = Url::parse(&place).map_err(|error| error.to_string())?;
        let text = get(client, place).await?;
        let found: Discovery = serde_json::from_slice(&text)
            .map_err(|error| format!("the discovery document cannot be read: {error}"))?;
        if found.issuer != self.url {
            return Err("the discovery document is of another issuer".to_owned());
        }
        url(&found.jwks_uri).map_err(|reason| format!("`jwks_uri` is not used: {reason}"))
    }
}

async fn get(client: &Client, place: Url) -> Result<bytes::Bytes, String> {
    let told = |error: OutboundError| error.to_string();
    let response = client.send(Request::get(place, LIMITS)).await.map_err(told)?;
    if !response.status().is_success() {
        return Err(format!("`{}` answers {}", response.url(), response.status()));
    }
    response.bytes().await.map_err(told)
}
