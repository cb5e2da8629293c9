use super::*;

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
    let endless = tar_entry("x", &vec![b'a'; 20_000], b'x');
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
    let long = [tar_entry("x", format!("{long}a\0").as_bytes(), b'L'), file("demo/a", "")].concat();
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
fn refuses_what_cannot_be_searched_for_keys_and_calls_it_so() {
    let mut deep = b"harmless".to_vec();
    for _ in 0..=6 {
        deep = gzip(&deep);
    }
    let package = tgz(&[chart_yaml(), tar_entry("demo/files/deep.gz", &deep, b'0')]);
    let refusal = open(package.as_slice(), &Limits::HELM).unwrap_err().to_string();
    assert!(
        refusal.contains("`demo/files/deep.gz` cannot be searched for private keys"),
        "{refusal}"
    );
}
