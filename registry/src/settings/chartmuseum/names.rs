//! The table of what `ChartMuseum` reads, and how the texts of its values become those of settings.

use super::{FILE, Meaning, Name, Said};
use crate::settings::fault::Wrong;

/// Spellings of `false`, as `ChartMuseum` reads them.
const OFF: &[&str] = &["false", "False", "FALSE", "f", "F", "0"];

/// Spellings of `true`.
const ON: &[&str] = &["true", "True", "TRUE", "t", "T", "1"];

const NOT_SCANNED: &str = "nothing is scanned and nothing is cached: the index is always ready";

const ALL_DEPTHS: &str = "repositories of every depth up to eight exist with their first package";

/// Where `ChartMuseum` looks for what a token allows unless it is told otherwise.
const SEARCH_PATH: &str = "access[?name=='$NAMESPACE' && type=='$ACCESS_ENTRY_TYPE'].actions[]";

const FIXED_TIMES: &str = "limits of time are fixed, and are about how slow a client is";

type Read = fn(&str, &Said) -> Result<Option<String>, Wrong>;

/// Values that ask for what is done here, and why nobody misses the others.
type Note = (&'static [&'static str], &'static str);

/// Values that ask for nothing, what is not done, and what to do instead.
type Refusal = (&'static [&'static str], &'static str, &'static str);

const fn same(name: &'static str, key: &'static str, row: &'static str, read: Read) -> Name {
    Name { name, key, meaning: Meaning::Same { row, read } }
}

const fn told(name: &'static str, key: &'static str, why: &'static str) -> Name {
    told_unless(name, key, (&[], why))
}

const fn told_unless(name: &'static str, key: &'static str, (unless, why): Note) -> Name {
    Name { name, key, meaning: Meaning::Told { unless, why } }
}

const fn refused(name: &'static str, key: &'static str, (unless, what, fix): Refusal) -> Name {
    Name { name, key, meaning: Meaning::Refused { unless, what, fix } }
}

/// Every variable that is known, in the order of `ChartMuseum`'s reference.
pub const NAMES: &[Name] = &[
    Name { name: FILE, key: "", meaning: Meaning::File },
    same("PORT", "port", "listen", listen),
    same("LISTEN_HOST", "listen.host", "listen", listen),
    same("CONTEXT_PATH", "contextpath", "base-path", text),
    same("MAX_UPLOAD_SIZE", "maxuploadsize", "limits.upload", text),
    same("TLS_CERT", "tls.cert", "tls.certificate", text),
    same("TLS_KEY", "tls.key", "tls.key", text),
    same("TLS_CA_CERT", "tls.cacert", "tls.client-authorities", text),
    same("LOG_JSON", "logjson", "log.format", log_format),
    same("DISABLE_API", "disableapi", "read-only", switch),
    same("BASIC_AUTH_USER", "basicauth.user", "basic-auth.user", without_bearer),
    same("BASIC_AUTH_PASS", "basicauth.pass", "basic-auth.password", without_bearer),
    same("AUTH_ANONYMOUS_GET", "authanonymousget", "anonymous", anonymous_get),
    same("BEARER_AUTH", "bearerauth", "authorization-server.key", complete),
    same("AUTH_REALM", "authrealm", "authorization-server.realm", with_bearer),
    same("AUTH_SERVICE", "authservice", "authorization-server.service", with_bearer),
    same("AUTH_CERT_PATH", "authcertpath", "authorization-server.key", with_bearer),
    same(
        "AUTH_ACTIONS_SEARCH_PATH",
        "authactionssearchpath",
        "authorization-server.key",
        usual_search_path,
    ),
    same("DISABLE_DELETE", "disabledelete", "deletes", switched_off),
    same("DISABLE_METRICS", "disablemetrics", "metrics", switched_off),
    same("ENABLE_METRICS", "enablemetrics", "metrics", either),
    refused(
        "STORAGE",
        "storage.backend",
        (
            &["local"],
            "packages of ChartMuseum are not read from its bucket",
            "publish them to this registry, and remove this",
        ),
    ),
    same("STORAGE_LOCAL_ROOTDIR", "storage.local.rootdir", "import.chartmuseum", text),
    told("STORAGE_TIMESTAMP_TOLERANCE", "storage.timestamptolerance", NOT_SCANNED),
    told_unless(
        "ALLOW_OVERWRITE",
        "allowoverwrite",
        (
            OFF,
            "published versions stay as they are; where a policy says `\"versions\": \
             \"overwritable\"`, `?force` replaces them",
        ),
    ),
    told_unless(
        "DISABLE_FORCE_OVERWRITE",
        "disableforceoverwrite",
        (ON, "`?force` overwrites only where a policy says `overwritable`"),
    ),
    refused(
        "MAX_STORAGE_OBJECTS",
        "maxstorageobjects",
        (
            &["0"],
            "a quota is a rule that administrators change while the server runs, and no setting",
            "write it as a policy (`PUT /-/v1/policy` with `{\"version\": 1, \"quota\": \
             {\"versions\": N}}`), and remove this",
        ),
    ),
    told_unless(
        "PER_CHART_LIMIT",
        "per-chart-limit",
        (
            &["0"],
            "no version goes by itself: a policy with `retention` and `keep-newest` says which may, \
             and `POST /-/v1/retention` takes them away",
        ),
    ),
    same("CHART_POST_FORM_FIELD_NAME", "chartpostformfieldname", "form-fields.chart", text),
    same("PROV_POST_FORM_FIELD_NAME", "provpostformfieldname", "form-fields.prov", text),
    refused(
        "GEN_INDEX",
        "genindex",
        (OFF, "the index is served and not printed", "fetch `/index.yaml`, and remove this"),
    ),
    told(
        "CHART_URL",
        "charturl",
        "URLs in the index are relative, so they hold under every name of the registry",
    ),
    same("CORS_ALLOW_ORIGIN", "cors.alloworigin", "cors.allow-origin", text),
    same("DEPTH", "depth", "import.depth", depth),
    told("DEPTH_DYNAMIC", "depthdynamic", ALL_DEPTHS),
    told("JSON_INDEX", "json-index", "the index is JSON unless a client asks for YAML"),
    same("ENFORCE_SEMVER2", "enforce-semver2", "strict-versions", switch),
    told("INDEX_LIMIT", "indexlimit", NOT_SCANNED),
    told("CACHE", "cache.store", NOT_SCANNED),
    told("CACHE_REDIS_ADDR", "cache.redis.addr", NOT_SCANNED),
    told("CACHE_REDIS_PASSWORD", "cache.redis.password", NOT_SCANNED),
    told("CACHE_REDIS_DB", "cache.redis.db", NOT_SCANNED),
    told("CACHE_INTERVAL", "cacheinterval", NOT_SCANNED),
    told("ALWAYS_REGENERATE_CHART_INDEX", "always-regenerate-chart-index", NOT_SCANNED),
    told("DISABLE_STATEFILES", "disablestatefiles", NOT_SCANNED),
    told("DEBUG", "debug", "`RUST_LOG=debug` chooses what the log tells"),
    told_unless(
        "LOG_HEALTH",
        "loghealth",
        (ON, "every request has its line in the log, those to `/health` too"),
    ),
    told("LOG_LATENCY_INTEGER", "loglatencyinteger", "the log has milliseconds as numbers"),
    told("READ_TIMEOUT", "readtimeout", FIXED_TIMES),
    told("WRITE_TIMEOUT", "writetimeout", FIXED_TIMES),
    told("WEB_TEMPLATE_PATH", "web-template-path", "there are no pages from templates"),
    same("ARTIFACT_HUB_REPO_ID", "artifact-hub-repo-id", "artifact-hub", text),
];

#[expect(clippy::unnecessary_wraps, reason = "one signature for all of them")]
fn text(text: &str, _: &Said) -> Result<Option<String>, Wrong> {
    Ok(Some(text.to_owned()))
}

/// `ChartMuseum` listens everywhere on 8080 unless it is told otherwise.
#[expect(clippy::unnecessary_wraps, reason = "one signature for all of them")]
fn listen(_: &str, said: &Said) -> Result<Option<String>, Wrong> {
    let of = |name: &str| said.get(name).map(|(text, _)| text.as_str());
    let (host, port) = (of("LISTEN_HOST").unwrap_or("0.0.0.0"), of("PORT").unwrap_or("8080"));
    let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
    Ok(Some(format!("{host}:{port}")))
}

fn has_bearer(said: &Said) -> bool {
    said.get("BEARER_AUTH").is_some_and(|(text, _)| ON.contains(&text.as_str()))
}

/// What is said of the server of tokens says nothing while its tokens are not read. What is wrong with
/// the switch is told once, at the switch.
#[expect(clippy::unnecessary_wraps, reason = "one signature for all of them")]
fn with_bearer(text: &str, said: &Said) -> Result<Option<String>, Wrong> {
    Ok(has_bearer(said).then(|| text.to_owned()))
}

/// Where tokens are read, `ChartMuseum` reads no password.
#[expect(clippy::unnecessary_wraps, reason = "one signature for all of them")]
fn without_bearer(text: &str, said: &Said) -> Result<Option<String>, Wrong> {
    Ok((!has_bearer(said)).then(|| text.to_owned()))
}

/// Half a server would leave the registry open.
fn complete(text: &str, said: &Said) -> Result<Option<String>, Wrong> {
    let needed = ["AUTH_REALM", "AUTH_SERVICE", "AUTH_CERT_PATH"];
    match needed.into_iter().find(|name| !said.contains_key(name)) {
        Some(name) if boolean(text)? => {
            let what = format!("tokens are to be read, and there is no `{name}`");
            Err(Wrong::new(what, "set it, or remove this"))
        }
        Some(_) | None => boolean(text).map(|_| None),
    }
}

fn usual_search_path(text: &str, said: &Said) -> Result<Option<String>, Wrong> {
    if !has_bearer(said) || text == SEARCH_PATH {
        return Ok(None);
    }
    let fix = format!("let the server write `access` as `{SEARCH_PATH}` finds it, and remove this");
    Err(Wrong::new("what a token allows is looked for in one place only", fix))
}

/// One depth, unless all are served.
#[expect(clippy::unnecessary_wraps, reason = "one signature for all of them")]
fn depth(text: &str, said: &Said) -> Result<Option<String>, Wrong> {
    let dynamic = said.get("DEPTH_DYNAMIC").is_some_and(|(it, _)| ON.contains(&it.as_str()));
    Ok((!dynamic).then(|| text.to_owned()))
}

fn boolean(text: &str) -> Result<bool, Wrong> {
    match (ON.contains(&text), OFF.contains(&text)) {
        (true, _) => Ok(true),
        (_, true) => Ok(false),
        _ => Err(Wrong::new(format!("`{text}` is no switch"), "write `true` or `false`")),
    }
}

fn log_format(text: &str, _: &Said) -> Result<Option<String>, Wrong> {
    Ok(Some(if boolean(text)? { "json" } else { "text" }.to_owned()))
}

fn anonymous_get(text: &str, _: &Said) -> Result<Option<String>, Wrong> {
    Ok(boolean(text)?.then(|| "read".to_owned()))
}

/// Switches a setting off that is on.
fn switched_off(text: &str, _: &Said) -> Result<Option<String>, Wrong> {
    Ok(boolean(text)?.then(|| "false".to_owned()))
}

fn either(text: &str, _: &Said) -> Result<Option<String>, Wrong> {
    Ok(Some(boolean(text)?.to_string()))
}

/// Switches on, and leaves off to the file and its default.
fn switch(text: &str, _: &Said) -> Result<Option<String>, Wrong> {
    Ok(boolean(text)?.then(|| "true".to_owned()))
}
