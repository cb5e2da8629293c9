use std::collections::BTreeMap;
use std::io::{self, Read, Write};

use flate2::Compression;
use flate2::write::GzEncoder;

use super::*;
use crate::lock::ChartLock;
use crate::metadata::{Dependency, Metadata};
use crate::name::ChartName;

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
    metadata.dependencies =
        vec![Dependency::vendored(common.metadata.name.clone(), &common.metadata.version)];
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
    let listing: String = sorted
        .iter()
        .map(|(path, content)| format!("{}  {path}\n", crate::digest::Sha256::of(content)))
        .collect();
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
fn refuses_what_is_not_one_gzip_member() {
    assert_eq!(refusal(b""), Refusal::NotGzip);
    assert_eq!(refusal(b"PK\x03\x04"), Refusal::NotGzip);
    let good = tgz(&[chart_yaml()]);
    assert!(matches!(refusal(&good[..good.len() - 1]), Refusal::DamagedGzip { .. }));
    assert!(matches!(refusal(&good[..8]), Refusal::DamagedGzip { .. }));
    let mut flipped = good.clone();
    let crc = flipped.len() - 6;
    flipped[crc] ^= 1;
    assert!(matches!(refusal(&flipped), Refusal::DamagedGzip { .. }));
    assert_eq!(refusal(&[good.as_slice(), b"x"].concat()), Refusal::TrailingBytes);
    assert_eq!(refusal(&[good.clone(), good].concat()), Refusal::TrailingBytes);
}

#[test]
fn refuses_damaged_archives() {
    assert_eq!(
        refusal(&gzip(b"hello")).to_string(),
        "the archive is damaged after ``: the archive ends inside of a header"
    );
    assert!(matches!(refusal(&gzip(&[b'x'; 512])), Refusal::DamagedTar { .. }));
    let mut cut = chart_yaml();
    cut.truncate(700);
    assert_eq!(
        refusal(&gzip(&cut)).to_string(),
        "the archive is damaged after `demo/Chart.yaml`: the archive ends inside of an entry"
    );
    assert_eq!(
        refusal(&gzip(&[chart_yaml(), vec![0; 1024], b"more".to_vec()].concat())),
        Refusal::TrailingData
    );
    let mut binary_size = header("demo/x", 0, b'0');
    binary_size[124] = 0x80;
    seal(&mut binary_size);
    assert!(message(binary_size).contains("a size is not octal"));
    let endless = tar_entry("x", &[b'a'; 20_000], b'x');
    assert!(message(endless).contains("too long"));
    assert!(message(tar_entry("x", b"99 path=a\n", b'x')).contains("malformed"));
    assert!(message(tar_entry("x", b"9 path=a\n", b'x')).contains("a header for no entry"));
}

#[test]
fn refuses_bombs() {
    let zeros = tar_entry("demo/zeros", &vec![0; 5 << 20], b'0');
    assert_eq!(refusal(&tgz(&[chart_yaml(), zeros])), Refusal::RatioTooLarge { limit: 100 });
    let lenient = Limits { ratio: 2000, ..Limits::HELM };
    let large: Vec<Vec<u8>> = std::iter::once(chart_yaml())
        .chain((0..20).map(|n| tar_entry(&format!("demo/{n}"), &vec![0; 5 << 20], b'0')))
        .collect();
    let Err(OpenError::Refused(refused)) = open(tgz(&large).as_slice(), &lenient) else { panic!() };
    assert_eq!(refused, Refusal::TotalTooLarge { limit: 100 << 20 });
    let too_large = header("demo/x", (5 << 20) + 1, b'0');
    assert_eq!(message(too_large), "entry `demo/x` has 5242881 bytes: Helm reads at most 5242880");
    let few = Limits { entries: 2, ..Limits::HELM };
    let many = tgz(&[chart_yaml(), file("demo/a", ""), file("demo/b", "")]);
    let Err(OpenError::Refused(refused)) = open(many.as_slice(), &few) else { panic!() };
    assert_eq!(refused, Refusal::TooManyEntries { limit: 2 });
    let small = Limits { package_bytes: 100, ..Limits::HELM };
    let Err(OpenError::Refused(refused)) = open(many.as_slice(), &small) else { panic!() };
    assert_eq!(refused, Refusal::PackageTooLarge { limit: 100 });
}

#[test]
fn refuses_paths_that_lead_elsewhere() {
    for (path, words) in [
        ("demo/../../etc/passwd", "entry `demo/../../etc/passwd` climbs with `..`"),
        ("/demo/x", "entry `/demo/x` is absolute"),
        ("c:/demo/x", "entry `c:/demo/x` begins with a drive letter"),
        ("demo\\x", "entry `demo\\\\x` has a backslash"),
        ("./demo/x", "entry `./demo/x` has an empty or `.` component"),
        ("demo//x", "entry `demo//x` has an empty or `.` component"),
        ("demo/\u{1}", "entry `demo/\\u{1}` has a control character"),
        ("x", "entry `x` stands outside of the chart's directory"),
        ("other/x", "entry `other/x` stands outside of `demo/`, the directory of the first entry"),
        (
            "demo/charts/README.md",
            "entry `demo/charts/README.md` is no chart: `charts/` may hold only directories and `.tgz` files",
        ),
    ] {
        assert_eq!(message(file(path, "")), words);
    }
    let nul = tar_entry("x", b"16 path=demo/\0a\n", b'x');
    assert_eq!(
        message([nul, file("demo/a", "")].concat()),
        "entry `demo/\\0a` has a control character"
    );
    let latin = tar_entry("x", b"16 path=demo/\xe9a\n", b'x');
    assert_eq!(
        message([latin, file("demo/a", "")].concat()),
        "entry `demo/\u{fffd}a` is not UTF-8"
    );
    let long = format!("demo/{}", "a/".repeat(300));
    let long =
        [tar_entry("x", format!("{}a\0", long).as_bytes(), b'L'), file("demo/a", "")].concat();
    assert!(message(long).ends_with("is longer than 512 bytes"));
}

#[test]
fn refuses_everything_but_files_and_directories() {
    for kind in [b'1', b'2'] {
        assert_eq!(
            message(tar_entry("demo/x", b"", kind)),
            "entry `demo/x` is a link: a package holds plain files only"
        );
    }
    for kind in [b'3', b'4', b'6', b'7', b'S', b'Z'] {
        let words = format!(
            "entry `demo/x` is neither file nor directory (tar type `{}`)",
            char::from(kind)
        );
        assert_eq!(message(tar_entry("demo/x", b"", kind)), words);
    }
}

#[test]
fn refuses_two_sizes_and_sparse_files() {
    let sized = [tar_entry("x", b"9 size=1\n", b'x'), file("demo/x", "")].concat();
    assert_eq!(
        message(sized),
        "entry `demo/x` has two sizes, 0 in its header and 1 in its extended header"
    );
    let sparse = [tar_entry("x", b"22 GNU.sparse.major=1\n", b'x'), file("demo/x", "")].concat();
    assert!(message(sparse).contains("sparse"));
}

#[test]
fn refuses_what_stands_twice() {
    let twice = file("demo/x", "");
    assert_eq!(message([twice.clone(), twice].concat()), "entry `demo/x` stands twice");
    assert_eq!(
        message([file("demo/x", ""), file("demo/x/y", "")].concat()),
        "entry `demo/x` stands twice"
    );
    assert_eq!(
        message(file("demo/chart.YAML", CHART_YAML)),
        "the package has two Chart.yaml: `demo/Chart.yaml` and `demo/chart.YAML`"
    );
    assert_eq!(message(chart_yaml()), "entry `demo/Chart.yaml` stands twice");
}

#[test]
fn refuses_a_chart_without_its_name() {
    assert_eq!(refusal(&tgz(&[])), Refusal::NoChartYaml);
    assert_eq!(refusal(&tgz(&[file("demo/chart.yaml", CHART_YAML)])), Refusal::NoChartYaml);
    assert_eq!(
        refusal(&tgz(&[file("other/Chart.yaml", CHART_YAML)])).to_string(),
        "the package's directory is `other` but its chart is named `demo`"
    );
    assert_eq!(
        refusal(&tgz(&[file("demo/Chart.yaml", "name: Demo\n")])).to_string(),
        "`demo/Chart.yaml` is invalid: `name`: chart name `Demo` has `D` at position 1: use lower-case letters, \
         digits and inner `-`; `version`: is missing"
    );
    assert!(matches!(
        refusal(&tgz(&[tar_entry("demo/Chart.yaml", b"\xff", b'0')])),
        Refusal::Metadata { .. }
    ));
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
