use std::collections::BTreeMap;
use std::io::{self, Read, Write};

use flate2::Compression;
use flate2::write::GzEncoder;

use super::*;
use crate::lock::ChartLock;
use crate::metadata::{Dependency, Metadata};
use crate::name::ChartName;

mod refusals;

const CHART_YAML: &str = "apiVersion: v2\nname: demo\nversion: 0.1.0\n";

/// A tar header with a right checksum.
fn header(path: &str, size: usize, kind: u8) -> Vec<u8> {
    let mut block = vec![0; 512];
    block[..path.len()].copy_from_slice(path.as_bytes());
    block[100..108].copy_from_slice(b"0000644\0");
    block[124..136].copy_from_slice(format!("{size:011o}\0").as_bytes());
    block[156] = kind;
    block[257..263].copy_from_slice(b"ustar\0");
    seal(&mut block);
    block
}

fn seal(block: &mut [u8]) {
    block[148..156].copy_from_slice(b"        ");
    let sum: u32 = block[..512].iter().map(|byte| u32::from(*byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
}

fn tar_entry(path: &str, content: &[u8], kind: u8) -> Vec<u8> {
    let mut bytes = header(path, content.len(), kind);
    bytes.extend_from_slice(content);
    bytes.resize(bytes.len().next_multiple_of(512), 0);
    bytes
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn tgz(entries: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = entries.concat();
    bytes.extend_from_slice(&[0; 1024]);
    gzip(&bytes)
}

fn file(path: &str, content: &str) -> Vec<u8> {
    tar_entry(path, content.as_bytes(), b'0')
}

fn chart_yaml() -> Vec<u8> {
    file("demo/Chart.yaml", CHART_YAML)
}

fn refusal(package: &[u8]) -> Refusal {
    match open(package, &Limits::HELM) {
        Err(OpenError::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

/// The message of what is refused beside a good Chart.yaml.
fn message(entry: Vec<u8>) -> String {
    refusal(&tgz(&[chart_yaml(), entry])).to_string()
}

fn package() -> Package {
    let common = Package {
        values: Some(b"a: 1\n".to_vec()),
        templates: BTreeMap::from([("_helpers.tpl".to_owned(), b"{{/* */}}\n".to_vec())]),
        ..Package::new(Metadata::new(
            ChartName::parse("common").unwrap(),
            semver::Version::new(0, 1, 0),
        ))
    };
    let mut metadata =
        Metadata::new(ChartName::parse("demo").unwrap(), semver::Version::new(1, 0, 0));
    metadata.dependencies = vec![Dependency::vendored(
        common.metadata.name.clone(),
        common.metadata.version.precedence(),
    )];
    Package {
        lock: Some(ChartLock::of_vendored(&metadata.dependencies)),
        values: Some(b"# comment\nb: 2\n".to_vec()),
        schema: Some(b"{}\n".to_vec()),
        templates: BTreeMap::from([
            ("a.b/x.yaml".to_owned(), b"x: 1\n".to_vec()),
            ("a/y.yaml".to_owned(), b"y: 1\n".to_vec()),
        ]),
        files: BTreeMap::from([
            ("README.md".to_owned(), b"# Demo\n".to_vec()),
            ("files/network.json".to_owned(), b"{}\n".to_vec()),
            (format!("files/{}.txt", "long".repeat(40)), b"long\n".to_vec()),
        ]),
        subcharts: vec![common],
        ..Package::new(metadata)
    }
}

#[test]
fn what_is_packed_opens_with_the_same_content() {
    let packed = pack(&package()).unwrap();
    let opened = open(packed.bytes.as_slice(), &Limits::HELM).unwrap();
    assert_eq!(opened.metadata, package().metadata);
    assert_eq!((opened.digest, opened.content), (packed.digest, packed.content));
    assert_eq!(opened.size, packed.bytes.len() as u64);
    assert_eq!(opened.values.text(), Some("# comment\nb: 2\n"));
    assert_eq!(opened.readme.text(), Some("# Demo\n"));
    assert_eq!(opened.schema.text(), Some("{}\n"));
    assert_eq!(opened.network.text(), Some("{}\n"));
    let tree = package().tree().unwrap();
    let listed: BTreeMap<_, _> =
        opened.entries.iter().map(|entry| (entry.path.clone(), entry.digest)).collect();
    let written: BTreeMap<_, _> = tree
        .iter()
        .map(|(path, content)| (path.clone(), crate::digest::Sha256::of(content)))
        .collect();
    assert_eq!(listed, written);
}

#[test]
fn files_stand_in_helms_order() {
    let packed = pack(&package()).unwrap();
    let opened = open(packed.bytes.as_slice(), &Limits::HELM).unwrap();
    let paths: Vec<&str> = opened.entries.iter().map(|entry| entry.path.as_str()).collect();
    let long = format!("demo/files/{}.txt", "long".repeat(40));
    assert_eq!(
        paths,
        [
            "demo/Chart.yaml",
            "demo/Chart.lock",
            "demo/values.yaml",
            "demo/values.schema.json",
            "demo/templates/a/y.yaml",
            "demo/templates/a.b/x.yaml",
            "demo/README.md",
            &long,
            "demo/files/network.json",
            "demo/charts/common/Chart.yaml",
            "demo/charts/common/values.yaml",
            "demo/charts/common/templates/_helpers.tpl",
        ]
    );
}

/// The bytes may change only with the compressor, on purpose.
#[test]
fn packing_is_reproducible_to_the_byte() {
    let packed = pack(&package()).unwrap();
    assert_eq!(packed, pack(&package()).unwrap());
    assert_eq!(packed.bytes[..10], [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
    let mut sorted: Vec<(String, Vec<u8>)> = package().tree().unwrap().into_iter().collect();
    sorted.sort();
    let listing: Vec<String> = sorted
        .iter()
        .map(|(path, content)| format!("{}  {path}\n", crate::digest::Sha256::of(content)))
        .collect();
    let listing = listing.concat();
    assert_eq!(packed.content, crate::digest::Sha256::of(listing.as_bytes()));
}

#[test]
fn a_tree_gives_the_package_that_wrote_it() {
    let tree: BTreeMap<String, Vec<u8>> = package()
        .tree()
        .unwrap()
        .into_iter()
        .map(|(path, content)| (path.strip_prefix("demo/").unwrap().to_owned(), content))
        .collect();
    assert_eq!(Package::from_tree(tree), Ok(package()));
}

#[test]
fn content_has_one_digest_however_it_is_packed() {
    let values = file("demo/values.yaml", "a: 1\n");
    let one = open(tgz(&[chart_yaml(), values.clone()]).as_slice(), &Limits::HELM).unwrap();
    let directory = tar_entry("demo/", b"", b'5');
    let other = open(tgz(&[directory, values, chart_yaml()]).as_slice(), &Limits::HELM).unwrap();
    assert_eq!(one.content, other.content);
    assert_ne!(one.digest, other.digest);
}

#[test]
fn long_names_of_go_and_gnu_are_read() {
    let path = format!("demo/files/{}/x", "a".repeat(120));
    let gnu = [
        tar_entry("././@LongLink", format!("{path}\0").as_bytes(), b'L'),
        file("demo/files/aaa", "x"),
    ]
    .concat();
    let record = format!(" path={path}\n");
    let record = format!("{}{record}", record.len() + 3);
    let pax = [tar_entry("x", record.as_bytes(), b'x'), file("demo/files/aaa", "x")].concat();
    let mut prefixed = header("x", 0, b'0');
    prefixed[345..345 + path.len() - 2].copy_from_slice(&path.as_bytes()[..path.len() - 2]);
    seal(&mut prefixed);
    for entry in [gnu, pax, prefixed] {
        let opened = open(tgz(&[chart_yaml(), entry]).as_slice(), &Limits::HELM).unwrap();
        assert_eq!(opened.entries[1].path, path);
    }
}

#[test]
fn documents_that_cannot_be_shown_are_named() {
    let few = Limits { text_bytes: 4, ..Limits::HELM };
    let package = tgz(&[
        chart_yaml(),
        file("demo/readme.MD", "12345"),
        tar_entry("demo/values.yaml", b"\xff", b'0'),
    ]);
    let opened = open(package.as_slice(), &few).unwrap();
    assert_eq!(
        (opened.readme, opened.values, opened.schema),
        (Document::TooLarge, Document::NotText, Document::Absent)
    );
}

#[test]
fn a_source_that_fails_is_no_refusal() {
    struct Failing(Vec<u8>);
    impl Read for Failing {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            if self.0.is_empty() {
                return Err(io::Error::other("disk"));
            }
            let length = self.0.len().min(buffer.len());
            buffer[..length].copy_from_slice(&self.0[..length]);
            self.0.drain(..length);
            Ok(length)
        }
    }
    let good = tgz(&[chart_yaml()]);
    for length in [0, 1, 20, good.len()] {
        let Err(OpenError::Source(error)) = open(Failing(good[..length].to_vec()), &Limits::HELM)
        else {
            panic!("{length}")
        };
        assert_eq!(error.to_string(), "disk");
    }
}

#[test]
fn packing_reports_every_fault() {
    let mut package = package();
    package.values = Some(b"a: 1".to_vec());
    package.schema = Some(b"{".to_vec());
    package.files.insert("../x".to_owned(), Vec::new());
    package.files.insert("values.yaml".to_owned(), Vec::new());
    package.files.insert("large".to_owned(), vec![b'x'; (5 << 20) + 1]);
    package.metadata.dependencies[0].version = Some("^2".to_owned());
    let mut stray = package.subcharts[0].clone();
    stray.metadata.name = ChartName::parse("stray").unwrap();
    package.subcharts.push(stray);
    let words: Vec<String> =
        pack(&package).unwrap_err().faults.iter().map(ToString::to_string).collect();
    assert_eq!(
        words,
        [
            "chart `demo` declares `common ^2`, and no chart below `charts/` has that name and a version for it",
            "chart `demo` holds `charts/stray` and does not declare it in Chart.yaml",
            "`demo/values.yaml` does not end with a newline",
            "`demo/values.schema.json` is not JSON: EOF while parsing an object at line 1 column 1",
            "path `demo/../x` climbs with `..`",
            "`demo/large` has 5242881 bytes: Helm reads at most 5242880",
            "`demo/values.yaml` stands twice: a chart's own file may not be given again as another file",
        ]
    );
}

#[test]
fn trees_are_read_as_helm_reads_directories() {
    let tree = |entries: &[(&str, &str)]| -> BTreeMap<String, Vec<u8>> {
        entries
            .iter()
            .map(|(path, content)| ((*path).to_owned(), content.as_bytes().to_vec()))
            .collect()
    };
    let error = Package::from_tree(tree(&[
        ("Chart.yaml", "name: x\n"),
        ("Chart.lock", "a: 1\n"),
        ("charts/README.md", ""),
        ("charts/a/values.yaml", ""),
        ("charts/_skipped", ""),
    ]))
    .unwrap_err();
    let words: Vec<String> = error.faults.iter().map(ToString::to_string).collect();
    assert_eq!(
        words,
        [
            "`charts/README.md` is no chart: keep charts unpacked, in a directory below `charts/`",
            "chart `charts/a/` has no Chart.yaml",
            "`Chart.yaml` is invalid: `version`: is missing",
            "`Chart.lock` is invalid: `digest` is missing: run `helm dependency update`",
        ]
    );
}
