//! Credentials for S3 from the file that Amazon's tools read, where the environment names one.
//!
//! Everything else that the environment can say is read by `object_store` itself: keys, a token for a
//! web identity, the machine's own role.

use std::path::Path;

use object_store::aws::AmazonS3Builder;

/// The keys of one profile.
#[derive(Default)]
struct Keys {
    id: Option<String>,
    secret: Option<String>,
    token: Option<String>,
}

/// Adds the keys of the file that `AWS_SHARED_CREDENTIALS_FILE` names, unless keys are given.
pub(super) fn from_file(builder: AmazonS3Builder) -> Result<AmazonS3Builder, String> {
    let given = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let Some(file) = given("AWS_SHARED_CREDENTIALS_FILE") else { return Ok(builder) };
    if given("AWS_ACCESS_KEY_ID").is_some() {
        return Ok(builder);
    }
    let profile = given("AWS_PROFILE").unwrap_or_else(|| "default".to_owned());
    let text = std::fs::read_to_string(Path::new(&file))
        .map_err(|error| format!("cannot read `{file}`: {error}"))?;
    let keys = keys_of(&text, &profile);
    let (Some(id), Some(secret)) = (keys.id, keys.secret) else {
        return Err(format!("`{file}` has no keys for the profile `{profile}`"));
    };
    let builder = builder.with_access_key_id(id).with_secret_access_key(secret);
    Ok(match keys.token {
        Some(token) => builder.with_token(token),
        None => builder,
    })
}

fn keys_of(text: &str, profile: &str) -> Keys {
    let (mut keys, mut wanted) = (Keys::default(), false);
    for line in text.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            wanted = name.trim() == profile;
            continue;
        }
        let Some((name, value)) = line.split_once('=').filter(|_| wanted) else { continue };
        let value = Some(value.trim().to_owned());
        match name.trim() {
            "aws_access_key_id" => keys.id = value,
            "aws_secret_access_key" => keys.secret = value,
            "aws_session_token" => keys.token = value,
            _ => {}
        }
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_keys_of_one_profile() {
        let text = "# keys\n[default]\naws_access_key_id = a\naws_secret_access_key=b=\n\n\
                    [ci]\naws_access_key_id = c\naws_secret_access_key = d\naws_session_token = e\n";
        let keys = keys_of(text, "default");
        assert_eq!((keys.id.as_deref(), keys.secret.as_deref()), (Some("a"), Some("b=")));
        assert_eq!(keys.token, None);
        let keys = keys_of(text, "ci");
        assert_eq!((keys.id.as_deref(), keys.token.as_deref()), (Some("c"), Some("e")));
        assert!(keys_of(text, "absent").id.is_none());
    }
}
