//! The curated charts as they lie in the source tree.

use suite::workspace;

use super::Helm;

/// Directories of curated charts, and the values files in their `ci/`.
fn charts() -> Vec<(String, Vec<String>)> {
    let files = workspace::files_like("charts/", "/Chart.yaml");
    let folders = files.iter().filter(|name| name.matches('/').count() == 2);
    folders
        .map(|name| name.trim_end_matches("/Chart.yaml").to_owned())
        .map(|folder| {
            let examples = workspace::files_like(&format!("{folder}/ci/"), "-values.yaml");
            (folder, examples)
        })
        .collect()
}

fn absolute(relative: &str) -> String {
    workspace::path(relative).to_str().expect("a path in UTF-8").to_owned()
}

#[test]
fn curated_charts_pass_strict_lint_with_their_defaults_and_every_example() {
    assert!(charts().len() >= 5, "the curated charts are not where they belong: {:?}", charts());
    for helm in Helm::each() {
        for (folder, examples) in charts() {
            let chart = absolute(&folder);
            helm.run(&["lint", "--strict", &chart]).success();
            for example in examples {
                helm.run(&["lint", "--strict", &chart, "--values", &absolute(&example)]).success();
            }
        }
    }
}

#[test]
fn curated_charts_render_every_example() {
    for helm in Helm::each() {
        for (folder, examples) in charts() {
            for example in examples {
                let chart = absolute(&folder);
                let rendered = helm
                    .run(&["template", "r", &chart, "--values", &absolute(&example)])
                    .success()
                    .stdout;
                assert!(rendered.contains("kind: "), "{example} renders no object");
            }
        }
    }
}

#[test]
fn every_chart_admits_the_images_of_all_others() {
    for (folder, _) in charts() {
        let schema = format!("{folder}/values.schema.json");
        // Library charts have no values of their own.
        if workspace::files_like(&folder, "/values.schema.json").is_empty() {
            continue;
        }
        let schema: serde_json::Value =
            serde_json::from_str(&workspace::read(&schema)).expect("a schema");
        let Some(images) = schema.pointer("/properties/global/properties/images") else { continue };
        // `global` is the same in every chart of a network, whichever others are there.
        assert_eq!(images["additionalProperties"]["$ref"], "#/definitions/image", "{folder}");
    }
}

/// Fabric 1.0 shows its own certificate to chaincodes, which has the peer's name; they dial whatever address they were given.
#[test]
fn a_peer_of_fabric_1_0_tells_chaincodes_which_name_its_certificate_has() {
    for helm in Helm::each() {
        let rendered = |settings: &[&str]| {
            let chart = absolute("charts/fabric-org");
            let values = absolute("charts/fabric-org/ci/docker-values.yaml");
            let template = ["template", "r", &chart, "--values", &values];
            helm.run(&[&template[..], settings].concat()).success().stdout
        };
        let variable =
            "name: CORE_PEER_TLS_SERVERHOSTOVERRIDE\n              value: \"peer1.org1\"";
        let oldest = rendered(&["--set", "facts.chaincodeRuntime.listenAddressOnly=true"]);
        assert!(oldest.contains(variable), "{oldest}");
        assert!(
            !rendered(&[]).contains("SERVERHOSTOVERRIDE"),
            "the name is in the address since 1.1"
        );
    }
}
