//! The rules of the house, as tests: a rule that matters is checked here, not remembered in a review.

mod charts;
mod dependencies;
mod documents;
mod layers;
mod rust;
mod seed;
mod words;

/// Panics with the rule and every place that breaks it.
fn assert_none(rule: &str, faults: &[String]) {
    assert!(faults.is_empty(), "{rule}:\n  {}", faults.join("\n  "));
}
