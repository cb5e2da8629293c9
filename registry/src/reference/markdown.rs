//! The API reference.

use std::fmt::Write;

use super::{Body, CHAPTERS, Words, route};
use crate::access::Permission;

const HEAD: &str = "\
# API of the registry

Made from the table of routes by `cargo dev generate`; do not edit it.
The same as an OpenAPI 3.1 document is served at `/-/v1/openapi.json`.
[registry.md](registry.md) tells how things are meant.

`{repository}` is the path of a repository: nothing for the root, or up to eight segments like `team/fabric`.
`{view}` is one segment that begins with `~`, or nothing.
Every `GET` route answers `HEAD`, too.
A refusal is JSON with `error`, `code`, `what`, `where` and `fix`; its codes are listed in [registry.md](registry.md#refusals-and-faults).
";

/// The text of the reference.
pub fn markdown() -> String {
    let mut text = HEAD.to_owned();
    for chapter in CHAPTERS {
        line(&mut text, format_args!("\n## {}\n\n{}\n", chapter.title, chapter.about));
        line(&mut text, format_args!("| Route | Permission | Meaning |\n|---|---|---|"));
        for words in chapter.rows {
            let permission = permission(words);
            let Words { method, path, summary, .. } = words;
            line(&mut text, format_args!("| `{method} {path}` | {permission} | {summary} |"));
        }
        for words in chapter.rows.iter().filter(|it| !it.query.is_empty() || it.body.is_some()) {
            details(&mut text, words);
        }
    }
    text
}

/// What a request may carry, and what comes back.
fn details(text: &mut String, words: &Words) {
    let Words { method, path, query, body, answers, .. } = words;
    line(text, format_args!("\n### `{method} {path}`\n"));
    if let Some(body) = body {
        line(text, format_args!("- Body: {}", told(*body)));
    }
    for (name, meaning) in *query {
        line(text, format_args!("- `?{name}`: {meaning}"));
    }
    for (status, media_type, meaning) in *answers {
        let of = if media_type.is_empty() { String::new() } else { format!(" `{media_type}`") };
        line(text, format_args!("- {status}{of}: {meaning}"));
    }
}

fn told(body: Body) -> String {
    match body {
        Body::Package => {
            "the package's bytes, or a form with the field `chart` and perhaps `prov`".to_owned()
        }
        Body::Release => "a form with as many fields `chart` and `prov` as needed".to_owned(),
        Body::Reason => "`{\"reason\":\"...\"}`, one line that says why".to_owned(),
        Body::Json => "a JSON document".to_owned(),
        Body::Bytes(media_type) => format!("bytes, `{media_type}`"),
    }
}

/// The name of the permission that a route needs.
pub(super) fn permission(words: &Words) -> &'static str {
    let needed = route(words).and_then(|route| route.permission);
    needed.map_or("none", Permission::name)
}

/// Writing into a text cannot fail.
fn line(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    let written = text.write_fmt(arguments);
    debug_assert!(written.is_ok());
    text.push('\n');
}
