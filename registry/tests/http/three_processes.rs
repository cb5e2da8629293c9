//! Three programs on one directory, all of them publishing: one winner of each version, one history.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::package;

const PROCESSES: usize = 3;
const CLIENTS: usize = 2;
const PUBLISHED_BY_EACH: usize = 30;

/// How long a test waits for what has to come.
const PATIENCE: Duration = Duration::from_mins(1);

pub(crate) struct Process {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Process {
    fn start(storage: &Path) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_chart-registry"));
        command.args(["serve", "--listen", "127.0.0.1:0", "--storage"]).arg(storage);
        Self::of(command.env("RUST_LOG", "off").stdout(Stdio::piped()))
    }

    /// A program that tells its address first.
    pub(crate) fn of(command: &mut Command) -> Self {
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("http://").unwrap().parse().unwrap();
        Self { child, address }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    fn header(&self, name: &str) -> String {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        let values = lines.filter(|(key, _)| key.eq_ignore_ascii_case(name));
        values.map(|(_, value)| value.to_owned()).next().unwrap_or_default()
    }
}

/// One request on a connection of its own; `first` is its first line and further headers.
pub(crate) fn ask(address: SocketAddr, first: &str, body: &[u8]) -> Answer {
    let mut stream = TcpStream::connect(address).unwrap();
    let (line, headers) = first.split_once('\n').unwrap_or((first, ""));
    let length = body.len();
    let head = format!(
        "{line} HTTP/1.1\r\nhost: r\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    let head = String::from_utf8(answer[..end].to_vec()).unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Answer { status, head, body: answer.split_off(end + 4) }
}

/// What a client got for each version: its own text in the package, and the status.
type Outcomes = Vec<(String, String, u16)>;

/// Every third version is one that the other clients publish, too, with other content.
fn publish(address: SocketAddr, client: usize) -> Outcomes {
    let outcomes = (0..PUBLISHED_BY_EACH).map(|number| {
        let name = if number % 3 == 0 { "shared".to_owned() } else { format!("own-{client}") };
        let (version, values) = (format!("1.{number}.0"), format!("client: {client}\n"));
        let answer = ask(address, "POST /api/charts", &package(&name, &version, &values));
        (format!("{name}-{version}"), values, answer.status)
    });
    outcomes.collect()
}

fn all_publish(processes: &[Process]) -> BTreeMap<String, Vec<(String, u16)>> {
    let clients = (0..PROCESSES * CLIENTS).map(|client| {
        let address = processes[client % PROCESSES].address;
        thread::spawn(move || publish(address, client))
    });
    let clients: Vec<_> = clients.collect();
    let mut outcomes: BTreeMap<String, Vec<(String, u16)>> = BTreeMap::new();
    for client in clients {
        for (version, values, status) in client.join().unwrap() {
            outcomes.entry(version).or_default().push((values, status));
        }
    }
    outcomes
}

/// The index that every process serves of the same commit.
fn index(processes: &[Process], seq: &str) -> Value {
    let first = format!("GET /index.yaml\nx-registry-at-least: {seq}\r\n");
    let began = Instant::now();
    let answered = |process: &Process| loop {
        let answer = ask(process.address, &first, b"");
        // Whoever does not come to it in time asks for patience.
        if answer.status != 503 || began.elapsed() > PATIENCE {
            return answer;
        }
    };
    let answers: Vec<_> = processes.iter().map(answered).collect();
    for answer in &answers {
        assert_eq!((answer.status, answer.header("x-registry-seq")), (200, seq.to_owned()));
        assert_eq!(answer.header("etag"), answers[0].header("etag"));
        assert_eq!(answer.body, answers[0].body);
    }
    serde_json::from_slice(&answers[0].body).unwrap()
}

#[test]
fn three_programs_on_one_directory_have_one_history() {
    let storage = tempfile::tempdir().unwrap();
    let mut processes: Vec<_> = (0..PROCESSES).map(|_| Process::start(storage.path())).collect();
    let outcomes = all_publish(&processes);
    let mut winners = BTreeMap::new();
    for (version, published) in &outcomes {
        let won: Vec<_> = published.iter().filter(|(_, status)| *status == 201).collect();
        assert_eq!(won.len(), 1, "{version}: {published:?}");
        let lost = published.iter().filter(|(_, status)| *status == 409).count();
        assert_eq!(lost, published.len() - 1, "{version}: {published:?}");
        winners.insert(version.clone(), won[0].0.clone());
    }

    // The last commit that any of them knows.
    let heads = processes.iter().map(|it| ask(it.address, "GET /-/v1/head", b""));
    let last = heads.map(|head| head.header("x-registry-seq").parse::<u64>().unwrap()).max();
    let last = last.unwrap().to_string();
    let shown = index(&processes, &last);
    let lists = shown["entries"].as_object().unwrap().values();
    let versions = lists.flat_map(|list| list.as_array().unwrap());
    let mut seen = BTreeMap::new();
    for version in versions {
        let text = |name: &str| version[name].as_str().unwrap().to_owned();
        seen.insert(format!("{}-{}", text("name"), text("version")), text("digest"));
    }
    assert!(seen.keys().eq(winners.keys()));
    for (version, values) in &winners {
        let (name, number) = version.rsplit_once('-').unwrap();
        let sent = chart_format::digest::Sha256::of(&package(name, number, values));
        assert_eq!(seen[version], sent.to_string(), "{version} is the winner's");
    }

    // Another start reads the same history.
    processes[0] = Process::start(storage.path());
    assert_eq!(index(&processes, &last), shown);
}

#[test]
fn what_one_program_publishes_the_others_show_soon_without_being_asked() {
    let storage = tempfile::tempdir().unwrap();
    let processes: Vec<_> = (0..PROCESSES).map(|_| Process::start(storage.path())).collect();
    for number in 0..6 {
        let (name, version) = ("org", format!("1.{number}.0"));
        let writer = &processes[number % PROCESSES];
        let posted = ask(writer.address, "POST /api/charts", &package(name, &version, "a: 1\n"));
        assert_eq!(posted.status, 201);
        let published = Instant::now();
        for reader in &processes {
            loop {
                let body = ask(reader.address, "GET /index.yaml", b"").body;
                if String::from_utf8(body).unwrap().contains(&format!("\"{version}\"")) {
                    break;
                }
                // A second on a machine that does nothing else, see `replicas`.
                assert!(published.elapsed() < PATIENCE);
                thread::yield_now();
            }
        }
    }
}
