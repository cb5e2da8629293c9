//! What no committed file may name: machines, mirrors, leftovers.

use suite::workspace;

use super::assert_none;

/// Endings of files whose bytes are not text.
const BINARY: &[&str] = &[".tgz", ".block", ".pb", ".png", ".gz", ".whl"];

/// Text of every tracked file that is text.
fn texts() -> impl Iterator<Item = (String, String)> {
    workspace::files().into_iter().filter_map(|name| {
        let path = workspace::path(&name);
        if BINARY.iter().any(|ending| name.ends_with(ending)) || path.is_dir() {
            return None;
        }
        let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("`{name}`: {error}"));
        String::from_utf8(bytes).ok().map(|text| (name, text))
    })
}

#[test]
fn no_file_names_a_machine_or_a_mirror() {
    // Written in two halves, so that this file does not break its own rule.
    let refused = [
        concat!("/wo", "rk/"),
        concat!("/ro", "ot/"),
        concat!("/ho", "me/"),
        concat!("artifac", "tory"),
        concat!("index.crates", ".io"),
        concat!("static.crates", ".io"),
        concat!("pypi", ".org"),
        concat!("pythonhosted", ".org"),
        concat!("proxy.golang", ".org"),
        concat!("registry.npmjs", ".org"),
        concat!("deb.debian", ".org"),
    ];
    let mut faults = Vec::new();
    for (name, text) in texts() {
        for (index, line) in text.lines().enumerate() {
            for word in refused.iter().filter(|word| line.contains(**word)) {
                faults.push(format!("{name}:{}: `{word}`", index + 1));
            }
        }
    }
    assert_none(
        "a committed file names no path of a machine and no host of a package registry",
        &faults,
    );
}

#[test]
fn text_files_end_with_one_newline_and_no_line_with_blanks() {
    let mut faults = Vec::new();
    for (name, text) in texts() {
        // The licence is its authors' text; diffs and goldens of other programs are theirs.
        if name == "LICENSE" || [".lock", ".golden"].iter().any(|it| name.ends_with(it)) {
            continue;
        }
        if !text.is_empty() && (!text.ends_with('\n') || text.ends_with("\n\n")) {
            faults.push(format!("{name}: ends not with exactly one newline"));
        }
        let trailing = text.lines().position(|line| line.ends_with([' ', '\t', '\r']));
        if let Some(index) = trailing {
            faults.push(format!("{name}:{}: blanks at the end of the line", index + 1));
        }
    }
    assert_none("text files are clean", &faults);
}

#[test]
fn no_private_key_is_committed() {
    let marker = concat!("PRIVATE", " KEY-----");
    let mut faults = Vec::new();
    for (name, text) in texts() {
        // Sources may hold the marker to look for it; a key has a body of base64 on the next line.
        let mut lines = text.lines().skip_while(|line| !line.contains(marker)).skip(1);
        let body = lines.next().unwrap_or_default().trim();
        if body.len() >= 60
            && body.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte))
        {
            faults.push(name);
        }
    }
    assert_none("tests make their keys; none is committed", &faults);
}
