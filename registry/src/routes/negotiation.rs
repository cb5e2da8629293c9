//! Which form of the index a client wants.

use axum::http::HeaderMap;
use axum::http::header::{ACCEPT, ACCEPT_ENCODING};

use super::parameters::last_value;
use crate::refusal::{Code, Refusal};

/// The text of the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// JSON, which every YAML reader reads, too.
    Json,
    /// YAML in blocks, for people and for tools that insist.
    Yaml,
}

const YAML_TYPES: [&str; 4] =
    ["application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml"];

/// The form that `?format=` asks for, else the one that `Accept` names; JSON for everyone else.
pub(super) fn form(query: Option<&str>, headers: &HeaderMap) -> Result<Form, Refusal> {
    match last_value(query, "format") {
        Some("json") => Ok(Form::Json),
        Some("yaml") => Ok(Form::Yaml),
        Some(other) => Err(Refusal::new(
            Code::BadRequest,
            &format!("the index has no form `{other}`"),
            "query parameter format",
            "use `format=json` or `format=yaml`",
        )),
        None => Ok(accepted_form(headers)),
    }
}

/// YAML only for a client that names it and not JSON.
fn accepted_form(headers: &HeaderMap) -> Form {
    let accepted = preferences(headers, &ACCEPT);
    let names = |wanted: &[&str]| accepted.iter().any(|name| wanted.contains(&name.as_str()));
    if names(&YAML_TYPES) && !names(&["application/json"]) { Form::Yaml } else { Form::Json }
}

/// True when the client decodes gzip.
pub(super) fn accepts_gzip(headers: &HeaderMap) -> bool {
    preferences(headers, &ACCEPT_ENCODING).iter().any(|name| name == "gzip" || name == "x-gzip")
}

/// True when the client is a browser, or another one that names HTML.
pub(super) fn accepts_html(headers: &HeaderMap) -> bool {
    preferences(headers, &ACCEPT).iter().any(|name| name == "text/html")
}

/// The names that a header lists, in lower case, without those of quality 0.
fn preferences(headers: &HeaderMap, header: &axum::http::HeaderName) -> Vec<String> {
    let values = headers.get_all(header).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).filter_map(wanted_name).collect()
}

fn wanted_name(item: &str) -> Option<String> {
    let mut parts = item.split(';').map(str::trim);
    let name = parts.next()?.to_ascii_lowercase();
    let refused = parts
        .filter_map(|parameter| parameter.strip_prefix("q="))
        .any(|quality| quality.parse::<f32>().is_ok_and(|quality| quality <= 0.0));
    (!refused).then_some(name)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn headers(name: axum::http::HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    #[test]
    fn gzip_is_sent_only_to_those_who_take_it() {
        for (value, expected) in [
            ("gzip", true),
            ("deflate, GZIP;q=0.5", true),
            ("gzip;q=0", false),
            ("identity", false),
            ("*", false),
        ] {
            assert_eq!(accepts_gzip(&headers(ACCEPT_ENCODING, value)), expected, "{value}");
        }
        assert!(!accepts_gzip(&HeaderMap::new()));
    }

    #[test]
    fn yaml_is_sent_only_to_those_who_ask_for_it() {
        for (value, expected) in [
            ("*/*", Form::Json),
            ("application/x-yaml", Form::Yaml),
            ("text/yaml, */*;q=0.1", Form::Yaml),
            ("application/json, application/yaml", Form::Json),
        ] {
            assert_eq!(form(None, &headers(ACCEPT, value)), Ok(expected), "{value}");
        }
        assert_eq!(form(Some("format=yaml"), &HeaderMap::new()), Ok(Form::Yaml));
        assert_eq!(form(Some("a=b&format=json"), &headers(ACCEPT, "text/yaml")), Ok(Form::Json));
        assert!(form(Some("format=xml"), &HeaderMap::new()).is_err());
    }
}
