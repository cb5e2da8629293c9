use super::*;
#[test]
fn placeholder_compiles() {
    assert_eq!(find(b""), None);
}
