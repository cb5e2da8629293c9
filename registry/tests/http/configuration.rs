//! The configuration as an operator meets it: what is checked, shown and documented.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Command, Output, Stdio};

const REFERENCE: &str = include_str!("../../../docs/registry-settings.md");

/// The program in a directory with a configuration file, and no environment but what is given.
fn run(folder: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chart-registry"));
    command.args(arguments).current_dir(folder).env_clear().envs(environment.iter().copied());
    command.output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn folder(file: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("registry.yaml"), file).unwrap();
    folder
}

#[test]
fn check_tells_all_faults_and_serve_starts_on_none_of_them() {
    let folder = folder("data: storage\nlistn: x\nlimits: {upload: lots}\n");
    for command in [&["config", "check"][..], &["serve"]] {
        let arguments = [command, &["--config", "registry.yaml", "--drain", "soon"]].concat();
        let output = run(folder.path(), &arguments, &[]);
        let told = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{told}");
        for part in ["registry.yaml:2:1", "write `listen`", "registry.yaml:3:18", "`--drain`"] {
            assert!(told.contains(part), "{command:?}: {part}: {told}");
        }
        assert!(!folder.path().join("storage").exists());
    }
}

#[test]
fn check_looks_at_the_files_that_are_named_and_succeeds_without_faults() {
    let folder = folder("data: storage\ntls: {certificate: absent.crt, key: absent.key}\n");
    let arguments = ["config", "check", "--config", "registry.yaml"];
    let output = run(folder.path(), &arguments, &[]);
    let told = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(told.contains("registry.yaml:2:20") && told.contains("absent.crt"), "{told}");

    let environment = [("CHART_REGISTRY_CONFIG", "registry.yaml"), ("INDEX_LIMIT", "2")];
    std::fs::write(folder.path().join("registry.yaml"), "data: storage\n").unwrap();
    let output = run(folder.path(), &["config", "check"], &environment);
    let told = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{told}{}", text(&output.stderr));
    assert!(told.contains("`INDEX_LIMIT`") && told.contains("no faults"), "{told}");
}

#[test]
fn show_tells_every_setting_with_its_source() {
    let folder = folder("data: storage\nread-only: true\n");
    let arguments =
        ["config", "show", "--config", "registry.yaml", "--read-only=false", "--tls-name", "a"];
    let environment = [("CHART_REGISTRY_TLS", "self-signed"), ("CONTEXT_PATH", "/charts")];
    let output = run(folder.path(), &arguments, &environment);
    let told = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let line = |name: &str| {
        let line = told.lines().find(|line| line.split_whitespace().next() == Some(name));
        line.unwrap_or_else(|| panic!("{name}: {told}"))
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(line("data"), "data storage registry.yaml:1:7");
    assert_eq!(line("read-only"), "read-only false flag `--read-only`");
    assert_eq!(line("base-path"), "base-path charts environment variable `CONTEXT_PATH`");
    assert_eq!(line("tls.mode"), "tls.mode self-signed environment variable `CHART_REGISTRY_TLS`");
    assert_eq!(line("drain.limit"), "drain.limit 30s default");
}

#[test]
fn the_file_that_chartmuseum_was_told_is_read_below_its_variables() {
    let folder = folder("data: storage\n");
    let museum = "port: 9000\ncontextpath: charts\nbasicauth: {user: admin, pass: secret}\n";
    std::fs::write(folder.path().join("museum.yaml"), museum).unwrap();
    let arguments = ["config", "show", "--config", "registry.yaml"];
    let environment = [("CONFIG", "museum.yaml"), ("PORT", "9001")];
    let told = text(&run(folder.path(), &arguments, &environment).stdout);
    for part in ["0.0.0.0:9001", "`PORT`", "museum.yaml:2:14", "(secret)", "museum.yaml:3:32"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert!(!told.contains("pass: secret"), "{told}");
    let output = run(folder.path(), &arguments, &[("CONFIG", "absent.yaml")]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("`absent.yaml`"), "{}", text(&output.stderr));
}

#[test]
fn a_configuration_file_that_is_not_there_is_a_fault() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(folder.path(), &["config", "check", "--config", "absent.yaml"], &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("absent.yaml"), "{}", text(&output.stderr));
}

/// The log's line of a request that claims to come from `1.2.3.4`.
fn logged(arguments: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Command::new(env!("CARGO_BIN_EXE_chart-registry"))
        .args(["serve", "--listen", "127.0.0.1:0", "--data", "storage"])
        .args(arguments)
        .current_dir(folder.path())
        .env_clear()
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut address = String::new();
    BufReader::new(server.stdout.take().unwrap()).read_line(&mut address).unwrap();
    let address = address.trim().trim_start_matches("http://").to_owned();
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    let request =
        "GET /info HTTP/1.1\r\nhost: r\r\nx-forwarded-for: 1.2.3.4\r\nconnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).unwrap();
    stream.read_to_end(&mut Vec::new()).unwrap();
    let mut lines = BufReader::new(server.stderr.take().unwrap()).lines().map(Result::unwrap);
    let line = lines.find(|line| line.contains("/info")).unwrap();
    server.kill().unwrap();
    server.wait().unwrap();
    line
}

#[test]
fn only_a_trusted_proxy_says_who_the_client_is() {
    let told = logged(&["--trusted-proxy", "127.0.0.0/8", "--log-format", "json"]);
    assert!(told.contains(r#""client":"1.2.3.4""#), "{told}");
    let told = logged(&["--log-format", "json"]);
    assert!(told.contains(r#""client":"127.0.0.1""#), "{told}");
}

#[test]
fn the_reference_is_what_the_program_knows() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(folder.path(), &["config", "reference"], &[]);
    let told = text(&output.stdout);
    assert!(told == REFERENCE, "run `cargo dev generate` and commit what it writes");
    let help = text(&run(folder.path(), &["serve", "--help"], &[]).stdout);
    for row in chart_registry::settings::TABLE {
        assert!(help.contains(&format!("--{}", row.flag)), "{}: {help}", row.flag);
    }
}
