//! A program that serves HTTP, for one test: started on a free port, ended with the value.

use std::io::{BufRead as _, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use crate::programs;

/// How long a program may take to say its address or a word that a test waits for.
const PATIENCE: Duration = Duration::from_mins(1);

/// A running program and the lines that it prints.
pub(crate) struct Server {
    child: Child,
    lines: Receiver<String>,
    said: Vec<String>,
    url: String,
}

impl Server {
    /// `chart-registry serve` on a storage directory.
    pub(crate) fn registry(storage: &Path) -> Self {
        let mut command = programs::command("chart-registry", storage);
        command.args(["serve", "--listen", "127.0.0.1:0", "--storage"]).arg(storage);
        Self::start(&mut command)
    }

    /// Starts a program and waits until it says where it listens.
    pub(crate) fn start(command: &mut Command) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let (sender, lines) = channel();
        forward(child.stdout.take(), sender.clone());
        forward(child.stderr.take(), sender);
        let mut server = Self { child, lines, said: Vec::new(), url: String::new() };
        server.said = server.wait_for("://127.0.0.1:");
        let line = server.said.last().map_or("", String::as_str);
        let scheme = if line.contains("https://") { "https://" } else { "http://" };
        let address = line.split(scheme).nth(1).unwrap_or_default();
        let end = address.find(|sign: char| !(sign.is_ascii_digit() || ".:".contains(sign)));
        server.url = format!("{scheme}{}", &address[..end.unwrap_or(address.len())]);
        server
    }

    /// The address with the scheme, without a slash at the end.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// What it said until it named its address.
    pub(crate) fn said(&self) -> &[String] {
        &self.said
    }

    /// Lines up to and with the first that holds `text`.
    pub(crate) fn wait_for(&self, text: &str) -> Vec<String> {
        let mut seen = Vec::new();
        loop {
            let line = self.lines.recv_timeout(PATIENCE).unwrap_or_else(|_| {
                panic!("the program does not say `{text}`; it said\n{}", seen.join("\n"))
            });
            let found = line.contains(text);
            seen.push(line);
            if found {
                return seen;
            }
        }
    }

    /// Ends it at once, as a failing machine would.
    pub(crate) fn kill(&mut self) {
        self.child.kill().ok();
        self.child.wait().expect("a program that was started");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

fn forward(stream: Option<impl Read + Send + 'static>, sender: Sender<String>) {
    let Some(stream) = stream else { return };
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
}
