//! No key of our configuration files is unknown to the version that reads them: an orderer stops at one, a peer does not see
//! it.

use std::collections::BTreeSet;
use std::fs;

use chart_builder::render::{OrdererStart, core_yaml, orderer_yaml};
use serde_json::Value;

use crate::network::network;
use crate::programs::found;

#[test]
fn the_sample_of_the_version_knows_every_key_of_a_peer() {
    for (version, sample) in found("config/core.yaml") {
        let ours = core_yaml(&network(version)).unwrap();
        let sample = fs::read_to_string(sample).unwrap();
        assert_eq!(unknown(&ours, &sample), Vec::<String>::new(), "{version}");
    }
}

#[test]
fn the_sample_of_the_version_knows_every_key_of_an_orderer() {
    for (version, sample) in found("config/orderer.yaml") {
        let sample = fs::read_to_string(sample).unwrap();
        for start in [OrdererStart::Participation, OrdererStart::SystemChannel] {
            // Fabric 3 has no system channel.
            if start == OrdererStart::SystemChannel && version.starts_with('3') {
                continue;
            }
            let ours = orderer_yaml(&network(version), start).unwrap();
            assert_eq!(unknown(&ours, &sample), Vec::<String>::new(), "{version} {start:?}");
        }
    }
}

#[test]
fn an_unknown_key_is_found() {
    let ours = "General:\n  Cluster:\n    SendBufferSize: 10\n    Size: 1\n";
    let sample = "General:\n  Cluster:\n    # SendBufferSize: 10\n";
    assert_eq!(unknown(ours, sample), ["General.Cluster.Size"]);
}

/// Keys of ours that the sample neither has nor mentions in a comment; viper reads keys in any case.
fn unknown(ours: &str, sample: &str) -> Vec<String> {
    let known: BTreeSet<String> =
        paths(&yaml(sample)).iter().map(|path| path.to_lowercase()).collect();
    let mentioned: BTreeSet<&str> = sample.lines().filter_map(mentioned).collect();
    let unknown = |path: &String| {
        let leaf = path.rsplit('.').next().unwrap_or(path);
        !known.contains(&path.to_lowercase()) && !mentioned.contains(leaf)
    };
    paths(&yaml(ours)).into_iter().filter(unknown).collect()
}

/// `key` of the line `# key: value`.
fn mentioned(line: &str) -> Option<&str> {
    let (key, _) = line.trim_start().strip_prefix('#')?.trim_start().split_once(':')?;
    Some(key.strip_prefix("- ").unwrap_or(key))
}

fn yaml(text: &str) -> Value {
    // The reader does not take as many comments in a row as the samples have.
    let lines = text.lines().filter(|line| !line.trim_start().starts_with('#'));
    serde_yaml::from_str(&lines.collect::<Vec<_>>().join("\n")).unwrap()
}

/// The path of every key, without the numbers of items.
fn paths(value: &Value) -> BTreeSet<String> {
    let mut paths = BTreeSet::new();
    collect("", value, &mut paths);
    paths
}

fn collect(prefix: &str, value: &Value, paths: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                let path = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
                collect(&path, value, paths);
                paths.insert(path);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(prefix, item, paths)),
        _ => {}
    }
}
