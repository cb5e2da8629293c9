//! `/v2/`: the OCI distribution API, version 1.1.

mod blobs;
pub(super) mod dialect;
mod manifests;
mod tags;
mod token;
mod uploads;

pub(super) use blobs::{blob, delete_blob};
pub(super) use manifests::{delete_manifest, manifest, put_manifest, referrers};
pub(super) use tags::{catalog, tags};
pub(super) use token::exchange;
pub(super) use uploads::{begin, cancel, finish, part, progress};

use axum::Json;
use axum::http::header::{AUTHORIZATION, HeaderName, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::access::Permission;
use crate::authorization::{Authorized, Enter};
use crate::external::External;
use crate::identity::unauthorized;
use crate::refusal::{CHALLENGE, Code, Refusal};

/// Header with the digest of what the answer is about.
const CONTENT_DIGEST: HeaderName = HeaderName::from_static("docker-content-digest");

/// Says that this is an OCI registry, and asks who could do more for a credential.
pub(super) async fn version(
    authorized: Authorized<Enter>,
    external: External,
    headers: HeaderMap,
) -> Response {
    let mut response = Json(json!({})).into_response();
    let may_all = authorized.permissions().contains(&Permission::Administer);
    if authorized.identity().is_anonymous() && !may_all {
        // Some clients learn here and nowhere else whether their credential is wanted.
        let asks = authorized.everybody_reads() && external.keeps_secrets();
        if asks && !headers.contains_key(AUTHORIZATION) {
            response = unauthorized("this needs a token, which everybody gets").into_response();
            put(response.headers_mut(), WWW_AUTHENTICATE, &token::challenge(&external));
        } else {
            put(response.headers_mut(), WWW_AUTHENTICATE, CHALLENGE);
        }
    }
    put(response.headers_mut(), "docker-distribution-api-version", "registry/2.0");
    response
}

/// A header whose value is text that the registry made or has checked.
fn put(headers: &mut HeaderMap, name: impl axum::http::header::IntoHeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

/// The values of a parameter in a query, decoded.
fn values(query: Option<&str>, name: &str) -> Result<Vec<String>, Refusal> {
    let pairs = query.unwrap_or_default().split('&').filter_map(|pair| pair.split_once('='));
    let of_name = pairs.filter(|(key, _)| *key == name);
    of_name.map(|(_, value)| decoded(value)).collect()
}

/// The last value of a parameter in a query, decoded.
fn value(query: Option<&str>, name: &str) -> Result<Option<String>, Refusal> {
    Ok(values(query, name)?.pop())
}

fn decoded(text: &str) -> Result<String, Refusal> {
    let refused = || {
        let fix = "percent-encode the query in UTF-8";
        Refusal::new(Code::BadRequest, "the query cannot be read", "query", fix)
    };
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        rest = behind;
        match first {
            b'%' => {
                let (digits, behind) = rest.split_at_checked(2).ok_or_else(refused)?;
                let digits = std::str::from_utf8(digits).map_err(|_| refused())?;
                let plain = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
                let byte = u8::from_str_radix(digits, 16).ok().filter(|_| plain);
                bytes.push(byte.ok_or_else(refused)?);
                rest = behind;
            }
            // Media types and versions hold a plus; clients that mean a space there do not exist.
            byte => bytes.push(*byte),
        }
    }
    String::from_utf8(bytes).map_err(|_| refused())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_decoded_once() {
        let query = Some("digest=sha256%3Aab&tag=1&tag=a+b%252B&x");
        assert_eq!(value(query, "digest").unwrap().as_deref(), Some("sha256:ab"));
        assert_eq!(values(query, "tag").unwrap(), ["1", "a+b%2B"]);
        assert_eq!(value(query, "x").unwrap(), None);
        for text in ["a=%", "a=%4", "a=%zz", "a=%+1", "a=%ff"] {
            assert!(value(Some(text), "a").is_err(), "{text}");
        }
    }
}
