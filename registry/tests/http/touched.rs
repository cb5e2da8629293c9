//! For any bytes of a request target: what was authorised is what is touched.
//!
//! A real HTTP server on a pipe gets requests whose targets are made of everything that confuses
//! readers of paths, of arbitrary bytes, and of good targets with a byte changed. The caller may do
//! everything in one repository and nothing elsewhere. Whatever comes back, nothing of another
//! repository is in it, and no other repository has changed; and what is done, is done in the one
//! that was authorised.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

use axum::http::StatusCode;
use bytes::Bytes;
use chart_registry::Options;
use hyper_util::rt::TokioIo;
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::harness::Harness;
use crate::identity::{Given, LIVE, bearer, write};
use crate::oci::{HELM_CHART, HELM_CONFIG, IMAGE, descriptor, digest};
use crate::support::package_of;

/// The repository of the caller, who may do the same below it.
const OURS: &str = "team/a";

/// A virtual repository that the caller may read, and one of whose members it may not: that one comes
/// first, and decides about what it has.
const MERGED: &str = "team/a/all";
const HIDDEN: &str = "team/b";

/// Those of others: around it, beside it, and with names that begin or end like it.
const THEIRS: [&str; 6] = ["", "team", "team/b", "team/ab", "a", "other/team/a"];

const TOKEN: Given = Given { id: "00000000000000b", below: OURS, permission: "administer", ..LIVE };

/// A version that only the caller's repository has.
const ALONE: &str = "1.5.0";

/// What stands in everything of others.
const SECRET: &str = "nobody-else-reads-this";

/// A package whose every part tells whose it is.
fn package(repository: &str, version: &str) -> Bytes {
    let whose = if repository == OURS { "ours" } else { SECRET };
    let chart = format!(
        "apiVersion: v2\nname: org\nversion: {version}\ndescription: {whose} {repository}\n"
    );
    let values = format!("whose: {whose}\nrepository: {repository:?}\n");
    package_of("org", &[("Chart.yaml", chart.as_bytes()), ("values.yaml", values.as_bytes())])
}

/// A request.
#[derive(Debug, Clone)]
struct Asked {
    method: &'static str,
    target: Vec<u8>,
    body: usize,
}

const METHODS: [&str; 6] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

/// Good targets in repositories of others, which the changes below start from.
fn good(repository: &str) -> Vec<String> {
    let slashed = if repository.is_empty() { String::new() } else { format!("/{repository}") };
    let name = if repository.is_empty() { "org".to_owned() } else { format!("{repository}/org") };
    let holder = if repository == MERGED { HIDDEN } else { repository };
    let blob = digest(&package(holder, "1.0.0"));
    vec![
        format!("{slashed}/index.yaml"),
        format!("{slashed}/~latest=1/index.yaml"),
        format!("{slashed}/charts/org-1.0.0.tgz"),
        format!("/api{slashed}/charts"),
        format!("/api{slashed}/charts/org/1.0.0"),
        format!("/api{slashed}/charts/org/1.0.0/values"),
        format!("/-/v1/versions{slashed}/org/1.0.0"),
        format!("/-/v1/versions{slashed}/org/1.0.0/yank"),
        format!("/-/v1/changes{slashed}?since=0"),
        format!("/-/v1/policy{slashed}"),
        format!("/-/v1/tokens{slashed}"),
        format!("/-/v1/releases{slashed}"),
        format!("/v2/{name}/tags/list"),
        format!("/v2/{name}/manifests/1.0.0"),
        format!("/v2/{name}/blobs/{blob}"),
        format!("/v2/{name}/blobs/uploads/"),
        format!("/v2/{OURS}/org/blobs/uploads/?mount={blob}&from={name}"),
        format!("/v2/{OURS}/org/blobs/{blob}"),
        "/v2/_catalog".to_owned(),
        "/metrics".to_owned(),
    ]
}

/// What confuses readers of paths.
const WORDS: &[&str] = &[
    "/",
    "//",
    "team",
    "a",
    "b",
    "ab",
    "deep",
    "other",
    "org",
    "api",
    "charts",
    "v2",
    "-",
    "v1",
    "~latest=3",
    "~full",
    "~",
    ".",
    "..",
    "%2e%2e",
    "%2E.",
    "..;",
    "%2f",
    "%2F",
    "%5c",
    "\\",
    "%00",
    "%0a",
    "%",
    "%zz",
    "%25",
    "%252f",
    "%252e%252e",
    ";",
    "+",
    "?",
    "#",
    "&from=team/b",
    "?mount=",
    "index.yaml",
    "org-1.0.0.tgz",
    "manifests",
    "blobs",
    "uploads",
    "tags",
    "list",
    "1.0.0",
    "prov",
    "values",
    "%61",
    "%74eam",
    "TEAM",
    "%C3%A9",
    "%ff",
    "\u{ff0f}",
    "@",
    ":",
    "http://r/",
    "versions",
    "changes",
    "policy",
    "tokens",
    "releases",
    "*",
    "_catalog",
];

fn targets() -> impl Strategy<Value = Vec<u8>> {
    let word = prop::sample::select(WORDS).prop_map(|word| word.as_bytes().to_vec());
    // What a request line cannot hold ends it, which hyper is asked about as well.
    let byte = any::<u8>().prop_map(|byte| vec![byte]);
    let made = prop::collection::vec(prop_oneof![8 => word.clone(), 1 => byte], 0..12)
        .prop_map(|pieces| [b"/".to_vec(), pieces.concat()].concat());
    let all: Vec<String> = THEIRS.into_iter().chain([OURS, MERGED]).flat_map(good).collect();
    let changed = (
        prop::sample::select(all),
        prop::collection::vec((any::<prop::sample::Index>(), 0..4_u8, word, any::<u8>()), 0..3),
    )
        .prop_map(|(target, edits)| {
            let mut target = target.into_bytes();
            for (place, kind, word, byte) in edits {
                let at = place.index(target.len() + 1);
                match kind {
                    0 => drop(target.splice(at..at, word)),
                    1 if at < target.len() => target[at] = byte,
                    2 if at < target.len() => drop(target.remove(at)),
                    _ => target.truncate(at.max(1)),
                }
            }
            target
        });
    prop_oneof![1 => made, 2 => changed, 1 => prop::collection::vec(any::<u8>(), 0..40)]
}

fn asked() -> impl Strategy<Value = Asked> {
    let method = prop::sample::select(METHODS.to_vec());
    (method, targets(), 0..4_usize).prop_map(|(method, target, body)| Asked {
        method,
        target,
        body,
    })
}

/// Bodies that the routes take: none, a package, a manifest, a reason.
fn bodies() -> [(&'static str, Vec<u8>); 4] {
    let layers = [descriptor(HELM_CHART, &package(OURS, "1.0.0"))];
    let config = descriptor(HELM_CONFIG, b"{}");
    let manifest = serde_json::json!({ "schemaVersion": 2, "mediaType": IMAGE, "config": config, "layers": layers });
    [
        ("text/plain", Vec::new()),
        ("application/gzip", package(OURS, "3.0.0").to_vec()),
        (IMAGE, serde_json::to_vec(&manifest).unwrap()),
        ("application/json", br#"{"reason":"a test"}"#.to_vec()),
    ]
}

struct World {
    harness: Harness,
    /// What repositories of others are, which stays so.
    theirs: Vec<String>,
    /// What no answer to the caller may hold.
    secrets: Vec<Bytes>,
    bodies: [(&'static str, Vec<u8>); 4],
}

impl World {
    async fn new() -> Self {
        let merged = serde_json::json!({ "path": MERGED, "members": [HIDDEN, OURS] });
        let virtuals = vec![serde_json::from_value(merged).unwrap()];
        let options = Options { virtuals, ..Options::default() };
        let harness = Harness::prepared(options, async |at| write(at, &[LIVE, TOKEN]).await).await;
        for repository in THEIRS.into_iter().chain([OURS]) {
            let slashed =
                if repository.is_empty() { String::new() } else { format!("/{repository}") };
            let alone = (repository == OURS).then_some(ALONE);
            for version in ["1.0.0", "2.0.0"].into_iter().chain(alone) {
                let headers = [("authorization", bearer(LIVE.id))];
                let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
                let path = format!("/api{slashed}/charts");
                let body = package(repository, version);
                let answer = harness.send_bytes(("POST", &path), &headers, &body).await;
                assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
            }
        }
        let packages = THEIRS.iter().map(|repository| package(repository, "1.0.0"));
        // They are compressed: what they hold is known by their bytes.
        let secrets = packages.chain([Bytes::from_static(SECRET.as_bytes())]).collect();
        let mut world = Self { harness, theirs: Vec::new(), secrets, bodies: bodies() };
        world.theirs = world.stand();
        world
    }

    /// What stands in the repositories of others.
    fn stand(&self) -> Vec<String> {
        let state = self.harness.registry.state();
        let mut stand: Vec<String> = THEIRS
            .iter()
            .map(|path| {
                let repository = state.repository(path);
                let tags = state.shelf(path, "org").tags();
                let (prefix, policy) = state.policy(path);
                format!("{path:?} {} {tags:?} {prefix:?} {policy:?}", repository.hash())
            })
            .collect();
        let ours = |path: &str| path == OURS || path.starts_with("team/a/");
        stand.extend(state.oci_paths().iter().filter(|path| !ours(path)).map(ToString::to_string));
        stand
    }

    fn leaks(&self, answer: &[u8]) -> bool {
        self.secrets.iter().any(|word| answer.windows(word.len()).any(|window| window == word))
    }

    /// Sends the bytes of a request as they are, and reads all that comes back.
    async fn send(&self, asked: &Asked) -> Vec<u8> {
        let (ours, theirs) = tokio::io::duplex(1 << 16);
        let service = TowerToHyperService::new(self.harness.registry.router());
        let serving = tokio::spawn(async move {
            let server = auto::Builder::new(hyper_util::rt::TokioExecutor::new()).http1_only();
            // A request that hyper does not understand ends the connection.
            drop(server.serve_connection(TokioIo::new(theirs), service).await);
        });
        let (content_type, body) = &self.bodies[asked.body];
        let length = body.len();
        let credential = bearer(TOKEN.id);
        let head = format!(
            " HTTP/1.1\r\nhost: r\r\nconnection: close\r\nauthorization: {credential}\r\n\
             content-type: {content_type}\r\ncontent-length: {length}\r\n\r\n"
        );
        let request =
            [asked.method.as_bytes(), b" ", &asked.target, head.as_bytes(), body].concat();
        let (mut reader, mut writer) = tokio::io::split(ours);
        let mut answer = Vec::new();
        let exchanged = async {
            // It may be refused before all of it was read.
            let (written, read) =
                tokio::join!(writer.write_all(&request), reader.read_to_end(&mut answer));
            drop((written, read));
        };
        let ended = tokio::time::timeout(Duration::from_mins(1), exchanged).await;
        assert!(ended.is_ok(), "no end of the answer to {asked:?}");
        serving.abort();
        answer
    }
}

#[test]
fn whatever_the_bytes_of_a_target_are_nothing_of_other_repositories_is_shown_or_changed() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let world = runtime.block_on(World::new());
    let mut runner = TestRunner::new(ProptestConfig::with_cases(6_000));
    let statuses = RefCell::new(BTreeMap::new());
    let tried = runner.run(&asked(), |asked| {
        let answer = runtime.block_on(world.send(&asked));
        prop_assert!(!world.leaks(&answer), "{}", String::from_utf8_lossy(&answer));
        prop_assert_eq!(world.stand(), world.theirs.clone(), "somebody else's things have changed");
        let status = String::from_utf8_lossy(answer.get(9..12).unwrap_or_default()).into_owned();
        prop_assert!(!status.starts_with("500"), "{}", String::from_utf8_lossy(&answer));
        *statuses.borrow_mut().entry(status).or_insert(0_u32) += 1;
        Ok(())
    });
    tried.unwrap();
    // The generator reaches what there is to reach: successes, refusals and targets that are none.
    let statuses = statuses.into_inner();
    for status in ["200", "400", "403", "404", "405"] {
        let times = statuses.get(status).copied().unwrap_or(0);
        assert!(times >= 20, "{status} came {times} times: {statuses:?}");
    }
}

/// The other side of it: what an administrator does by a good target happens where the target says.
#[test]
fn what_is_done_by_a_target_is_done_in_the_repository_that_it_names() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let world = runtime.block_on(World::new());
    for target in THEIRS.into_iter().chain([MERGED]).flat_map(good) {
        for method in METHODS {
            for body in 0..world.bodies.len() {
                let asked = Asked { method, target: target.clone().into_bytes(), body };
                let answer = runtime.block_on(world.send(&asked));
                assert!(!world.leaks(&answer), "{asked:?}: {}", String::from_utf8_lossy(&answer));
            }
        }
    }
    assert_eq!(world.stand(), world.theirs);
    // And our own is there for us, so that the refusals above are no accident.
    let ours: Vec<_> = good(OURS)
        .into_iter()
        .filter(|target| {
            let asked = Asked { method: "GET", target: target.clone().into_bytes(), body: 0 };
            runtime.block_on(world.send(&asked)).starts_with(b"HTTP/1.1 200")
        })
        .collect();
    assert!(ours.len() >= 10, "{ours:?}");
    // So is the virtual one, without what its hidden member has.
    for (target, status) in [
        (format!("/{MERGED}/charts/org-{ALONE}.tgz"), "200"),
        (format!("/{MERGED}/charts/org-1.0.0.tgz"), "404"),
        (format!("/v2/{MERGED}/org/manifests/{ALONE}"), "200"),
        (format!("/v2/{MERGED}/org/manifests/1.0.0"), "404"),
    ] {
        let asked = Asked { method: "GET", target: target.clone().into_bytes(), body: 0 };
        let answer = runtime.block_on(world.send(&asked));
        assert!(answer[9..].starts_with(status.as_bytes()), "{target} is not {status}");
    }
}
