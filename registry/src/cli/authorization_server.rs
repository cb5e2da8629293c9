//! What the settings about an authorization server come to.

use crate::identity::AuthorizationServer;
use crate::settings::AuthorizationServerSettings;

/// The server that the settings name, with its key; else what is wrong with the file and what to do.
pub(super) fn load(
    settings: &AuthorizationServerSettings,
) -> Result<Option<AuthorizationServer>, String> {
    let AuthorizationServerSettings { realm: Some(realm), service: Some(service), key: Some(key) } =
        settings
    else {
        return Ok(None);
    };
    let wrong = |reason: &str| {
        format!(
            "the key of the authorization server, `{}`, cannot be used: {reason}: give the public key \
             of its tokens, or a certificate with it, in PEM",
            key.display()
        )
    };
    let text = std::fs::read(key).map_err(|error| wrong(&error.to_string()))?;
    AuthorizationServer::new(realm, service, &text).map(Some).map_err(|reason| wrong(&reason))
}
