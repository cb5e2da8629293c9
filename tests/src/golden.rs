//! Compares text with a committed file; `UPDATE=1` writes the file instead.

use std::fs;

use crate::workspace;

/// Panics with the first differing line unless the file `relative` holds exactly `actual`.
pub fn check(relative: &str, actual: &str) {
    let path = workspace::path(relative);
    if std::env::var_os("UPDATE").is_some_and(|value| value == "1") {
        let folder = path.parent().expect("a golden file lies in a directory");
        fs::create_dir_all(folder).expect("the directory of a golden file");
        fs::write(&path, actual).unwrap_or_else(|error| panic!("`{relative}`: {error}"));
        return;
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    if expected == actual {
        return;
    }
    let line =
        expected.lines().zip(actual.lines()).take_while(|(left, right)| left == right).count();
    panic!(
        "`{relative}` differs from line {} on; run the same test with UPDATE=1 and review the change\n\
         expected: {}\n  actual: {}",
        line + 1,
        expected.lines().nth(line).unwrap_or("(end of file)"),
        actual.lines().nth(line).unwrap_or("(end of file)"),
    );
}
