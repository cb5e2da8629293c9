//! What real Helm programs say about what this crate writes.
//!
//! Looks for Helm 3 and 4 in the environment variables `HELM3` and `HELM4`, then where the suite
//! of the workspace keeps them.

#![expect(clippy::print_stdout, reason = "a test that did not run must say so")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use chart_format::archive::{Limits, Package, open, pack};
use chart_format::lock::ChartLock;
use chart_format::metadata::{Dependency, ImportValues, Maintainer, Metadata};
use chart_format::name::ChartName;
use chart_format::yaml::{Map, Node, go_json, write};

fn helms() -> Vec<(&'static str, PathBuf)> {
    let mut found = Vec::new();
    for (variable, directory) in [("HELM3", "helm3"), ("HELM4", "helm4")] {
        let fetched = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../.oracles")
            .join(directory)
            .join("helm");
        let path = std::env::var_os(variable).map_or(fetched, PathBuf::from);
        if path.is_file() {
            found.push((directory, path));
        } else {
            assert!(
                std::env::var_os("REQUIRE_ORACLES").is_none(),
                "no {directory}: set {variable} or fetch the oracles",
            );
            println!("not run: no {directory}, set {variable}");
        }
    }
    found
}

/// Runs Helm in a home of its own, and gives its output.
fn run(helm: &Path, home: &Path, arguments: &[&str]) -> String {
    let output = Command::new(helm)
        .args(arguments)
        .current_dir(home)
        .env_clear()
        .env("HOME", home)
        .env("PATH", "/usr/bin:/bin")
        .output()
        .unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "helm {arguments:?}: {error}");
    String::from_utf8(output.stdout).unwrap()
}

fn unpack(package: &Package, directory: &Path) {
    for (path, content) in package.tree().unwrap() {
        let path = directory.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
}

fn name(text: &str) -> ChartName {
    ChartName::parse(text).unwrap()
}

/// A chart that uses every field, with texts that YAML writers get wrong.
fn network() -> Package {
    let version = semver::Version::new(0, 1, 0);
    let subchart = |text: &str| Package {
        values: Some(b"enabled: true\n".to_vec()),
        templates: BTreeMap::from([("x.yaml".to_owned(), b"x: {{ .Values.enabled }}\n".to_vec())]),
        ..Package::new(Metadata::new(name(text), version.clone()))
    };
    let mut metadata =
        Metadata::new(name("network"), semver::Version::parse("1.2.3-rc.1").unwrap());
    metadata.description = Some(
        "A network of three organizations, compiled from one topology: peers, orderers & chaincode #1, \
         \"quoted\" and 'single', longer than any line that is not folded"
            .to_owned(),
    );
    metadata.app_version = Some("2.10".to_owned());
    metadata.home = Some("https://example.com/?a=b&c=d".to_owned());
    metadata.icon = Some("https://example.com/icon.svg".to_owned());
    metadata.kube_version = Some(">=1.25.0-0".to_owned());
    metadata.keywords = ["yes", "1e3", "0x1f", "a: b", "fabric", "- x", "~", "2026-11-25"]
        .map(str::to_owned)
        .to_vec();
    metadata.sources = vec!["https://example.com/source".to_owned()];
    metadata.deprecated = true;
    metadata.maintainers =
        vec![Maintainer { name: Some("Team \u{e9}".to_owned()), ..Maintainer::default() }];
    metadata.annotations = BTreeMap::from([
        ("artifacthub.io/images".to_owned(), "- name: peer\n  image: hyperledger/fabric-peer:2.5\n".to_owned()),
        ("a10".to_owned(), "two\n\nlines".to_owned()),
        ("a2".to_owned(), " led by a blank".to_owned()),
        ("emoji".to_owned(), "\u{1f600} and a very long text that has to be folded somewhere behind the eightieth column of its line".to_owned()),
        ("tab".to_owned(), "a\tb".to_owned()),
    ]);
    for alias in ["org1", "org2"] {
        let mut dependency = Dependency::vendored(name("fabric-org"), &version);
        dependency.alias = Some(alias.to_owned());
        dependency.condition = Some(format!("{alias}.enabled"));
        dependency.tags = vec!["peers".to_owned()];
        dependency.import_values = vec![
            ImportValues::Export("data".to_owned()),
            ImportValues::Table { child: "a<b".to_owned(), parent: "c".to_owned() },
        ];
        metadata.dependencies.push(dependency);
    }
    metadata.dependencies.push(Dependency::vendored(name("fabric-common"), &version));
    Package {
        lock: Some(ChartLock::of_vendored(&metadata.dependencies)),
        values: Some(b"# kept\na: 1\n".to_vec()),
        schema: Some(b"{\"type\": \"object\"}\n".to_vec()),
        templates: BTreeMap::from([
            ("a.b/x.yaml".to_owned(), b"x: 1\n".to_vec()),
            ("a/y.yaml".to_owned(), b"y: 1\n".to_vec()),
            ("NOTES.txt".to_owned(), b"notes\n".to_vec()),
        ]),
        files: BTreeMap::from([
            ("README.md".to_owned(), b"# Network\n".to_vec()),
            (format!("files/{}.txt", "long".repeat(40)), b"long\n".to_vec()),
        ]),
        subcharts: vec![subchart("fabric-org"), subchart("fabric-common")],
        ..Package::new(metadata)
    }
}

/// A package of Helm's from our tree holds the same files with the same bytes, in the same order
/// but for the subcharts, which Helm writes in random order.
#[test]
fn helm_packages_our_tree_into_the_same_files() {
    let ours = pack(&network()).unwrap();
    let ours = open(ours.bytes.as_slice(), &Limits::HELM).unwrap();
    for (label, helm) in helms() {
        let home = tempfile::tempdir().unwrap();
        unpack(&network(), home.path());
        run(&helm, home.path(), &["package", "network"]);
        let bytes = std::fs::read(home.path().join("network-1.2.3-rc.1.tgz")).unwrap();
        let theirs = open(bytes.as_slice(), &Limits::HELM).unwrap();
        assert_eq!(theirs.chart_yaml, ours.chart_yaml, "{label}");
        assert_eq!(theirs.content, ours.content, "{label}");
        let own = |entries: &[chart_format::archive::FileEntry]| -> Vec<String> {
            entries
                .iter()
                .map(|entry| entry.path.clone())
                .filter(|path| !path.contains("/charts/"))
                .collect()
        };
        assert_eq!(own(&theirs.entries), own(&ours.entries), "{label}");
    }
}

#[test]
fn helm_shows_what_we_packed_and_accepts_its_lock() {
    for (label, helm) in helms() {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("network.tgz"), pack(&network()).unwrap().bytes).unwrap();
        let shown = run(&helm, home.path(), &["show", "chart", "network.tgz"]);
        assert_eq!(shown.trim_end(), network().metadata.to_chart_yaml().trim_end(), "{label}");
        assert_eq!(
            run(&helm, home.path(), &["show", "values", "network.tgz"]).trim_end(),
            "# kept\na: 1",
            "{label}"
        );
        unpack(&network(), home.path());
        // Refuses a lock whose digest is not its own.
        run(&helm, home.path(), &["dependency", "build", "network"]);
        // Writes the lock anew: the same dependencies and digest, another time.
        run(&helm, home.path(), &["dependency", "update", "network"]);
        let written = std::fs::read_to_string(home.path().join("network/Chart.lock")).unwrap();
        let ours = network().lock.unwrap().to_yaml();
        let dependencies = |text: &str| text.split("generated:").next().unwrap().to_owned();
        assert_eq!(dependencies(&written), dependencies(&ours), "{label}");
    }
}

/// Texts that some YAML reader takes for something else.
const TRICKY: &[&str] = &[
    "",
    " ",
    "y",
    "Y",
    "n",
    "yes",
    "No",
    "ON",
    "off",
    "true",
    "False",
    "null",
    "NULL",
    "~",
    "1",
    "-1",
    "+1",
    "0",
    "00",
    "0123",
    "0o17",
    "0x1f",
    "0b11",
    "1_000",
    "1e3",
    "1.5",
    ".5",
    "5.",
    "-.inf",
    ".nan",
    "1:30",
    "1:30:45.5",
    "2026-11-25",
    "2026-11-25T10:00:00Z",
    "<<",
    "=",
    "-",
    "- a",
    "?",
    "? a",
    ":",
    ": a",
    "a:",
    "a: b",
    "a #b",
    "#a",
    "a#b",
    "&a",
    "*a",
    "!a",
    "!!str",
    "|",
    ">",
    "%a",
    "@a",
    "`a",
    "[a]",
    "{a}",
    "a,b",
    "'a'",
    "\"a\"",
    "\\",
    "a\\nb",
    " a",
    "a ",
    "a  b",
    "a\nb",
    "a\nb\n",
    "a\nb\n\n",
    "\na",
    " a\nb",
    "a\n b\n",
    "a\n\nb\n",
    "a \nb\n",
    "a\n\tb\n",
    "\ta",
    "a\tb",
    "\r",
    "a\r\nb\n",
    "---",
    "--- a",
    "...",
    "\u{0}",
    "\u{7f}",
    "\u{85}",
    "\u{a0}",
    "\u{2028}",
    "\u{2029}",
    "\u{feff}",
    "\u{feff}a",
    "\u{fffd}",
    "\u{1f600}",
    "é",
    "日本語",
    "{{ .Values.x }}",
    "{{`x`}}",
    "http://x/y?z=1&a=b#c",
    "a/b:c",
    "/etc/x",
    "v1.2.3",
    "<b>&</b>",
    "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
    "key: |\n  block\n",
    "# comment\nkey: v\n",
    "null\n",
    "1\n",
];

fn tricky_values() -> Node {
    let texts: Map =
        TRICKY.iter().enumerate().map(|(index, text)| (format!("t{index:03}"), *text)).collect();
    let keys: Map =
        TRICKY.iter().filter(|text| !text.is_empty()).map(|text| (*text, true)).collect();
    let list: Node = TRICKY.iter().copied().collect();
    let numbers: Node = vec![0_i64, -1, 1 << 53, 12_345_678, 10_000_000_000].into();
    Map::new()
        .with("texts", texts)
        .with("keys", keys)
        .with_comment("list", "Above\nthe list: in two lines\u{2028}and a third", list)
        .with(
            "nested",
            vec![Node::from(
                Map::new()
                    .with_comment("a", "first", vec![vec![1, 2], vec![3]])
                    .with("b", Node::Null),
            )],
        )
        .with("numbers", numbers)
        .with("empty", vec![Node::Map(Map::new()), Node::List(Vec::new())])
        .into()
}

/// Values come out of a template as they went into the writer, and as our own JSON.
#[test]
fn helm_reads_values_back_unchanged() {
    let chart = Package {
        values: Some(write(&tricky_values()).into_bytes()),
        templates: BTreeMap::from([(
            "x.yaml".to_owned(),
            b"{{ range $key, $value := (omit .Values \"global\") }}{{ $key }}={{ toJson $value }}\n{{ end }}".to_vec(),
        )]),
        ..Package::new(Metadata::new(name("tricky"), semver::Version::new(1, 0, 0)))
    };
    for (label, helm) in helms() {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("tricky.tgz"), pack(&chart).unwrap().bytes).unwrap();
        // What the template makes is no manifest, which `--debug` shows all the same.
        let output = Command::new(&helm)
            .args(["template", "tricky.tgz", "--debug"])
            .current_dir(home.path())
            .env_clear()
            .env("HOME", home.path())
            .output()
            .unwrap();
        let output = String::from_utf8_lossy(&output.stdout).into_owned();
        let Node::Map(values) = tricky_values() else { unreachable!("it is a map") };
        for entry in &values {
            let line = format!("{}={}", entry.key, go_json(&entry.value));
            assert!(
                output.lines().any(|found| found == line),
                "{label}: no line {line}\nin {output}"
            );
        }
    }
}

#[test]
fn helm_reads_our_index_in_both_forms() {
    let packed = pack(&network()).unwrap();
    let mut index = chart_format::index::Index::new();
    index
        .add(chart_format::index::Entry {
            metadata: network().metadata,
            urls: vec!["network-1.2.3-rc.1.tgz".to_owned()],
            created: Some("2026-11-25T00:00:00Z".to_owned()),
            digest: packed.digest,
        })
        .unwrap();
    for (label, helm) in helms() {
        for text in [index.to_json(), index.to_yaml()] {
            let home = tempfile::tempdir().unwrap();
            let cache = home.path().join("cache");
            std::fs::create_dir_all(&cache).unwrap();
            std::fs::write(cache.join("x-index.yaml"), &text).unwrap();
            std::fs::write(
                home.path().join("repositories.yaml"),
                "apiVersion: \"\"\ngenerated: \"2026-11-25T00:00:00Z\"\nrepositories:\n- name: x\n  url: http://localhost:1\n",
            )
            .unwrap();
            let found = run(
                &helm,
                home.path(),
                &[
                    "search",
                    "repo",
                    "--devel",
                    "--output",
                    "json",
                    "--repository-cache",
                    "cache",
                    "--repository-config",
                    "repositories.yaml",
                ],
            );
            assert!(
                found.contains(
                    "\"name\":\"x/network\",\"version\":\"1.2.3-rc.1\",\"app_version\":\"2.10\""
                ),
                "{label}: {found}"
            );
        }
    }
}
