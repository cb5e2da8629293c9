use super::*;

fn entry(name: &str, version: &str, content: &str) -> Entry {
    let name = ChartName::parse(name).unwrap();
    let url = format!("charts/{name}-{version}.tgz");
    Entry {
        metadata: Metadata::new(name, version.parse().unwrap()),
        urls: vec![url],
        created: Some("2026-11-01T00:00:00Z".to_owned()),
        digest: Sha256::of(content.as_bytes()),
    }
}

fn index() -> Index {
    let mut index = Index::new();
    for (name, version) in [("b", "1.0.0"), ("a", "1.9.0"), ("a", "1.10.0-rc.1"), ("a", "1.10.0")] {
        assert_eq!(index.add(entry(name, version, version)), Ok(Added::New));
    }
    index
}

#[test]
fn json_is_sorted_with_one_version_a_line() {
    let json = index().to_json();
    let starts: Vec<&str> = json.lines().map(|line| line.get(..34).unwrap_or(line)).collect();
    assert_eq!(
        starts,
        [
            r#"{"apiVersion":"v1","entries":{"#,
            r#""a":["#,
            r#"{"name":"a","version":"1.10.0","ap"#,
            r#"{"name":"a","version":"1.10.0-rc.1"#,
            r#"{"name":"a","version":"1.9.0","api"#,
            r#""b":["#,
            r#"{"name":"b","version":"1.0.0","api"#,
        ]
    );
    assert_eq!(Index::parse(&json), Ok(index()));
}

#[test]
fn yaml_reads_back() {
    let mut index = index();
    index.generated = Some("2026-11-01T00:00:00Z".to_owned());
    let yaml = index.to_yaml();
    assert!(yaml.starts_with("apiVersion: v1\nentries:\n  a:\n  - apiVersion: v2\n"), "{yaml}");
    assert!(yaml.ends_with("generated: \"2026-11-01T00:00:00Z\"\n"), "{yaml}");
    assert_eq!(Index::parse(&yaml), Ok(index));
}

#[test]
fn a_published_version_never_changes() {
    let mut index = index();
    assert_eq!(index.add(entry("b", "1.0.0", "1.0.0")), Ok(Added::Unchanged));
    let error = index.add(entry("b", "1.0.0", "other")).unwrap_err();
    let (published, offered) = (Sha256::of(b"1.0.0"), Sha256::of(b"other"));
    assert_eq!(
        error.to_string(),
        format!(
            "`b` 1.0.0 is published with sha256 {published}, and this package has {offered}: give it a new version"
        ),
    );
    assert!(matches!(index.add(entry("b", "1.0.0+twin", "1.0.0")), Err(IndexError::Twin { .. })));
    assert_eq!(index, self::index());
}

#[test]
fn merging_keeps_what_both_have() {
    let mut left = index();
    let mut right = index();
    right.add(entry("c", "0.1.0", "c")).unwrap();
    left.merge(right.clone()).unwrap();
    assert_eq!(left, right);
    assert_eq!(left.versions("a").len(), 3);
    assert_eq!(left.iter().count(), 5);
    assert!(left.versions("z").is_empty());
}

#[test]
fn an_entry_is_its_metadata_and_four_fields() {
    let digest = Sha256::of(b"x");
    let json = entry_json("{\"name\":\"a\"}", &["a.tgz"], None, &digest);
    assert_eq!(json, format!("{{\"name\":\"a\",\"urls\":[\"a.tgz\"],\"digest\":\"{digest}\"}}"));
    assert_eq!(
        entry_json("{}", &["<"], Some("t"), &digest),
        format!("{{\"urls\":[\"\\u003c\"],\"created\":\"t\",\"digest\":\"{digest}\"}}")
    );
}

#[test]
fn refuses_what_is_no_index() {
    assert!(matches!(Index::parse("entries: {}"), Err(IndexError::Missing("apiVersion: v1"))));
    assert!(matches!(Index::parse("apiVersion: v1"), Err(IndexError::Missing("entries"))));
    assert!(matches!(Index::parse("a: b: c"), Err(IndexError::Unreadable(_))));
    let wrong = index().to_json().replace("\"name\":\"b\"", "\"name\":\"c\"");
    assert!(matches!(
        Index::parse(&wrong),
        Err(IndexError::Entry { position: 1, reason: EntryFault::Name(_), .. })
    ));
    let wrong = index().to_json().replace("\"digest\"", "\"digest2\"");
    assert!(matches!(
        Index::parse(&wrong),
        Err(IndexError::Entry { reason: EntryFault::Digest, .. })
    ));
}
