//! The language, its errors by column, and the encoding.

use prost::Message as _;

use super::*;

fn parse(text: &str) -> SignaturePolicy {
    SignaturePolicy::parse(text).unwrap()
}

fn fault(text: &str) -> (usize, String) {
    match SignaturePolicy::parse(text) {
        Err(Error::Policy { column, reason }) => (column, reason),
        other => panic!("a fault in `{text}` expected, got {other:?}"),
    }
}

/// The envelope as text: rules in brackets, then the identities by number.
fn encoding(text: &str) -> String {
    fn show(policy: &messages::SignaturePolicy) -> String {
        match policy.rule.as_ref().unwrap() {
            SignatureRule::SignedBy(number) => number.to_string(),
            SignatureRule::OutOf(gate) => {
                let rules: Vec<String> = gate.rules.iter().map(show).collect();
                format!("{}[{}]", gate.n, rules.join(" "))
            }
        }
    }
    let envelope = SignaturePolicyEnvelope::decode(parse(text).encode().as_slice()).unwrap();
    let identities: Vec<String> = envelope
        .identities
        .iter()
        .map(|identity| {
            let role = MspRole::decode(identity.principal.as_slice()).unwrap();
            format!("{}.{}", role.msp_identifier, role.role)
        })
        .collect();
    format!("{} {}", show(&envelope.rule.unwrap()), identities.join(" "))
}

#[test]
fn encodes_gates() {
    assert_eq!(encoding("OR('A.member')"), "1[0] A.0");
    assert_eq!(encoding("AND('A.peer','B.peer')"), "2[0 1] A.3 B.3");
    assert_eq!(encoding("OutOf(2, 'A.admin', 'B.client', 'C.orderer')"), "2[0 1 2] A.1 B.2 C.4");
}

/// Fabric evaluates arguments before the function that they are given to.
#[test]
fn numbers_principals_of_nested_gates_first() {
    assert_eq!(
        encoding("AND('A.member', OR('B.member','C.member'), 'D.member', OR('E.member'))"),
        "4[3 1[0 1] 4 1[2]] B.0 C.0 E.0 A.0 D.0"
    );
}

#[test]
fn keeps_equal_principals_apart() {
    assert_eq!(encoding("AND('A.peer','A.peer')"), "2[0 1] A.3 A.3");
}

#[test]
fn accepts_case_forms_space_and_both_quotes() {
    let plain = parse("AND('A.peer',OR('B.peer','C-1.x.admin'))");
    for text in [
        "And('A.peer',Or('B.peer','C-1.x.admin'))",
        "And ( \"A.peer\" ,\n\tOr( 'B.peer' , 'C-1.x.admin' ) ) ",
        " OUTOF(2,'A.peer',outof('1','B.peer','C-1.x.admin'))",
    ] {
        assert_eq!(parse(text), plain, "{text}");
    }
}

#[test]
fn lists_msp_ids_once() {
    let policy = parse("OR('Org2MSP.peer',AND('Org1MSP.peer','Org2MSP.admin'))");
    assert_eq!(policy.msp_ids().into_iter().collect::<Vec<_>>(), ["Org1MSP", "Org2MSP"]);
    assert_eq!(policy.principals().len(), 3);
}

#[test]
fn names_the_column_of_a_fault() {
    let cases = [
        ("", 1, "the policy ends"),
        ("'A.peer'", 1, "OR('Org1MSP.peer')"),
        ("XOR('A.peer')", 1, "`XOR` is no gate"),
        ("OR('A.peer', and('B.peer'))", 14, "write `AND`"),
        ("AND 'A.peer'", 5, "expected `(`"),
        ("AND('A.peer'", 13, "the policy ends"),
        ("AND()", 5, "found `)`"),
        ("AND('A.peer',)", 14, "found `)`"),
        ("AND('A.peer' 'B.peer')", 14, "expected `,` or `)`"),
        ("AND('A.peer)", 5, "not closed"),
        ("AND('A.pear')", 5, "`pear` is no role"),
        ("AND('Apeer')", 5, "no principal"),
        ("OR('ä.peer', 'Org_1.peer')", 4, "MSP id"),
        ("OR('A.peer', 'Org_1.peer')", 14, "`Org_1` is no MSP id"),
        ("OR('A.peer', '.peer')", 14, "MSP id"),
        ("OutOf('A.peer')", 7, "number of signatures"),
        ("OutOf(2)", 8, "expected `,`"),
        ("OutOf(0,'A.peer')", 7, "from 1 to 1"),
        ("AND('A.peer', OutOf(3,'A.peer','B.peer'))", 21, "from 1 to 2"),
        ("OutOf(99999999999999999999999,'A.peer')", 7, "number of signatures"),
        ("OR('A.peer')x", 13, "follows the end"),
    ];
    for (text, column, part) in cases {
        let (found, reason) = fault(text);
        assert_eq!(found, column, "{text}: {reason}");
        assert!(reason.contains(part), "{text}: {reason}");
    }
}

#[test]
fn refuses_depth_instead_of_overflowing() {
    let text = format!("{}'A.peer'{}", "OR(".repeat(100_000), ")".repeat(100_000));
    assert!(fault(&text).1.contains("32 deep"));
}

proptest::proptest! {
    #[test]
    fn never_panics(text in "[ANDORutf(),'\".0-9a-z ]{0,60}") {
        let _ = SignaturePolicy::parse(&text);
    }
}
