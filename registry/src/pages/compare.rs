//! What changed between two packages: files with their lines, and keys of their documents.

use std::collections::{BTreeMap, BTreeSet};

use chart_format::summary;
use serde_json::Value;

use super::keys::{self, KeyChange, MAX_KEYS};
use super::line_difference::{Edit, difference};
use super::words;
use crate::shown::{File, Shown, Text};

/// Most lines that are told together.
const MAX_LINES: usize = 5_000;

/// Most files that are told.
const MAX_FILES: usize = 500;

/// Files with at most this many changed lines are open from the start.
const OPEN_LINES: usize = 40;

/// What changed.
#[derive(Debug, Default)]
pub(crate) struct Difference {
    /// True when nothing did.
    pub(crate) same: bool,
    /// Files that came.
    pub(crate) added: usize,
    /// Files that changed.
    pub(crate) changed: usize,
    /// Files that went.
    pub(crate) removed: usize,
    /// Files of the later package.
    pub(crate) files_after: usize,
    /// Fields of Chart.yaml.
    pub(crate) fields: Vec<KeyChange>,
    /// Keys of the network's summary.
    pub(crate) network: Vec<KeyChange>,
    /// Keys of values.yaml.
    pub(crate) values: Vec<KeyChange>,
    /// What is left out.
    pub(crate) notes: Vec<String>,
    /// Files that are not the same.
    pub(crate) files: Vec<FileChange>,
}

/// A file that is not the same in both packages.
#[derive(Debug)]
pub(crate) struct FileChange {
    /// Path below the chart's directory.
    pub(crate) path: String,
    /// Class of its badge.
    pub(crate) class: &'static str,
    /// What became of it.
    pub(crate) word: &'static str,
    /// Its sizes.
    pub(crate) sizes: String,
    /// Whether its lines are shown from the start.
    pub(crate) open: bool,
    /// Why its lines are not told.
    pub(crate) note: Option<&'static str>,
    /// Its lines.
    pub(crate) lines: Vec<LineChange>,
}

/// A line of a file that changed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct LineChange {
    /// Class of its style.
    pub(crate) class: &'static str,
    /// Number before, empty when it was not there.
    pub(crate) before: String,
    /// Number after, empty when it is not there.
    pub(crate) after: String,
    /// The mark for those who see no colours.
    pub(crate) sign: &'static str,
    /// The line.
    pub(crate) text: String,
}

/// A package with its recorded Chart.yaml.
#[derive(Clone, Copy)]
pub(crate) struct Side<'a> {
    /// Chart.yaml as JSON.
    pub(crate) chart: &'a Value,
    /// The files.
    pub(crate) shown: &'a Shown,
}

/// Compares two packages.
pub(crate) fn compare(before: Side<'_>, after: Side<'_>) -> Difference {
    let document = |side: Side<'_>| side.shown.text("values.yaml").map(keys::yaml_document);
    let network = |side: Side<'_>| {
        let text = side.shown.text(summary::PATH)?;
        serde_json::from_str::<Value>(text).ok()
    };
    let differences = |read: &dyn Fn(Side<'_>) -> Option<Value>| {
        keys::differences(&read(before).unwrap_or_default(), &read(after).unwrap_or_default())
    };
    let mut difference = Difference {
        files_after: after.shown.files.len(),
        fields: keys::differences(before.chart, after.chart),
        network: differences(&network),
        values: differences(&document),
        ..Difference::default()
    };
    files(&mut difference, before.shown, after.shown);
    let lists = [&difference.fields, &difference.network, &difference.values];
    if lists.iter().any(|list| list.len() == MAX_KEYS) {
        let note = format!("Only {MAX_KEYS} keys of each document are told.");
        difference.notes.push(note);
    }
    difference.same = difference.added + difference.changed + difference.removed == 0;
    difference
}

fn files(difference: &mut Difference, before: &Shown, after: &Shown) {
    let by_path = |shown: &'_ Shown| -> BTreeMap<String, File> {
        shown.files.iter().map(|file| (file.path.clone(), file.clone())).collect()
    };
    let (before, after) = (by_path(before), by_path(after));
    let paths: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let mut left = MAX_LINES;
    for path in paths {
        let (old, new) = (before.get(path), after.get(path));
        let number = match (old, new) {
            (Some(old), Some(new)) if old.digest == new.digest => continue,
            (Some(_), Some(_)) => &mut difference.changed,
            (None, _) => &mut difference.added,
            (_, None) => &mut difference.removed,
        };
        *number += 1;
        if difference.files.len() == MAX_FILES {
            let note = format!("Only {MAX_FILES} files are told.");
            if !difference.notes.contains(&note) {
                difference.notes.push(note);
            }
            continue;
        }
        difference.files.push(file((path, old, new), &mut left));
    }
}

fn file((path, old, new): (&str, Option<&File>, Option<&File>), left: &mut usize) -> FileChange {
    let size = |file: &File| words::bytes(file.size);
    let (class, word, sizes) = match (old, new) {
        (Some(old), Some(new)) => ("change", "changed", format!("{} → {}", size(old), size(new))),
        (Some(old), None) => ("remove", "removed", size(old)),
        (None, new) => ("add", "added", new.map(size).unwrap_or_default()),
    };
    let change = FileChange {
        path: path.to_owned(),
        class,
        word,
        sizes,
        open: false,
        note: None,
        lines: Vec::new(),
    };
    let texts = [old, new].into_iter().flatten();
    for (kind, note) in [
        (Text::Binary, "The file is no text."),
        (Text::TooLarge, "The file is too large to be compared line by line."),
    ] {
        if texts.clone().any(|file| file.text == kind) {
            return FileChange { note: Some(note), ..change };
        }
    }
    let text = |file: Option<&File>| file.and_then(File::text).unwrap_or_default().to_owned();
    let lines = lines(&text(old), &text(new));
    let Some(rest) = left.checked_sub(lines.len()) else {
        let note = "Too many lines changed to tell those of this file, too.";
        return FileChange { note: Some(note), ..change };
    };
    *left = rest;
    let open = word == "changed"
        && lines.iter().filter(|line| !line.sign.is_empty()).count() <= OPEN_LINES;
    FileChange { open, lines, ..change }
}

fn lines(before: &str, after: &str) -> Vec<LineChange> {
    let (before, after): (Vec<_>, Vec<_>) = (before.lines().collect(), after.lines().collect());
    let replaced = || {
        let removed = (0..before.len()).map(Edit::Removed);
        removed.chain((0..after.len()).map(Edit::Added)).collect()
    };
    let number = |at: usize| (at + 1).to_string();
    let none = String::new;
    let edits: Vec<Edit> = difference(&before, &after).unwrap_or_else(replaced);
    let line = |edit: Edit| {
        let (class, sign, numbers, text) = match edit {
            Edit::Kept(left, right) => ("", "", (number(left), number(right)), before[left]),
            Edit::Removed(at) => ("remove", "-", (number(at), none()), before[at]),
            Edit::Added(at) => ("add", "+", (none(), number(at)), after[at]),
            Edit::Gap => ("gap", "", (none(), none()), "…"),
        };
        let (before, after) = numbers;
        LineChange { class, before, after, sign, text: text.to_owned() }
    };
    edits.into_iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use chart_format::digest::Sha256;
    use serde_json::json;

    use super::*;

    fn shown(files: &[(&str, &str)]) -> Shown {
        let file = |(path, text): &(&str, &str)| File {
            path: (*path).to_owned(),
            size: text.len() as u64,
            digest: Sha256::of(text.as_bytes()),
            text: if text.contains('\u{1}') {
                Text::Binary
            } else {
                Text::Whole((*text).to_owned())
            },
        };
        Shown { files: files.iter().map(file).collect() }
    }

    #[test]
    fn files_that_come_go_and_change_are_told() {
        let before =
            shown(&[("a", "1\n2\n"), ("b", "x\n"), ("p", "\u{1}"), ("values.yaml", "a: 1\n")]);
        let after =
            shown(&[("a", "1\n3\n"), ("c", "y\n"), ("p", "\u{1}2"), ("values.yaml", "a: 2\n")]);
        let (old, new) = (json!({ "version": "1.0.0" }), json!({ "version": "1.0.1" }));
        let told =
            compare(Side { chart: &old, shown: &before }, Side { chart: &new, shown: &after });
        assert_eq!((told.added, told.changed, told.removed, told.same), (1, 3, 1, false));
        assert_eq!(told.values[0].key, "a");
        assert_eq!(told.fields[0].after.as_deref(), Some("1.0.1"));
        let words: Vec<_> = told.files.iter().map(|it| (it.path.as_str(), it.word)).collect();
        let expected = [
            ("a", "changed"),
            ("b", "removed"),
            ("c", "added"),
            ("p", "changed"),
            ("values.yaml", "changed"),
        ];
        assert_eq!(words, expected);
        let signs: Vec<_> = told.files[0].lines.iter().map(|it| it.sign).collect();
        assert_eq!(signs, ["", "-", "+"]);
        assert!(told.files[3].note.is_some());
        let side = Side { chart: &old, shown: &before };
        assert!(compare(side, side).same);
    }
}
