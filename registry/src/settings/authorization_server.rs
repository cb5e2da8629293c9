//! Settings about a server that gives tokens as `ChartMuseum` reads them.

use super::fault::Wrong;
use super::table::{Row, one, shown};
use super::value::{self, Form};

/// Longest text that a header quotes, in bytes.
const MAX_BYTES: usize = 1_024;

/// Where clients get tokens.
pub(super) const REALM: Row = Row {
    name: "authorization-server.realm",
    flag: "auth-realm",
    form: Form::One("URL"),
    secret: false,
    doc: "URL where clients get a token that says which repositories they may read (`pull`) and write (`push`), as ChartMuseum's `--bearer-auth` has it; docs/registry.md says more.",
    take: |settings, given| {
        settings.authorization_server.realm = Some(realm(one(given))?);
        Ok(())
    },
    show: |settings| settings.authorization_server.realm.clone().into_iter().collect(),
};

/// What the registry is called there.
pub(super) const SERVICE: Row = Row {
    name: "authorization-server.service",
    flag: "auth-service",
    form: Form::One("NAME"),
    secret: false,
    doc: "What the registry is called there. A token that says whom it is for (`aud`) must name it.",
    take: |settings, given| {
        settings.authorization_server.service = Some(service(one(given))?);
        Ok(())
    },
    show: |settings| settings.authorization_server.service.clone().into_iter().collect(),
};

/// The key of its tokens.
pub(super) const KEY: Row = Row {
    name: "authorization-server.key",
    flag: "auth-key",
    form: Form::One("FILE"),
    secret: false,
    doc: "PEM file with the public key that its tokens are signed with, or with a certificate that has it; read at the start.",
    take: |settings, given| {
        settings.authorization_server.key = Some(value::path(one(given))?);
        Ok(())
    },
    show: |settings| shown(settings.authorization_server.key.as_ref()),
};

/// What stands between quotes in a header as it is.
fn is_quotable(text: &str) -> bool {
    let plain = |byte: u8| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\';
    (1..=MAX_BYTES).contains(&text.len()) && text.bytes().all(plain)
}

fn realm(text: &str) -> Result<String, Wrong> {
    let is_url = ["http://", "https://"].iter().any(|scheme| text.starts_with(scheme));
    if is_url && is_quotable(text) {
        return Ok(text.to_owned());
    }
    let what = format!("`{}` is no URL", text.escape_debug());
    Err(Wrong::new(what, "write one like `https://auth.example.com/token`"))
}

fn service(text: &str) -> Result<String, Wrong> {
    if is_quotable(text) {
        return Ok(text.to_owned());
    }
    let what = format!("`{}` cannot name a service", text.escape_debug());
    Err(Wrong::new(what, "write the name of the registry's host, like `charts.example.com`"))
}
