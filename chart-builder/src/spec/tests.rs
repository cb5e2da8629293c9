use super::*;
use crate::diagnostic::report::{self, Style};

fn faults(text: &str) -> Vec<String> {
    let source = Source::new("network.yaml", text);
    let mut found = Diagnostics::default();
    let parsed = parse(&source, &mut found);
    found.locate(&parsed.tree, &source);
    println!("{}", report::text(&source, &found, Style::Plain));
    let shown = found.iter().map(|fault| {
        let at = source.position(fault.place.range.clone().unwrap().start);
        format!("{} {}:{} {}", fault.code, at.line, at.column, fault.message)
    });
    shown.collect()
}

#[test]
fn every_structural_fault_is_found_in_one_run() {
    let text = "\
apiVersion: fabric-topology/v1
kind: FabricNet
metadata: {name: demo}
fabric: {version: 2.5}
organizations:
- {name: Org1, peers: two}
- {name: Org2, perrs: 2}
- peers: 1
ordering: {type: bft, bft: {leaderRotation: on}}
channels:
  name: mychannel
chaincodes:
";
    assert_eq!(
        faults(text),
        [
            "FT106 2:7 `FabricNet` is not a value of `kind`",
            "FT104 3:11 `metadata` has no `version`",
            "FT105 6:23 `organizations[0].peers` is `two`",
            "FT103 7:16 `organization` has no field `perrs`",
            "FT104 8:3 `organization` has no `name`",
            "FT107 9:45 `on` is not built yet",
            "FT105 11:3 `channels` is a mapping",
            "FT105 12:1 `chaincodes` is nothing",
        ]
    );
}

#[test]
fn a_typo_of_a_required_field_is_one_fault() {
    let found = faults("apiVersion: fabric-topology/v1\nkindd: FabricNetwork\n");
    assert!(found.iter().any(|fault| fault.contains("has no field `kindd`")));
    assert!(!found.iter().any(|fault| fault.contains("has no `kind`")), "{found:?}");
}

#[test]
fn a_file_that_is_no_mapping_says_so() {
    assert_eq!(faults("- a\n- b\n"), ["FT105 1:1 the file is a list"]);
    assert_eq!(faults("# nothing\n"), ["FT104 1:1 the file is empty"]);
}
