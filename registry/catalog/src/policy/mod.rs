//! The rules of a part of the registry: one document for each path, of which the longest wins.
//!
//! A document is JSON, strict and versioned:
//!
//! ```json
//! {
//!   "version": 1,
//!   "versions": "immutable",
//!   "signed": { "keyring": "-----BEGIN PGP PUBLIC KEY BLOCK-----\n..." },
//!   "quota": { "versions": 10000, "bytes": 10737418240 },
//!   "retention": [{ "charts": "*-dev", "keep-newest": 10, "keep-days": 30 }],
//!   "channels": { "candidate": {}, "stable": { "after": "candidate", "by": ["release"] } },
//!   "names": [{ "pattern": "fabric-*", "publishers": ["ci"] }]
//! }
//! ```
//!
//! Left out: reading of keys, who may write policies, carrying rules out.

mod retention;

use std::collections::BTreeMap;
use std::sync::Arc;

use chart_format::digest::Sha256;
use serde::{Deserialize, Serialize};

pub use retention::{Retention, retained};

/// The version of documents that this program reads and writes.
pub const POLICY_VERSION: u32 = 1;

/// Longest document in bytes.
pub const MAX_POLICY_BYTES: usize = 256 << 10;

/// The rules at a path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Policy {
    /// Version of the document.
    pub version: u32,
    /// Whether published versions may change.
    #[serde(default)]
    pub versions: Versions,
    /// Packages must bring a signature by one of these keys.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed: Option<Signed>,
    /// How much there may be, at the path and below.
    #[serde(default, skip_serializing_if = "Quota::is_none")]
    pub quota: Quota,
    /// Which versions may go by themselves.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub retention: Vec<Retention>,
    /// The channels that exist; with none of its own a path takes every name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub channels: BTreeMap<String, Channel>,
    /// Names of charts that not everybody may use first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<Reservation>,
}

/// Whether published versions may change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Versions {
    /// Never.
    #[default]
    Immutable,
    /// With `?force`.
    Overwritable,
}

/// Who must have signed a package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Signed {
    /// `OpenPGP` certificates in armour, one or several blocks.
    pub keyring: String,
}

/// How much there may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Quota {
    /// Versions that can be downloaded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub versions: Option<u64>,
    /// Bytes of their packages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
}

impl Quota {
    fn is_none(&self) -> bool {
        *self == Self::default()
    }
}

/// Who may put versions into a channel, and which.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Channel {
    /// The channel in which a version has to be before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// Subjects that may do it; empty for all who may promote.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by: Vec<String>,
}

/// Names of charts, and who may publish the first version under them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Reservation {
    /// A name, where `*` stands for any characters.
    pub pattern: String,
    /// Subjects that may.
    pub publishers: Vec<String>,
}

/// Why a text is no policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// It is no JSON, or has fields that no policy has.
    #[error("the policy cannot be read: {reason}")]
    Shape {
        /// What is wrong, and where.
        reason: String,
    },
    /// It is of a version that this program does not know.
    #[error("the policy has version {found}, and this program knows version {POLICY_VERSION}")]
    Version {
        /// The version that it names.
        found: u64,
    },
    /// Its parts contradict each other or mean nothing.
    #[error("the policy makes no sense: {}", faults.join("; "))]
    Sense {
        /// All faults.
        faults: Vec<String>,
    },
}

#[derive(Deserialize)]
struct Versioned {
    version: u64,
}

impl Default for Policy {
    /// What holds where nobody wrote a policy: published versions never change.
    fn default() -> Self {
        Self {
            version: POLICY_VERSION,
            versions: Versions::default(),
            signed: None,
            quota: Quota::default(),
            retention: Vec::new(),
            channels: BTreeMap::new(),
            names: Vec::new(),
        }
    }
}

impl Policy {
    /// Reads a document.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        let shape = |error: serde_json::Error| PolicyError::Shape { reason: error.to_string() };
        if text.len() > MAX_POLICY_BYTES {
            let reason = format!("it is longer than {MAX_POLICY_BYTES} bytes");
            return Err(PolicyError::Shape { reason });
        }
        // The version is looked at first: a later document may hold anything.
        let Versioned { version: found } = serde_json::from_str(text).map_err(shape)?;
        if found != u64::from(POLICY_VERSION) {
            return Err(PolicyError::Version { found });
        }
        let policy: Self = serde_json::from_str(text).map_err(shape)?;
        let faults = policy.faults();
        if faults.is_empty() { Ok(policy) } else { Err(PolicyError::Sense { faults }) }
    }

    /// The document, always in the same form.
    pub fn to_json(&self) -> Result<String, PolicyError> {
        let shape = |error: serde_json::Error| PolicyError::Shape { reason: error.to_string() };
        serde_json::to_string(self).map_err(shape)
    }

    /// Differs whenever a rule differs.
    pub fn digest(&self) -> Result<Sha256, PolicyError> {
        self.to_json().map(|text| Sha256::of(text.as_bytes()))
    }

    /// The rule for a name of a chart that nobody has used.
    pub fn reservation(&self, chart: &str) -> Option<&Reservation> {
        self.names.iter().find(|reservation| matches(&reservation.pattern, chart))
    }

    fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        for (name, channel) in &self.channels {
            if !is_channel_name(name) {
                faults.push(format!("`channels.{name}` is no name of a channel: {CHANNEL_RULE}"));
            }
            let after = channel.after.as_ref().filter(|after| !self.channels.contains_key(*after));
            if let Some(after) = after {
                faults.push(format!(
                    "`channels.{name}.after` names `{after}`, which `channels` lacks"
                ));
            }
            if self.follows_itself(name) {
                faults.push(format!("`channels.{name}` comes after itself"));
            }
        }
        for (number, rule) in self.retention.iter().enumerate() {
            let fault = rule.fault();
            faults.extend(fault.map(|fault| format!("`retention[{number}]` {fault}")));
        }
        for (number, reservation) in self.names.iter().enumerate() {
            if reservation.pattern.is_empty() {
                faults
                    .push(format!("`names[{number}].pattern` is empty: no chart has such a name"));
            }
            if reservation.publishers.is_empty() {
                faults.push(format!("`names[{number}].publishers` is empty: name at least one"));
            }
        }
        if self.signed.as_ref().is_some_and(|signed| !signed.keyring.contains("-----BEGIN PGP")) {
            faults.push("`signed.keyring` holds no armoured OpenPGP key".to_owned());
        }
        faults
    }

    fn follows_itself(&self, name: &str) -> bool {
        let mut at = name;
        for _ in 0..=self.channels.len() {
            match self.channels.get(at).and_then(|channel| channel.after.as_deref()) {
                Some(after) if after == name => return true,
                Some(after) => at = after,
                None => return false,
            }
        }
        false
    }
}

/// What a channel may be called.
pub const CHANNEL_RULE: &str =
    "it consists of 1 to 63 lower-case letters, digits and `-`, and begins with a letter";

/// Whether a channel may be called so.
pub fn is_channel_name(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=63).contains(&name.len())
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.bytes().all(fits)
}

/// Whether a text fits a pattern, in which `*` stands for any characters.
pub fn matches(pattern: &str, text: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut text) = text.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let last = parts.pop().unwrap_or_default();
    for part in parts {
        match text.find(part) {
            Some(at) => text = &text[at + part.len()..],
            None => return false,
        }
    }
    text.ends_with(last)
}

/// The policies of a registry by path.
pub(crate) type Policies = BTreeMap<Arc<str>, Arc<Policy>>;

/// The policy that decides at a path, with the prefix where it was written.
pub(crate) fn deciding<'a>(
    policies: &'a Policies,
    path: &str,
) -> Option<(&'a str, &'a Arc<Policy>)> {
    let mut prefix = path;
    loop {
        if let Some((prefix, policy)) = policies.get_key_value(prefix) {
            return Some((prefix, policy));
        }
        if prefix.is_empty() {
            return None;
        }
        prefix = prefix.rsplit_once('/').map_or("", |(above, _)| above);
    }
}

#[cfg(test)]
mod tests;
