//! The program on a real file system that gets full, and that is mounted read-only.
//!
//! The file system is a small one in memory, in a mount namespace of the program's own, which takes
//! no rights. Where the kernel forbids such namespaces the test says that it did not run.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use bytes::Bytes;
use serde_json::Value;

use crate::server::{Server, get, request};
use crate::support::{incompressible, package};

/// The size of a page: a file system in memory counts in these.
const PAGE: u64 = 4_096;

const MOUNTED: &str = "mount -t tmpfs -o size=4m tmpfs \"$1\" && exec \"$2\" serve \
                       --listen 127.0.0.1:0 --storage \"$1/storage\"";

/// A program with a small file system.
struct Small {
    server: Server,
    /// Where the file system is mounted, inside.
    folder: PathBuf,
}

impl Small {
    #[expect(clippy::print_stderr, reason = "whoever reads the log must see what was not run")]
    fn start(folder: &Path) -> Option<Self> {
        let mut probe = Command::new("unshare");
        probe.args(["--map-root-user", "--mount", "true"]).stderr(Stdio::null());
        if !probe.status().is_ok_and(|status| status.success()) {
            eprintln!("not run: this kernel gives nobody a mount namespace of its own");
            return None;
        }
        let mut command = Command::new("unshare");
        command.args(["--map-root-user", "--mount", "sh", "-c", MOUNTED, "sh"]).arg(folder);
        command.arg(env!("CARGO_BIN_EXE_chart-registry"));
        Some(Self { server: Server::of(&mut command), folder: folder.to_owned() })
    }

    /// A path of the file system as it is seen from outside.
    fn path(&self, name: &str) -> PathBuf {
        let root = PathBuf::from(format!("/proc/{}/root", self.server.id()));
        root.join(self.folder.strip_prefix("/").unwrap()).join(name)
    }

    /// A command inside.
    fn inside(&self, program: &str) -> Command {
        let mut command = Command::new("nsenter");
        let target = self.server.id().to_string();
        command.args(["--preserve-credentials", "--user", "--mount", "--target", &target, program]);
        command
    }

    fn remount(&self, how: &str) {
        let mut command = self.inside("mount");
        let status = command.args(["-o", &format!("remount,{how}")]).arg(&self.folder).status();
        assert!(status.unwrap().success(), "{how}");
    }

    /// Writes a file until there is no room left.
    fn fill(&self) -> File {
        let mut filler = File::create(self.path("filler")).unwrap();
        let page = vec![1; usize::try_from(PAGE).unwrap()];
        loop {
            match filler.write_all(&page) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::StorageFull => return filler,
                Err(error) => panic!("{error}"),
            }
        }
    }

    /// Status and code of an answer.
    fn ask(&self, head: &str, body: &[u8]) -> (u16, String) {
        let (status, body) = request(self.server.address, head, body).unwrap();
        let body: Value = serde_json::from_slice(&body).unwrap_or_default();
        (status, body["code"].as_str().unwrap_or_default().to_owned())
    }

    fn publish(&self, package: &[u8]) -> (u16, String) {
        self.ask("POST /api/charts", package)
    }

    fn assert_served(&self, packages: &[(&str, &Bytes)]) {
        let index = String::from_utf8(get(self.server.address, "/index.yaml")).unwrap();
        for (file, package) in packages {
            assert!(index.contains(*file), "{file} is not in the index");
            assert!(get(self.server.address, &format!("/charts/{file}")) == **package, "{file}");
        }
        assert_eq!(index.matches("\"digest\"").count(), packages.len(), "{index}");
    }
}

fn full() -> (u16, String) {
    (507, "storage-full".to_owned())
}

fn created() -> (u16, String) {
    (201, String::new())
}

/// Larger than what is kept in memory while it comes.
fn large(version: &str) -> Bytes {
    let package = package("large", version, &incompressible(12_000));
    assert!(package.len() > 300 << 10, "{}", package.len());
    package
}

#[test]
fn a_file_system_that_gets_full_and_read_only_is_served_and_takes_writes_again() {
    let folder = tempfile::tempdir().unwrap();
    let Some(small) = Small::start(folder.path()) else { return };
    let (first, second) = (package("org", "1.0.0", "a: 1\n"), large("1.0.0"));
    assert_eq!((small.publish(&first), small.publish(&second)), (created(), created()));
    let mut served = vec![("org-1.0.0.tgz", &first), ("large-1.0.0.tgz", &second)];

    // Full: every write is refused, every read goes on.
    let filler = small.fill();
    let (third, fourth) = (package("org", "1.1.0", "a: 1\n"), large("1.1.0"));
    let yank = "PUT /-/v1/versions/org/1.0.0/yank";
    for _ in 0..2 {
        assert_eq!((small.publish(&third), small.publish(&fourth)), (full(), full()));
        assert_eq!(small.ask(yank, br#"{"reason":"a test"}"#), full());
        assert_eq!(small.ask("DELETE /api/charts/org/1.0.0", b""), full());
        small.assert_served(&served);
        assert_eq!(small.ask("GET /readyz", b"").0, 200);
    }

    // A page more at a time: at last the small one fits, and the large one a hundred pages later.
    for (package, least) in [(&third, 1), (&fourth, 50)] {
        let mut pages = 0;
        while small.publish(package) == full() {
            let length = filler.metadata().unwrap().len();
            filler.set_len(length.checked_sub(PAGE).unwrap()).unwrap();
            pages += 1;
        }
        assert_eq!(small.publish(package), created());
        assert!(pages >= least, "there was room after {pages} pages");
    }
    served.extend([("org-1.1.0.tgz", &third), ("large-1.1.0.tgz", &fourth)]);
    small.assert_served(&served);
    drop(filler);
    fs::remove_file(small.path("filler")).unwrap();

    // Read-only: the running program, and one that starts on it.
    small.remount("ro");
    let refused = (503, "storage-read-only".to_owned());
    let (fifth, sixth) = (package("org", "1.2.0", "a: 1\n"), large("1.2.0"));
    assert_eq!((small.publish(&fifth), small.publish(&sixth)), (refused.clone(), refused.clone()));
    small.assert_served(&served);
    let writable = |address| {
        let ready: Value = serde_json::from_slice(&get(address, "/readyz")).unwrap();
        ready["writable"].clone()
    };
    assert_eq!(writable(small.server.address), false);
    let mut start = small.inside(env!("CARGO_BIN_EXE_chart-registry"));
    start
        .args(["serve", "--listen", "127.0.0.1:0", "--storage"])
        .arg(folder.path().join("storage"));
    let started = Server::of(&mut start);
    assert_eq!(writable(started.address), false);
    let other = Small { server: started, folder: small.folder.clone() };
    other.assert_served(&served);
    assert_eq!(other.publish(&fifth), refused);
    drop(other);

    small.remount("rw");
    assert_eq!((small.publish(&fifth), small.publish(&sixth)), (created(), created()));
    assert_eq!(writable(small.server.address), true);
    let mut verify = Command::new(env!("CARGO_BIN_EXE_chart-registry"));
    let verified = verify.args(["verify", "--data"]).arg(small.path("storage")).output().unwrap();
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));
    small.server.stop();
}
