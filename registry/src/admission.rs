//! What the snapshot says about an event before it is written: needed, needless, or refused.

use chart_registry_catalog::{Admission, State};
use chart_registry_store::{Delete, Event, Provenance, Publish};

use crate::change::{admit_change, refuse_when_held};
use crate::committer::Decided;
use crate::credentials::admit_token;
use crate::quarantine::admit_quarantine;
use crate::refusal::{Code, Refusal};
pub(crate) use crate::rules::admit_group;
use crate::rules::{admit_addition, admit_policy, admit_replacement};

/// `None` when the event has to be written; it names the package that is to be served from then on.
pub(crate) fn admit(state: &State, event: &mut Event) -> Result<Option<Decided>, Refusal> {
    match event {
        Event::Publish(publish) => admit_publish(state, publish),
        Event::Delete(delete) => admit_delete(state, delete).map(|()| None),
        Event::Provenance(provenance) => admit_provenance(state, provenance),
        Event::Version(event) => admit_change(state, event),
        Event::Policy(event) => admit_policy(state, event),
        Event::Token(event) => admit_token(state, event),
        Event::Quarantine(event) => admit_quarantine(state, event),
        // Decided where it is known what is written with it: see the module `oci`.
        Event::Oci(_) | Event::Unknown { .. } => Ok(None),
    }
}

/// Decides about a package; also asked early, so that a refused package is never stored.
pub(crate) fn admit_publish(
    state: &State,
    publish: &mut Publish,
) -> Result<Option<Decided>, Refusal> {
    let place = format!("{} {}", publish.name, publish.version);
    let refuse = |code, what: String, fix: &str| Err(Refusal::new(code, &what, &place, fix));
    let admission = state.admit(publish);
    let replaces = matches!(admission, Admission::Conflict { .. } | Admission::Deleted { .. });
    publish.force = replaces && admit_replacement(state, publish)?;
    match admission {
        Admission::Conflict { .. } | Admission::Deleted { .. } if publish.force => Ok(None),
        Admission::New => admit_addition(state, publish).map(|()| None),
        Admission::Returns { package } => {
            publish.package = package;
            admit_addition(state, publish).map(|()| None)
        }
        Admission::Same { package } => {
            let seq = state.head().seq;
            Ok(Some(Decided { seq, package: Some(package), written: false }))
        }
        Admission::Conflict { package, content } => refuse(
            Code::VersionExists,
            format!(
                "the version exists with other content: stored is the package sha256:{} (content \
                 sha256:{content}), sent was the package sha256:{} (content sha256:{})",
                package.sha256, publish.package.sha256, publish.content
            ),
            "raise the version in Chart.yaml; a published version never changes",
        ),
        Admission::Deleted { content } => refuse(
            Code::VersionDeleted,
            format!(
                "the version was deleted and had the content sha256:{content}, sent was sha256:{}",
                publish.content
            ),
            "raise the version in Chart.yaml; a deleted version comes back only with the same content",
        ),
        Admission::Purged => refuse(
            Code::VersionPurged,
            "the version was purged by an administrator".to_owned(),
            "raise the version in Chart.yaml; nothing is published under a purged version again",
        ),
        Admission::Twin { version } => refuse(
            Code::VersionTwin,
            format!("the version `{version}` is the same one to clients"),
            "raise the version in Chart.yaml; clients ignore what stands behind the `+`, a `v` before \
             the numbers, and zeros that are left out",
        ),
    }
}

/// Decides about a signature; also asked early.
pub(crate) fn admit_provenance(
    state: &State,
    provenance: &Provenance,
) -> Result<Option<Decided>, Refusal> {
    let (name, version) = (&provenance.name, &provenance.version);
    let place = format!("{name} {version}");
    let repository = state.repository(&provenance.repo);
    let found = repository.find_any(name, version).filter(|it| {
        // It may have gone since the file was compared.
        it.available() && it.package.sha256 == provenance.package
    });
    let Some(found) = found else { return Err(Refusal::not_found("chart not found", &place)) };
    match found.provenance() {
        None => Ok(None),
        Some(stored) if stored == provenance.provenance => {
            let (seq, package) = (state.head().seq, Some(found.package));
            Ok(Some(Decided { seq, package, written: false }))
        }
        Some(stored) => {
            let what = format!(
                "the version has another provenance file: stored is sha256:{}, sent was sha256:{}",
                stored.sha256, provenance.provenance.sha256
            );
            let fix = "sign the next version; what clients have verified never changes";
            Err(Refusal::new(Code::ProvenanceExists, &what, &place, fix))
        }
    }
}

fn admit_delete(state: &State, delete: &Delete) -> Result<(), Refusal> {
    let repository = state.repository(&delete.repo);
    let entry = repository.find_any(&delete.name, &delete.version);
    let Some(entry) = entry.filter(|entry| entry.available()) else {
        let place = format!("{} {}", delete.name, delete.version);
        return Err(Refusal::not_found("chart not found", &place));
    };
    refuse_when_held(entry)
}
