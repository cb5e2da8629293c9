//! Yank, deprecate, hold, purge, promote: what may happen to a version that is there.
//!
//! Every change says why. What is so already is a success that writes nothing.

use chart_registry_catalog::policy::{CHANNEL_RULE, is_channel_name};
use chart_registry_catalog::{Entry, Standing, State};
use chart_registry_store::{Change, Event, VersionEvent};

use crate::committer::Decided;
use crate::refusal::{Code, PublishError, Refusal};
use crate::registry::{Origin, Registry};

/// Longest reason in bytes.
const MAX_REASON_BYTES: usize = 1_000;

impl Registry {
    /// Changes what a version is to readers.
    pub(crate) async fn change(
        &self,
        origin: Origin,
        (name, version): (String, String),
        change: Change,
    ) -> Result<Decided, PublishError> {
        self.refuse_when_blocked()?;
        let Origin { actor, request, repository: repo } = origin;
        // Another process may have published it a moment ago.
        let has = |state: &State| state.repository(&repo).find_any(&name, &version).is_some();
        self.state_with(has).await?;
        self.commit(Event::Version(VersionEvent { repo, name, version, actor, request, change }))
            .await
    }
}

/// `None` when the change has to be written.
pub(crate) fn admit_change(
    state: &State,
    event: &VersionEvent,
) -> Result<Option<Decided>, Refusal> {
    let place = format!("{} {}", event.name, event.version);
    refuse_reason(event.change.reason(), &place)?;
    let repository = state.repository(&event.repo);
    let Some(entry) = repository.find_any(&event.name, &event.version) else {
        return Err(Refusal::not_found("chart not found", &place));
    };
    let standing = entry.fate.standing();
    let lives_on = matches!(event.change, Change::Hold { .. } | Change::Unhold { .. });
    let purges = matches!(event.change, Change::Purge { .. });
    match standing {
        Standing::Live | Standing::Yanked => {}
        Standing::Deleted if lives_on || purges => {}
        Standing::Purged if purges => {}
        Standing::Deleted | Standing::Purged => {
            return Err(Refusal::not_found("chart not found", &place));
        }
    }
    if purges {
        refuse_when_held(entry)?;
    }
    if let Change::Promote { channel, .. } = &event.change {
        admit_promotion(state, event, (channel, entry))?;
    }
    let decided = Decided { seq: state.head().seq, package: Some(entry.package), written: false };
    Ok(is_so(entry, &event.change).then_some(decided))
}

/// Whether a version is what the change would make it.
fn is_so(entry: &Entry, change: &Change) -> bool {
    let fate = &entry.fate;
    match change {
        Change::Yank { .. } => fate.standing() == Standing::Yanked,
        Change::Unyank { .. } => fate.standing() == Standing::Live,
        Change::Deprecate { reason } => fate.deprecated() == Some(reason),
        Change::Undeprecate { .. } => fate.deprecated().is_none(),
        Change::Purge { .. } => fate.standing() == Standing::Purged,
        Change::Hold { reason } => fate.held() == Some(reason),
        Change::Unhold { .. } => fate.held().is_none(),
        Change::Promote { channel, .. } => fate.is_in_channel(channel),
        Change::Demote { channel, .. } => !fate.is_in_channel(channel),
    }
}

pub(crate) fn refuse_reason(reason: &str, place: &str) -> Result<(), Refusal> {
    let what = if reason.trim().is_empty() {
        "no reason was given".to_owned()
    } else if reason.len() > MAX_REASON_BYTES || reason.chars().any(char::is_control) {
        format!("the reason is longer than {MAX_REASON_BYTES} bytes or more than one line")
    } else {
        return Ok(());
    };
    let fix = "send {\"reason\": \"...\"}: one line that says why, for those who ask later";
    Err(Refusal::new(Code::BadRequest, &what, place, fix))
}

/// Refuses to take away or replace what somebody holds.
pub(crate) fn refuse_when_held(entry: &Entry) -> Result<(), Refusal> {
    let Some(reason) = entry.fate.held() else { return Ok(()) };
    let what = format!("the version is held: {reason}");
    let place = format!("{} {}", entry.chart, entry.version);
    Err(Refusal::new(Code::VersionHeld, &what, &place, "end the hold first"))
}

fn admit_promotion(
    state: &State,
    event: &VersionEvent,
    (name, entry): (&str, &Entry),
) -> Result<(), Refusal> {
    let place = format!("{} {}", entry.chart, entry.version);
    let refuse = |code, what: String, fix: &str| Err(Refusal::new(code, &what, &place, fix));
    if entry.fate.standing() == Standing::Yanked {
        let what = format!("the version is yanked and cannot be promoted to `{name}`");
        return refuse(Code::WrongChannel, what, "take the yank back first");
    }
    let (prefix, policy) = state.policy(&event.repo);
    if policy.channels.is_empty() {
        if is_channel_name(name) {
            return Ok(());
        }
        let what = format!("`{name}` is no name of a channel: {CHANNEL_RULE}");
        return refuse(Code::BadRequest, what, "choose a name like `stable`");
    }
    let Some(channel) = policy.channels.get(name) else {
        let known: Vec<_> = policy.channels.keys().map(|name| format!("`{name}`")).collect();
        let what = format!("the policy at `/{prefix}` has no channel `{name}`");
        let fix = format!("choose one of {}, or add it to the policy", known.join(", "));
        return refuse(Code::WrongChannel, what, &fix);
    };
    if !channel.by.is_empty() && !channel.by.contains(&event.actor.sub) {
        let what = format!("`{}` may not promote to `{name}`", event.actor.sub);
        let fix = format!("let one of these do it: {}", channel.by.join(", "));
        return refuse(Code::Forbidden, what, &fix);
    }
    match channel.after.as_deref().filter(|after| !entry.fate.is_in_channel(after)) {
        None => Ok(()),
        Some(after) => {
            let what = format!("a version comes to `{name}` from `{after}`, where it is not");
            refuse(Code::WrongChannel, what, &format!("promote it to `{after}` first"))
        }
    }
}
