//! Signing events, so that a receiver knows whom they come from and when they were sent.
//!
//! The form is that of Standard Webhooks: `v1,` and the base64 of HMAC-SHA256 over id, seconds since
//! 1970 and body, with dots between them. A secret that begins with `whsec_` is base64 behind it.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;

use crate::refusal::Fault;

/// Fewest bytes of a secret.
const LEAST_BYTES: usize = 16;

/// Most secrets of a file: the one that is used, and the one that takes its place.
const MAX_SECRETS: usize = 4;

/// The mark of a secret in base64.
const ENCODED: &str = "whsec_";

/// The secrets of a webhook.
pub(super) struct Secrets(Vec<Vec<u8>>);

impl Secrets {
    /// Reads a file with one secret on a line.
    pub(super) async fn read(file: &Path) -> Result<Self, Fault> {
        let bad = |reason: &str| Fault::Configuration {
            reason: format!("the secrets of a webhook in `{}`: {reason}", file.display()),
        };
        let text = tokio::fs::read_to_string(file).await;
        let text = text.map_err(|error| bad(&format!("cannot be read: {error}")))?;
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let secrets: Option<Vec<_>> = lines.map(decoded).collect();
        let secrets = secrets.ok_or_else(|| bad("what stands behind `whsec_` is no base64"))?;
        if secrets.is_empty() || secrets.len() > MAX_SECRETS {
            return Err(bad(&format!("there is not one on a line, or more than {MAX_SECRETS}")));
        }
        if secrets.iter().any(|secret| secret.len() < LEAST_BYTES) {
            return Err(bad(
                "one is shorter than 16 bytes; `openssl rand -hex 32` prints a good one",
            ));
        }
        Ok(Self(secrets))
    }

    /// The value of the header: one signature for each secret.
    pub(super) fn sign(&self, id: &str, seconds: u64, body: &[u8]) -> String {
        let signatures: Vec<_> = self.0.iter().map(|key| sign(key, id, seconds, body)).collect();
        signatures.join(" ")
    }
}

fn decoded(line: &str) -> Option<Vec<u8>> {
    match line.strip_prefix(ENCODED) {
        Some(encoded) => STANDARD.decode(encoded).ok(),
        None => Some(line.as_bytes().to_vec()),
    }
}

/// The signature that a receiver should find, for a secret's bytes.
pub fn sign(secret: &[u8], id: &str, seconds: u64, body: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
    let mut context = hmac::Context::with_key(&key);
    context.update(format!("{id}.{seconds}.").as_bytes());
    context.update(body);
    format!("v1,{}", STANDARD.encode(context.sign()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_that_of_the_published_example() {
        let secret = decoded("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let signature = sign(
            &secret,
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            br#"{"test": 2432232314}"#,
        );
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[tokio::test]
    async fn a_file_may_hold_the_next_secret_too_and_none_that_can_be_guessed() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("secret");
        let read = |text: &str| {
            std::fs::write(&file, text).unwrap();
            Secrets::read(&file)
        };
        let old = "0123456789abcdef";
        let both = read(&format!("{old}\n\n  new-{old}\n")).await.unwrap();
        let (first, second) = (sign(old.as_bytes(), "1", 2, b"x"), format!("new-{old}"));
        let second = sign(second.as_bytes(), "1", 2, b"x");
        assert_eq!(both.sign("1", 2, b"x"), format!("{first} {second}"));
        for bad in ["", "\n", "short", "whsec_???", &format!("{old}\n").repeat(5)] {
            let error = read(bad).await.err().unwrap().to_string();
            assert!(error.contains("secret") && !error.contains(old), "{error}");
        }
    }
}
