//! The end of the real program: told before it comes, and nobody who is being served is cut off.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use crate::server::{Server, get, request};
use crate::support::package;

/// A request on a connection that could be used again; the head of its answer.
fn head(address: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nhost: r\r\n\r\n").unwrap();
    let mut seen = Vec::new();
    let mut byte = [0];
    while !seen.ends_with(b"\r\n\r\n") {
        assert_eq!(stream.read(&mut byte).unwrap(), 1, "{}", String::from_utf8_lossy(&seen));
        seen.push(byte[0]);
    }
    String::from_utf8(seen).unwrap().to_lowercase()
}

#[test]
fn after_a_signal_proxies_hear_of_it_while_requests_are_still_taken() {
    let storage = tempfile::tempdir().unwrap();
    let mut server = Server::start_with(storage.path(), &["--drain-delay", "1h"]);
    let address = server.address;
    assert!(head(address, "/readyz").starts_with("http/1.1 200"));
    assert!(!head(address, "/index.yaml").contains("connection: close"));

    server.signal("TERM");
    server.says("requests should go elsewhere");
    let ready = head(address, "/readyz");
    assert!(ready.starts_with("http/1.1 503"), "{ready}");
    assert!(head(address, "/health").starts_with("http/1.1 200"), "a restart is not asked for");
    let index = head(address, "/index.yaml");
    assert!(index.starts_with("http/1.1 200") && index.contains("connection: close"), "{index}");
    let uploaded = request(address, "POST /api/charts", &package("demo", "1.0.0", "a: 1\n"));
    assert_eq!(uploaded.unwrap().0, 201);

    // The second signal ends the wait.
    server.signal("TERM");
    server.says("finishing the running requests");
    server.ended();
    let again = Server::start(storage.path());
    assert!(!get(again.address, "/charts/demo-1.0.0.tgz").is_empty());
    again.stop();
}

/// A request whose body the client has begun to send.
fn begun(address: SocketAddr, package: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    let length = package.len();
    write!(
        stream,
        "POST /api/charts HTTP/1.1\r\nhost: r\r\nexpect: 100-continue\r\ncontent-length: {length}\r\n\r\n"
    )
    .unwrap();
    // When this comes, the handler waits for the body.
    let mut told = [0; 25];
    stream.read_exact(&mut told).unwrap();
    assert_eq!(&told, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream
}

#[test]
fn a_request_that_runs_is_answered_after_the_port_is_closed() {
    let storage = tempfile::tempdir().unwrap();
    let mut server = Server::start_with(storage.path(), &["--drain-delay", "0s"]);
    let package = package("demo", "1.0.0", "a: 1\n");
    let mut upload = begun(server.address, &package);
    server.signal("TERM");
    server.says("finishing the running requests");
    while TcpStream::connect(server.address).is_ok() {
        std::thread::yield_now();
    }
    upload.write_all(&package).unwrap();
    let mut answer = String::new();
    upload.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    server.ended();
    let again = Server::start(storage.path());
    assert!(!get(again.address, "/charts/demo-1.0.0.tgz").is_empty());
}

#[test]
fn a_request_that_does_not_end_in_time_is_cut_off() {
    let storage = tempfile::tempdir().unwrap();
    let arguments = ["--drain-delay", "0s", "--drain", "1s"];
    let mut server = Server::start_with(storage.path(), &arguments);
    let mut upload = begun(server.address, &package("demo", "1.0.0", "a: 1\n"));
    server.signal("INT");
    server.says("SIGINT: finishing the running requests");
    server.ended();
    let mut rest = Vec::new();
    upload.read_to_end(&mut rest).ok();
    assert!(rest.is_empty(), "nothing was acknowledged: {}", String::from_utf8_lossy(&rest));
}
