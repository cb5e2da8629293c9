//! The program in a process of its own, and requests to it.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};

/// The program, serving.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
    log: BufReader<ChildStderr>,
}

impl Server {
    pub(crate) fn start(storage: &Path) -> Self {
        Self::start_with(storage, &[])
    }

    pub(crate) fn start_with(storage: &Path, arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_chart-registry"));
        command.args(["serve", "--listen", "127.0.0.1:0", "--storage"]).arg(storage);
        Self::of(command.args(arguments))
    }

    /// A command that ends by being the program.
    pub(crate) fn of(command: &mut Command) -> Self {
        command.env("RUST_LOG", "warn,chart_registry::cli=info");
        command.stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let log = BufReader::new(child.stderr.take().unwrap());
        let address = SocketAddr::from(([0, 0, 0, 0], 0));
        let mut server = Self { child, address, log };
        server.address = server.announced_address();
        server
    }

    fn announced_address(&mut self) -> SocketAddr {
        let mut seen = String::new();
        loop {
            let start = seen.len();
            assert_ne!(self.log.read_line(&mut seen).unwrap(), 0, "no address in the log: {seen}");
            if let Some((_, rest)) = seen[start..].split_once("http://") {
                return rest.split_whitespace().next().unwrap().parse().unwrap();
            }
        }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// A field of the process's status, in KiB.
    pub(crate) fn memory(&self, field: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(field)).unwrap();
        line.trim_start_matches(':').trim().trim_end_matches(" kB").parse().unwrap()
    }

    /// SIGKILL, as the kernel's memory killer would.
    pub(crate) fn kill(self) {
        drop(self);
    }

    /// SIGTERM; the program must end with code 0.
    pub(crate) fn stop(self) {
        self.signal("TERM");
        self.ended();
    }

    pub(crate) fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        let signal = format!("-{name}");
        assert!(Command::new("kill").args([&signal, &pid]).status().unwrap().success());
    }

    /// Reads the log up to a line that holds the words.
    pub(crate) fn says(&mut self, words: &str) {
        let mut seen = String::new();
        while !seen.contains(words) {
            assert_ne!(
                self.log.read_line(&mut seen).unwrap(),
                0,
                "no `{words}` in the log: {seen}"
            );
        }
    }

    /// Waits for the end of the program, which must be one with code 0.
    pub(crate) fn ended(mut self) {
        let status = self.child.wait().unwrap();
        let mut rest = String::new();
        self.log.read_to_string(&mut rest).unwrap();
        assert!(status.success(), "{status}: {rest}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself; what matters is that it is gone and waited for.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Sends one request; `None` when the server went away before the whole answer was there.
pub(crate) fn request(address: SocketAddr, head: &str, body: &[u8]) -> Option<(u16, Vec<u8>)> {
    let mut stream = TcpStream::connect(address).ok()?;
    let length = body.len();
    let head = format!(
        "{head} HTTP/1.1\r\nhost: r\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(body).ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = String::from_utf8(answer[..end].to_vec()).ok()?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let body = answer.split_off(end + 4);
    let mut lengths = head.lines().filter_map(|line| line.strip_prefix("content-length: "));
    let announced: Option<usize> = lengths.find_map(|length| length.parse().ok());
    (announced.is_none_or(|length| length == body.len())).then_some((status, body))
}

pub(crate) fn get(address: SocketAddr, path: &str) -> Vec<u8> {
    let (status, body) = request(address, &format!("GET {path}"), b"").unwrap();
    assert_eq!(status, 200, "{path}: {}", String::from_utf8_lossy(&body));
    body
}
