use super::*;
use crate::diagnostic::KeyPath;

fn parse(text: &str) -> (Tree, Vec<String>) {
    let source = Source::new("network.yaml", text);
    let mut faults = Diagnostics::default();
    let tree = Tree::parse(&source, Limits::default(), &mut faults);
    faults.locate(&tree, &source);
    let found = faults.iter().map(|fault| {
        let at = source.position(fault.place.range.clone().unwrap().start);
        format!("{} {}:{} {}", fault.code, at.line, at.column, fault.place.path)
    });
    (tree, found.collect())
}

fn text_at<'a>(text: &'a str, tree: &Tree, place: &Place) -> &'a str {
    &text[tree.range(place)]
}

#[test]
fn keys_and_values_know_their_bytes() {
    let text = "网: 络\norganizations:\n- {name: Org1}\n- name: \"Org2\"\n";
    let (tree, faults) = parse(text);
    let name = KeyPath::root().key("organizations").index(1).key("name");
    assert_eq!(faults, Vec::<String>::new());
    assert_eq!(text_at(text, &tree, &Place::value(name.clone())), "\"Org2\"");
    assert_eq!(text_at(text, &tree, &Place::key(name)), "name");
    assert_eq!(text_at(text, &tree, &Place::value(KeyPath::root().key("网"))), "络");
}

#[test]
fn a_missing_path_is_shown_at_what_surrounds_it() {
    let text = "a:\n  b: 1\n";
    let (tree, _) = parse(text);
    let missing = Place::value(KeyPath::root().key("a").key("c").key("d"));
    assert!(text_at(text, &tree, &missing).starts_with("b: 1"));
}

#[test]
fn numbers_and_words_stay_text() {
    let (tree, _) = parse("a: 1.10\nb: no\nc: 0123\nd: ~\n");
    let Value::Map(entries) = &tree.root().unwrap().value else { panic!("no map") };
    let seen: Vec<_> = entries.iter().map(|entry| entry.node.describe()).collect();
    assert_eq!(seen, ["`1.10`", "`no`", "`0123`", "nothing"]);
}

#[test]
fn the_second_key_is_the_fault_and_the_rest_is_read() {
    let (tree, faults) = parse("x:\n- a: 1\n  a: 2\n  b: 3\ny: 1\ny: 2\n");
    assert_eq!(faults, ["FT102 3:3 x[0].a", "FT102 6:1 y"]);
    assert!(tree.root().is_some());
}

#[test]
fn a_syntax_error_has_a_place_and_leaves_nothing() {
    let (tree, faults) = parse("a: [1, 2\nb: 3\n");
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert!(faults[0].starts_with("FT101 2:"), "{faults:?}");
    assert!(tree.root().is_none());
}

#[test]
fn aliases_are_copied_and_point_at_themselves() {
    let text = "a: &x {b: 1}\nc: *x\n";
    let (tree, faults) = parse(text);
    assert_eq!(faults, Vec::<String>::new());
    assert_eq!(text_at(text, &tree, &Place::value(KeyPath::root().key("c"))), "*x");
}

#[test]
fn an_alias_bomb_and_deep_nesting_are_refused() {
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..9 {
        let item = format!("*a{}", level - 1);
        let items = [item.as_str(); 9].join(", ");
        bomb.push_str(
            &["a", &level.to_string(), ": &a", &level.to_string(), " [", &items, "]\n"].concat(),
        );
    }
    assert!(parse(&bomb).1[0].starts_with("FT109"), "{:?}", parse(&bomb).1);
    assert!(parse(&"[".repeat(100_000)).1[0].starts_with("FT101"));
}

#[test]
fn tags_merge_keys_and_second_documents_are_refused() {
    let (_, faults) = parse("a: !!str 1\nb: &b {c: 1}\nd: {<<: *b}\n---\ne: 1\n");
    let codes: Vec<_> = faults.iter().map(|fault| &fault[..5]).collect();
    assert_eq!(codes, ["FT108"; 3], "{faults:?}");
}
