//! Pages for people, and what operators ask.

use super::super::{Words, words};

const JSON: &str = "application/json";
const PAGE: &[(u16, &str, &str)] = &[(200, "text/html", "The page.")];

pub(in super::super) const PAGES: &[Words] = &[
    words(
        ("GET", "/"),
        "The page of the root for clients whose `Accept` names `text/html`, else some words of plain text.",
        PAGE,
    ),
    words(
        ("GET", "/-/ui/{repository}"),
        "Page of a repository: its charts; or of what a search finds there and below.",
        PAGE,
    )
    .query(&[
        ("q", "Words to look for in names, descriptions, keywords and app versions."),
        ("after", "Name of the chart where a list or search goes on."),
        ("repository", "Path of the repository where a search goes on."),
    ]),
    words(
        ("GET", "/-/ui/{repository}/charts/{name}"),
        "Page of a chart: its newest version that is no pre-release.",
        PAGE,
    ),
    words(
        ("GET", "/-/ui/{repository}/charts/{name}/{version}"),
        "Page of a version: README, commands, facts, dependencies, history.",
        PAGE,
    ),
    words(
        ("GET", "/-/ui/{repository}/charts/{name}/{version}/values"),
        "Page of a version's values.",
        PAGE,
    ),
    words(
        ("GET", "/-/ui/{repository}/charts/{name}/{version}/files"),
        "Page of a version's files, or of one of them.",
        PAGE,
    )
    .query(&[("path", "Path of a file below the chart's directory.")]),
    words(
        ("GET", "/-/ui/{repository}/charts/{name}/{version}/versions"),
        "Page of all versions of the chart, with their states.",
        PAGE,
    )
    .query(&[("from", "Version at which the list begins.")]),
    words(
        ("GET", "/-/ui/{repository}/charts/{name}/{version}/changes"),
        "Page of what changed since another version.",
        PAGE,
    )
    .query(&[("from", "That version; the one before if not given.")]),
    words(
        ("GET", "/-/ui/{repository}/charts/{name}/{version}/network"),
        "Page of the network that the package describes.",
        PAGE,
    ),
    words(
        ("GET", "/-/assets/{file}"),
        "Style and sign of the pages, by names with their digests.",
        &[(200, "text/css", "The file, with its own type.")],
    ),
];

pub(in super::super) const OPERATION: &[Words] = &[
    words(
        ("GET", "/-/v1/openapi.json"),
        "This API as an OpenAPI 3.1 document.",
        &[(200, JSON, "The document.")],
    ),
    words(
        ("GET", "/metrics"),
        "Counters for Prometheus.",
        &[(200, "text/plain", "Prometheus' text format.")],
    ),
    words(
        ("GET", "/health"),
        "Whether the registry works; with `\"writable\":false` when the storage takes no writes any more, 503 and `false` when only a restart helps.",
        &[(200, JSON, "`{\"healthy\":true}`."), (503, JSON, "`{\"healthy\":false}`.")],
    ),
    words(("GET", "/info"), "Version of the program.", &[(200, JSON, "`{\"version\":\"...\"}`.")]),
    words(
        ("GET", "/readyz"),
        "Whether requests should be sent here.",
        &[
            (200, JSON, "`{\"ready\":true,\"writable\":true}`."),
            (503, JSON, "With the `reason`: the storage does not answer, or only a restart helps."),
        ],
    ),
    words(
        ("GET", "/-/v1/webhooks"),
        "How each webhook is doing.",
        &[(
            200,
            JSON,
            "Position, distance to the journal's end, counts, last error, next attempt.",
        )],
    ),
];
