//! Deleting tags, manifests and blobs.
//!
//! A tag of a chart is its version: deleting it deletes the version for all clients, with the rules
//! that hold for that. Bytes stay in the store until nothing names them.

use chart_registry_catalog::{Named, tag_of, version_of};
use chart_registry_store::{Delete, Digest, Event, OciEvent, Unmanifest, Untag};

use super::admission::unknown_manifest;
use super::{Name, Reference};
use crate::refusal::{Code, PublishError, Refusal};
use crate::registry::{Origin, Registry};

impl Registry {
    /// Takes away a tag, or a manifest with the tags that name it.
    pub(crate) async fn delete_manifest(
        &self,
        origin: Origin,
        last: String,
        reference: Reference,
    ) -> Result<(), PublishError> {
        self.refuse_when_blocked()?;
        let name = Name { path: origin.repository.clone(), last };
        let events = match reference {
            Reference::Tag(tag) => self.untagging(origin, &name, tag).await?,
            Reference::Digest(digest) => self.unmaking(origin, &name, digest).await?,
        };
        self.commit_all(events).await.map(drop)
    }

    async fn untagging(
        &self,
        origin: Origin,
        name: &Name,
        tag: String,
    ) -> Result<Vec<Event>, PublishError> {
        let found = self.shelf_with(name, |shelf| shelf.tagged(&tag).is_some()).await?;
        let named = found.tagged(&tag).ok_or_else(|| unknown_manifest(name, &tag))?;
        let version = version_of(&tag).filter(|version| named.chart() == Some(version));
        if let Some(version) = version {
            return Ok(vec![delete(origin, name, version)]);
        }
        let Origin { actor, request, repository: repo } = origin;
        let name = name.last.clone();
        Ok(vec![Event::Oci(OciEvent::Untag(Untag { repo, name, actor, request, tag }))])
    }

    async fn unmaking(
        &self,
        origin: Origin,
        name: &Name,
        digest: Digest,
    ) -> Result<Vec<Event>, PublishError> {
        let there = self.shelf_with(name, |shelf| shelf.manifest(&digest).is_some()).await?;
        let found = there.manifest(&digest);
        let found = found.ok_or_else(|| unknown_manifest(name, &digest.to_string()))?;
        let chosen = |version: &str| {
            let named = there.tagged(&tag_of(version));
            named.is_some_and(|named| named.digest() == digest)
        };
        // A manifest that is the version's, by its tag or by its making, goes with the version.
        let made = matches!(found, Named::Made { .. });
        let version = found.chart().filter(|version| made || chosen(version));
        let mut events: Vec<Event> = version
            .map(|version| delete(origin.clone(), name, version.to_owned()))
            .into_iter()
            .collect();
        if !made {
            let Origin { actor, request, repository: repo } = origin;
            let name = name.last.clone();
            let event = Unmanifest { repo, name, actor, request, digest };
            // Before the version, because what wraps a version is gone with it.
            events.insert(0, Event::Oci(OciEvent::Unmanifest(event)));
        }
        Ok(events)
    }

    /// Takes away a blob that waits for its manifest.
    pub(crate) async fn delete_blob(
        &self,
        name: &Name,
        digest: Digest,
    ) -> Result<(), PublishError> {
        self.refuse_when_blocked()?;
        if self.state().shelf(&name.path, &name.last).is_named(&digest) {
            let what = format!("a manifest of `{}` names {digest}", name.text());
            let fix = "delete the manifest; its blobs go with it";
            return Err(Refusal::new(Code::MethodNotAllowed, &what, "blob", fix).into());
        }
        if self.waiting_blob(name, digest).await?.is_none() {
            return Err(unknown_blob(name, digest).into());
        }
        Ok(self.stop_waiting(name, digest).await?)
    }
}

fn delete(origin: Origin, name: &Name, version: String) -> Event {
    let Origin { actor, request, repository: repo } = origin;
    Event::Delete(Delete { repo, name: name.last.clone(), version, actor, request })
}

/// Why a blob is not found.
pub(crate) fn unknown_blob(name: &Name, digest: Digest) -> Refusal {
    let what = format!("`{}` has no blob {digest}", name.text());
    Refusal::new(Code::BlobUnknown, &what, "blob", "push it, or ask for one that a manifest names")
}
