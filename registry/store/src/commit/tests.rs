use super::*;
use crate::event::{Actor, PackageRef, Provenance, Publish};

fn publish() -> Event {
    Event::Publish(Publish {
        repo: String::new(),
        name: "org".to_owned(),
        version: "1.2.3".to_owned(),
        actor: Actor { sub: "anonymous".to_owned(), via: "http".to_owned() },
        request: "r1".to_owned(),
        package: PackageRef { sha256: Sha256::of(b"package"), size: 7 },
        content: Sha256::of(b"content"),
        force: false,
        created: None,
        chart: RawValue::from_string(r#"{"name":"org","apiVersion":"v2"}"#.to_owned()).unwrap(),
        oci: None,
    })
}

fn commit(events: Vec<Event>) -> SealedCommit {
    Commit {
        seq: 1,
        prev: Head::EMPTY.hash,
        time: Timestamp::from_milliseconds(0),
        writer: "chart-registry/0.1.0".to_owned(),
        nonce: "n".to_owned(),
        min_reader: READER,
        events,
    }
    .seal()
    .unwrap()
}

#[test]
fn the_line_of_a_commit_never_changes() {
    let zeros = "0".repeat(64);
    let (package, content) = (Sha256::of(b"package"), Sha256::of(b"content"));
    let expected = format!(
        concat!(
            r#"{{"v":1,"seq":1,"prev":"sha256:{zeros}","time":"1970-01-01T00:00:00.000Z","#,
            r#""writer":"chart-registry/0.1.0","nonce":"n","min_reader":1,"events":[{{"op":"publish","#,
            r#""repo":"","name":"org","version":"1.2.3","actor":{{"sub":"anonymous","via":"http"}},"#,
            r#""request":"r1","package":{{"sha256":"{package}","size":7}},"content":"sha256:{content}","#,
            r#""chart":{{"name":"org","apiVersion":"v2"}}}}]}}"#,
            "\n"
        ),
        zeros = zeros,
        package = package,
        content = content,
    );
    assert_eq!(String::from_utf8_lossy(commit(vec![publish()]).bytes()), expected);
}

#[test]
fn reads_its_own_line_and_skips_fields_of_later_programs() {
    let written = commit(vec![publish()]);
    let text = String::from_utf8(written.bytes().to_vec()).unwrap();
    let later = text
        .replace(r#""repo":"""#, r#""mood":{"a":[1]},"repo":"""#)
        .replace(r#""v":1,"#, r#""v":1,"x":2,"#);
    let read = SealedCommit::parse(1, Bytes::from(later)).unwrap();
    let [Event::Publish(publish)] = read.commit().events.as_slice() else {
        panic!("not one publish: {read:?}");
    };
    assert_eq!(publish.chart.get(), r#"{"name":"org","apiVersion":"v2"}"#);
    assert_ne!(read.head().hash, written.head().hash);
    assert_eq!(read.newer_reader_needed(), None);
}

#[test]
fn an_unknown_operation_needs_a_newer_reader_unless_it_may_be_ignored() {
    let line = |event: &str| {
        let text = String::from_utf8(commit(Vec::new()).bytes().to_vec()).unwrap();
        let text = text.replace(r#""events":[]"#, &format!(r#""events":[{event}]"#));
        SealedCommit::parse(1, Bytes::from(text)).unwrap()
    };
    let needed = line(r#"{"op":"sing","name":"org"}"#).newer_reader_needed().unwrap();
    assert!(needed.contains("`sing`"), "{needed}");
    assert_eq!(line(r#"{"op":"mark","ignorable":true}"#).newer_reader_needed(), None);
}

#[test]
fn the_line_of_a_signature_never_changes() {
    let event = Event::Provenance(Provenance {
        repo: String::new(),
        name: "org".to_owned(),
        version: "1.2.3".to_owned(),
        actor: Actor { sub: "anonymous".to_owned(), via: "http".to_owned() },
        request: "r1".to_owned(),
        provenance: PackageRef { sha256: Sha256::of(b"signature"), size: 9 },
        package: Sha256::of(b"package"),
        signer: None,
        oci: None,
    });
    let written = commit(vec![event]);
    let expected = format!(
        concat!(
            r#""events":[{{"op":"provenance","repo":"","name":"org","version":"1.2.3","#,
            r#""actor":{{"sub":"anonymous","via":"http"}},"request":"r1","#,
            r#""provenance":{{"sha256":"{}","size":9}},"package":"{}"}}]}}"#,
            "\n"
        ),
        Sha256::of(b"signature"),
        Sha256::of(b"package"),
    );
    let text = String::from_utf8_lossy(written.bytes()).into_owned();
    assert!(text.ends_with(&expected), "{text}");
    let read = SealedCommit::parse(1, written.bytes().clone()).unwrap();
    assert!(matches!(read.commit().events.as_slice(), [Event::Provenance(_)]));
    assert_eq!(read.newer_reader_needed(), None);
}

#[test]
fn refuses_lines_that_are_cut_or_carry_another_number() {
    let bytes = commit(vec![publish()]).bytes().clone();
    assert!(SealedCommit::parse(2, bytes.clone()).is_err());
    for length in 0..bytes.len() {
        assert!(SealedCommit::parse(1, bytes.slice(..length)).is_err(), "{length}");
    }
}

#[test]
fn refuses_a_commit_over_the_limit() {
    let mut big = publish();
    if let Event::Publish(publish) = &mut big {
        publish.request = "x".repeat(MAX_COMMIT_BYTES);
    }
    let commit = Commit {
        seq: 1,
        prev: Head::EMPTY.hash,
        time: Timestamp::default(),
        writer: String::new(),
        nonce: String::new(),
        min_reader: READER,
        events: vec![big],
    };
    assert!(matches!(commit.seal(), Err(StoreError::CommitTooLarge { .. })));
}
