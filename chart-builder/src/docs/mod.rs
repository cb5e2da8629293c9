//! Reference documents that are generated from the code. A test compares them with the committed files.

use std::collections::BTreeSet;

use crate::diagnostic::explanations;
use crate::spec::TOPOLOGY;
use crate::spec::schema::{Default, Field, Kind, Table};

/// `docs/topology.md`: every field of the topology with its default.
pub fn topology() -> String {
    let mut text = String::from(
        "# The topology: fields and defaults\n\n\
         This file is generated from the table that reads the topology (`chart-builder/src/spec`).\n\
         Everything that is not written has the default that stands here.\n\
         `chart-builder check` reports every fault of a file in one run; [diagnostics](diagnostics.md) explains the codes.\n",
    );
    let mut seen = BTreeSet::new();
    let mut waiting = vec![&TOPOLOGY];
    while !waiting.is_empty() {
        let table = waiting.remove(0);
        if !seen.insert(table.title) {
            continue;
        }
        section(&mut text, table);
        waiting.extend(table.fields.iter().filter_map(|field| below(&field.kind)));
    }
    text
}

fn section(text: &mut String, table: &Table) {
    text.extend(["\n## ", table.title, "\n\n", table.about, "\n\n"]);
    text.push_str("| Field | Value | Default | Meaning |\n|---|---|---|---|\n");
    for field in table.fields {
        let default = match field.default {
            Default::Required => "required",
            Default::Is(words) => words,
        };
        let row = [field.name, &value(field), default, field.about];
        text.extend(["| `", row[0], "` | ", row[1], " | ", row[2], " | ", row[3], " |\n"]);
    }
}

/// What a field holds, with its words and what they mean.
fn value(field: &Field) -> String {
    match &field.kind {
        Kind::Word(words) => {
            let words = words.iter().map(|word| {
                let built = if word.built { "" } else { " (not built yet)" };
                format!("`{}`: {}{built}", word.word, word.about)
            });
            words.collect::<Vec<_>>().join("; ")
        }
        kind => link(kind),
    }
}

fn link(kind: &Kind) -> String {
    match kind {
        Kind::Mapping(table) => format!("[{}](#{})", table.title, anchor(table.title)),
        Kind::List(item) => format!("list of {}", link(item)),
        Kind::Named { key, value } => format!("mapping from {key} to {}", link(value)),
        Kind::Either { short, long } => format!("{}, or {}", link(short), link(long)),
        Kind::Text | Kind::Word(_) | Kind::Number { .. } | Kind::NotBuilt(_) => kind.describe(),
    }
}

/// GitHub's anchor of a heading.
fn anchor(title: &str) -> String {
    title.chars().filter(|c| *c != '.').flat_map(char::to_lowercase).collect()
}

/// The table below a field, if there is one.
fn below(kind: &Kind) -> Option<&'static Table> {
    match kind {
        Kind::Mapping(table) => Some(table),
        Kind::List(item) | Kind::Named { value: item, .. } => below(item),
        Kind::Either { long, .. } => below(long),
        Kind::Text | Kind::Word(_) | Kind::Number { .. } | Kind::NotBuilt(_) => None,
    }
}

/// `docs/diagnostics.md`: every code with its explanation.
pub fn diagnostics() -> String {
    let mut text = String::from(
        "# Diagnostics\n\n\
         This file is generated from the rules themselves (`chart-builder/src/rules`); `chart-builder explain CODE` \
         prints the same with examples.\n\
         FT1xx: the file. FT2xx: names. FT3xx: versions, consensus and channels. FT4xx: what an earlier build has frozen. \
         FT5xx: chaincodes and images. FT6xx: storage, resources and secrets. FT9xx: certificates and blocks, found by `build`.\n\n\
         | Code | Severity | What is asked for | Why |\n|---|---|---|---|\n",
    );
    for found in explanations() {
        let row = [found.code, found.severity.word(), found.title, found.about];
        let row = row.map(|cell| cell.replace('|', "\\|"));
        text.extend(["| ", &row[0], " | ", &row[1], " | ", &row[2], " | ", &row[3], " |\n"]);
    }
    text
}

#[cfg(test)]
mod tests;
