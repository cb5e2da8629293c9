//! What each route is for, in words: the API reference and the `OpenAPI` document are made of it.
//!
//! [`crate::ROUTES`] says which routes there are and what permission each needs; the lists in `rows`
//! say the rest. A test fails when a route has no words, and another when the reference in `docs` is
//! not what this module writes.

mod markdown;
mod openapi;
mod rows;

pub use markdown::markdown;
pub use openapi::openapi;

use crate::routes::{ROUTES, Route};

/// What a route is for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Words {
    method: &'static str,
    path: &'static str,
    summary: &'static str,
    query: &'static [Parameter],
    body: Option<Body>,
    answers: &'static [Answer],
}

/// A parameter of a query: its name, and what it does.
type Parameter = (&'static str, &'static str);

/// Status, media type (empty for none), and what the answer is.
type Answer = (u16, &'static str, &'static str);

/// What a request carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Body {
    /// A package, or a form that holds one and perhaps its provenance file.
    Package,
    /// A form with several packages.
    Release,
    /// Why something is done.
    Reason,
    /// A JSON document.
    Json,
    /// Bytes of this media type.
    Bytes(&'static str),
}

/// Words without parameters and body.
const fn words(
    (method, path): (&'static str, &'static str),
    summary: &'static str,
    answers: &'static [Answer],
) -> Words {
    Words { method, path, summary, query: &[], body: None, answers }
}

impl Words {
    const fn query(self, query: &'static [Parameter]) -> Self {
        Self { query, ..self }
    }

    const fn body(self, body: Body) -> Self {
        Self { body: Some(body), ..self }
    }
}

/// A part of the reference.
struct Chapter {
    title: &'static str,
    about: &'static str,
    rows: &'static [Words],
}

const CHAPTERS: &[Chapter] = &[
    Chapter {
        title: "Charts",
        about: "The classic repository that Helm reads, and the API of ChartMuseum.",
        rows: rows::CLASSIC,
    },
    Chapter {
        title: "Versions, rules, changes",
        about: "What ChartMuseum has no words for: releases of several charts, the life of a version, policies, the change feed.",
        rows: rows::OWN,
    },
    Chapter {
        title: "OCI",
        about: "The same charts, and images and other artifacts, for OCI 1.1 clients; errors have the form of that specification.",
        rows: rows::OCI,
    },
    Chapter { title: "Pages", about: "For people, in a browser.", rows: rows::PAGES },
    Chapter { title: "Operation", about: "For whoever runs the registry.", rows: rows::OPERATION },
];

/// The route that words are about.
fn route(words: &Words) -> Option<&'static Route> {
    ROUTES.iter().find(|route| route.method == words.method && route.path == words.path)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_route_has_its_words_and_every_word_a_route() {
        let named = |method: &str, path: &str| format!("{method} {path}");
        let all = CHAPTERS.iter().flat_map(|chapter| chapter.rows);
        let described: Vec<_> = all.map(|it| named(it.method, it.path)).collect();
        let distinct: BTreeSet<_> = described.iter().cloned().collect();
        let routes: BTreeSet<_> = ROUTES.iter().map(|it| named(it.method, it.path)).collect();
        let missing: Vec<_> = routes.difference(&distinct).collect();
        assert!(missing.is_empty(), "registry/src/reference/rows has no words for {missing:?}");
        let idle: Vec<_> = distinct.difference(&routes).collect();
        assert!(idle.is_empty(), "registry/src/reference/rows has words for no route: {idle:?}");
        assert_eq!(described.len(), distinct.len(), "a route has its words twice");
    }
}
