use serde_json::json;

use super::*;

fn ok(text: &str) -> Value {
    read(text, Limits::METADATA).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn fault(text: &str) -> ReadFault {
    read(text, Limits { bytes: 1000, nodes: 100, depth: 4 }).unwrap_err().fault
}

/// The table that Helm 4.2.3 gives for an unquoted `appVersion`.
#[test]
fn text_fields_read_unquoted_words_like_helm() {
    for (written, read) in [
        ("1.10", "1.1"),
        ("1.0", "1"),
        ("no", "false"),
        ("y", "true"),
        ("0123", "83"),
        ("0o17", "15"),
        ("1_000", "1000"),
        ("1e3", "1000"),
        (".5", "0.5"),
        ("08", "8"),
        ("2026-11-22", "2026-11-22"),
        ("1:30", "1:30"),
        ("~", ""),
        ("\"1.10\"", "1.10"),
        ("'no'", "no"),
        ("1.16.0", "1.16.0"),
        ("18446744073709551615", "1.8446744e+19"),
    ] {
        let document = ok(&format!("appVersion: {written}\n"));
        assert_eq!(go_text(&document["appVersion"]).as_deref(), Some(read), "{written}");
    }
}

#[test]
fn keys_become_text_like_in_helm() {
    assert_eq!(
        ok("1: a\nno: b\n1.50: c\n0x10: d\n"),
        json!({"1": "a", "false": "b", "1.5": "c", "16": "d"})
    );
}

#[test]
fn aliases_and_merge_keys_work() {
    assert_eq!(
        ok("a: &x {b: 1, d: 0}\nc:\n  <<: *x\n  d: 2\ne: [*x]\n"),
        json!({"a": {"b": 1, "d": 0}, "c": {"b": 1, "d": 2}, "e": [{"b": 1, "d": 0}]}),
    );
}

#[test]
fn a_byte_order_mark_is_dropped_and_nothing_is_null() {
    assert_eq!(ok("\u{feff}a: 1\n"), json!({"a": 1}));
    assert_eq!(ok(""), Value::Null);
    assert_eq!(ok("# only a comment\n"), Value::Null);
}

#[test]
fn refuses_what_helm_would_take_in_two_ways() {
    assert_eq!(fault("a: 1\na: 2\n"), ReadFault::DuplicateKey("a".to_owned()));
    assert_eq!(fault("yes: 1\ntrue: 2\n"), ReadFault::DuplicateKey("true".to_owned()));
    assert_eq!(fault("a: 1\n---\nb: 2\n"), ReadFault::SecondDocument);
    assert_eq!(fault("a: !!binary aGk=\n"), ReadFault::UnusableTag { tag: "!!binary".to_owned() });
    assert_eq!(fault("a: .inf\n"), ReadFault::NotFinite(".inf".to_owned()));
    assert_eq!(fault("~: 1\n"), ReadFault::UnusableKey);
    assert_eq!(fault("[a]: 1\n"), ReadFault::UnusableKey);
    assert_eq!(fault("<<: 1\n"), ReadFault::UnusableMerge);
    assert!(matches!(fault("a: [1\n"), ReadFault::Syntax(_)));
}

#[test]
fn limits_hold_and_aliases_count() {
    assert!(matches!(fault(&"x".repeat(1001)), ReadFault::TooLong { .. }));
    assert_eq!(fault("[[[[[1]]]]]"), ReadFault::TooDeep(4));
    let bomb = "a: &a [1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b,*b,*b]\n";
    assert_eq!(fault(bomb), ReadFault::TooManyNodes(100));
}

#[test]
fn says_where() {
    let error = read("a: 1\nb:\n  c: 1\n  c: 2\n", Limits::METADATA).unwrap_err();
    assert_eq!((error.line, error.column), (4, 3));
    assert_eq!(error.to_string(), "line 4, column 3: key `c` stands twice: remove one");
}
