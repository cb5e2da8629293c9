//! Searching all charts: the first search makes the words that it looks through, later ones have them.

use std::path::Path;
use std::time::Instant;

use chart_registry::{Options, Registry};
use chart_registry_catalog::{Budget, Query, Repository};
use serde_json::{Value, json};

use crate::{processor_ms, resident_mib};

/// A word of no chart, so that a search looks at all of them.
const NOWHERE: &str = "nowhere";

/// Searches of all charts with their words at hand.
const AGAIN: u32 = 5;

pub(crate) async fn search(directory: &Path) -> Value {
    let options = Options { writable: false, ..Options::default() };
    let registry = Registry::open_with(directory, options).await.unwrap();
    let repository = registry.state().repository("");
    let before = resident_mib();
    let first = through(&repository);
    let again: Vec<_> = (0..AGAIN).map(|_| through(&repository)).collect();
    let spent: Vec<_> = again.iter().map(|it| it.processor_ms).collect();
    let longest: Vec<_> = again.iter().map(|it| it.longest_ms).collect();
    json!({
        "search_first": {
            "processor_ms": first.processor_ms, "pages": first.pages, "longest_page_ms": first.longest_ms,
        },
        "search_again": {
            "processor_ms": spent, "pages": again[0].pages, "longest_page_ms": longest,
        },
        "search_words_mib": resident_mib() - before,
    })
}

/// What a search through everything came to.
struct Through {
    processor_ms: f64,
    /// Requests that it takes: each ends with its budget.
    pages: u32,
    longest_ms: f64,
}

fn through(repository: &Repository) -> Through {
    let query = Query::parse(NOWHERE).unwrap();
    let began = processor_ms();
    let (mut pages, mut longest_ms, mut from) = (0, 0.0, Some(String::new()));
    while let Some(name) = from {
        let wall = Instant::now();
        let hits = repository.search(&query, (&name, 100), &mut Budget::default());
        longest_ms = f64::max(longest_ms, wall.elapsed().as_secs_f64() * 1e3);
        pages += 1;
        assert!(hits.charts.is_empty());
        from = hits.next;
    }
    Through { processor_ms: processor_ms() - began, pages, longest_ms }
}
