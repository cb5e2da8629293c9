//! The program with a configuration file, whose log goes to a file.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// The program, serving.
pub(crate) struct Logged {
    child: Child,
    pub(crate) address: SocketAddr,
    log: PathBuf,
}

/// An answer, with its head in lower case.
pub(crate) struct Got {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

/// The program with these arguments, with nothing of the tests' environment.
pub(crate) fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chart-registry"));
    command.args(arguments).env_clear();
    command
}

impl Logged {
    /// Serves on a free port what `arguments` say, with everything in its log.
    pub(crate) fn start(arguments: &[&str], environment: &[(&str, &str)], log: &Path) -> Self {
        let mut command = program(&["serve", "--listen", "127.0.0.1:0"]);
        command.args(arguments).envs(environment.iter().copied()).env("RUST_LOG", "trace");
        let file = File::create(log).unwrap();
        let mut child = command.stdout(Stdio::piped()).stderr(file).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().split_once("://").and_then(|(_, address)| address.parse().ok());
        let told = || fs::read_to_string(log).unwrap_or_default();
        let address = address.unwrap_or_else(|| panic!("no address: {}", told()));
        Self { child, address, log: log.to_owned() }
    }

    /// One request on a connection of its own; `headers` are lines.
    pub(crate) fn ask(&self, first: &str, headers: &str, body: &[u8]) -> Got {
        let mut stream = TcpStream::connect(self.address).unwrap();
        let length = body.len();
        let head = format!(
            "{first} HTTP/1.1\r\nhost: r\r\nconnection: close\r\ncontent-length: {length}\r\n\
             {headers}\r\n"
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(body).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap();
        Got { status, head: head.to_ascii_lowercase(), body: body.to_owned() }
    }

    /// Ends the program in order; its whole log.
    pub(crate) fn stop(mut self) -> String {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        assert!(self.child.wait().unwrap().success());
        fs::read_to_string(&self.log).unwrap()
    }
}

impl Drop for Logged {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
