//! One version with its texts: the one in the index, and the recorded Chart.yaml.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use chart_format::index::entry_json;

use super::recorded::{Recorded, Unpacker};
use crate::entry::Entry;
use crate::slim::slim;

/// How much of its Chart.yaml the index tells of a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// All of it.
    Full,
    /// What clients need to choose and to pull it.
    Slim,
}

/// A version and its texts; one that is not in the index has only its Chart.yaml.
#[derive(Debug, Clone)]
pub(crate) struct Line<'a> {
    pub(crate) entry: Cow<'a, Entry>,
    /// Text in the index.
    pub(crate) shown: Option<Bytes>,
    /// Length of what follows Chart.yaml's fields in the text.
    pub(crate) tail: usize,
    pub(crate) chart: Cow<'a, Recorded>,
}

impl<'a> Line<'a> {
    /// The line of a version whose recorded Chart.yaml is the JSON object `chart`; without a form it
    /// is not in the index.
    pub(crate) fn new(entry: impl Into<Cow<'a, Entry>>, chart: &str, form: Option<Form>) -> Self {
        let entry = entry.into();
        let tail = form.map(|_| tail(&entry, chart)).unwrap_or_default();
        Self::of(entry, chart, (form, tail.as_bytes()))
    }

    /// The same version in the form; `None` when memory was damaged.
    pub(crate) fn in_form(self, form: Form, unpacker: &mut Unpacker) -> Option<Self> {
        if self.form().is_none_or(|present| present == form) {
            return Some(self);
        }
        let chart = self.recorded(unpacker)?;
        let (shown, tail) = (self.shown?, self.tail);
        let tail = shown.get(shown.len().checked_sub(tail)?..)?;
        Some(Self::of(self.entry, std::str::from_utf8(&chart).ok()?, (Some(form), tail)))
    }

    fn of(entry: Cow<'a, Entry>, chart: &str, (form, tail): (Option<Form>, &[u8])) -> Self {
        let shown = form.map(|form| match form {
            Form::Full => joined(chart.as_bytes(), tail),
            Form::Slim => joined(slim(chart).as_bytes(), tail),
        });
        let recorded = match form {
            Some(Form::Full) => Recorded::Shown,
            Some(Form::Slim) | None => Recorded::Plain(Arc::from(chart)),
        };
        Self { entry, shown: shown.map(Bytes::from), tail: tail.len(), chart: Cow::Owned(recorded) }
    }

    /// How the version stands in the index, if it does.
    pub(crate) fn form(&self) -> Option<Form> {
        self.shown.as_ref().map(|_| self.chart.form())
    }

    /// The recorded Chart.yaml; `None` when memory was damaged.
    pub(crate) fn recorded(&self, unpacker: &mut Unpacker) -> Option<Bytes> {
        let Some(shown) = self.shown.as_ref().filter(|_| self.form() == Some(Form::Full)) else {
            return unpacker.read(&self.chart);
        };
        let fields = shown.get(..shown.len().checked_sub(self.tail)?)?;
        let fields = fields.strip_suffix(b",").unwrap_or(fields);
        Some(Bytes::from([fields, b"}"].concat()))
    }

    /// The text with all fields; `None` when the version is not in the index, or memory was damaged.
    pub(crate) fn full(&self, unpacker: &mut Unpacker) -> Option<Bytes> {
        let shown = self.shown.as_ref()?;
        if self.form() == Some(Form::Full) {
            return Some(shown.clone());
        }
        let tail = shown.get(shown.len().checked_sub(self.tail)?..)?;
        Some(Bytes::from(joined(&unpacker.read(&self.chart)?, tail)))
    }

    /// Length of [`Self::full`]; 0 when the version is not in the index.
    pub(crate) fn full_length(&self) -> usize {
        match (&self.shown, self.chart.length()) {
            (None, _) => 0,
            (Some(shown), None) => shown.len(),
            // An object of Chart.yaml's fields is never empty: its brace becomes the comma.
            (Some(_), Some(length)) => length + self.tail,
        }
    }
}

/// A JSON object with the fields of `object` and those of `tail`, which ends with the brace.
fn joined(object: &[u8], tail: &[u8]) -> Vec<u8> {
    let fields = object.strip_suffix(b"}").unwrap_or(object);
    let comma: &[u8] = if fields == b"{" { b"" } else { b"," };
    [fields, comma, tail].concat()
}

/// Helm's own fields of a version, without the brace before them.
///
/// A version that was deprecated says so, as one whose Chart.yaml says it: no key stands twice.
fn tail(entry: &Entry, chart: &str) -> String {
    let (url, created) = (format!("charts/{}", entry.file_name()), entry.created.to_string());
    let fields = entry_json("{}", &[url], Some(&created), &entry.package.sha256)[1..].to_owned();
    if entry.fate.deprecated().is_some() && !says_deprecated(chart) {
        return format!("\"deprecated\":true,{fields}");
    }
    fields
}

fn says_deprecated(chart: &str) -> bool {
    #[derive(serde::Deserialize)]
    struct Deprecated<'a> {
        #[serde(borrow)]
        deprecated: Option<&'a serde_json::value::RawValue>,
    }
    serde_json::from_str(chart).is_ok_and(|it: Deprecated<'_>| it.deprecated.is_some())
}
