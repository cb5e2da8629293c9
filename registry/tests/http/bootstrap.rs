//! The first credential, and what a fresh server lets whom do: the program itself, on real addresses.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

fn program(storage: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chart-registry"));
    command.env_clear().args(arguments).arg("--data").arg(storage);
    command
}

fn run(storage: &Path, arguments: &[&str]) -> Output {
    program(storage, arguments).output().unwrap()
}

fn printed(output: &Output) -> String {
    let (out, log) = (&output.stdout, String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{log}");
    String::from_utf8(out.clone()).unwrap().trim_end().to_owned()
}

/// A running server, ended with the value.
struct Running {
    child: Child,
    port: u16,
}

impl Running {
    /// Starts a server; fails when it ends before it says its address.
    fn start(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let port = line.trim_end().rsplit(':').next().unwrap().parse().unwrap();
        Self { child, port }
    }

    fn status(&self, method: &str, path: &str, authorization: Option<&str>) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let header = authorization.map_or(String::new(), |it| format!("authorization: {it}\r\n"));
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: r\r\n{header}content-length: 0\r\nconnection: close\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer.split(' ').nth(1).unwrap_or_default().to_owned()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

const EVERYWHERE: [&str; 3] = ["serve", "--listen", "0.0.0.0:0"];

#[test]
fn the_first_token_is_made_on_the_storage_and_opens_a_server_for_others() {
    let storage = tempfile::tempdir().unwrap();
    let storage = storage.path();
    let log = String::from_utf8(run(storage, &EVERYWHERE).stderr).unwrap();
    assert!(log.contains("chart-registry token create") && log.contains("--anonymous"), "{log}");

    let token = printed(&run(storage, &["token", "create"]));
    let server = Running::start(&mut program(storage, &EVERYWHERE));
    assert_eq!(server.status("GET", "/index.yaml", None), "401");
    assert_eq!(server.status("GET", "/health", None), "200");
    let bearer = format!("Bearer {token}");
    let basic = format!("Basic {}", STANDARD.encode(format!("helm:{token}")));
    assert_eq!(server.status("GET", "/index.yaml", Some(&bearer)), "200");
    assert_eq!(server.status("GET", "/-/v1/tokens", Some(&basic)), "200");

    // Made and revoked beside the running server.
    let create =
        ["token", "create", "--subject", "ci", "--grant", "team=read", "--expires-in", "1h"];
    let second = printed(&run(storage, &create));
    let bearer = format!("Bearer {second}");
    assert_eq!(server.status("GET", "/team/index.yaml", Some(&bearer)), "200");
    assert_eq!(server.status("GET", "/index.yaml", Some(&bearer)), "403");
    let id = second.split('_').nth(1).unwrap();
    let list = printed(&run(storage, &["token", "list"]));
    assert!(list.lines().count() == 2 && list.contains(id) && list.contains("\"by\":\"operator\""));
    assert!(!list.contains(second.splitn(3, '_').nth(2).unwrap()), "a secret is told once");
    assert!(printed(&run(storage, &["token", "revoke", id])).contains("\"revoked\":true"));
    let begun = std::time::Instant::now();
    while server.status("GET", "/team/index.yaml", Some(&bearer)) != "401" {
        assert!(begun.elapsed().as_secs() < 60, "a revoked token still works");
    }
}

#[test]
fn a_directory_that_is_no_storage_gets_no_token() {
    let storage = tempfile::tempdir().unwrap();
    let log = run(&storage.path().join("absent"), &["token", "create"]).stderr;
    assert!(String::from_utf8(log).unwrap().contains("is no storage"));
    std::fs::write(storage.path().join("letter"), b"dear").unwrap();
    assert_eq!(run(storage.path(), &["token", "create"]).status.code(), Some(1));
}

#[test]
fn the_names_of_chartmuseum_for_its_user_are_known() {
    let storage = tempfile::tempdir().unwrap();
    let mut command = program(storage.path(), &EVERYWHERE);
    command.env("BASIC_AUTH_USER", "admin").env("BASIC_AUTH_PASS", "secret");
    let basic = format!("Basic {}", STANDARD.encode("admin:secret"));
    let closed = Running::start(&mut command);
    assert_eq!(closed.status("GET", "/index.yaml", None), "401");
    assert_eq!(closed.status("GET", "/index.yaml", Some(&basic)), "200");
    let open = Running::start(command.env("AUTH_ANONYMOUS_GET", "true"));
    assert_eq!(open.status("GET", "/index.yaml", None), "200");
    assert_eq!(open.status("POST", "/api/charts", None), "401");
    assert_eq!(open.status("POST", "/api/charts", Some(&basic)), "400");
    command.env_remove("BASIC_AUTH_PASS");
    assert_eq!(command.output().unwrap().status.code(), Some(2));
}

#[test]
fn a_file_of_users_is_read_and_all_its_faults_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let mut hash = Command::new(env!("CARGO_BIN_EXE_chart-registry"));
    let mut hash =
        hash.arg("password").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    hash.stdin.take().unwrap().write_all(b"correct horse\n").unwrap();
    let hash = printed(&hash.wait_with_output().unwrap());
    let file = folder.path().join("registry.yaml");
    let users = format!(
        "identity:\n  users:\n  - name: alice\n    password: {hash}\n    grants:\n    - below: team\n      permissions: [read]\n"
    );
    std::fs::write(&file, &users).unwrap();
    let storage = folder.path().join("storage");
    let arguments = ["serve", "--listen", "127.0.0.1:0", "--config", file.to_str().unwrap()];
    let server = Running::start(&mut program(&storage, &arguments));
    let basic = format!("Basic {}", STANDARD.encode("alice:correct horse"));
    assert_eq!(server.status("GET", "/team/index.yaml", Some(&basic)), "200");
    assert_eq!(server.status("GET", "/index.yaml", Some(&basic)), "403");
    assert_eq!(server.status("GET", "/team/index.yaml", None), "401");

    std::fs::write(&file, users.replace(&hash, "secret").replace("[read]", "[write]")).unwrap();
    let output = run(&storage, &arguments);
    let log = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{log}");
    assert!(log.contains("users[0].password") && log.contains("`write`"), "{log}");
    assert!(!log.contains("secret"), "{log}");
}
