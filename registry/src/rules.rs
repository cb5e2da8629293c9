//! What the policy at a path says about a publish, judged when it is committed.
//!
//! A quota is counted in the state that the commit makes, so that uploads at the same time never
//! exceed it together.

use chart_registry_catalog::policy::{Policy, PolicyError, Quota, Versions};
use chart_registry_catalog::{Entry, State};
use chart_registry_store::{Event, PolicyEvent, Provenance, Publish};
use serde_json::value::RawValue;

use crate::change::refuse_when_held;
use crate::committer::Decided;
use crate::identity::{self, TOKEN};
use crate::openpgp::Keyring;
use crate::refusal::{Code, Fault, PublishError, Refusal};
use crate::registry::{Origin, Registry};

/// Whether other content may take the place of a version.
pub(crate) fn admit_replacement(state: &State, publish: &Publish) -> Result<bool, Refusal> {
    let (_, policy) = state.policy(&publish.repo);
    if !publish.force || policy.versions != Versions::Overwritable {
        return Ok(false);
    }
    let repository = state.repository(&publish.repo);
    if let Some(entry) = repository.find_any(&publish.name, &publish.version) {
        refuse_when_held(entry)?;
        admit_quota(state, publish, Some(entry))?;
    }
    Ok(true)
}

/// Decides about a version that is to come into the lists.
pub(crate) fn admit_addition(state: &State, publish: &Publish) -> Result<(), Refusal> {
    admit_quota(state, publish, None)?;
    let (prefix, policy) = state.policy(&publish.repo);
    let Some(reservation) = policy.reservation(&publish.name) else { return Ok(()) };
    let repository = state.repository(&publish.repo);
    let is_used = repository.knows(&publish.name);
    if is_used || reservation.publishers.contains(&publish.actor.sub) {
        return Ok(());
    }
    let what = format!(
        "the policy at `/{prefix}` reserves names like `{}`, and `{}` may not use one first",
        reservation.pattern, publish.actor.sub
    );
    let fix = format!(
        "choose another name, or let one of these publish it first: {}",
        reservation.publishers.join(", ")
    );
    Err(Refusal::new(Code::NameReserved, &what, &publish.name, &fix))
}

fn admit_quota(state: &State, publish: &Publish, before: Option<&Entry>) -> Result<(), Refusal> {
    let (prefix, policy) = state.policy(&publish.repo);
    let Quota { versions, bytes } = policy.quota;
    if versions.is_none() && bytes.is_none() {
        return Ok(());
    }
    let before = before.filter(|entry| entry.available());
    let usage = state.usage(&prefix);
    let place = format!("{} {}", publish.name, publish.version);
    let refuse = |what: String| {
        let fix = "delete versions that nobody needs, or ask for a larger quota";
        Err(Refusal::new(Code::QuotaExceeded, &what, &place, fix))
    };
    let after = usage.versions + u64::from(before.is_none());
    if let Some(limit) = versions.filter(|limit| after > *limit) {
        return refuse(format!("`/{prefix}` has {} of {limit} versions", usage.versions));
    }
    let after = (usage.bytes + publish.package.size)
        .saturating_sub(before.map_or(0, |entry| entry.package.size));
    if let Some(limit) = bytes.filter(|limit| after > *limit) {
        let (used, size) = (usage.bytes, publish.package.size);
        return refuse(format!("`/{prefix}` has {used} of {limit} bytes, and {size} do not fit"));
    }
    Ok(())
}

/// Decides about what holds for the events of a request together: signatures.
pub(crate) fn admit_group(state: &State, events: &[Event]) -> Result<(), Refusal> {
    for event in events {
        admit_actor(state, event)?;
        match event {
            Event::Publish(publish) => admit_signed(state, publish, events)?,
            Event::Provenance(provenance) => admit_signer(state, provenance)?,
            Event::Delete(_)
            | Event::Version(_)
            | Event::Policy(_)
            | Event::Oci(_)
            | Event::Token(_)
            | Event::Quarantine(_)
            | Event::Unknown { .. } => {}
        }
    }
    Ok(())
}

/// A token that was revoked while its request was on its way changes nothing any more.
fn admit_actor(state: &State, event: &Event) -> Result<(), Refusal> {
    let via = event.actor().and_then(|actor| actor.via.strip_prefix(TOKEN));
    let Some(token) = via.and_then(|id| state.token(id)) else { return Ok(()) };
    if token.revoked.is_none() {
        return Ok(());
    }
    Err(identity::unauthorized("the token was revoked while the request came in"))
}

fn admit_signed(state: &State, publish: &Publish, events: &[Event]) -> Result<(), Refusal> {
    let (prefix, policy) = state.policy(&publish.repo);
    if policy.signed.is_none() {
        return Ok(());
    }
    let signs = |event: &Event| {
        let Event::Provenance(it) = event else { return false };
        (&it.repo, &it.name, &it.version) == (&publish.repo, &publish.name, &publish.version)
    };
    if events.iter().any(signs) {
        return Ok(());
    }
    let what = format!("the policy at `/{prefix}` takes signed packages only");
    let place = format!("{} {}", publish.name, publish.version);
    let fix = "sign it with `helm package --sign`, and send both files in one form: \
               `curl -F chart=@x.tgz -F prov=@x.tgz.prov`";
    Err(Refusal::new(Code::Unsigned, &what, &place, fix))
}

/// A signature that was judged by other rules than those that hold now was not judged.
fn admit_signer(state: &State, provenance: &Provenance) -> Result<(), Refusal> {
    let (prefix, policy) = state.policy(&provenance.repo);
    if policy.signed.is_none() {
        return Ok(());
    }
    let judged_by = provenance.signer.as_ref().map(|signer| signer.policy);
    if judged_by.is_some() && judged_by == policy.digest().ok() {
        return Ok(());
    }
    let what = format!("the policy at `/{prefix}` changed while the package came in");
    let place = format!("{} {}", provenance.name, provenance.version);
    Err(Refusal::new(Code::PolicyChanged, &what, &place, "send it again"))
}

/// `None` when the rules have to be written.
pub(crate) fn admit_policy(state: &State, event: &PolicyEvent) -> Result<Option<Decided>, Refusal> {
    let stands = state.policies().get(event.prefix.as_str());
    let wanted = event.document.as_ref().map(|text| Policy::parse(text.get()));
    let wanted = wanted.transpose().map_err(|error| bad_policy(&error))?;
    let needless = stands.map(|policy| &**policy) == wanted.as_ref();
    let decided = Decided { seq: state.head().seq, package: None, written: false };
    Ok(needless.then_some(decided))
}

fn bad_policy(error: &PolicyError) -> Refusal {
    let fix = "correct the document; docs/registry.md shows one with every field";
    Refusal::new(Code::BadPolicy, &error.to_string(), "policy", fix)
}

impl Registry {
    /// Writes the rules for a path and below; without a document the path has none of its own.
    pub(crate) async fn put_policy(
        &self,
        origin: Origin,
        document: Option<&str>,
    ) -> Result<Decided, PublishError> {
        self.refuse_when_blocked()?;
        let document = document.map(normal_form).transpose()?;
        let Origin { actor, request, repository: prefix } = origin;
        self.commit(Event::Policy(PolicyEvent { prefix, actor, request, document })).await
    }
}

/// The document as it is recorded: one line, always the same for the same rules.
fn normal_form(text: &str) -> Result<Box<RawValue>, PublishError> {
    let policy = Policy::parse(text).map_err(|error| bad_policy(&error))?;
    if let Some(signed) = &policy.signed {
        Keyring::parse(&signed.keyring).map_err(|error| {
            let fix = "write what `gpg --export --armor KEY` prints into `signed.keyring`";
            Refusal::new(Code::BadPolicy, &error.to_string(), "policy: `signed.keyring`", fix)
        })?;
    }
    let text = policy.to_json().map_err(|error| bad_policy(&error))?;
    let unwritable = |error: serde_json::Error| Fault::Index { reason: error.to_string() };
    Ok(RawValue::from_string(text).map_err(unwritable)?)
}
