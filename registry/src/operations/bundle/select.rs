//! Which manifests and blobs go into a bundle.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use chart_format::yaml;
use chart_registry_catalog::{Blob, MANIFEST_TYPE, Named, Shelf, State, tag_of};
use chart_registry_store::{Digest, Event, Head, Journal, OciEvent, RepositoryPath, Store};

use super::{Descriptor, NAME, REFERENCE, children, standing};
use crate::refusal::Fault;

/// Where charts name the images that they need.
const IMAGES: &str = "artifacthub.io/images";

/// What is wanted of a registry.
#[derive(Debug, Clone)]
pub(crate) struct Choice {
    /// Charts at and below this path.
    pub(crate) below: RepositoryPath,
    /// Charts that came or were signed after this number of the journal only.
    pub(crate) since: u64,
    /// Whether the images that charts name go with them.
    pub(crate) images: bool,
}

/// The bytes of something in a bundle.
#[derive(Debug, Clone)]
pub(super) enum Piece {
    /// They are an object of this size.
    Stored(u64),
    /// They are these.
    Made(Bytes),
}

/// What goes into a bundle.
#[derive(Debug, Default)]
pub(super) struct Selection {
    /// Manifests that `index.json` names, in the order in which they are to be taken.
    pub(super) manifests: Vec<Descriptor>,
    pub(super) pieces: BTreeMap<Digest, Piece>,
    pub(super) charts: u64,
    pub(super) images: u64,
    /// Images that charts name and that this registry does not hold.
    pub(super) missing: BTreeSet<String>,
    listed: BTreeSet<(String, Digest)>,
}

impl Piece {
    pub(super) fn size(&self) -> u64 {
        match self {
            Self::Stored(size) => *size,
            Self::Made(bytes) => bytes.len() as u64,
        }
    }
}

/// Chooses out of a state.
pub(super) async fn select(
    store: &Store,
    state: &State,
    choice: &Choice,
) -> Result<Selection, Fault> {
    let mut selection = Selection::default();
    let touched = touched(store, choice.since).await?;
    for path in state.oci_paths() {
        if !RepositoryPath::parse(&path).is_ok_and(|it| it.is_within(&choice.below)) {
            continue;
        }
        let repository = state.repository(&path);
        for entry in repository.available() {
            let version = (path.to_string(), entry.chart.to_string(), entry.version.to_string());
            if touched.as_ref().is_some_and(|touched| !touched.contains(&version)) {
                continue;
            }
            let stand = Stand::of(state, &path, &entry.chart);
            let tag = tag_of(&entry.version);
            let Some(named) = stand.shelf.tagged(&tag) else { continue };
            let digest = named.digest();
            selection.add(store, &stand, (named, Some(&tag))).await?;
            selection.describe((&stand.name, digest), standing::annotations(entry));
            selection.charts += 1;
            let chart = repository.chart_json(entry).ok_or_else(Fault::unreadable)?;
            for image in images(&chart).into_iter().filter(|_| choice.images) {
                selection.image(store, state, &image).await?;
            }
        }
    }
    Ok(selection)
}

/// All that stands under a name.
struct Stand {
    name: String,
    shelf: Shelf,
}

impl Stand {
    fn of(state: &State, path: &str, last: &str) -> Self {
        let name = if path.is_empty() { last.to_owned() } else { format!("{path}/{last}") };
        Self { name, shelf: state.shelf(path, last) }
    }
}

impl Selection {
    /// Adds a manifest with all that it names, and the manifests that are about it.
    async fn add(
        &mut self,
        store: &Store,
        stand: &Stand,
        (named, tag): (Named, Option<&str>),
    ) -> Result<(), Fault> {
        let mut waiting = vec![(named, tag.map(str::to_owned), true)];
        while let Some((named, tag, listed)) = waiting.pop() {
            let digest = named.digest();
            if !self.listed.insert((stand.name.clone(), digest)) {
                continue;
            }
            let bytes = self.pieces_of(store, stand, &named).await?;
            if listed {
                let size = bytes.len() as u64;
                self.manifests.push(descriptor(&stand.name, (&named, size), tag.as_deref()));
            }
            for child in children(&bytes) {
                let child = stand.shelf.manifest(&child.digest);
                waiting.extend(child.map(|child| (child, None, false)));
            }
            let about = stand.shelf.referrers(digest).into_iter();
            waiting.extend(about.map(|it| (Named::Stored(it), None, true)));
        }
        // What is about something comes after it.
        Ok(())
    }

    /// Says more of a manifest, which is one of the last that were added.
    fn describe(&mut self, (name, digest): (&str, Digest), annotations: BTreeMap<String, String>) {
        let is_meant = |it: &&mut Descriptor| {
            it.digest == digest && it.annotations.get(NAME).is_some_and(|own| own == name)
        };
        if let Some(descriptor) = self.manifests.iter_mut().rev().find(is_meant) {
            descriptor.annotations.extend(annotations);
        }
    }

    /// The bytes of a manifest, which are noted with the blobs that it names.
    async fn pieces_of(
        &mut self,
        store: &Store,
        stand: &Stand,
        named: &Named,
    ) -> Result<Bytes, Fault> {
        match named {
            Named::Stored(stored) => {
                let blobs = stored.blobs.iter();
                self.pieces.extend(blobs.map(|blob| (blob.digest, Piece::Stored(blob.size))));
                self.pieces.insert(stored.digest, Piece::Stored(stored.size));
                read(store, stored.digest).await
            }
            Named::Made { digest, .. } => {
                let bytes = stand.shelf.written(named).ok_or_else(Fault::unreadable)?;
                let document = crate::oci::document::parse(&bytes, None)
                    .map_err(|refusal| Fault::Index { reason: refusal.to_string() })?;
                for blob in document.blobs {
                    let piece = match stand.shelf.blob(&blob.digest) {
                        Some(Blob::Made(bytes)) => Piece::Made(bytes),
                        Some(Blob::Stored { size }) => Piece::Stored(size),
                        None => return Err(Fault::unreadable()),
                    };
                    self.pieces.insert(blob.digest, piece);
                }
                self.pieces.insert(Digest::from(*digest), Piece::Made(bytes.clone()));
                Ok(bytes)
            }
        }
    }

    /// Adds an image that a chart names, when this registry holds it.
    async fn image(&mut self, store: &Store, state: &State, image: &str) -> Result<(), Fault> {
        for (path, last, reference) in places(image) {
            let stand = Stand::of(state, &path, &last);
            let (named, tag) = match Digest::parse(&reference) {
                Ok(digest) => (stand.shelf.manifest(&digest), None),
                Err(_) => (stand.shelf.tagged(&reference), Some(reference.as_str())),
            };
            if let Some(named) = named {
                let before = self.listed.len();
                self.add(store, &stand, (named, tag)).await?;
                self.images += u64::from(self.listed.len() > before);
                return Ok(());
            }
        }
        self.missing.insert(image.to_owned());
        Ok(())
    }
}

fn descriptor(name: &str, (named, size): (&Named, u64), tag: Option<&str>) -> Descriptor {
    let media_type = match named {
        Named::Stored(stored) => stored.media_type.clone(),
        Named::Made { .. } => MANIFEST_TYPE.to_owned(),
    };
    let mut annotations = BTreeMap::from([(NAME.to_owned(), name.to_owned())]);
    annotations.extend(tag.map(|tag| (REFERENCE.to_owned(), format!("{name}:{tag}"))));
    Descriptor { media_type, digest: named.digest(), size, annotations }
}

async fn read(store: &Store, digest: Digest) -> Result<Bytes, Fault> {
    let lost = || Fault::LostPackage { file: "manifest".to_owned(), digest: digest.to_string() };
    let reader = store.open_blob(digest).await?.ok_or_else(lost)?;
    reader.read_all().await.map_err(|error| Fault::io("read a manifest", error))
}

/// The images that a chart names.
fn images(chart: &[u8]) -> Vec<String> {
    let chart: serde_json::Value = serde_json::from_slice(chart).unwrap_or_default();
    let Some(text) = chart["annotations"][IMAGES].as_str() else { return Vec::new() };
    // What is no list names no image: the annotation is its author's.
    let list = yaml::read(text, yaml::Limits::METADATA).unwrap_or_default();
    let list = list.as_array().cloned().unwrap_or_default();
    list.iter().filter_map(|item| item["image"].as_str().map(str::to_owned)).collect()
}

/// Where an image may stand here: path, last segment, and tag or digest. Its host is not ours to
/// compare: the registry may be reached under several.
fn places(image: &str) -> Vec<(String, String, String)> {
    let (rest, digest) = match image.split_once('@') {
        Some((rest, digest)) => (rest, Some(digest.to_owned())),
        None => (image, None),
    };
    let colon = rest.rfind(':').filter(|at| !rest[*at..].contains('/'));
    let (name, tag) = colon.map_or((rest, "latest"), |at| (&rest[..at], &rest[at + 1..]));
    let reference = digest.unwrap_or_else(|| tag.to_owned());
    let host = name
        .split_once('/')
        .filter(|(first, _)| first.contains(['.', ':']) || *first == "localhost");
    let names = [Some(name), host.map(|(_, rest)| rest)];
    let place = |name: &str| {
        let (path, last) = name.rsplit_once('/').unwrap_or(("", name));
        (path.to_owned(), last.to_owned(), reference.clone())
    };
    names.into_iter().flatten().map(place).collect()
}

/// The versions that came, came back or were signed after a number of the journal; `None` for all.
async fn touched(
    store: &Store,
    since: u64,
) -> Result<Option<BTreeSet<(String, String, String)>>, Fault> {
    if since == 0 {
        return Ok(None);
    }
    let journal = Journal::new(store.clone());
    let mut touched = BTreeSet::new();
    let Some(mut head) = head_at(store, since).await? else { return Ok(Some(touched)) };
    loop {
        let commits = journal.after(head).await?;
        let Some(last) = commits.last() else { return Ok(Some(touched)) };
        head = last.head();
        for event in commits.iter().flat_map(|commit| &commit.commit().events) {
            let version = match event {
                Event::Publish(it) => Some((&it.repo, &it.name, &it.version)),
                Event::Provenance(it) => Some((&it.repo, &it.name, &it.version)),
                Event::Version(it) => Some((&it.repo, &it.name, &it.version)),
                Event::Oci(OciEvent::Manifest(it)) => {
                    it.chart.as_ref().map(|version| (&it.repo, &it.name, version))
                }
                _ => None,
            };
            let owned = |(repo, name, version): (&String, &String, &String)| {
                (repo.clone(), name.clone(), version.clone())
            };
            touched.extend(version.map(owned));
        }
    }
}

/// The head of the journal after an entry; `None` when there is no such entry yet.
async fn head_at(store: &Store, seq: u64) -> Result<Option<Head>, Fault> {
    let entry = store.read_commits(seq, 1).await?.into_iter().next();
    Ok(entry.map(|bytes| Head { seq, hash: chart_format::digest::Sha256::of(&bytes) }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_is_looked_for_with_and_without_its_host() {
        let place = |path: &str, last: &str, reference: &str| {
            (path.to_owned(), last.to_owned(), reference.to_owned())
        };
        assert_eq!(places("tool:1"), [place("", "tool", "1")]);
        assert_eq!(places("a/tool"), [place("a", "tool", "latest")]);
        assert_eq!(
            places("example.org:5000/a/tool:1"),
            [place("example.org:5000/a", "tool", "1"), place("a", "tool", "1")]
        );
        assert_eq!(places("a/b@sha256:00")[0], place("a", "b", "sha256:00"));
    }

    #[test]
    fn the_annotation_of_a_chart_names_images() {
        let chart = br#"{"annotations":{"artifacthub.io/images":"- name: a\n  image: x/a:1\n- image: y/b\n"}}"#;
        assert_eq!(images(chart), ["x/a:1", "y/b"]);
        for none in [&b"{}"[..], b"x", br#"{"annotations":{"artifacthub.io/images":"{"}}"#] {
            assert!(images(none).is_empty());
        }
    }
}
