//! Programs on a bucket, over a wire: one that cuts, delays, and answers 500, 503, 409, half or
//! nothing; what operators do with a bucket; and what an idle server asks it for.

mod s3;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use bytes::Bytes;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use self::s3::S3;
use crate::commands::{answer, program};
use crate::support::package;
use crate::three_processes::{Process, ask};

const PROCESSES: usize = 3;

/// Versions that each client publishes; three in ten are published by all.
const VERSIONS: usize = 20;

/// How long a client goes on trying, and a test waits for what has to come.
const PATIENCE: Duration = Duration::from_mins(2);

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

fn place(server: &S3, prefix: &str) -> String {
    format!("s3://charts/{prefix}?region=us-east-1&endpoint=http://{}", server.address)
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chart-registry"));
    command.args(arguments).env("AWS_ACCESS_KEY_ID", "id").env("AWS_SECRET_ACCESS_KEY", "secret");
    command
}

fn serve(server: &S3, prefix: &str) -> Process {
    let mut command = command(&["serve", "--listen", "127.0.0.1:0", "--data"]);
    command.arg(place(server, prefix)).env("RUST_LOG", "off").stdout(Stdio::piped());
    Process::of(&mut command)
}

/// Runs a command on a bucket.
fn on_bucket(arguments: &[&str], server: &S3, prefix: &str) -> Output {
    command(arguments).args(["--data", &place(server, prefix)]).output().unwrap()
}

/// Publishes until the server decides; the answers before that must ask for patience.
fn publish(process: &Process, package: &Bytes) -> u16 {
    let began = Instant::now();
    loop {
        let answer = ask(process.address, "POST /api/charts", package);
        if answer.status != 503 {
            return answer.status;
        }
        let body: Value = serde_json::from_slice(&answer.body).unwrap();
        let code = body["code"].as_str().unwrap();
        assert!(["storage-unavailable", "outcome-unknown"].contains(&code), "{body}");
        assert!(began.elapsed() < PATIENCE, "{body}");
    }
}

fn client(process: &Process, number: usize) -> Vec<(String, u16)> {
    let versions = (0..VERSIONS).map(|minor| {
        let name = if minor % 10 < 3 { "shared".to_owned() } else { format!("own-{number}") };
        let version = format!("1.{minor}.0");
        let status = publish(process, &package(&name, &version, &format!("client: {number}\n")));
        (format!("{name} {version}"), status)
    });
    versions.collect()
}

fn head(process: &Process) -> Value {
    let began = Instant::now();
    loop {
        let answer = ask(process.address, "GET /-/v1/head", b"");
        if answer.status == 200 {
            return serde_json::from_slice(&answer.body).unwrap();
        }
        assert!(began.elapsed() < PATIENCE, "{}", String::from_utf8_lossy(&answer.body));
    }
}

/// The index of a process that has a commit.
fn index_at(process: &Process, seq: u64) -> Vec<u8> {
    let began = Instant::now();
    while head(process)["seq"].as_u64() < Some(seq) {
        assert!(began.elapsed() < PATIENCE, "a process does not follow");
    }
    ask(process.address, "GET /index.yaml", b"").body
}

#[test]
fn three_programs_behind_a_wire_that_breaks_have_one_history_and_refuse_nobody_for_its_own() {
    let runtime = runtime();
    let server = S3::start(&runtime);
    let processes: Vec<_> = (0..PROCESSES).map(|_| serve(&server, "wire")).collect();
    server.misbehave(true);
    let outcomes: Vec<(String, u16)> = thread::scope(|scope| {
        let processes = &processes;
        let clients: Vec<_> = (0..PROCESSES)
            .map(|number| scope.spawn(move || client(&processes[number], number)))
            .collect();
        clients.into_iter().flat_map(|client| client.join().unwrap()).collect()
    });
    assert!(server.requests().faults > 100, "{:?}", server.requests());
    server.misbehave(false);
    let mut won: BTreeMap<&str, usize> = BTreeMap::new();
    for (version, status) in &outcomes {
        let allowed: &[u16] = if version.starts_with("own") { &[201] } else { &[201, 409] };
        assert!(allowed.contains(status), "{version}: {status}");
        *won.entry(version).or_default() += usize::from(*status == 201);
    }
    assert!(won.values().all(|winners| *winners == 1), "{won:?}");
    let last = processes.iter().filter_map(|it| head(it)["seq"].as_u64()).max().unwrap();
    let indexes: Vec<_> = processes.iter().map(|process| index_at(process, last)).collect();
    assert!(indexes.iter().all(|index| *index == indexes[0]), "the indexes differ");
    let heads: Vec<_> = processes.iter().map(head).collect();
    assert!(heads.iter().all(|head| head["head"] == heads[0]["head"]), "{heads:?}");
    let fresh = serve(&server, "wire");
    assert!(index_at(&fresh, last) == indexes[0], "a start has another index");
    let found = verified(&server, "wire");
    let counts = (&found["faultCount"], found["versions"].as_u64());
    assert_eq!(counts, (&json!(0), Some(won.len() as u64)), "{found}");
}

/// A bucket with charts, one of them deleted, and an image.
fn fill(server: &S3, prefix: &str) -> (Process, Value) {
    let process = serve(server, prefix);
    for minor in 0..4 {
        let package = package("org", &format!("1.{minor}.0"), "a: 1\n");
        assert_eq!(publish(&process, &package), 201);
    }
    let large = package("large", "1.0.0", &crate::support::incompressible(40_000));
    assert_eq!(publish(&process, &large), 201);
    assert_eq!(ask(process.address, "DELETE /api/charts/org/1.2.0", b"").status, 200);
    let head = head(&process);
    (process, head)
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A flipped bit is found, named and not served; the same package again heals it.
fn damage_and_heal(server: &S3, process: &Process, whole: &Bytes) {
    let mut names = server.names("full/objects/").into_iter();
    let object = names.find(|name| server.read(name) == *whole).unwrap();
    let mut flipped = whole.to_vec();
    flipped[20] ^= 1;
    server.write(&object, flipped.into());
    let found = verified(server, "full");
    let place = object.strip_prefix("full/").unwrap();
    let faults = found["faults"].as_array().unwrap();
    assert!(faults.iter().any(|fault| fault["where"] == *place), "{found}");
    assert_eq!(ask(process.address, "GET /charts/org-1.0.0.tgz", b"").status, 500);
    assert_eq!(publish(process, whole), 201);
    let healed = ask(process.address, "GET /charts/org-1.0.0.tgz", b"");
    assert!(healed.status == 200 && healed.body == *whole);
    assert_eq!(verified(server, "full")["faultCount"], 0);
}

fn verified(server: &S3, prefix: &str) -> Value {
    answer(&on_bucket(&["verify", "--json"], server, prefix))
}

#[test]
fn what_operators_do_with_a_directory_they_do_with_a_bucket() {
    let runtime = runtime();
    let server = S3::start(&runtime);
    let (process, before) = fill(&server, "full");
    let index = ask(process.address, "GET /index.yaml", b"").body;
    let found = verified(&server, "full");
    assert_eq!((&found["faultCount"], &found["versions"]), (&json!(0), &json!(4)), "{found}");
    let whole = package("org", "1.0.0", "a: 1\n");
    damage_and_heal(&server, &process, &whole);

    // Garbage goes when it is old.
    server.age(Duration::from_hours(25));
    let collect = |more: &[&str]| {
        let arguments = [&["gc", "--keep-deleted", "0s", "--pause", "0s"], more].concat();
        answer(&on_bucket(&arguments, &server, "full"))["objects"].clone()
    };
    let collected = (collect(&["--dry-run"]), collect(&[]), collect(&[]));
    assert_eq!(collected, (json!(1), json!(1), json!(0)));
    assert_eq!(verified(&server, "full")["faultCount"], 0);

    // Files for any web server, and a bundle that another storage takes.
    let folder = tempfile::tempdir().unwrap();
    let (files, bundle) = (folder.path().join("files"), folder.path().join("bundle.tar"));
    assert!(on_bucket(&["export", "files", text(&files)], &server, "full").status.success());
    assert_eq!(std::fs::read(files.join("charts/org-1.0.0.tgz")).unwrap(), whole);
    assert!(on_bucket(&["export", "bundle", text(&bundle)], &server, "full").status.success());
    drop(serve(&server, "taken"));
    let taken = on_bucket(&["import", "bundle", text(&bundle), "--json"], &server, "taken");
    assert!(taken.status.success(), "{}", String::from_utf8_lossy(&taken.stderr));
    let found = verified(&server, "taken");
    assert_eq!((&found["faultCount"], &found["versions"]), (&json!(0), &json!(4)), "{found}");

    // From the bucket to a directory, and from there to another bucket: the same registry.
    let directory = folder.path().join("data");
    let mut restore = command(&["restore", &place(&server, "full"), "--data", text(&directory)]);
    let output = restore.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(answer(&program(&["verify", "--json"], &directory))["faultCount"], 0);
    for (from, to) in [(text(&directory), "back"), (&place(&server, "full"), "copy")] {
        let back = on_bucket(&["restore", from], &server, to);
        assert!(back.status.success(), "{}", String::from_utf8_lossy(&back.stderr));
        assert_eq!(verified(&server, to)["faultCount"], 0);
        let restored = serve(&server, to);
        assert_eq!(head(&restored)["head"], before["head"]);
        assert!(ask(restored.address, "GET /index.yaml", b"").body == index);
    }
}

#[test]
fn an_idle_program_lists_nothing_and_writes_nothing() {
    let runtime = runtime();
    let server = S3::start(&runtime);
    let process = serve(&server, "idle");
    assert_eq!(publish(&process, &package("org", "1.0.0", "a: 1\n")), 201);
    // What a start does beside requests is over some time.
    let looks = |count: u64| {
        let (began, before) = (Instant::now(), server.requests().gets);
        while server.requests().gets < before + count {
            assert!(began.elapsed() < PATIENCE, "nobody looks at the journal");
            thread::yield_now();
        }
    };
    let began = Instant::now();
    loop {
        let before = server.requests();
        looks(8);
        let idle = server.requests();
        let changed = |it: s3::Requests| (it.lists, it.puts, it.deletes);
        if changed(idle) == changed(before) {
            return;
        }
        assert!(began.elapsed() < PATIENCE, "an idle program does more than look: {idle:?}");
    }
}
