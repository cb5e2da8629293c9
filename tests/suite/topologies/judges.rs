//! Judges that no package registry of a fresh machine has: kubeconform and kube-score, where they are in `PATH`.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::Value;
use suite::oracles::Oracle;
use suite::oracles::schemas::directory;
use suite::process::run;

use super::parallel;
use super::renders::RENDERS;
use super::schemas::is_custom;

/// What kube-score asks for and the charts leave out, each with the reason.
const EXCUSED: &[(&str, &str)] = &[
    ("networkpolicy-targets-pod", "a setting adds rollers to a network that has none"),
    ("container-ephemeral-storage-request-and-limit", "ledgers lie on claims; emptyDirs are small"),
    ("container-image-pull-policy", "tags are versions, and an image on the node is taken"),
    ("container-resources", "a limit of processor time throttles elections and block commits"),
    (
        "container-security-context-user-group-id",
        "one user for all images; volumes ask for group 1000",
    ),
    ("deployment-has-host-podantiaffinity", "topology spread constraints do it"),
    ("deployment-has-poddisruptionbudget", "a single pod would keep its node from being emptied"),
    (
        "deployment-replicas",
        "converge is one by design, chaincode servers are as many as the topology says",
    ),
    ("pod-probes-identical", "a chaincode server has nothing but its port to ask"),
    ("pod-networkpolicy", "which policies a network has is its topology's decision"),
    (
        "statefulset-has-servicename",
        "the Service of a node is no headless one: its name has one address",
    ),
];

/// The objects of all topologies, equal ones once, one file for each network.
fn write(folder: &Path) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let mut files = Vec::new();
    for render in RENDERS.iter() {
        let mut text = String::new();
        let known = |it: &&Value| !is_custom(it) && it["kind"] != "TLSRoute";
        for object in render.first.iter().filter(known) {
            let object = object.to_string();
            if seen.insert(object.clone()) {
                writeln!(text, "---\n{object}").expect("memory");
            }
        }
        let file = folder.join(format!("{}.yaml", render.sample.row.name));
        fs::write(&file, text).expect("a file");
        files.push(file.to_string_lossy().into_owned());
    }
    files
}

/// kubeconform reads one file for each kind: made from the definitions, which it does not know.
fn write_schemas(definitions: &Path, folder: &Path) {
    let text = fs::read_to_string(definitions).expect("definitions");
    let document: Value = serde_json::from_str(&text).expect("JSON");
    fs::write(folder.join("_definitions.json"), &text).expect("a file");
    for (name, definition) in document["$defs"].as_object().expect("definitions") {
        for known in definition["x-kubernetes-group-version-kind"].as_array().into_iter().flatten()
        {
            let word = |key: &str| known[key].as_str().unwrap_or_default().to_lowercase();
            let group = word("group");
            let group = group.split('.').next().unwrap_or_default();
            let suffix = if group.is_empty() { String::new() } else { format!("-{group}") };
            let file = folder.join(format!("{}{suffix}-{}.json", word("kind"), word("version")));
            let schema = serde_json::json!({"$ref": format!("_definitions.json#/$defs/{name}")});
            fs::write(file, schema.to_string()).expect("a file");
        }
    }
}

#[test]
fn kubeconform_takes_every_object_and_skips_none() {
    let Some(kubeconform) = Oracle::elsewhere("kubeconform") else { return };
    let Some(definitions) = Oracle::data("the schemas of Kubernetes", directory()) else { return };
    let home = tempfile::tempdir().expect("a directory");
    let files = write(home.path());
    for version in ["1.30", "1.36"] {
        let schemas = home.path().join(version);
        fs::create_dir(&schemas).expect("a directory");
        write_schemas(&definitions.join(format!("{version}.json")), &schemas);
        let location =
            format!("{}/{{{{ .ResourceKind }}}}{{{{ .KindSuffix }}}}.json", schemas.display());
        let mut command = kubeconform.command(home.path());
        command.args(["-strict", "-summary", "-schema-location", &location]).args(&files);
        run(&mut command).success().says("Invalid: 0, Errors: 0, Skipped: 0");
    }
}

/// What a topology asks for in words: node ports, and Docker engines with the rights that they need.
fn is_asked_for(file: &Path, check: &str) -> bool {
    let network = file.file_stem().and_then(|it| it.to_str()).unwrap_or_default();
    let render = RENDERS.iter().find(|it| it.sample.row.name == network);
    let is = |axis, value| render.is_some_and(|it| it.sample.row.is(axis, value));
    match check {
        "service-type" => is("exposure", "nodePort"),
        "container-security-context-privileged"
        | "container-security-context-readonlyrootfilesystem" => is("runtime", "dind"),
        _ => false,
    }
}

/// What kube-score has against the objects of a file.
fn scored(kube_score: &Oracle, home: &Path, file: &str) -> Vec<String> {
    let mut command = kube_score.command(home);
    command.args(["score", "--output-format", "json"]);
    for (check, _) in EXCUSED {
        command.args(["--ignore-test", check]);
    }
    let outcome = run(command.arg(file));
    let report: Value = serde_json::from_str(&outcome.stdout).expect("a report in JSON");
    let mut faults = Vec::new();
    for scored in report.as_array().into_iter().flatten() {
        for check in scored["checks"].as_array().into_iter().flatten() {
            let id = check["check"]["id"].as_str().unwrap_or_default();
            let skipped = check["skipped"] == true || is_asked_for(Path::new(file), id);
            if !skipped && check["grade"].as_u64().is_some_and(|grade| grade < 7) {
                faults.push(format!("{file}: {}: {id}", scored["object_name"]));
            }
        }
    }
    faults
}

#[test]
fn kube_score_finds_nothing_but_what_is_excused() {
    let Some(kube_score) = Oracle::elsewhere("kube-score") else { return };
    let home = tempfile::tempdir().expect("a directory");
    let files = write(home.path());
    // A file at a time: it takes objects of one name for one object.
    let faults = parallel(&files, |file| scored(&kube_score, home.path(), file));
    let mut faults = faults.concat();
    faults.sort();
    faults.dedup();
    super::assert_none("kube-score has nothing to add", &faults);
}
