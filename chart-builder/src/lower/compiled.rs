//! The compiled digests of all facts: the template that the guard of every chart reads.

use chart_format::digest::Sha256;
use chart_format::yaml::{Map, Node, go_json};

use super::Part;

/// `templates/_compiled.tpl`: parsed after the templates of subcharts, so this definition is the one that counts.
pub(super) fn template(global: &Map, parts: &[Part]) -> String {
    let charts: Map =
        parts.iter().map(|part| (part.alias.clone(), Node::from(digests(&part.facts)))).collect();
    let compiled = Map::new().with("global", digests(global)).with("charts", charts);
    format!(
        "{{{{/* Digests of the facts that this chart was built with. Generated: edit network.yaml instead. */}}}}\n\
         {{{{- define \"fabric-common.compiledFacts\" -}}}}\n{}\n{{{{- end -}}}}\n",
        go_json(&compiled.into())
    )
}

/// SHA-256 of each fact's JSON as Helm's `toJson` writes it.
fn digests(facts: &Map) -> Map {
    let digest = |value: &Node| Sha256::of(go_json(value).as_bytes()).to_string();
    facts.iter().map(|entry| (entry.key.clone(), digest(&entry.value))).collect()
}
