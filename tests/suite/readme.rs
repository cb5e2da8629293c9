//! The README's commands are executed here, so that they keep working.

use suite::workspace;

#[test]
fn the_topology_on_the_first_screen_is_the_example() {
    let readme = workspace::read("README.md");
    let shown = fenced(&readme, "yaml").into_iter().next().expect("a topology in README.md");
    assert_eq!(shown, workspace::read("examples/article/network.yaml"));
    let line = readme.lines().position(|line| line == "```yaml").expect("a fence");
    assert!(
        line <= 15,
        "the topology begins on line {line} of README.md: it belongs on the first screen"
    );
}

/// Texts of the fenced blocks of one language.
fn fenced(text: &str, language: &str) -> Vec<String> {
    let opening = format!("```{language}\n");
    text.split(opening.as_str())
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap_or_default().to_owned())
        .collect()
}
