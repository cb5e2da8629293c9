//! What the snapshot says about manifests and tags before they are written.

use chart_registry_catalog::{Named, Shelf, State, full_version_of, tag_of, version_of};
use chart_registry_store::{Manifest, OciEvent, Untag};

use super::Name;
use crate::committer::Decided;
use crate::refusal::{Code, Refusal};

/// `None` when the event has to be written. `fresh` says that the version of the chart, or its
/// signature, is written by the same request.
pub(crate) fn admit_oci(
    state: &State,
    event: &mut OciEvent,
    fresh: bool,
) -> Result<Option<Decided>, Refusal> {
    let needless = Decided { seq: state.head().seq, package: None, written: false };
    match event {
        OciEvent::Manifest(manifest) => {
            let shelf = state.shelf(&manifest.repo, &manifest.name);
            refuse_tags_of_versions(&shelf, manifest)?;
            if let Some(version) = manifest.chart.clone() {
                settle_tags(manifest, &version, fresh);
            }
            Ok(is_known(&shelf, manifest).then_some(needless))
        }
        OciEvent::Unmanifest(event) => {
            let shelf = state.shelf(&event.repo, &event.name);
            match shelf.manifest(&event.digest) {
                Some(Named::Stored(_)) => Ok(None),
                Some(Named::Made { .. }) | None => {
                    let name = Name { path: event.repo.clone(), last: event.name.clone() };
                    Err(unknown_manifest(&name, &event.digest.to_string()))
                }
            }
        }
        OciEvent::Untag(Untag { repo, name, tag, .. }) => {
            if state.shelf(repo, name).has_free_tag(tag) {
                return Ok(None);
            }
            Err(unknown_manifest(&Name { path: repo.clone(), last: name.clone() }, tag))
        }
    }
}

/// A version's tag names the manifest that it came with, or that its signature came with, and stays:
/// every push of Helm makes other bytes of the same chart.
fn settle_tags(manifest: &mut Manifest, version: &str, fresh: bool) {
    let own = tag_of(version);
    manifest.tags.retain(|tag| *tag != own && full_version_of(tag).is_none());
    if fresh {
        manifest.tags.push(own);
    }
}

/// Tags that are versions of a chart belong to these versions.
fn refuse_tags_of_versions(shelf: &Shelf, manifest: &Manifest) -> Result<(), Refusal> {
    let other = |version: &String| manifest.chart.as_ref() != Some(version);
    let taken = |tag: &&String| {
        version_of(tag).filter(other).is_some_and(|version| shelf.ever_had(&version))
    };
    let Some(tag) = manifest.tags.iter().find(taken) else { return Ok(()) };
    let what = format!("`{tag}` is a version of the chart `{}`", manifest.name);
    let fix = "choose another tag; a published version never changes";
    Err(Refusal::new(Code::VersionExists, &what, tag, fix))
}

fn is_known(shelf: &Shelf, manifest: &Manifest) -> bool {
    let digest = manifest.digest;
    let stored = matches!(shelf.manifest(&digest), Some(Named::Stored(_)));
    let tagged = |tag: &String| shelf.tagged(tag).is_some_and(|it| it.digest() == digest);
    stored && manifest.tags.iter().all(tagged)
}

/// Why a manifest is not found.
pub(crate) fn unknown_manifest(name: &Name, reference: &str) -> Refusal {
    let what = format!("`{}` has no manifest `{reference}`", name.text());
    let fix = format!("see GET /v2/{}/tags/list for what is there", name.text());
    Refusal::new(Code::ManifestUnknown, &what, reference, &fix)
}
