//! Shape and manners of Rust files.

use suite::workspace;

use super::assert_none;

const MAX_FILE_LINES: usize = 400;
const MAX_FUNCTION_LINES: usize = 60;

/// Files that may be longer, each with the reason.
const LONG_FILES: &[(&str, &str)] = &[];

/// Files that may wait for time to pass, each with the reason.
const WAITING_FILES: &[(&str, &str)] = &[
    (
        "chart-builder/cli/src/commands/publish/client.rs",
        "a registry that is stopping or overloaded can only be asked again, later",
    ),
    (
        "registry/src/bodies.rs",
        "what slow readers hold is told by nothing and grows meanwhile: it is looked at",
    ),
    (
        "registry/store/src/bucket/attempts.rs",
        "a bucket that is overloaded can only be asked again, later",
    ),
    (
        "registry/store/src/journal/mod.rs",
        "a write that is in flight on a bucket can only be asked for again",
    ),
    ("registry/src/paced.rs", "that a peer takes nothing is told by nothing but time"),
    ("registry/src/server.rs", "accept fails for want of descriptors until a connection closes"),
    (
        "registry/store/src/simulation/bucket.rs",
        "how far a simulated bucket is away is time and nothing else, and virtual",
    ),
];

/// A Rust file with its inline test module cut off.
pub(super) struct Source {
    pub(super) name: String,
    pub(super) lines: Vec<String>,
}

impl Source {
    /// `name:line`.
    fn place(&self, index: usize) -> String {
        format!("{}:{}", self.name, index + 1)
    }

    /// Lines that are no comments, with their index.
    pub(super) fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = self.lines.iter().enumerate();
        lines.map(|(index, line)| (index, line.trim())).filter(|(_, line)| !line.starts_with("//"))
    }
}

/// Production code: no test module, inline or in a file, and nothing of the suite.
pub(super) fn production() -> Vec<Source> {
    let tests = test_modules();
    let mut names = workspace::files_like("", ".rs");
    names.retain(|name| !is_test(name, &tests));
    names.into_iter().map(|name| Source { lines: without_tests(&name), name }).collect()
}

fn is_test(name: &str, modules: &[String]) -> bool {
    let of_tests = ["/tests/", "/benches/", "/examples/"].iter().any(|it| name.contains(it));
    let path = name.trim_end_matches(".rs").trim_end_matches("/mod");
    let below = |module: &String| {
        path.strip_prefix(module.as_str()).is_some_and(|it| it.is_empty() || it.starts_with('/'))
    };
    name.starts_with("tests/") || of_tests || modules.iter().any(below)
}

/// Modules in files of their own that stand behind `#[cfg(test)]`: paths without `.rs`.
fn test_modules() -> Vec<String> {
    let mut modules = Vec::new();
    for name in workspace::files_like("", ".rs") {
        let Some((folder, file)) = name.rsplit_once('/') else { continue };
        let stem = file.trim_end_matches(".rs");
        let folder = if matches!(stem, "mod" | "lib" | "main") {
            folder.to_owned()
        } else {
            format!("{folder}/{stem}")
        };
        let text = workspace::read(&name);
        for rest in text.split("#[cfg(test)]\n").skip(1) {
            let line = rest.lines().next().unwrap_or_default().trim();
            if let Some(file) = line.strip_prefix("#[path = \"") {
                let parent = name.rsplit_once('/').map_or("", |(parent, _)| parent);
                modules.push(format!("{parent}/{}", file.trim_end_matches(".rs\"]")));
            } else if let Some((_, module)) = line.trim_end_matches(';').rsplit_once("mod ") {
                modules.push(format!("{folder}/{module}"));
            }
        }
    }
    modules
}

/// Lines up to the inline test module, which stands last in every file.
fn without_tests(name: &str) -> Vec<String> {
    let text = workspace::read(name);
    let lines: Vec<&str> = text.lines().collect();
    let end = (0..lines.len())
        .find(|&index| {
            lines[index] == "#[cfg(test)]"
                && lines.get(index + 1).is_some_and(|next| next.starts_with("mod tests {"))
        })
        .unwrap_or(lines.len());
    lines[..end].iter().map(|line| (*line).to_owned()).collect()
}

#[test]
fn files_are_short() {
    let mut faults = Vec::new();
    for name in workspace::files_like("", ".rs") {
        let lines = workspace::read(&name).lines().count();
        let excused = LONG_FILES.iter().any(|(long, _)| *long == name);
        if lines > MAX_FILE_LINES && !excused {
            faults.push(format!("{name} has {lines} lines"));
        }
        if lines <= MAX_FILE_LINES && excused {
            faults.push(format!("{name} is short again: take it off the list"));
        }
    }
    assert_none("a Rust file has at most 400 lines: split it by idea", &faults);
}

#[test]
fn functions_are_short() {
    let mut faults = Vec::new();
    for source in production() {
        for (start, length) in functions(&source.lines) {
            if length > MAX_FUNCTION_LINES {
                faults.push(format!("{} has {length} lines", source.place(start)));
            }
        }
    }
    assert_none("a function has at most 60 lines: give its steps names", &faults);
}

/// Start and length of every function, as rustfmt lays them out: the end has the indentation of the start.
fn functions(lines: &[String]) -> Vec<(usize, usize)> {
    let starts = lines.iter().enumerate().filter(|(_, line)| {
        let line = line.trim_start();
        let word = line.find("fn ").filter(|&at| {
            line[..at]
                .split_whitespace()
                .all(|word| matches!(word, "pub" | "const" | "async") || word.starts_with("pub("))
        });
        word.is_some() && !line.ends_with(['}', ';'])
    });
    let length = |start: usize| {
        let indent = lines[start].len() - lines[start].trim_start().len();
        let end = format!("{}}}", " ".repeat(indent));
        lines[start..].iter().position(|line| *line == end).map_or(1, |offset| offset + 1)
    };
    starts.map(|(start, _)| (start, length(start))).collect()
}

#[test]
fn modules_say_what_they_are_for() {
    let tests = test_modules();
    let mut faults = workspace::files_like("", ".rs");
    faults.retain(|name| !is_test(name, &tests) || name.starts_with("tests/"));
    faults.retain(|name| !workspace::read(name).starts_with("//!"));
    assert_none("a Rust file, but for unit tests, begins with `//!` and what it is for", &faults);
}

#[test]
fn production_code_neither_panics_nor_silences_lints() {
    const REFUSED: &[&str] = &[
        ".unwrap()",
        "panic!(",
        "todo!(",
        "unimplemented!(",
        "dbg!(",
        "#[allow(",
        "#![allow(",
        "TODO",
        "FIXME",
    ];
    let mut faults = Vec::new();
    for source in production() {
        for (index, line) in source.code() {
            for refused in REFUSED.iter().filter(|refused| line.contains(**refused)) {
                faults.push(format!("{}: `{refused}`", source.place(index)));
            }
            let expectation =
                source.lines[..index].join("\n").contains("clippy::expect_used, reason");
            if line.contains(".expect(\"") && !expectation {
                faults.push(format!("{}: `expect` without a reason", source.place(index)));
            }
        }
    }
    assert_none(
        "production code returns errors, and `#[expect(lint, reason)]` stands for `#[allow]`",
        &faults,
    );
}

#[test]
fn nothing_sleeps() {
    let refused = ["thread", "time", "tokio::time"].map(|module| format!("{module}::sleep("));
    let mut faults = Vec::new();
    for name in workspace::files_like("", ".rs") {
        if WAITING_FILES.iter().any(|(file, _)| *file == name) {
            continue;
        }
        for (index, line) in workspace::read(&name).lines().enumerate() {
            if refused.iter().any(|call| line.contains(call.as_str())) {
                faults.push(format!("{name}:{}", index + 1));
            }
        }
    }
    assert_none("wait for the event itself, with a deadline", &faults);
}

#[test]
fn tests_are_neither_ignored_nor_expected_to_panic() {
    let refused = ["ignore", "should_panic"].map(|word| format!("#[{word}"));
    let mut faults = Vec::new();
    for name in workspace::files_like("", ".rs") {
        for (index, line) in workspace::read(&name).lines().enumerate() {
            if refused.iter().any(|attribute| line.trim().starts_with(attribute.as_str())) {
                faults.push(format!("{name}:{}", index + 1));
            }
        }
    }
    assert_none("a test runs and checks an answer", &faults);
}

#[test]
fn names_say_what_a_module_holds() {
    const EMPTY: &[&str] = &["util", "utils", "helper", "helpers", "manager", "misc", "common"];
    let mut faults = workspace::files_like("", ".rs");
    faults.retain(|name| {
        let stem = name.trim_end_matches(".rs").trim_end_matches("/mod");
        stem.split('/').any(|part| EMPTY.contains(&part))
    });
    assert_none("a module has a name that says what it holds", &faults);
}

#[test]
fn every_file_belongs_to_a_crate() {
    let mut faults = Vec::new();
    for name in workspace::files_like("", ".rs") {
        let stem = name.trim_end_matches(".rs").trim_end_matches("/mod");
        let Some((folder, module)) = stem.rsplit_once('/') else { continue };
        let found_by_cargo = ["/bin", "/tests", "/examples", "/benches"];
        let is_root = matches!(module, "lib" | "main" | "build")
            || found_by_cargo.iter().any(|it| folder.ends_with(it));
        let declaration = format!("mod {module};");
        let declared = ["mod.rs", "lib.rs", "main.rs"].iter().any(|parent| {
            let parent = format!("{folder}/{parent}");
            workspace::path(&parent).is_file() && workspace::read(&parent).contains(&declaration)
        }) || (workspace::path(&format!("{folder}.rs")).is_file()
            && workspace::read(&format!("{folder}.rs")).contains(&declaration));
        if !is_root && !declared && !is_named(&name) {
            faults.push(name);
        }
    }
    assert_none(
        "a Rust file is declared as a module in its directory's mod.rs, lib.rs or main.rs",
        &faults,
    );
}

/// Whether a manifest names the file as a target of its own, or a `#[path]` beside it as a module.
fn is_named(name: &str) -> bool {
    let by_manifest = workspace::files_like("", "Cargo.toml").iter().any(|manifest| {
        let folder = manifest.trim_end_matches("Cargo.toml");
        name.strip_prefix(folder)
            .is_some_and(|path| workspace::read(manifest).contains(&format!("path = \"{path}\"")))
    });
    let (folder, file) = name.rsplit_once('/').unwrap_or(("", name));
    let attribute = format!("#[path = \"{file}\"]");
    let beside = workspace::files_like(&format!("{folder}/"), ".rs");
    by_manifest || beside.iter().any(|other| workspace::read(other).contains(&attribute))
}
