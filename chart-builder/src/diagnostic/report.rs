//! How findings look: text for people, JSON for machines.
//!
//! The fields of the JSON report are an interface: they are added to, never renamed.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use serde_json::{Value, json};

use super::{Diagnostic, Diagnostics, Place, Severity};
use crate::source::Source;

/// Who reads the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Plain text.
    Plain,
    /// With ANSI colours; the writer strips them where they are not wanted.
    Coloured,
}

/// The findings as rustc shows them, followed by one line with their number.
pub fn text(source: &Source, diagnostics: &Diagnostics, style: Style) -> String {
    let renderer = match style {
        Style::Plain => Renderer::plain(),
        Style::Coloured => Renderer::styled(),
    };
    let mut text = String::new();
    for diagnostic in diagnostics {
        text.push_str(&one(source, diagnostic, &renderer));
        text.push_str("\n\n");
    }
    text.push_str(&summary(source, diagnostics));
    text.push('\n');
    text
}

/// One JSON document: `{"source", "errors", "warnings", "diagnostics": [...]}`.
pub fn json(source: &Source, diagnostics: &Diagnostics) -> Value {
    let items = diagnostics.iter().map(|diagnostic| {
        let related = diagnostic.related.as_ref().map(|related| {
            let mut place = json_place(source, &related.place);
            if let Value::Object(fields) = &mut place {
                fields.insert("label".to_owned(), Value::from(related.label.clone()));
            }
            place
        });
        json!({
            "code": diagnostic.code,
            "severity": diagnostic.severity.word(),
            "message": diagnostic.message,
            "why": diagnostic.why,
            "fix": diagnostic.fix,
            "place": json_place(source, &diagnostic.place),
            "related": related,
        })
    });
    json!({
        "source": source.name(),
        "errors": diagnostics.count(Severity::Error),
        "warnings": diagnostics.count(Severity::Warning),
        "diagnostics": items.collect::<Vec<_>>(),
    })
}

/// `network.yaml: 2 errors, 1 warning`.
pub fn summary(source: &Source, diagnostics: &Diagnostics) -> String {
    let counted = |severity: Severity| {
        let count = diagnostics.count(severity);
        format!("{count} {}{}", severity.word(), if count == 1 { "" } else { "s" })
    };
    let (errors, warnings) = (counted(Severity::Error), counted(Severity::Warning));
    format!("{}: {errors}, {warnings}", source.name())
}

fn one(source: &Source, diagnostic: &Diagnostic, renderer: &Renderer) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let primary = AnnotationKind::Primary.span(range(&diagnostic.place));
    let mut snippet = Snippet::source(source.text()).path(source.name()).annotation(primary);
    if let Some(related) = &diagnostic.related {
        let second = AnnotationKind::Context.span(range(&related.place)).label(&related.label);
        snippet = snippet.annotation(second);
    }
    let title = level.primary_title(&diagnostic.message).id(diagnostic.code);
    let group = title
        .element(snippet)
        .element(Level::NOTE.message(&diagnostic.why))
        .element(Level::HELP.message(&diagnostic.fix));
    renderer.render(&[group])
}

/// An empty range is invisible; one byte of it is shown.
fn range(place: &Place) -> Range<usize> {
    place.range.clone().unwrap_or_default()
}

fn json_place(source: &Source, place: &Place) -> Value {
    let range = range(place);
    let (start, end) = (source.position(range.start), source.position(range.end));
    json!({
        "path": place.path.to_string(),
        "line": start.line,
        "column": start.column,
        "endLine": end.line,
        "endColumn": end.column,
    })
}
