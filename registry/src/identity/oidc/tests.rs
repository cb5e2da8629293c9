//! Tokens of RSA keys, which nothing here can make: they were signed once, and the key is gone. The
//! tests over HTTP sign with keys of their own.

use serde_json::{Value, json};

use super::fault::TokenFault;
use super::keys::Keys;
use super::token::{Presented, Unproven};
use crate::identity::Credential;

const KEYS: &str = include_str!("fixtures/keys.json");
const TOKENS: [&str; 2] = [include_str!("fixtures/rs256.jwt"), include_str!("fixtures/ps256.jwt")];

/// Between the beginning and the end of the tokens.
const NOW: i64 = 1_800_000_000;

fn proven(token: &str, keys: &str, now: i64) -> Result<String, TokenFault> {
    let keys = Keys::read(keys.as_bytes()).unwrap();
    let claims = Unproven::read(token.trim())?.proven(&keys, Some("chart-registry"), now)?;
    Ok(claims.subject)
}

#[test]
fn tokens_of_rsa_keys_hold_with_and_without_salt() {
    for token in TOKENS {
        assert_eq!(proven(token, KEYS, NOW).unwrap(), "repo:acme/net");
        assert_eq!(proven(token, KEYS, 4_000_000_061), Err(TokenFault::Expired));
        assert_eq!(proven(token, KEYS, 1_700_000_000), Err(TokenFault::Early));
        let (signed, signature) = token.trim().rsplit_once('.').unwrap();
        let other = if signature.starts_with('A') { "B" } else { "A" };
        let changed = format!("{signed}.{other}{}", &signature[1..]);
        assert_eq!(proven(&changed, KEYS, NOW), Err(TokenFault::Signature));
    }
}

#[test]
fn a_key_signs_only_what_its_set_allows_it() {
    let set = |change: fn(&mut Value)| {
        let mut set: Value = serde_json::from_str(KEYS).unwrap();
        change(&mut set["keys"][0]);
        set.to_string()
    };
    let only = set(|key| key["alg"] = json!("PS256"));
    assert_eq!(proven(TOKENS[0], &only, NOW), Err(TokenFault::Signature));
    assert!(proven(TOKENS[1], &only, NOW).is_ok());
    for useless in [
        set(|key| key["use"] = json!("enc")),
        set(|key| key["key_ops"] = json!(["encrypt"])),
        set(|key| key["kty"] = json!("oct")),
        set(|key| key["kid"] = json!("two")),
        set(|key| key["n"] = json!("!")),
        json!({ "keys": [1, "x"] }).to_string(),
    ] {
        assert_eq!(proven(TOKENS[0], &useless, NOW), Err(TokenFault::UnknownKey), "{useless}");
    }
    // Some issuers write a zero before the number.
    let mut zero: Value = serde_json::from_str(KEYS).unwrap();
    zero["keys"][0]["e"] = json!("AAEAAQ");
    assert!(proven(TOKENS[0], &zero.to_string(), NOW).is_ok());
}

#[test]
fn a_token_is_taken_as_bearer_and_as_password_and_does_not_show_itself() {
    use axum::http::HeaderMap;
    use base64::Engine as _;
    let token = TOKENS[0].trim();
    let pair = base64::engine::general_purpose::STANDARD.encode(format!("any:{token}"));
    for value in [format!("Bearer {token}"), format!("Basic {pair}")] {
        let headers =
            HeaderMap::from_iter([(axum::http::header::AUTHORIZATION, value.parse().unwrap())]);
        let credential = Credential::read(&headers).unwrap();
        assert_eq!(credential, Credential::Signed(Presented::parse(token).unwrap()));
        assert!(!format!("{credential:?}").contains(&token[..20]));
    }
    assert!(Presented::parse("eyJhbGciOiJub25lIn0").is_none());
}
