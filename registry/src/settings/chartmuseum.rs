//! The variables of `ChartMuseum`, and what each means here: the same as a setting, nothing that
//! matters, or something that this registry does not do.
//!
//! What would leave the registry less protected than the operator believes is refused; what is
//! merely different is told.

use std::collections::BTreeMap;

use super::fault::{Fault, Place, Wrong};
use super::layers::Assignment;
use super::table::Row;

type Environment = BTreeMap<String, String>;

/// A variable of `ChartMuseum`.
#[derive(Debug)]
pub struct Name {
    /// Its name.
    pub name: &'static str,
    /// What it means here.
    pub meaning: Meaning,
}

/// What a variable means here.
#[derive(Debug)]
pub enum Meaning {
    /// The same as a setting.
    Same {
        /// Name of the setting.
        row: &'static str,
        /// From its text to that of the setting; `None` where it says nothing.
        read: fn(&str, &Environment) -> Result<Option<String>, Wrong>,
    },
    /// Nothing: why nobody misses it. Told when it is set.
    Told(&'static str),
    /// Something that is not done, unless its value is one of these.
    Refused {
        /// Values that ask for nothing.
        unless: &'static [&'static str],
        /// What is not done.
        what: &'static str,
        /// What to do instead.
        fix: &'static str,
    },
}

/// Spellings of `false`, as `ChartMuseum` reads them.
const OFF: &[&str] = &["false", "False", "FALSE", "f", "F", "0"];

/// Spellings of `true`.
const ON: &[&str] = &["true", "True", "TRUE", "t", "T", "1"];

const NOT_SCANNED: Meaning =
    Meaning::Told("nothing is scanned and nothing is cached: the index is always ready");

const ALL_DEPTHS: Meaning =
    Meaning::Told("repositories of every depth up to eight exist with their first package");

const WITH_BEARER: Meaning = Meaning::Told("it says nothing without `BEARER_AUTH`");

/// Every variable that is known, in the order of `ChartMuseum`'s reference.
pub const NAMES: &[Name] = &[
    Name {
        name: "CONFIG",
        meaning: Meaning::Refused {
            unless: &[],
            what: "configuration files of ChartMuseum are not read",
            fix: "write its settings into a file for `--config`, and remove the variable",
        },
    },
    Name { name: "PORT", meaning: Meaning::Same { row: "listen", read: listen } },
    Name { name: "LISTEN_HOST", meaning: Meaning::Same { row: "listen", read: listen } },
    Name { name: "CONTEXT_PATH", meaning: Meaning::Same { row: "base-path", read: text } },
    Name { name: "MAX_UPLOAD_SIZE", meaning: Meaning::Same { row: "limits.upload", read: text } },
    Name { name: "TLS_CERT", meaning: Meaning::Same { row: "tls.certificate", read: text } },
    Name { name: "TLS_KEY", meaning: Meaning::Same { row: "tls.key", read: text } },
    Name {
        name: "TLS_CA_CERT",
        meaning: Meaning::Same { row: "tls.client-authorities", read: text },
    },
    Name { name: "LOG_JSON", meaning: Meaning::Same { row: "log.format", read: log_format } },
    Name { name: "DISABLE_API", meaning: Meaning::Same { row: "read-only", read: switch } },
    Name { name: "BASIC_AUTH_USER", meaning: Meaning::Same { row: "basic-auth.user", read: text } },
    Name {
        name: "BASIC_AUTH_PASS",
        meaning: Meaning::Same { row: "basic-auth.password", read: text },
    },
    Name {
        name: "AUTH_ANONYMOUS_GET",
        meaning: Meaning::Same { row: "anonymous", read: anonymous_get },
    },
    Name {
        name: "BEARER_AUTH",
        meaning: Meaning::Refused {
            unless: OFF,
            what: "tokens of ChartMuseum's authorization server are not read",
            fix: "let a proxy ask for them, and remove the variable",
        },
    },
    Name { name: "AUTH_REALM", meaning: WITH_BEARER },
    Name { name: "AUTH_SERVICE", meaning: WITH_BEARER },
    Name { name: "AUTH_CERT_PATH", meaning: WITH_BEARER },
    Name { name: "AUTH_ACTIONS_SEARCH_PATH", meaning: WITH_BEARER },
    Name { name: "DISABLE_DELETE", meaning: Meaning::Same { row: "deletes", read: switched_off } },
    Name { name: "DISABLE_METRICS", meaning: Meaning::Same { row: "metrics", read: switched_off } },
    Name { name: "ENABLE_METRICS", meaning: Meaning::Same { row: "metrics", read: either } },
    Name {
        name: "STORAGE",
        meaning: Meaning::Refused {
            unless: &["local"],
            what: "packages of ChartMuseum are not read from its bucket",
            fix: "publish them to this registry, and remove the variable",
        },
    },
    Name {
        name: "STORAGE_LOCAL_ROOTDIR",
        meaning: Meaning::Same { row: "import.chartmuseum", read: text },
    },
    Name { name: "STORAGE_TIMESTAMP_TOLERANCE", meaning: NOT_SCANNED },
    Name {
        name: "ALLOW_OVERWRITE",
        meaning: Meaning::Told(
            "published versions stay as they are, unless a policy says `overwritable`",
        ),
    },
    Name {
        name: "DISABLE_FORCE_OVERWRITE",
        meaning: Meaning::Told("`?force` overwrites only where a policy says `overwritable`"),
    },
    Name {
        name: "MAX_STORAGE_OBJECTS",
        meaning: Meaning::Refused {
            unless: &["0"],
            what: "the number of packages is no setting",
            fix: "write a policy with a `quota`, and remove the variable",
        },
    },
    Name {
        name: "PER_CHART_LIMIT",
        meaning: Meaning::Told("a policy with `retention` says which versions go"),
    },
    Name {
        name: "CHART_POST_FORM_FIELD_NAME",
        meaning: Meaning::Same { row: "form-fields.chart", read: text },
    },
    Name {
        name: "PROV_POST_FORM_FIELD_NAME",
        meaning: Meaning::Same { row: "form-fields.prov", read: text },
    },
    Name {
        name: "GEN_INDEX",
        meaning: Meaning::Refused {
            unless: OFF,
            what: "the index is served and not printed",
            fix: "fetch `/index.yaml`, and remove the variable",
        },
    },
    Name {
        name: "CHART_URL",
        meaning: Meaning::Told(
            "URLs in the index are relative, so they hold under every name of the registry",
        ),
    },
    Name {
        name: "CORS_ALLOW_ORIGIN",
        meaning: Meaning::Same { row: "cors.allow-origin", read: text },
    },
    Name { name: "DEPTH", meaning: Meaning::Same { row: "import.depth", read: depth } },
    Name { name: "DEPTH_DYNAMIC", meaning: ALL_DEPTHS },
    Name {
        name: "JSON_INDEX",
        meaning: Meaning::Told("the index is JSON unless a client asks for YAML"),
    },
    Name {
        name: "ENFORCE_SEMVER2",
        meaning: Meaning::Told("versions follow SemVer 2 in any case"),
    },
    Name { name: "INDEX_LIMIT", meaning: NOT_SCANNED },
    Name { name: "CACHE", meaning: NOT_SCANNED },
    Name { name: "CACHE_REDIS_ADDR", meaning: NOT_SCANNED },
    Name { name: "CACHE_REDIS_PASSWORD", meaning: NOT_SCANNED },
    Name { name: "CACHE_REDIS_DB", meaning: NOT_SCANNED },
    Name { name: "CACHE_INTERVAL", meaning: NOT_SCANNED },
    Name { name: "ALWAYS_REGENERATE_CHART_INDEX", meaning: NOT_SCANNED },
    Name { name: "DISABLE_STATEFILES", meaning: NOT_SCANNED },
    Name { name: "DEBUG", meaning: Meaning::Told("`RUST_LOG=debug` chooses what the log tells") },
    Name { name: "LOG_HEALTH", meaning: Meaning::Told("every request has its line in the log") },
    Name {
        name: "LOG_LATENCY_INTEGER",
        meaning: Meaning::Told("the log has milliseconds as numbers"),
    },
    Name {
        name: "READ_TIMEOUT",
        meaning: Meaning::Told("limits of time are fixed, and are about how slow a client is"),
    },
    Name {
        name: "WRITE_TIMEOUT",
        meaning: Meaning::Told("limits of time are fixed, and are about how slow a client is"),
    },
    Name { name: "WEB_TEMPLATE_PATH", meaning: Meaning::Told("there are no pages from templates") },
    Name {
        name: "ARTIFACT_HUB_REPO_ID",
        meaning: Meaning::Same { row: "artifact-hub", read: text },
    },
];

/// What the names of `ChartMuseum` come to.
#[derive(Default)]
pub(super) struct Foreign {
    pub(super) assignments: Vec<Assignment>,
    pub(super) faults: Vec<Fault>,
    pub(super) notices: Vec<Fault>,
}

/// Reads the variables that are set; an empty one is not.
pub(super) fn read(environment: &Environment) -> Foreign {
    let mut foreign = Foreign::default();
    for Name { name, meaning } in NAMES {
        let Some(text) = environment.get(*name).filter(|text| !text.is_empty()) else { continue };
        let place = Place::Environment((*name).to_owned());
        match meaning {
            Meaning::Same { row, read } => match (read(text, environment), Row::named(row)) {
                (Ok(Some(value)), Some(row)) => {
                    foreign.assignments.push(Assignment { row, values: vec![value], place });
                }
                (Ok(_), _) => {}
                (Err(wrong), _) => foreign.faults.push(wrong.at(place)),
            },
            Meaning::Told(what) => {
                foreign.notices.push(Wrong::new(*what, "it can be removed").at(place));
            }
            Meaning::Refused { unless, .. } if unless.contains(&text.as_str()) => {}
            Meaning::Refused { what, fix, .. } => {
                let fix = format!("{fix}, or set `chartmuseum-environment: false`");
                foreign.faults.push(Wrong::new(*what, fix).at(place));
            }
        }
    }
    foreign
}

#[expect(clippy::unnecessary_wraps, reason = "one signature for all of them")]
fn text(text: &str, _: &Environment) -> Result<Option<String>, Wrong> {
    Ok(Some(text.to_owned()))
}

/// `ChartMuseum` listens everywhere on 8080 unless it is told otherwise.
#[expect(clippy::unnecessary_wraps, reason = "one signature for all of them")]
fn listen(_: &str, environment: &Environment) -> Result<Option<String>, Wrong> {
    let said = |name: &str| environment.get(name).filter(|text| !text.is_empty());
    let host = said("LISTEN_HOST").map_or("0.0.0.0", String::as_str);
    let port = said("PORT").map_or("8080", String::as_str);
    let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
    Ok(Some(format!("{host}:{port}")))
}

/// One depth, unless all are served.
#[expect(clippy::unnecessary_wraps, reason = "one signature for all of them")]
fn depth(text: &str, environment: &Environment) -> Result<Option<String>, Wrong> {
    let dynamic = environment.get("DEPTH_DYNAMIC").is_some_and(|it| ON.contains(&it.as_str()));
    Ok((!dynamic).then(|| text.to_owned()))
}

fn boolean(text: &str) -> Result<bool, Wrong> {
    match (ON.contains(&text), OFF.contains(&text)) {
        (true, _) => Ok(true),
        (_, true) => Ok(false),
        _ => Err(Wrong::new(format!("`{text}` is no switch"), "write `true` or `false`")),
    }
}

fn log_format(text: &str, _: &Environment) -> Result<Option<String>, Wrong> {
    Ok(Some(if boolean(text)? { "json" } else { "text" }.to_owned()))
}

fn anonymous_get(text: &str, _: &Environment) -> Result<Option<String>, Wrong> {
    Ok(boolean(text)?.then(|| "read".to_owned()))
}

/// Switches a setting off that is on.
fn switched_off(text: &str, _: &Environment) -> Result<Option<String>, Wrong> {
    Ok(boolean(text)?.then(|| "false".to_owned()))
}

fn either(text: &str, _: &Environment) -> Result<Option<String>, Wrong> {
    Ok(Some(boolean(text)?.to_string()))
}

/// Switches on, and leaves off to the file and its default.
fn switch(text: &str, _: &Environment) -> Result<Option<String>, Wrong> {
    Ok(boolean(text)?.then(|| "true".to_owned()))
}
