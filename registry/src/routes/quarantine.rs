//! `/-/v1/quarantine/...`: packages with a private key that an import came across.

use axum::Json;
use axum::body::Bytes;
use axum::response::Response;
use chart_format::digest::Sha256;
use serde_json::{Value, json};

use super::life::{answer, reason};
use super::parameters::Parameters;
use crate::authorization::{Administer, Authorized};
use crate::refusal::{Code, PublishError, Refusal};

/// The packages of a repository that are not served, with what became of them.
pub(super) async fn list(authorized: Authorized<Administer>) -> Json<Value> {
    Json(json!({ "packages": authorized.quarantined() }))
}

/// Says how a package was dealt with: how the key in it was replaced.
pub(super) async fn settle(
    authorized: Authorized<Administer>,
    Parameters(package): Parameters<String>,
    body: Bytes,
) -> Result<Response, PublishError> {
    let package = Sha256::parse(&package).map_err(|error| {
        let fix = "take the digest from the list of packages in quarantine";
        Refusal::new(Code::BadDigest, &error.to_string(), "path", fix)
    })?;
    let decided = authorized.settle(package, reason(&body)?).await?;
    Ok(answer(decided.seq, decided.written))
}
