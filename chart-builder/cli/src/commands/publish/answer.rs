//! What a registry says, and what others say in its place.

use bytes::Bytes;
use chart_format::constraint::parse_version;
use semver::Version;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// An answer, read to its end.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Bytes,
}

/// Who the caller is to the registry.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Identity {
    pub(super) subject: String,
    pub(super) permissions: Vec<String>,
}

/// What a release became.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Released {
    pub(super) saved: bool,
    pub(super) dry_run: bool,
    /// Number of the journal entry after which it holds.
    pub(super) seq: u64,
    pub(super) packages: Vec<Receipt>,
}

/// What became of one package.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Receipt {
    pub(super) name: String,
    pub(super) version: String,
    /// Hex SHA-256 of the bytes that the registry has.
    pub(super) digest: String,
    /// False when the same content was there already.
    pub(super) created: bool,
    /// What the registry wants people to know about it.
    #[serde(default)]
    pub(super) warnings: Vec<String>,
}

/// What a registry does not do, and why.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Refusal {
    pub(super) code: String,
    pub(super) what: String,
    #[serde(rename = "where")]
    pub(super) place: String,
    pub(super) fix: String,
}

/// What became of a release.
#[derive(Debug)]
pub(super) enum Verdict {
    Released(Released),
    /// A version is there with other content.
    Taken(Refusal),
    Refused,
}

/// Codes of versions that are there with other content, or were.
const TAKEN: &[&str] = &["version-exists", "version-deleted", "version-twin", "version-purged"];

/// Codes of what passes.
const PASSING: &[&str] = &["stopping", "behind", "storage-unavailable", "outcome-unknown"];

impl Refusal {
    /// The name of the chart that it is about, which its place begins with.
    pub(super) fn name(&self) -> String {
        self.place.split(' ').next().unwrap_or_default().to_owned()
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { code, what, place, fix } = self;
        write!(formatter, "{what} ({place}): {fix} [{code}]")
    }
}

impl Answer {
    pub(super) fn json<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_slice(&self.body).ok()
    }

    /// The refusal of a registry of ours.
    pub(super) fn refusal(&self) -> Option<Refusal> {
        (self.status >= 400).then(|| self.json()).flatten()
    }

    pub(super) fn wants_credentials(&self) -> bool {
        matches!(self.status, 401 | 403)
    }

    /// Whether a registry of ours answers the question who the caller is. One that has nothing at the
    /// path is not meant.
    pub(super) fn is_registry(&self) -> bool {
        match self.refusal() {
            Some(refusal) => refusal.code != "not-found" && refusal.code != "method-not-allowed",
            None => self.status == 200 && self.json::<Identity>().is_some(),
        }
    }

    /// Whether the same request may be answered in another way in a moment.
    pub(super) fn passes(&self) -> bool {
        match self.refusal() {
            Some(refusal) => PASSING.contains(&refusal.code.as_str()),
            None => matches!(self.status, 502..=504),
        }
    }

    pub(super) fn verdict(&self, dry_run: bool) -> Verdict {
        let released = (self.status < 300).then(|| self.json::<Released>()).flatten();
        if let Some(released) = released.filter(|it| it.saved != dry_run && it.dry_run == dry_run) {
            return Verdict::Released(released);
        }
        match self.refusal() {
            Some(refusal) if TAKEN.contains(&refusal.code.as_str()) => Verdict::Taken(refusal),
            _ => Verdict::Refused,
        }
    }

    /// The versions in a list of a chart's versions.
    pub(super) fn versions(&self) -> Vec<Version> {
        #[derive(Deserialize)]
        struct Listed {
            version: String,
        }
        let listed = (self.status == 200).then(|| self.json::<Vec<Listed>>()).flatten();
        let versions = listed.unwrap_or_default().into_iter();
        versions.filter_map(|it| parse_version(&it.version).ok()).collect()
    }

    /// The beginning of what it says, for messages.
    pub(super) fn begins(&self) -> String {
        const MOST: usize = 200;
        let text = String::from_utf8_lossy(&self.body);
        let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let plain: String = line.chars().filter(|sign| !sign.is_control()).take(MOST).collect();
        if plain.is_empty() { "nothing".to_owned() } else { format!("`{plain}`") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> Answer {
        Answer { status, body: Bytes::from(body.to_owned()) }
    }

    fn refused(status: u16, code: &str) -> Answer {
        let body =
            format!(r#"{{"error":"e","code":"{code}","what":"w","where":"net 1.0.0","fix":"f"}}"#);
        answer(status, &body)
    }

    #[test]
    fn a_registry_is_known_by_its_words_and_not_by_a_status() {
        let identity = r#"{"subject":"ci","via":"token:a","permissions":["read"]}"#;
        assert!(answer(200, identity).is_registry());
        assert!(refused(401, "unauthorized").is_registry());
        assert!(!refused(404, "not-found").is_registry());
        // ChartMuseum, a gateway, a page that is shown for everything.
        assert!(!answer(404, r#"{"error":"not found"}"#).is_registry());
        assert!(!answer(401, "Unauthorized").is_registry());
        assert!(!answer(200, "<html></html>").is_registry());
        assert!(!answer(200, "{}").is_registry());
    }

    #[test]
    fn a_release_counts_only_when_the_answer_says_what_was_asked() {
        let body =
            |saved, dry| format!(r#"{{"saved":{saved},"dryRun":{dry},"seq":3,"packages":[]}}"#);
        let released =
            |answer: Answer, dry_run| matches!(answer.verdict(dry_run), Verdict::Released(_));
        assert!(released(answer(201, &body(true, false)), false));
        assert!(released(answer(200, &body(false, true)), true));
        assert!(!released(answer(200, &body(true, false)), true), "it was stored");
        assert!(!released(answer(200, "<html></html>"), false));
        assert!(!released(answer(302, &body(true, false)), false));
    }

    #[test]
    fn what_passes_is_sent_again_and_what_does_not_is_told() {
        assert!(refused(503, "stopping").passes() && answer(502, "bad gateway").passes());
        assert!(!refused(503, "storage-read-only").passes() && !answer(500, "").passes());
        assert!(!refused(409, "version-exists").passes());
        let Verdict::Taken(refusal) = refused(409, "version-exists").verdict(false) else {
            panic!("the version is taken")
        };
        assert_eq!(refusal.name(), "net");
        assert!(matches!(refused(400, "private-key").verdict(false), Verdict::Refused));
    }
}
