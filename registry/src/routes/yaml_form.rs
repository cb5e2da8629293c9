//! The index as block YAML, for tools that do not read JSON under the name `index.yaml`.

use std::io;
use std::sync::Arc;

use bytes::Bytes;
use chart_format::yaml::{Map, Node, write};
use chart_registry_catalog::{IndexVersions, Repository};

/// A frame of at least so many bytes: small ones, because others wait while one is made.
const FRAME_BYTES: usize = 16 << 10;

/// The YAML of an index, written while it is read. Costs time for every version: clients that read
/// JSON get the ready text instead.
pub(super) struct YamlFrames {
    opening: Option<String>,
    versions: IndexVersions,
    chart: Option<Arc<str>>,
}

impl YamlFrames {
    /// The YAML of `repository`, of which `versions` are to be written.
    pub(super) fn new(repository: &Repository, versions: IndexVersions) -> Self {
        let head =
            Map::new().with("apiVersion", "v1").with("generated", repository.changed().to_string());
        let entries =
            if repository.visible_versions() > 0 { "entries:\n" } else { "entries: {}\n" };
        Self { opening: Some(write(&head.into()) + entries), versions, chart: None }
    }

    fn version(&mut self, frame: &mut String, (chart, text): (Arc<str>, &[u8])) -> io::Result<()> {
        let value: serde_json::Value = serde_json::from_slice(text)?;
        let node = Node::from_json(&value).map_err(io::Error::other)?;
        let list = write(&Map::new().with(chart.to_string(), Node::List(vec![node])).into());
        // The name stands before the first version only.
        let same = self.chart.as_ref() == Some(&chart);
        for line in list.lines().skip(usize::from(same)) {
            // Empty lines of texts stay empty, as the writer has them.
            if !line.is_empty() {
                frame.push_str("  ");
                frame.push_str(line);
            }
            frame.push('\n');
        }
        self.chart = Some(chart);
        Ok(())
    }
}

impl Iterator for YamlFrames {
    type Item = io::Result<Bytes>;

    fn next(&mut self) -> Option<io::Result<Bytes>> {
        let mut frame = self.opening.take().unwrap_or_default();
        while frame.len() < FRAME_BYTES {
            let Some(version) = self.versions.next() else { break };
            let written = version
                .map_err(|damaged| io::Error::new(io::ErrorKind::InvalidData, damaged))
                .and_then(|(chart, text)| self.version(&mut frame, (chart, &text[..])));
            if let Err(error) = written {
                return Some(Err(error));
            }
        }
        (!frame.is_empty()).then(|| Ok(Bytes::from(frame)))
    }
}

#[cfg(test)]
mod tests {
    use chart_registry_catalog::State;
    use chart_registry_store::{Event, Timestamp};

    use super::*;

    #[test]
    fn the_yaml_that_is_written_piece_by_piece_is_that_of_the_whole_index() {
        let mut state = State::default();
        let digest = "0".repeat(64);
        for number in 0..400_u64 {
            let (name, version) = (format!("chart-{}", number % 7), format!("1.{number}.0"));
            let publish = serde_json::json!({
                "repo": "", "name": name, "version": version, "request": "",
                "actor": { "sub": "test", "via": "test" },
                "package": { "sha256": digest, "size": 1 }, "content": digest,
                "chart": {
                    "name": name, "version": version, "description": "two\nlines: \"a\" ",
                    "keywords": ["no", "1.0"], "annotations": { "x": "- a\n\n- b\n" },
                },
            });
            let publish = serde_json::from_str(&publish.to_string()).unwrap();
            state = state
                .with_event(&Event::Publish(publish), number + 1, Timestamp::default())
                .unwrap();
            let repository = state.repository("");
            if number % 57 == 0 {
                assert_eq!(pieces(&repository), whole(&repository));
            }
        }
        let empty = State::default().repository("");
        assert_eq!(pieces(&empty), whole(&empty));
        let frames = YamlFrames::new(&state.repository(""), state.repository("").full_versions());
        assert!(frames.count() > 2, "the largest is more than one piece");
    }

    fn pieces(repository: &Arc<Repository>) -> String {
        let frames = YamlFrames::new(repository, repository.index_versions());
        let text: Vec<u8> = frames.flat_map(Result::unwrap).collect();
        String::from_utf8(text).unwrap()
    }

    fn whole(repository: &Arc<Repository>) -> String {
        let json: Vec<u8> = repository.index_frames().flatten().collect();
        let value: serde_json::Value = serde_json::from_slice(&json).unwrap();
        let ordered = ["apiVersion", "generated", "entries"];
        let fields = ordered.map(|key| (key, Node::from_json(&value[key]).unwrap()));
        write(&fields.into_iter().collect::<Map>().into())
    }
}
