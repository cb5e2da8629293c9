//! What `helm repo add` costs its user: the JSON of the registry, beside YAML files from nginx.

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Map, Value, json};

use crate::programs::Server;

/// Rounds of each; they take turns.
const ROUNDS: usize = 3;

/// Programs of Helm, separated by spaces.
const HELMS: &str = "COSTS_HELMS";

/// The forms of an index: name, and where the registry has it.
const FORMS: [(&str, &str); 2] = [("same", ""), ("full", "/~full")];

pub(crate) fn helm(storage: &Path) -> Value {
    let helms = std::env::var(HELMS).unwrap_or_default();
    let folder = storage.with_extension("helm");
    let root = folder.join("root");
    let registry = Server::registry(storage);
    for (name, below) in FORMS {
        std::fs::create_dir_all(root.join(name)).unwrap();
        let url = format!("http://{}{below}/index.yaml?format=yaml", registry.address);
        let file = root.join(name).join("index.yaml");
        assert!(Command::new("curl").arg("-sfo").arg(file).arg(url).status().unwrap().success());
    }
    let Some(nginx) = Server::nginx(&root, &folder) else {
        return json!({ "helm_repo_add": "not run: there is no nginx" });
    };
    let urls = [
        ("registry_json", format!("http://{}", registry.address)),
        ("nginx_yaml_same", format!("http://{}/same", nginx.address)),
        ("nginx_yaml_full", format!("http://{}/full", nginx.address)),
    ];
    let mut record = Map::new();
    for (number, helm) in helms.split_whitespace().enumerate() {
        let mut said = Map::new();
        for (name, url) in urls.iter().cycle().take(urls.len() * ROUNDS) {
            let samples = said.entry(*name).or_insert_with(|| json!([]));
            samples.as_array_mut().unwrap().push(added(helm, url, &folder).into());
        }
        let version = Command::new(helm).args(["version", "--short"]).output().unwrap().stdout;
        said.insert("version".to_owned(), String::from_utf8(version).unwrap().trim().into());
        record.insert(format!("helm_{}", number + 1), said.into());
    }
    std::fs::remove_dir_all(&folder).unwrap();
    json!({ "helm_repo_add_processor_ms": record })
}

/// Processor time of adding a repository in an empty home, in milliseconds.
fn added(helm: &str, url: &str, folder: &Path) -> f64 {
    let home = folder.join("home");
    let before = children_ms();
    let mut command = Command::new(helm);
    command.args(["repo", "add", "measured", url]).stdout(Stdio::null());
    for variable in ["HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME"] {
        command.env(variable, &home);
    }
    assert!(command.status().unwrap().success());
    std::fs::remove_dir_all(&home).unwrap();
    children_ms() - before
}

/// Processor time of the children that have ended, in milliseconds; the kernel counts hundredths.
fn children_ms() -> f64 {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap();
    let (_, fields) = text.rsplit_once(") ").unwrap();
    let ticks = fields.split(' ').skip(13).take(2).map(|ticks| ticks.parse::<f64>().unwrap());
    ticks.sum::<f64>() * 10.0
}
