//! An issuer of tokens for tests: keys of its own, a key set, and claims as a pipeline has them.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::IntoResponse;
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rcgen::KeyPair;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair,
};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// What tokens are for.
pub(crate) const AUDIENCE: &str = "https://charts.example";

/// A key of an issuer.
pub(crate) struct Key {
    pub(crate) name: &'static str,
    pub(crate) algorithm: &'static str,
    pair: KeyPair,
}

pub(crate) fn encoded(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Seconds since 1970.
pub(crate) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    since.as_secs().cast_signed()
}

impl Key {
    pub(crate) fn new(name: &'static str, algorithm: &'static str) -> Self {
        let kind = match algorithm {
            "ES256" => &rcgen::PKCS_ECDSA_P256_SHA256,
            "ES384" => &rcgen::PKCS_ECDSA_P384_SHA384,
            _ => &rcgen::PKCS_ED25519,
        };
        Self { name, algorithm, pair: KeyPair::generate_for(kind).unwrap() }
    }

    /// The public key as a key set has it.
    pub(crate) fn public(&self) -> Value {
        let raw = self.pair.public_key_raw();
        if self.algorithm == "EdDSA" {
            return json!({ "kty": "OKP", "crv": "Ed25519", "kid": self.name, "x": encoded(raw) });
        }
        let curve = if self.algorithm == "ES256" { "P-256" } else { "P-384" };
        let (x, y) = raw[1..].split_at(raw.len() / 2);
        let (x, y) = (encoded(x), encoded(y));
        json!({ "kty": "EC", "crv": curve, "use": "sig", "kid": self.name, "x": x, "y": y })
    }

    /// The public key as a file has it.
    pub(crate) fn pem(&self) -> String {
        self.pair.public_key_pem()
    }

    pub(crate) fn raw(&self) -> &[u8] {
        self.pair.public_key_raw()
    }

    fn signature(&self, message: &[u8]) -> Vec<u8> {
        let (random, key) = (SystemRandom::new(), self.pair.serialize_der());
        let by = match self.algorithm {
            "ES256" => &ECDSA_P256_SHA256_FIXED_SIGNING,
            "ES384" => &ECDSA_P384_SHA384_FIXED_SIGNING,
            _ => {
                let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&key).unwrap();
                return pair.sign(message).as_ref().to_vec();
            }
        };
        let pair = EcdsaKeyPair::from_pkcs8(by, &key, &random).unwrap();
        pair.sign(&random, message).unwrap().as_ref().to_vec()
    }

    /// A token with a header of its own.
    pub(crate) fn signed(&self, header: &Value, claims: &Value) -> String {
        let text = |part: &Value| encoded(part.to_string().as_bytes());
        let message = format!("{}.{}", text(header), text(claims));
        let signature = encoded(&self.signature(message.as_bytes()));
        format!("{message}.{signature}")
    }

    /// A token as the issuer makes them.
    pub(crate) fn token(&self, claims: &Value) -> String {
        self.signed(&json!({ "alg": self.algorithm, "kid": self.name, "typ": "JWT" }), claims)
    }
}

/// What the issuer serves, and how often it was asked for its keys.
#[derive(Clone, Default)]
struct Served {
    issuer: String,
    keys: Arc<Mutex<Vec<Value>>>,
    asked: Arc<Mutex<usize>>,
}

/// An issuer on this machine; it is gone when it is dropped.
pub(crate) struct Issuer {
    address: SocketAddr,
    served: Served,
    task: JoinHandle<()>,
}

impl Drop for Issuer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(State(served): State<Served>, uri: Uri) -> axum::response::Response {
    match uri.path() {
        "/.well-known/openid-configuration" => {
            let keys = format!("{}/keys", served.issuer);
            Json(json!({ "issuer": served.issuer, "jwks_uri": keys })).into_response()
        }
        "/keys" => {
            *served.asked.lock().unwrap() += 1;
            Json(json!({ "keys": *served.keys.lock().unwrap() })).into_response()
        }
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

impl Issuer {
    pub(crate) async fn new(keys: &[&Key]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let served = Served { issuer: format!("http://{address}"), ..Served::default() };
        let router = Router::new().fallback(answer).with_state(served.clone());
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        let issuer = Self { address, served, task };
        issuer.show(keys);
        issuer
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Puts these keys into the key set, and no others.
    pub(crate) fn show(&self, keys: &[&Key]) {
        *self.served.keys.lock().unwrap() = keys.iter().map(|key| key.public()).collect();
    }

    /// How often somebody asked for the key set.
    pub(crate) fn asked(&self) -> usize {
        *self.served.asked.lock().unwrap()
    }

    /// Claims of a pipeline, good for five minutes.
    pub(crate) fn claims(&self) -> Value {
        json!({
            "iss": self.url(),
            "aud": AUDIENCE,
            "sub": "repo:acme/net:ref:refs/heads/main",
            "repository": "acme/net",
            "iat": now() - 10,
            "nbf": now() - 10,
            "exp": now() + 300,
        })
    }

    /// The declaration of this issuer with one rule, which gives a permission below a path.
    pub(crate) fn declared(&self, below: &str, permission: &str) -> Value {
        json!({
            "name": "ci",
            "issuer": self.url(),
            "audience": AUDIENCE,
            "rules": [{
                "claims": { "repository": "acme/net" },
                "grants": [{ "below": below, "permissions": [permission] }],
            }],
        })
    }
}
