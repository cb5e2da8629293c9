//! The README's commands are executed here, so that they keep working.
//!
//! Every line of its `sh` blocks is typed into one shell, in order, in a directory that holds the examples. What differs
//! from a user's machine: `cargo run -- …` is the program that this suite built, servers take a free port, and installing
//! programs or running this very suite is only checked by form.

use std::path::Path;

use suite::oracles::Oracle;
use suite::process::run;
use suite::workspace;

use crate::programs;
use crate::server::Server;

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

#[test]
fn what_the_first_command_prints_is_what_the_readme_shows() {
    let folder = folder_with_examples();
    let mut serve = programs::command("chart-builder", folder.path());
    let server =
        Server::start(serve.args(["serve", "examples/article", "--listen", "127.0.0.1:0"]));
    let mut printed = server.said().to_vec();
    if !printed.iter().any(|line| line.starts_with("helm test ")) {
        printed.extend(server.wait_for("helm test "));
    }
    let printed: Vec<String> = printed
        .iter()
        .filter(|line| line.starts_with("kubectl ") || line.starts_with("helm "))
        .map(|line| line.replace(server.url(), "http://127.0.0.1:8879"))
        .collect();
    let readme = workspace::read("README.md");
    let shown = fenced(&readme, "").into_iter().next().expect("what the command prints");
    assert_eq!(printed.join("\n") + "\n", shown);
}

#[test]
fn every_command_of_the_readme_works() {
    let (Some(curl), Some(helm)) = (Oracle::system("curl"), Oracle::helm4()) else { return };
    let folder = folder_with_examples();
    let home = folder.path();
    let mut paths = vec![programs::directory()];
    paths.extend([&curl, &helm].map(|it| it.path().parent().expect("a directory").to_owned()));
    paths.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    let paths = std::env::join_paths(paths).expect("paths without colons");
    let mut registry = None;
    for line in fenced(&workspace::read("README.md"), "sh").join("").lines() {
        match line.split_whitespace().collect::<Vec<_>>().as_slice() {
            [] => {}
            ["cargo", "run", "--", "serve", example] => {
                assert!(home.join(example).is_dir(), "`{example}` is no example");
            }
            ["cargo", "install", "--locked", "--path", package] => {
                assert!(workspace::path(package).join("Cargo.toml").is_file(), "{line}");
            }
            ["chart-registry", "serve", .., "&"] => {
                let storage = home.join("storage");
                std::fs::create_dir(&storage).expect("a storage directory");
                registry = Some(Server::registry(&storage));
            }
            _ => {
                let url = registry.as_ref().map_or("", Server::url);
                let line = line.replace("http://127.0.0.1:8080", url);
                let mut shell = std::process::Command::new("sh");
                shell.args(["-euc", &line]).current_dir(home).env("HOME", home).env("PATH", &paths);
                run(&mut shell).success();
            }
        }
    }
    assert!(home.join("mynetwork/dist/article-1.0.0.tgz").is_file(), "the README builds no chart");
}

#[test]
fn the_two_commands_of_the_set_up_are_there() {
    let readme = workspace::read("README.md");
    for command in ["`cargo run -- serve examples/article`", "`cargo dev test`"] {
        assert!(readme.contains(command), "README.md does not name {command}");
    }
    assert!(workspace::read(".cargo/config.toml").contains("dev = \"run "), "no alias `cargo dev`");
    let manifest = workspace::read("Cargo.toml");
    assert!(
        manifest.contains("default-members = [\"chart-builder/cli\"]"),
        "`cargo run` is another program"
    );
}

fn folder_with_examples() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a directory");
    for name in workspace::files_like("examples/", "/network.yaml") {
        let copy = folder.path().join(&name);
        std::fs::create_dir_all(copy.parent().unwrap_or(Path::new("/"))).expect("a directory");
        std::fs::copy(workspace::path(&name), copy).expect("a copy");
    }
    folder
}

/// Texts of the fenced blocks of one language; none for those that name no language.
fn fenced(text: &str, language: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut open: Option<(String, String)> = None;
    for line in text.lines() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(language)) => open = Some((language.to_owned(), String::new())),
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some((_, block)), None) => block.extend([line, "\n"]),
            (None, None) => {}
        }
    }
    blocks.into_iter().filter(|(found, _)| found == language).map(|(_, block)| block).collect()
}
