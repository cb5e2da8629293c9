//! When packages were created, as `index-cache.yaml` says.

use std::collections::BTreeMap;
use std::path::Path;

use chart_format::digest::Sha256;
use chart_format::yaml::{self, go_text};
use chart_registry_store::Timestamp;
use serde_json::Value;

/// Longest file that is read.
const MAX_CACHE_BYTES: u64 = 256 << 20;

/// Times by the digest of the package: names of files and versions may lie, digests do not.
#[derive(Debug, Default)]
pub(crate) struct Created(BTreeMap<String, Timestamp>);

impl Created {
    /// Reads the file; an empty one, which `ChartMuseum` leaves when it is stopped, says nothing.
    pub(super) fn read(path: &Path) -> Result<Self, String> {
        let length = std::fs::metadata(path).map_err(|error| error.to_string())?.len();
        if length > MAX_CACHE_BYTES {
            return Err(format!("the file is longer than {MAX_CACHE_BYTES} bytes"));
        }
        let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
        Self::parse(&text)
    }

    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        let value = match serde_json::from_str(text) {
            Ok(value) => value,
            Err(_) => yaml::read(text, yaml::Limits::INDEX).map_err(|error| error.to_string())?,
        };
        let entries = value.get("entries").and_then(Value::as_object);
        let versions = entries.into_iter().flat_map(|it| it.values()).filter_map(Value::as_array);
        let created = versions.flatten().filter_map(|entry| {
            let text = |key| entry.get(key).and_then(go_text);
            Some((text("digest")?, Timestamp::parse(&text("created")?)?))
        });
        let mut times = BTreeMap::new();
        for (digest, time) in created {
            let first = times.entry(digest).or_insert(time);
            *first = time.min(*first);
        }
        Ok(Self(times))
    }

    /// When the package of a digest was created.
    pub(super) fn of(&self, digest: Sha256) -> Option<Timestamp> {
        self.0.get(&digest.to_string()).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_found_by_digest_in_yaml_and_in_json() {
        let digest = Sha256::of(b"package");
        let yaml = format!(
            "apiVersion: v1\nentries:\n  org:\n  - created: \"2019-03-12T10:11:12.5+01:00\"\n    digest: {digest}\n    version: 1.0.0\n  - version: 2.0.0\n"
        );
        let json = format!(
            "{{\"entries\":{{\"org\":[{{\"created\":\"2019-03-12T09:11:12.5Z\",\"digest\":\"{digest}\"}}]}}}}"
        );
        for text in [yaml, json] {
            let created = Created::parse(&text).unwrap().of(digest).unwrap();
            assert_eq!(created.to_string(), "2019-03-12T09:11:12.500Z");
        }
        assert!(Created::parse("").unwrap().of(digest).is_none());
        assert!(Created::parse("entries: [").is_err());
        assert!(Created::parse("entries: {org: 1}").unwrap().of(digest).is_none());
    }
}
