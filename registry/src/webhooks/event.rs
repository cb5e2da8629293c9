//! What happened, as `CloudEvents` 1.0 in JSON.

use bytes::Bytes;
use chart_registry_store::{RepositoryPath, SealedCommit, Timestamp};
use serde::Serialize;
use serde_json::Value;

use super::settings::Webhook;
use crate::changes;
use crate::refusal::Fault;

/// Digits of the commit's digest in an event's id.
const ID_DIGITS: usize = 16;

/// An event that is to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CloudEvent {
    /// The same whenever it is sent, and never that of another event of any registry.
    pub(super) id: String,
    pub(super) body: Bytes,
}

/// Which events a webhook wants, and how they name where they come from.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    repositories: Vec<RepositoryPath>,
    kinds: Vec<String>,
    /// What stands before the repository's path.
    source: String,
}

#[derive(Serialize)]
struct Written<'a> {
    specversion: &'static str,
    id: &'a str,
    source: String,
    #[serde(rename = "type")]
    kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    time: Timestamp,
    datacontenttype: &'static str,
    /// An extension of the specification: compares as the journal's numbers do.
    sequence: String,
    data: &'a Value,
}

impl Wanted {
    pub(super) fn new(webhook: &Webhook, base_path: &str) -> Self {
        let host = webhook.source.as_ref().map(|it| it.url().as_str().trim_end_matches('/'));
        let base = if base_path.is_empty() { String::new() } else { format!("/{base_path}") };
        Self {
            repositories: webhook.repositories.clone(),
            kinds: webhook.kinds.iter().map(|kind| kind.as_str().to_owned()).collect(),
            source: format!("{}{base}", host.unwrap_or_default()),
        }
    }

    /// The events of a commit that are wanted, in order.
    pub(super) fn of(&self, commit: &SealedCommit) -> Result<Vec<CloudEvent>, Fault> {
        let mut wanted = Vec::new();
        for (index, event) in commit.commit().events.iter().enumerate() {
            let Some(repository) = changes::repository_of(event).filter(|it| self.is_below(it))
            else {
                continue;
            };
            let data = changes::told(event)?;
            let operation = data["op"].as_str().unwrap_or_default();
            if self.kinds.is_empty() || self.kinds.iter().any(|kind| kind == operation) {
                wanted.push(self.event((commit, index), repository, &data)?);
            }
        }
        Ok(wanted)
    }

    fn is_below(&self, repository: &str) -> bool {
        self.repositories.is_empty()
            || RepositoryPath::parse(repository)
                .is_ok_and(|path| self.repositories.iter().any(|above| path.is_within(above)))
    }

    fn event(
        &self,
        (commit, index): (&SealedCommit, usize),
        repository: &str,
        data: &Value,
    ) -> Result<CloudEvent, Fault> {
        let (seq, time) = (commit.commit().seq, commit.commit().time);
        let digest = commit.head().hash.to_string();
        // The digest covers a random number of the commit: another registry has other ids.
        let id = format!("{seq}-{index}-{}", &digest[..ID_DIGITS]);
        let written = Written {
            specversion: "1.0",
            id: &id,
            source: format!("{}/{repository}", self.source),
            kind: format!("chart-registry.{}", data["op"].as_str().unwrap_or_default()),
            subject: subject(data),
            time,
            datacontenttype: "application/json",
            sequence: format!("{seq:016}"),
            data,
        };
        let body = serde_json::to_vec(&written);
        let body = body.map_err(|error| Fault::Index { reason: error.to_string() })?;
        Ok(CloudEvent { id, body: Bytes::from(body) })
    }
}

/// The name of the chart, and its version, tag or digest.
fn subject(data: &Value) -> Option<String> {
    let text = |field: &str| data[field].as_str();
    let name = text("name")?;
    let which = text("version").or_else(|| text("tag")).or_else(|| text("digest"));
    Some(which.map_or_else(|| name.to_owned(), |which| format!("{name}/{which}")))
}
