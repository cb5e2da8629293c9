//! Markdown: every path and link exists, and the changelog knows the version.

use std::path::Path;

use suite::workspace;

use super::assert_none;

fn documents() -> Vec<String> {
    workspace::files_like("", ".md")
}

/// Lines outside of fenced code, with their numbers.
fn prose(text: &str) -> Vec<(usize, &str)> {
    let mut fenced = false;
    let mut lines = Vec::new();
    for (index, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if !fenced {
            lines.push((index + 1, line));
        }
    }
    lines
}

fn exists_from(document: &str, target: &str) -> bool {
    let folder = Path::new(document).parent().unwrap_or(Path::new(""));
    workspace::root().join(folder).join(target).exists()
}

#[test]
fn every_path_in_a_document_exists() {
    let mut faults = Vec::new();
    for document in documents() {
        let text = workspace::read(&document);
        for (line, prose) in prose(&text) {
            for path in quoted(prose).filter(|quoted| is_path(&document, quoted)) {
                if !exists_from("", path) && !exists_from(&document, path) {
                    faults.push(format!("{document}:{line}: `{path}`"));
                }
            }
        }
    }
    assert_none("a path that a document names exists", &faults);
}

/// What stands between single backticks.
fn quoted(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

/// What the programs write has the same names everywhere and lies nowhere in the tree.
const WRITTEN: &[&str] =
    &["dist", "public", "private", "target", "templates", ".preview", ".oracles"];

/// Whether a quoted text is a path into the source tree: it has a slash, no placeholder, and begins with a directory of ours.
fn is_path(document: &str, quoted: &str) -> bool {
    let plain = quoted.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte));
    let Some((first, _)) = quoted.split_once('/').filter(|(first, _)| plain && !first.is_empty())
    else {
        return false;
    };
    !WRITTEN.contains(&first) && (exists_from("", first) || exists_from(document, first))
}

#[test]
fn every_link_in_a_document_leads_somewhere() {
    let mut faults = Vec::new();
    for document in documents() {
        let text = workspace::read(&document);
        for (line, prose) in prose(&text) {
            for target in links(prose) {
                let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
                let file_exists = path.is_empty() || exists_from(&document, path);
                let anchored = if path.is_empty() { Some(text.clone()) } else { None };
                let anchor_exists = anchor.is_empty()
                    || anchored
                        .is_none_or(|text| anchors(&text).iter().any(|known| known == anchor));
                if !file_exists || !anchor_exists {
                    faults.push(format!("{document}:{line}: {target}"));
                }
            }
        }
    }
    assert_none("a link in a document leads to a file", &faults);
}

/// Targets of inline links, less those on the web.
fn links(line: &str) -> impl Iterator<Item = &str> {
    let targets = line.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    targets.filter(|target| !target.contains("://") && !target.starts_with("mailto:"))
}

/// Anchors of headings, as the usual Markdown viewers make them.
fn anchors(text: &str) -> Vec<String> {
    let headings = prose(text).into_iter().filter(|(_, line)| line.starts_with('#'));
    headings
        .map(|(_, line)| {
            let title = line.trim_start_matches('#').trim().to_lowercase();
            let kept = title.chars().filter(|sign| sign.is_alphanumeric() || " -_".contains(*sign));
            kept.collect::<String>().replace(' ', "-")
        })
        .collect()
}

#[test]
fn the_changelog_tells_of_this_version() {
    let manifest = workspace::read("Cargo.toml");
    let version = manifest
        .lines()
        .find_map(|line| line.strip_prefix("version = \"")?.strip_suffix('"'))
        .expect("the workspace has a version");
    let changelog = workspace::read("CHANGELOG.md");
    assert!(
        changelog.lines().any(|line| line.starts_with(&format!("## {version}"))),
        "CHANGELOG.md has no section `## {version}`"
    );
}

#[test]
fn the_first_level_is_small_and_explains_itself() {
    let mut entries: Vec<String> = workspace::files()
        .into_iter()
        .map(|name| name.split('/').next().unwrap_or_default().to_owned())
        .filter(|name| !name.starts_with('.'))
        .collect();
    entries.dedup();
    entries.sort();
    entries.dedup();
    assert!(entries.len() <= 16, "{} visible entries at the root: {entries:?}", entries.len());
}

#[test]
fn generated_files_are_what_the_code_says() {
    let mut faults = Vec::new();
    for (name, make) in suite::generate::FILES {
        match make() {
            Ok(text) if text == workspace::read(name) => {}
            Ok(_) => faults.push((*name).to_owned()),
            Err(error) => faults.push(format!("{name}: {error}")),
        }
    }
    assert_none("run `cargo dev generate` and commit what it writes", &faults);
}
