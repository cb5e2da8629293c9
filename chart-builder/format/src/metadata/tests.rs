use super::*;

fn faults(text: &str) -> Vec<String> {
    Metadata::parse(text).unwrap_err().faults.iter().map(ToString::to_string).collect()
}

const FULL: &str = "\
annotations:
  artifacthub.io/images: |
    - name: peer
      image: hyperledger/fabric-peer:2.5
  artifacthub.io/prerelease: \"false\"
apiVersion: v2
appVersion: \"2.5\"
dependencies:
- alias: org1
  condition: org1.enabled
  import-values:
  - data
  - child: a.b
    parent: c
  name: fabric-org
  repository: \"\"
  tags:
  - back-end
  version: 0.1.0
deprecated: true
description: A Hyperledger Fabric network of three organizations, written by a compiler
  from one topology file
home: https://example.com
icon: https://example.com/icon.svg
keywords:
- fabric
- \"yes\"
kubeVersion: '>=1.25.0-0'
maintainers:
- email: team@example.com
  name: Team
  url: https://example.com/team
name: network
sources:
- https://example.com/source
type: application
version: 1.2.3-rc.1
";

#[test]
fn helms_own_form_reads_and_writes_unchanged() {
    let metadata = Metadata::parse(FULL).unwrap();
    assert_eq!(metadata.to_chart_yaml(), FULL);
    assert_eq!(metadata.app_version.as_deref(), Some("2.5"));
    assert_eq!(metadata.dependencies[0].key(), "org1");
}

#[test]
fn json_has_helms_order_and_reads_back() {
    let metadata = Metadata::parse(FULL).unwrap();
    let json = metadata.to_json();
    assert!(
        json.starts_with("{\"name\":\"network\",\"home\":\"https://example.com\",\"sources\":["),
        "{json}"
    );
    assert_eq!(serde_json::to_string(&metadata).unwrap(), json.replace("\\u003e", ">"));
    assert_eq!(Metadata::from_json(&serde_json::from_str(&json).unwrap()), Ok(metadata));
}

#[test]
fn reports_every_fault_with_its_place() {
    let text = "apiVersion: v3\nName: x\ntype: plugin\nversion: latest\nkeywords: {}\nsources: [[]]\n\
        kubeVersion: latest\ndeprecated: 1\nmaintainers: [null, x]\nannotations: {a: [], b: \"\\x07\"}\n\
        dependencies:\n- name: a\n- name: a\n- name: b\n  alias: 'b c'\n  version: x y\n- {}\n- name: c\n  import-values: [1]\n";
    assert_eq!(
        faults(text),
        [
            "`Name`: is read by Helm as `name`: write `name`",
            "`name`: is missing",
            "`version`: `latest` is no semantic version of at most 128 bytes: write `major.minor.patch`, as in `1.2.3` or `1.2.3-rc.1`",
            "`apiVersion`: `v3` is unknown: write `v2` or `v1`",
            "`type`: `plugin` is unknown: write `application` or `library`",
            "`sources[0]`: is not a text",
            "`keywords`: is not a list",
            "`maintainers[0]`: is not a mapping",
            "`maintainers[1]`: is not a mapping",
            "`deprecated`: is not `true` or `false`",
            "`annotations.a`: is not a text",
            "`annotations.b`: holds the control character U+0007: remove it",
            "`kubeVersion`: constraint `latest` has `latest`: write comparisons such as `>=1.2 <2` or `^1.2 || ~2.0`",
            "`dependencies[1]`: a second dependency is used as `a`: give one of them another `alias`",
            "`dependencies[2].alias`: alias `b c` may hold only letters, digits, `_` and `-`",
            "`dependencies[2].version`: constraint `x y` has `y`: write comparisons such as `>=1.2 <2` or `^1.2 || ~2.0`",
            "`dependencies[3].name`: is missing",
            "`dependencies[4].import-values[0]`: is not a text, or a mapping with `child` and `parent`",
        ]
    );
}

#[test]
fn names_and_files_that_are_none() {
    assert_eq!(
        faults("[]"),
        ["`Chart.yaml`: is not a mapping", "`name`: is missing", "`version`: is missing"]
    );
    assert_eq!(faults("a: b: c").len(), 1);
    assert_eq!(
        faults("name: Demo\nversion: 1.0.0\n"),
        [
            "`name`: chart name `Demo` has `D` at position 1: use lower-case letters, digits and inner `-`"
        ]
    );
}

#[test]
fn reads_what_helm_reads() {
    let metadata =
        Metadata::parse("name: demo\nversion: 1.0.0\nappVersion: 1.10\ndescription: \"a\\nb\\u200bc\\tx\"\nfuture: 1\n").unwrap();
    assert_eq!(metadata.app_version.as_deref(), Some("1.1"));
    assert_eq!(metadata.description.as_deref(), Some("a bc x"));
    assert_eq!(metadata.api_version, ApiVersion::V1);
    assert_eq!(metadata.chart_type, None);
}
