//! Servers as processes of their own: the program that is measured, and nginx beside it.

use std::fmt::Write;
use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The program that is measured; it lies beside the directory of this example.
pub(crate) fn program() -> PathBuf {
    let here = std::env::current_exe().unwrap();
    here.ancestors().nth(2).unwrap().join("chart-registry")
}

/// An address that nobody listens on.
pub(crate) fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

/// A server that ends with its value.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Server {
    /// The registry on a storage.
    pub(crate) fn registry(storage: &Path) -> Self {
        Self::registry_with(storage, &[])
    }

    /// The registry on a storage, with further flags.
    pub(crate) fn registry_with(storage: &Path, flags: &[&str]) -> Self {
        let mut child = Command::new(program())
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(storage)
            .args(flags)
            .env("RUST_LOG", "warn")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("http://").unwrap().parse().unwrap();
        Self { child, address }
    }

    /// nginx with one worker that serves a directory as its defaults and `sendfile` have it; `None`
    /// when there is no nginx.
    pub(crate) fn nginx(root: &Path, folder: &Path) -> Option<Self> {
        Command::new("nginx").arg("-v").stderr(Stdio::null()).status().ok()?;
        let address = free_address();
        let (folder, root) = (folder.display(), root.display());
        let mut lines = format!(
            "daemon off;\nworker_processes 1;\npid {folder}/nginx.pid;\nerror_log {folder}/nginx.log;\n\
             events {{ worker_connections 4096; }}\n\
             http {{\naccess_log off;\nsendfile on;\ntcp_nopush on;\nkeepalive_requests 1000000;\n\
             types {{ application/json json; application/gzip gz tgz; application/yaml yaml; }}\n"
        );
        for path in ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"] {
            writeln!(lines, "{path}_temp_path {folder}/nginx-{path};").unwrap();
        }
        write!(lines, "server {{ listen {address}; location / {{ root {root}; }} }}\n}}\n")
            .unwrap();
        let file = Path::new(&folder.to_string()).join("nginx.conf");
        std::fs::write(&file, lines).unwrap();
        Some(Self::start(Command::new("nginx").arg("-c").arg(file), address))
    }

    /// A program that is there as soon as it listens on its address.
    pub(crate) fn start(command: &mut Command, address: SocketAddr) -> Self {
        let server = Self { child: command.spawn().unwrap(), address };
        let began = Instant::now();
        while TcpStream::connect(address).is_err() {
            assert!(began.elapsed() < Duration::from_secs(30), "{command:?} does not start");
            std::thread::yield_now();
        }
        server
    }

    /// Processor time of the server and its workers, in milliseconds.
    pub(crate) fn processor_ms(&self) -> f64 {
        let own = self.child.id();
        let children = std::fs::read_to_string(format!("/proc/{own}/task/{own}/children"));
        let children = children.unwrap_or_default();
        let workers = children.split_whitespace().filter_map(|pid| pid.parse().ok());
        workers.chain([own]).map(crate::processor_ms_of).sum()
    }

    /// Resident memory in MiB.
    pub(crate) fn resident_mib(&self) -> f64 {
        crate::resident_mib_of(&self.child.id().to_string())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // SIGTERM, so that nginx takes its workers with it.
        let pid = self.child.id().to_string();
        drop(Command::new("kill").args(["-TERM", &pid]).status());
        drop(self.child.wait());
    }
}
