//! What holds for every input.

use std::collections::BTreeMap;

use chart_format::archive::{Limits, Package, open, pack};
use chart_format::constraint::{Constraint, parse_version};
use chart_format::keys;
use chart_format::metadata::Metadata;
use chart_format::name::ChartName;
use chart_format::yaml::{self, Entry, Map, Node};
use proptest::prelude::*;

/// Text that is full of what YAML readers stumble over.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[a-z]{1,6}",
        "[ -~]{0,8}",
        "\\PC{0,4}",
        any::<char>().prop_map(String::from),
        prop::sample::select(vec![
            "yes",
            "no",
            "on",
            "y",
            "~",
            "null",
            "1_000",
            "0o17",
            "1:30",
            "<<",
            "=",
            "-",
            "- ",
            ": ",
            " #",
            "\n",
            "\n\n",
            " ",
            "\t",
            "\r",
            "'",
            "\"",
            "\\",
            "|",
            ">",
            "---",
            "...",
            "%",
            "@",
            "&a",
            "*a",
            "!",
            "{",
            "[",
            "2026-11-25",
            "1e3",
            ".5",
            "\u{85}",
            "\u{2028}",
            "\u{feff}",
            "\u{7f}",
            "{{ x }}",
        ])
        .prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

fn node() -> impl Strategy<Value = Node> {
    let leaf = prop_oneof![
        Just(Node::Null),
        any::<bool>().prop_map(Node::Bool),
        (-(1_i64 << 53)..1 << 53).prop_map(Node::Int),
        text().prop_map(Node::Str),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        let entries =
            prop::collection::vec((text(), prop::option::of(text()), inner.clone()), 0..6);
        prop_oneof![
            prop::collection::vec(inner, 0..6).prop_map(Node::List),
            entries.prop_map(|entries| {
                let mut map = Map::new();
                for (key, comment, value) in entries {
                    map.insert(key.clone(), value);
                    if let Some(comment) = comment {
                        map.comment(&key, comment);
                    }
                }
                Node::Map(map)
            }),
        ]
    })
}

fn json(node: &Node) -> serde_json::Value {
    match node {
        Node::Null => serde_json::Value::Null,
        Node::Bool(value) => (*value).into(),
        Node::Int(value) => (*value).into(),
        Node::Str(text) => text.clone().into(),
        Node::List(items) => items.iter().map(json).collect(),
        Node::Map(map) => map
            .iter()
            .map(|Entry { key, value, .. }| (key.clone(), json(value)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
    }
}

/// Documents whose texts are long keys or blocks of lines are read by other code paths.
fn yaml_of(node: &Node) -> String {
    let written = yaml::write(node);
    assert!(written.ends_with('\n') && !written.ends_with("\n\n"), "{written:?}");
    written
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read_back_by_every_reader(node in node()) {
        let (written, expected) = (yaml_of(&node), json(&node));
        prop_assert_eq!(yaml::read(&written, yaml::Limits::VALUES).unwrap(), expected.clone(), "{}", written);
        let other: serde_json::Value = yaml_serde::from_str(&written).unwrap();
        prop_assert_eq!(other, expected.clone(), "yaml_serde: {}", written);
        let third: serde_json::Value = serde_yaml::from_str(&written).unwrap();
        prop_assert_eq!(third, expected, "serde-saphyr: {}", written);
    }

    #[test]
    fn helms_own_form_is_read_back(node in node()) {
        let expected = json(&node);
        // Control characters beyond line ends are outside of what Helm can marshal.
        prop_assume!(!expected.to_string().contains("\\u00"));
        // Helm writes this key without quotes and reads it as a merge.
        prop_assume!(!expected.to_string().contains("\"<<\":"));
        let written = yaml::go_yaml(&node);
        if !written.contains(['\u{85}', '\u{2028}', '\u{2029}']) {
            prop_assert_eq!(yaml::read(&written, yaml::Limits::VALUES).unwrap(), expected, "{}", written);
        }
    }

    #[test]
    fn json_of_go_is_json(node in node()) {
        let read: serde_json::Value = serde_json::from_str(&yaml::go_json(&node)).unwrap();
        prop_assert_eq!(read, json(&node));
    }

    #[test]
    fn nothing_panics_on_any_text(text in text(), noise in "\\PC{0,60}") {
        for text in [&text, &noise, &format!("name: {text}\nversion: {noise}\nannotations: {{a: {text}}}\n")] {
            let _ = yaml::read(text, yaml::Limits::METADATA);
            let _ = chart_format::lock::ChartLock::parse(text);
            let _ = chart_format::index::Index::parse(text);
            let _ = chart_format::summary::NetworkSummary::parse(text);
            let _ = ChartName::parse(text);
            let _ = chart_format::digest::Sha256::parse(text);
            let _ = parse_version(text);
            if let Ok(metadata) = Metadata::parse(text) {
                let written = metadata.to_chart_yaml();
                prop_assert_eq!(Metadata::parse(&written).unwrap().to_chart_yaml(), written);
            }
        }
    }

    #[test]
    fn nothing_panics_on_any_constraint(constraint in "[v0-9xX*.<>=!~^|, +a-z-]{0,20}", version in "v?[0-9]{1,2}(\\.[0-9]){0,2}(-[a-z0-9.]{0,4})?") {
        if let Ok(constraint) = Constraint::parse(&constraint) {
            let _ = constraint.matches_text(&version);
        }
    }

    #[test]
    fn nothing_panics_on_any_bytes(mut bytes in prop::collection::vec(any::<u8>(), 0..600), start in 0..6_usize) {
        let starts: [&[u8]; 6] = [b"", b"\x1f\x8b\x08\0\0\0\0\0\0\xff", b"PK\x03\x04", b"\x30\x82\x01\0\x02\x01", b"-----BEGIN PRIVATE KEY-----\n", b"MIIEvQIBADANBgkqhkiG9w0BAQEFAASC"];
        bytes.splice(0..0, starts[start].iter().copied());
        let _ = keys::find(&bytes);
        let _ = open(bytes.as_slice(), &Limits::HELM);
    }

    #[test]
    fn a_damaged_package_never_passes_for_other_content(place in 0.0..1.0_f64, flip in 1..=255_u8) {
        let metadata = Metadata::new(ChartName::parse("demo").unwrap(), semver::Version::new(1, 0, 0));
        let package = Package {
            templates: BTreeMap::from([("x.yaml".to_owned(), b"x: 1\n".repeat(50))]),
            ..Package::new(metadata)
        };
        let mut bytes = pack(&package).unwrap().bytes;
        let whole = open(bytes.as_slice(), &Limits::HELM).unwrap();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a place in a short vector")]
        let index = (place * bytes.len() as f64) as usize;
        bytes[index] ^= flip;
        // The gzip header and the padding behind the last deflate block carry no content.
        if let Ok(opened) = open(bytes.as_slice(), &Limits::HELM) {
            prop_assert_eq!(opened.content, whole.content);
        }
    }
}
