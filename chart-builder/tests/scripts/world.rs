//! A temporary directory that stands for a pod and the network around it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Directories of pods that scripts name; each becomes a directory of the world.
const POD_DIRECTORIES: &[&str] = &[
    "/scripts",
    "/desired",
    "/etc/fabric",
    "/tmp",
    "/secrets",
    "/live",
    "/node",
    "/var/hyperledger",
];

/// The end of a round: counts, and ends the script after `ROUNDS` of them.
const COUNTING_ROUND: &str = r#"end_round() {
  echo "$1" >>"$WORLD/rounds"
  [ "$(wc -l <"$WORLD/rounds")" -lt "$ROUNDS" ] || exit 0
}
"#;

pub(crate) struct World {
    directory: tempfile::TempDir,
}

/// What a script said and how it ended.
pub(crate) struct Outcome {
    pub(crate) success: bool,
    pub(crate) text: String,
}

impl World {
    pub(crate) fn new() -> Self {
        let world = Self { directory: tempfile::tempdir().unwrap() };
        for directory in POD_DIRECTORIES {
            fs::create_dir_all(world.path(&format!("pod{directory}"))).unwrap();
        }
        world.write("pod/scripts/round.sh", COUNTING_ROUND);
        for part in ["metrics", "stamp"] {
            let text = world.in_pod(&definition("_scripts.tpl", &format!("{part}.sh")));
            world.write(&format!("pod/scripts/{part}.sh"), &text);
        }
        for part in ["channels", "definitions", "legacy", "updates"] {
            let text = world.in_pod(&chart_file(&format!("fabric-org/files/{part}.sh")));
            world.write(&format!("pod/scripts/{part}.sh"), &text);
        }
        for (program, text) in [
            ("peer", include_str!("peer.sh")),
            ("nc", include_str!("nc.sh")),
            ("httpd", include_str!("httpd.sh")),
            ("nslookup", include_str!("nslookup.sh")),
            ("getent", include_str!("getent.sh")),
            ("curl", include_str!("engine.sh")),
            ("nsenter", include_str!("nsenter.sh")),
            ("kubectl", include_str!("kubectl.sh")),
        ] {
            world.program(program, text);
        }
        world
    }

    /// A program of this name that scripts find before all others.
    pub(crate) fn program(&self, name: &str, text: &str) {
        let file = format!("bin/{name}");
        self.write(&file, text);
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs::set_permissions(self.path(&file), mode).unwrap();
    }

    /// The end of a round, for scripts that do not read it from a file.
    pub(crate) fn round(&self) -> String {
        self.lines("pod/scripts/round.sh").join("\n")
    }

    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.directory.path().join(file)
    }

    pub(crate) fn write(&self, file: &str, text: &str) {
        let path = self.path(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn remove(&self, file: &str) {
        fs::remove_file(self.path(file)).unwrap();
    }

    pub(crate) fn exists(&self, file: &str) -> bool {
        self.path(file).exists()
    }

    /// The lines of a file; none if it is not there.
    pub(crate) fn lines(&self, file: &str) -> Vec<String> {
        let text = fs::read_to_string(self.path(file)).unwrap_or_default();
        text.lines().map(ToOwned::to_owned).collect()
    }

    /// Empties what a pod loses when it dies.
    pub(crate) fn new_pod(&self) {
        let temporary = self.path("pod/tmp");
        fs::remove_dir_all(&temporary).unwrap();
        fs::create_dir_all(&temporary).unwrap();
    }

    /// Runs a script with these variables; it ends after `rounds` rounds at the latest.
    pub(crate) fn run(&self, script: &str, rounds: usize, variables: &[(&str, &str)]) -> Outcome {
        if self.exists("rounds") {
            self.remove("rounds");
        }
        self.write("script.sh", &self.in_pod(script));
        let path = format!("{}:{}", self.path("bin").display(), std::env::var("PATH").unwrap());
        let output = Command::new("sh")
            .arg(self.path("script.sh"))
            .env("PATH", path)
            .env("WORLD", self.directory.path())
            .env("ROUNDS", rounds.to_string())
            .envs(variables.iter().copied())
            .output()
            .unwrap();
        let text = [output.stdout, output.stderr].concat();
        Outcome {
            success: output.status.success(),
            text: String::from_utf8_lossy(&text).into_owned(),
        }
    }

    /// The script with the paths of this world; in two steps, because the world itself lies below a directory like `/tmp`.
    pub(crate) fn in_pod(&self, script: &str) -> String {
        let mut text = script.to_owned();
        for (number, directory) in POD_DIRECTORIES.iter().enumerate() {
            for end in ["/", "\n"] {
                text = text.replace(&format!("{directory}{end}"), &format!("<{number}>{end}"));
            }
        }
        for (number, directory) in POD_DIRECTORIES.iter().enumerate() {
            let own = self.path(&format!("pod{directory}"));
            text = text.replace(&format!("<{number}>"), &own.display().to_string());
        }
        text
    }
}

/// jq is part of the images that run some scripts; a machine without it cannot tell.
pub(crate) fn has_jq() -> bool {
    let found = Command::new("jq").arg("--version").output().is_ok();
    if !found {
        println!("not run: there is no jq on this machine");
    }
    found
}

/// A file of the curated charts.
pub(crate) fn chart_file(path: &str) -> String {
    let charts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../charts");
    fs::read_to_string(charts.join(path)).unwrap()
}

/// The text of a definition in a template of `fabric-common`.
pub(crate) fn definition(file: &str, name: &str) -> String {
    let text = chart_file(&format!("fabric-common/templates/{file}"));
    let start = format!("{{{{- define \"fabric-common.{name}\" -}}}}\n");
    let (_, rest) = text.split_once(&start).unwrap();
    rest.split_once("{{- end -}}").unwrap().0.to_owned()
}
