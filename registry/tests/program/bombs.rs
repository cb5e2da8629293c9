//! Packages that inflate to the limits, many at the same time: memory stays that of two inspections.

use std::thread;

use bytes::Bytes;
use flate2::Compression;

use crate::server::{Server, request};
use crate::support::{gzip, incompressible, package_of};

/// What all of them together may add to the memory of an idle server.
const MOST_KIB: u64 = 64 << 10;

const CHART: &[u8] = b"apiVersion: v2\nname: org\nversion: 1.0.0\n";

/// Two files of almost five mebibytes that compress to half. With eight of them, almost 20 MiB
/// packed, it takes longer and not more memory: a file is searched at a time.
fn at_the_limits() -> Bytes {
    let file = incompressible(70_000);
    let names: Vec<String> = (0..2).map(|number| format!("files/{number}")).collect();
    let mut files = vec![("Chart.yaml", CHART)];
    files.extend(names.iter().map(|name| (name.as_str(), file.as_bytes())));
    package_of("org", &files)
}

/// Archives in archives: the search for keys has to look into all of them.
fn nested() -> Bytes {
    let inner = package_of("x", &[("a", &vec![b'a'; 4_800_000]), ("b", &vec![b'b'; 4_800_000])]);
    let names: Vec<String> = (0..20).map(|number| format!("files/{number}.tgz")).collect();
    let mut files = vec![("Chart.yaml", CHART)];
    files.extend(names.iter().map(|name| (name.as_str(), &inner[..])));
    package_of("org", &files)
}

/// A file whose header is good and whose content never ends.
fn endless() -> Bytes {
    let package = vec![0_u8; 100 << 20];
    gzip(&package, Compression::best())
}

/// How a server that answers early, and closes then, ends a request: with an answer or with none.
fn status(server: &Server, bomb: &[u8]) -> Option<u16> {
    request(server.address, "POST /api/charts?dry-run", bomb).map(|(status, _)| status)
}

/// CVE-2025-32386: an archive inflated to more than eight hundred times its size took all memory.
#[test]
fn eight_at_a_time_cost_the_memory_of_two() {
    let storage = tempfile::tempdir().unwrap();
    let bombs = [("limits", at_the_limits()), ("nested", nested()), ("endless", endless())];
    for (name, bomb) in bombs {
        let server = Server::start(storage.path());
        let idle = server.memory("VmHWM");
        let at_once = || {
            thread::scope(|scope| {
                let start = || scope.spawn(|| status(&server, &bomb));
                let sent: Vec<_> = (0..8).map(|_| start()).collect();
                sent.into_iter().map(|one| one.join().unwrap()).collect::<Vec<_>>()
            })
        };
        let answers = [at_once(), at_once()].concat();
        let taken = answers.iter().filter(|status| **status == Some(200)).count();
        assert_eq!(taken, if name == "limits" { 16 } else { 0 }, "{name}: {answers:?}");
        let most = server.memory("VmHWM") - idle;
        assert!(most < MOST_KIB, "{name}: {most} KiB above {idle} KiB");
        server.stop();
    }
}
