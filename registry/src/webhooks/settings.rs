//! What a platform team declares about webhooks.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use chart_registry_store::{Change, RepositoryPath};
use serde::Deserialize;

use crate::outbound::Address;
use crate::refusal::Fault;

/// Most webhooks; each has a task of its own.
const MAX_WEBHOOKS: usize = 64;

/// Most bytes of a name.
const MAX_NAME_BYTES: usize = 63;

/// One item of the section `webhooks` of the configuration file.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Webhook {
    /// Its name, under which its position is kept.
    pub name: HookName,
    /// Where events are sent.
    pub url: Address,
    /// Events of these repositories and of those below them are sent; of all when there are none.
    #[serde(default)]
    pub repositories: Vec<RepositoryPath>,
    /// These kinds of events are sent; all when there are none.
    #[serde(default)]
    pub kinds: Vec<Kind>,
    /// File with the secrets that events are signed by, one on a line.
    pub secret_file: PathBuf,
    /// What stands before the repository's path in an event's `source`.
    #[serde(default)]
    pub source: Option<Address>,
    /// What happens when the receiver says that it will never take an event.
    #[serde(default)]
    pub on_refusal: OnRefusal,
}

/// The name of a webhook: small letters, digits and dashes between them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct HookName(String);

/// A kind of event, by the name of its operation in the change feed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Kind(String);

/// What happens when a receiver answers that an event is wrong (4xx).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnRefusal {
    /// It is sent again until it is taken; those behind it wait.
    #[default]
    Retry,
    /// It is counted and passed over.
    Skip,
}

/// All webhooks of a registry.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WebhookSettings {
    /// The webhooks.
    pub hooks: Vec<Webhook>,
    /// How fast everything goes.
    pub pace: Pace,
}

/// How fast everything goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Time between two renewals of the lease while nothing happens.
    pub renew: Duration,
    /// A lease that nobody renewed for this long is taken over.
    pub takeover: Duration,
    /// Positions are kept this long after they changed.
    pub keep: Duration,
    /// Time that a receiver has for its answer.
    pub answer: Duration,
    /// Wait after the first failure; doubled with each further one.
    pub first_wait: Duration,
    /// Longest wait between two attempts.
    pub longest_wait: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            renew: Duration::from_secs(15),
            takeover: Duration::from_secs(45),
            keep: Duration::from_secs(2),
            answer: Duration::from_secs(10),
            first_wait: Duration::from_secs(1),
            longest_wait: Duration::from_mins(5),
        }
    }
}

impl HookName {
    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for HookName {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let ends = [text.bytes().next(), text.bytes().last()];
        let sound = ends.iter().all(|end| end.is_some_and(word))
            && text.bytes().all(|byte| word(byte) || byte == b'-')
            && text.len() <= MAX_NAME_BYTES;
        if sound {
            return Ok(Self(text));
        }
        Err(format!("`{text}` is no name of a webhook: use a-z, 0-9 and dashes between them"))
    }
}

impl Kind {
    /// The operations besides those on versions.
    const OTHERS: [&'static str; 6] =
        ["publish", "provenance", "delete", "manifest", "unmanifest", "untag"];

    /// Its name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Kind {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let mut known = Self::OTHERS.into_iter().chain(Change::OPERATIONS);
        if known.clone().any(|kind| kind == text) {
            return Ok(Self(text));
        }
        let first = known.next().unwrap_or_default().to_owned();
        let known = known.fold(first, |list, kind| format!("{list}, {kind}"));
        Err(format!("`{text}` is no kind of event: use some of {known}"))
    }
}

impl WebhookSettings {
    /// Refuses what each item alone cannot say.
    pub(super) fn check(&self) -> Result<(), Fault> {
        let bad = |reason: String| Err(Fault::Configuration { reason });
        if self.hooks.len() > MAX_WEBHOOKS {
            return bad(format!("there are more than {MAX_WEBHOOKS} `webhooks`"));
        }
        let mut names = BTreeSet::new();
        for hook in &self.hooks {
            if !names.insert(&hook.name) {
                let name = hook.name.as_str();
                return bad(format!("`webhooks` has two items with the name `{name}`"));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Webhook, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    #[test]
    fn a_webhook_is_read_strictly() {
        let least = r#"{"name":"ci","url":"https://ci.example/hook","secret-file":"/s"}"#;
        let hook = read(least).unwrap();
        assert_eq!((hook.on_refusal, hook.kinds.len()), (OnRefusal::Retry, 0));
        let with = |more: &str| read(&least.replace("\"name\"", &format!("{more},\"name\"")));
        assert!(with(r#""kinds":["publish","yank"],"repositories":["team/a",""]"#).is_ok());
        for (more, said) in [
            (r#""kinds":["published"]"#, "use some of publish, provenance"),
            (r#""repositories":["/x"]"#, "segment of a repository path"),
            (r#""on-refusal":"drop""#, "drop"),
            (r#""secret":"x""#, "secret"),
            (r#""source":"ftp://x""#, "http"),
        ] {
            let error = with(more).unwrap_err();
            assert!(error.contains(said), "{more}: {error}");
        }
        for name in ["", "-ci", "ci-", "CI", "a b", "ci\\n"] {
            assert!(read(&least.replace("\"ci\"", &format!("\"{name}\""))).is_err(), "{name}");
        }
        let secret = least.replace("//ci", "//user:secret@ci");
        let error = read(&secret).unwrap_err();
        assert!(error.contains("password") && !error.contains("secret@"), "{error}");
    }

    #[test]
    fn two_webhooks_have_two_names() {
        let hook = read(r#"{"name":"ci","url":"https://ci.example","secret-file":"/s"}"#).unwrap();
        let settings = |hooks| WebhookSettings { hooks, ..WebhookSettings::default() };
        assert!(settings(vec![hook.clone()]).check().is_ok());
        let error = settings(vec![hook.clone(), hook]).check().unwrap_err().to_string();
        assert!(error.contains("two items with the name `ci`"), "{error}");
    }
}
