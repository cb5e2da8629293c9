use std::fs;

use super::*;

/// Exit code, standard output and standard error of a run.
fn run_with(arguments: &[&str]) -> (u8, String, String) {
    let (mut data, mut talk) = (Vec::new(), Vec::new());
    let mut terminal = Terminal { data: &mut data, talk: &mut talk, style: Style::Plain };
    let arguments = std::iter::once("chart-builder").chain(arguments.iter().copied());
    let code = run(arguments.map(OsString::from), &mut terminal);
    (code, String::from_utf8(data).unwrap(), String::from_utf8(talk).unwrap())
}

fn network(text: &str) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("network.yaml"), text).unwrap();
    directory
}

const GOOD: &str = include_str!("../../../examples/article/network.yaml");

#[test]
fn a_good_topology_is_zero_and_one_with_faults_is_one() {
    let good = network(GOOD);
    assert_eq!(run_with(&["check", &good.path().to_string_lossy()]).0, 0);
    let bad = network(&GOOD.replace("members: [Org1, Org2]", "members: [Org1, Org9]"));
    let (code, data, talk) = run_with(&["check", &bad.path().to_string_lossy()]);
    assert_eq!((code, talk.as_str()), (1, ""));
    assert!(data.contains("error[FT303]: there is no organization `Org9`"), "{data}");
    assert!(data.contains("network.yaml:11:39"), "{data}");
}

#[test]
fn the_report_of_check_can_be_one_json_document() {
    let bad = network(&GOOD.replace("orderers: 3", "orderers: 2"));
    let (code, data, _) = run_with(&["check", &bad.path().to_string_lossy(), "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&data).unwrap();
    assert_eq!((code, &report["warnings"]), (0, &serde_json::json!(1)));
}

#[test]
fn a_missing_file_is_a_failure_and_a_wrong_word_is_usage() {
    let empty = tempfile::tempdir().unwrap();
    let (code, _, talk) = run_with(&["check", &empty.path().to_string_lossy()]);
    assert_eq!(code, 2);
    assert!(talk.starts_with("error: cannot read "), "{talk}");
    assert_eq!(run_with(&["chekc"]).0, 64);
    assert_eq!(run_with(&[]).0, 64);
    assert_eq!(run_with(&["--help"]).0, 0);
}

#[test]
fn a_file_that_cannot_be_read_is_a_json_document_as_well() {
    let directory = network(GOOD);
    for (file, text) in [("network.lock", &b"no: lock"[..]), ("network.yaml", &b"\xff"[..])] {
        fs::write(directory.path().join(file), text).unwrap();
        let path = directory.path().to_string_lossy();
        let (code, data, _) = run_with(&["check", &path, "--format", "json"]);
        let report: serde_json::Value = serde_json::from_str(&data).unwrap();
        let failure = report["failure"].as_str().unwrap();
        assert!(code == 2 && failure.contains(file), "{failure}");
    }
}

/// Nobody reads any more.
struct Closed;

impl io::Write for Closed {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_closed_standard_output_is_no_complaint() {
    let directory = network(GOOD);
    let (mut data, mut talk) = (Closed, Vec::new());
    let mut terminal = Terminal { data: &mut data, talk: &mut talk, style: Style::Plain };
    let path = directory.path().as_os_str().to_owned();
    assert_eq!(run(["chart-builder".into(), "check".into(), path], &mut terminal), FAILURE);
    assert_eq!(String::from_utf8(talk).unwrap(), "");
}

#[test]
fn a_preview_is_served_on_loopback_only() {
    let directory = network(GOOD);
    let path = directory.path().to_string_lossy();
    let (code, _, talk) = run_with(&["serve", &path, "--listen", "0.0.0.0:0"]);
    assert_eq!(code, 2);
    assert!(talk.contains("`0.0.0.0:0` can be reached from other machines"), "{talk}");
    assert!(!directory.path().join(".preview").exists());
}

#[test]
fn every_listed_code_is_explained_and_others_are_not() {
    let (code, list, _) = run_with(&["explain"]);
    assert_eq!(code, 0);
    for line in list.lines() {
        let (code, text, _) = run_with(&["explain", &line[..5]]);
        assert!(code == 0 && text.starts_with(&line[..5]), "{line}");
    }
    assert_eq!(run_with(&["explain", "FT000"]).0, 64);
}

#[test]
fn init_makes_a_directory_with_a_topology_that_check_takes_and_never_overwrites_one() {
    let home = tempfile::tempdir().unwrap();
    let target = home.path().join("trade");
    let target = target.to_string_lossy();
    let (code, data, talk) = run_with(&["init", &target]);
    assert_eq!(code, 0, "{talk}");
    assert!(data.starts_with(&format!("chart-builder check {target}\n")), "{data}");
    assert_eq!(run_with(&["check", &target]).0, 0);
    let (code, _, talk) = run_with(&["init", &target]);
    assert_eq!(code, 2);
    assert!(talk.contains("is there already and is never overwritten"), "{talk}");
    let wrong = home.path().join("values.yaml");
    fs::write(&wrong, "peerOrgs: {}\n").unwrap();
    let other = home.path().join("other");
    let arguments = ["init", &other.to_string_lossy(), "--from", &wrong.to_string_lossy()];
    let (code, _, talk) = run_with(&arguments);
    assert_eq!(code, 1);
    assert!(talk.contains("values.yaml:1:11") && talk.contains("a list"), "{talk}");
}

#[test]
fn an_organization_joins_a_built_channel_when_its_members_have_signed() {
    let directory = network(GOOD);
    let path = directory.path().to_string_lossy().into_owned();
    let run = |words: &[&str]| run_with(&[&words[..1], &[&path], &words[1..]].concat());
    assert_eq!(run(&["sign"]).0, 1, "without identities nothing can be signed");
    assert_eq!(run(&["identities"]).0, 0);
    assert_eq!(run(&["build"]).0, 0);
    let (code, _, talk) = run(&["sign"]);
    assert!(code == 0 && talk.contains("nothing is to be signed"), "{talk}");
    let block = directory.path().join("public/channels/mychannel/genesis.block");
    let genesis = fs::read(&block).unwrap();
    let joining = GOOD
        .replace("version: 1.0.0", "version: 1.1.0")
        .replace("  - {name: Orderer,", "  - {name: Org3, peers: 1}\n  - {name: Orderer,")
        .replace("members: [Org1, Org2]", "members: [Org1, Org2, Org3]");
    fs::write(directory.path().join("network.yaml"), joining).unwrap();
    assert_eq!(run(&["identities"]).0, 0);
    let (code, _, talk) = run(&["sign", "--owner", "Org1"]);
    assert!(
        code == 0 && talk.contains("Org3 joins channel mychannel: 1 of 2 have signed"),
        "{talk}"
    );
    let (code, _, talk) = run(&["build"]);
    assert!(code == 1 && talk.contains("error[FT930]"), "{talk}");
    assert!(talk.contains("`Org2` has not"), "{talk}");
    let (code, _, talk) = run(&["sign"]);
    assert!(code == 0 && talk.contains("2 of 2 have signed"), "{talk}");
    let (code, _, talk) = run(&["build"]);
    assert_eq!(code, 0, "{talk}");
    assert_eq!(run(&["build", "--locked"]).0, 0, "what is frozen stays");
    assert_eq!(fs::read(&block).unwrap(), genesis);
}
