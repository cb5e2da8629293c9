//! Checks of whole topologies: size, warnings, damage, and the specs of `tests/specs`.

mod specs;

use std::fmt::Write as _;

use proptest::prelude::*;

use super::*;

fn network(organizations: usize) -> String {
    let mut text = "apiVersion: fabric-topology/v1\nkind: FabricNetwork\nmetadata: {name: big, version: 1.0.0}\n\
                    fabric: {version: 2.5}\norganizations:\n- {name: Orderer, orderers: 5}\n"
        .to_owned();
    let mut members = String::new();
    for index in 0..organizations {
        writeln!(text, "- {{name: Org{index}, peers: {{count: 4, anchors: [peer1]}}}}").unwrap();
        writeln!(members, "  - {{org: Org{index}, peers: [peer0, peer1]}}").unwrap();
    }
    text + "channels:\n- name: all\n  members:\n" + &members
}

#[test]
fn a_network_of_a_hundred_organizations_has_no_faults() {
    let checked = check(&Source::new("network.yaml", network(100)), &Lock::default());
    assert!(checked.diagnostics.is_empty(), "{:?}", checked.diagnostics);
    assert_eq!(checked.network.unwrap().organizations.len(), 101);
}

#[test]
fn warnings_do_not_withhold_the_network() {
    let text = network(2).replace("orderers: 5", "orderers: 4");
    let checked = check(&Source::new("network.yaml", text), &Lock::default());
    assert_eq!(checked.diagnostics.iter().map(|it| it.code).collect::<Vec<_>>(), ["FT310"]);
    assert!(checked.network.is_some());
}

#[test]
fn what_two_organizations_have_wrong_in_one_line_is_said_once() {
    let text = network(2) + "chaincode: {mode: docker-host, acknowledge: [docker-socket]}\n";
    let checked = check(&Source::new("network.yaml", text), &Lock::default());
    let codes: Vec<_> = checked.diagnostics.iter().map(|it| it.code).collect();
    assert_eq!(codes, ["FT530"], "{:?}", checked.diagnostics);
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,200}") {
        check(&Source::new("network.yaml", text), &Lock::default());
    }

    #[test]
    fn no_damage_to_a_topology_makes_it_panic(
        at in 0..900_usize,
        cut in 0..30_usize,
        put in "[-\\[\\]{}:,&*!|>'\"\\n a-z0-9é]{0,12}",
    ) {
        let text = include_str!("../../rules/example.yaml");
        let start = (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap();
        let end = (start + cut).min(text.len());
        let text = format!("{}{put}{}", &text[..start], &text[end..]);
        let source = Source::new("network.yaml", text);
        let checked = check(&source, &Lock::default());
        prop_assert_eq!(checked.network.is_none(), checked.diagnostics.has_errors());
        crate::diagnostic::report::text(&source, &checked.diagnostics, crate::diagnostic::report::Style::Plain);
    }
}
