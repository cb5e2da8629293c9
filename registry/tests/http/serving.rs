//! The server on a real socket: limits, and an end that loses nothing.

use std::process::Command;

use chart_registry::{Registry, serve};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

use crate::support::package;

#[tokio::test]
async fn shutdown_answers_the_request_that_runs_and_takes_no_more() {
    let storage = tempfile::tempdir().unwrap();
    let registry = Registry::open(storage.path()).await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(serve(listener, registry.clone(), async { drop(stopped.await) }));

    let package = package("org", "1.0.0", "a: 1\n");
    let mut upload = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST /api/charts HTTP/1.1\r\nhost: r\r\nexpect: 100-continue\r\ncontent-length: {}\r\n\r\n",
        package.len()
    );
    upload.write_all(head.as_bytes()).await.unwrap();
    // The interim answer shows that the handler waits for the body.
    let mut interim = [0; 25];
    upload.read_exact(&mut interim).await.unwrap();
    assert_eq!(&interim[..12], b"HTTP/1.1 100");

    stop.send(()).unwrap();
    while TcpStream::connect(address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    upload.write_all(&package).await.unwrap();
    let mut answer = String::new();
    upload.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    serving.await.unwrap().unwrap();
    assert!(registry.state().repository("").find("org", "1.0.0").is_some());
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_says_nothing_is_closed() {
    let storage = tempfile::tempdir().unwrap();
    let registry = Registry::open(storage.path()).await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = tokio::spawn(serve(listener, registry, std::future::pending()));
    for begin in ["", "GET /index.yaml HTTP/1.1\r\nhost: r\r\n"] {
        let mut silent = TcpStream::connect(address).await.unwrap();
        silent.write_all(begin.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        silent.read_to_end(&mut answer).await.unwrap();
        assert!(!answer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer));
    }
    serving.abort();
}

#[test]
fn the_address_is_told_on_stdout_whatever_is_logged() {
    let storage = tempfile::tempdir().unwrap();
    let mut program = Command::new(env!("CARGO_BIN_EXE_chart-registry"))
        .args(["serve", "--listen", "127.0.0.1:0", "--storage"])
        .arg(storage.path())
        .env("RUST_LOG", "off")
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut stdout = std::io::BufReader::new(program.stdout.take().unwrap());
    std::io::BufRead::read_line(&mut stdout, &mut line).unwrap();
    program.kill().unwrap();
    program.wait().unwrap();
    assert!(line.starts_with("http://127.0.0.1:"), "{line}");
}

#[test]
fn a_storage_that_is_something_else_is_refused_with_its_name() {
    let storage = tempfile::tempdir().unwrap();
    std::fs::write(storage.path().join("index-cache.yaml"), b"").unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_chart-registry"))
        .args(["serve", "--listen", "127.0.0.1:0", "--storage"])
        .arg(storage.path())
        .output()
        .unwrap();
    let log = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{log}");
    assert!(log.contains("index-cache.yaml"), "{log}");
}
