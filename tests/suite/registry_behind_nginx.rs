//! The registry behind a real nginx, below a path of a host: by Helm's classic way and by OCI, when
//! nginx takes the path away and says so, and when it passes everything on as it is.

use std::fs;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use suite::oracles::Oracle;
use suite::package;
use suite::process::{Outcome, run};
use tempfile::TempDir;

use crate::programs;
use crate::server::Server;

/// How long nginx may take to listen.
const PATIENCE: Duration = Duration::from_mins(1);

/// Ports that are tried: each was free a moment before.
const PORTS: usize = 5;

/// nginx takes `/helm` away from the beginning of paths, and behind `/v2`.
const TAKEN_AWAY: &str = "
    proxy_set_header X-Forwarded-For $remote_addr;
    proxy_set_header X-Forwarded-Host $http_host;
    proxy_set_header X-Forwarded-Proto $scheme;
    proxy_set_header X-Forwarded-Prefix /helm;
    location /helm/ { proxy_pass http://UPSTREAM/; }
    location /v2/helm/ { rewrite ^/v2/helm/(.*)$ /v2/$1 break; proxy_pass http://UPSTREAM; }
    location = /v2/ { proxy_pass http://UPSTREAM; }
";

/// nginx passes paths on as they are.
const AS_IT_IS: &str = "
    proxy_set_header Host $http_host;
    location ~ ^/(helm|api/helm|v2)(/|$) { proxy_pass http://UPSTREAM; }
";

/// A running nginx.
struct Nginx {
    child: Child,
    address: SocketAddr,
}

impl Nginx {
    fn start(nginx: &Oracle, folder: &Path, locations: &str) -> Self {
        for _ in 0..PORTS {
            if let Some(started) = Self::try_start(nginx, folder, locations) {
                return started;
            }
        }
        panic!(
            "nginx does not start:\n{}",
            fs::read_to_string(folder.join("error.log")).unwrap_or_default()
        )
    }

    fn try_start(nginx: &Oracle, folder: &Path, locations: &str) -> Option<Self> {
        let free = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = free.local_addr().expect("an address");
        drop(free);
        let place = folder.display();
        let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|kind| format!("{kind}_temp_path {place}/{kind};\n"))
            .concat();
        let text = format!(
            "daemon off;\nmaster_process off;\npid {place}/nginx.pid;\nerror_log {place}/error.log;\nevents {{}}\nhttp \
             {{\naccess_log off;\n{temporary}server {{\nlisten {address};\nclient_max_body_size 0;\nmerge_slashes \
             off;\nproxy_http_version 1.1;\nproxy_set_header Connection \"\";\n{locations}\n}}\n}}\n"
        );
        let file = folder.join("nginx.conf");
        fs::write(&file, text).expect("a file");
        let mut command = Command::new(nginx.path());
        command.arg("-e").arg(folder.join("error.log")).arg("-c").arg(file);
        let child = command.stderr(Stdio::null()).spawn().expect("nginx");
        let mut started = Self { child, address };
        let began = Instant::now();
        while TcpStream::connect(address).is_err() {
            if started.child.try_wait().expect("a child").is_some() {
                return None;
            }
            assert!(began.elapsed() < PATIENCE, "nginx does not listen");
            std::thread::yield_now();
        }
        Some(started)
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// A registry behind nginx, and a package.
struct Setting {
    folder: TempDir,
    curl: Oracle,
    nginx: Nginx,
    _server: Server,
}

impl Setting {
    fn start(arguments: &[&str], locations: &str) -> Option<Self> {
        let (curl, nginx) = (Oracle::system("curl")?, Oracle::system("nginx")?);
        let folder = tempfile::tempdir().expect("a directory");
        let mut command = programs::command("chart-registry", folder.path());
        command.args(["serve", "--listen", "127.0.0.1:0"]).args(arguments);
        let server = Server::start(command.arg("--data").arg(folder.path().join("data")));
        let upstream = server.url().trim_start_matches("http://");
        let nginx = Nginx::start(&nginx, folder.path(), &locations.replace("UPSTREAM", upstream));
        fs::create_dir(folder.path().join("dist")).expect("a directory");
        let metadata = b"apiVersion: v2\nname: demo\nversion: 1.0.0\n";
        let package = package::pack_entries(&[("demo/Chart.yaml", metadata)]);
        fs::write(folder.path().join("dist/demo-1.0.0.tgz"), package).expect("a package");
        Some(Self { folder, curl, nginx, _server: server })
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.nginx.address)
    }

    fn curl(&self, path: &str, arguments: &[&str]) -> Outcome {
        let mut command = self.curl.command(self.folder.path());
        command.args(["--silent", "--show-error", "--fail-with-body", "--max-time", "60"]);
        run(command.args(arguments).arg(self.url(path)))
    }

    /// What every client does below `/helm`.
    fn serves_everybody(&self) {
        let upload = self.curl(
            "/helm/api/team/charts",
            &["--data-binary", "@dist/demo-1.0.0.tgz", "--dump-header", "-"],
        );
        let upload = upload.success().stdout.to_lowercase();
        assert!(upload.contains("location: /helm/team/charts/demo-1.0.0.tgz\r\n"), "{upload}");
        self.curl("/helm/team/charts/demo-1.0.0.tgz", &["--output", "got.tgz"]).success();
        self.equal("got.tgz");

        let mut builder = programs::command("chart-builder", self.folder.path());
        let to = self.url("/helm/other");
        run(builder.args(["publish", "--from", "dist", "--all", "--to", &to])).success();

        let page =
            self.curl("/helm/-/ui/team", &["--header", "Accept: text/html"]).success().stdout;
        assert!(page.contains("href=\"/helm/-/ui/team/charts/demo"), "{page}");
        assert!(page.contains(&self.url("/helm/team")), "{page}");
        let begin = page.find("/helm/-/assets/").expect("a style");
        let style = &page[begin..begin + page[begin..].find('"').expect("a quote")];
        self.curl(style, &["--output", "style"]).success();

        for helm in Oracle::helms() {
            let home = self.folder.path().join(helm.name());
            fs::create_dir(&home).expect("a home");
            let helm = |arguments: &[&str]| run(helm.command(&home).args(arguments)).success();
            let got = format!("{}/demo-1.0.0.tgz", home.file_name().expect("a name").display());
            helm(&["repo", "add", "team", &self.url("/helm/team")]);
            helm(&["pull", "team/demo", "--destination", "."]);
            self.equal(&got);
            fs::remove_file(home.join("demo-1.0.0.tgz")).expect("a file");
            let name = home.file_name().expect("a name").display().to_string();
            let place = format!("oci://{}/helm/{name}", self.nginx.address);
            helm(&["push", "../dist/demo-1.0.0.tgz", &place, "--plain-http"]);
            let chart = format!("{place}/demo");
            helm(&["pull", &chart, "--version", "1.0.0", "--plain-http", "--destination", "."]);
            self.equal(&got);
        }
    }

    fn equal(&self, file: &str) {
        let read = |file: &str| fs::read(self.folder.path().join(file)).expect("a package");
        assert!(read(file) == read("dist/demo-1.0.0.tgz"), "{file} is another package");
    }
}

#[test]
fn below_a_path_that_nginx_takes_away_and_tells() {
    let arguments = ["--trusted-proxy", "127.0.0.0/8"];
    let Some(setting) = Setting::start(&arguments, TAKEN_AWAY) else { return };
    setting.serves_everybody();
}

#[test]
fn below_a_path_that_nginx_passes_on() {
    let Some(setting) = Setting::start(&["--base-path", "helm"], AS_IT_IS) else { return };
    setting.serves_everybody();
}

#[test]
fn a_proxy_that_nobody_named_decides_about_no_link() {
    let Some(setting) = Setting::start(&[], TAKEN_AWAY) else { return };
    let arguments = ["--data-binary", "@dist/demo-1.0.0.tgz", "--dump-header", "-"];
    let upload = setting.curl("/helm/api/team/charts", &arguments).success().stdout.to_lowercase();
    assert!(upload.contains("location: /team/charts/demo-1.0.0.tgz\r\n"), "{upload}");
}
