//! Every object against its name, and every package, signature and manifest against the journal.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use chart_format::archive::Limits;
use chart_registry_catalog::{Entry, Needed, Repository, State, StoredManifest};
use chart_registry_store::{Digest, Family, Key, Spool, Store};

use super::{RESTORE, Verified};
use crate::committer::now;
use crate::inspection;
use crate::oci::document;
use crate::operations::hashed;
use crate::provenance;
use crate::refusal::Fault;
use crate::spool::Received;

/// Things in a page of a listing.
const PAGE: usize = 4_096;

/// What to do about files that the registry did not make.
pub(super) const MOVE_AWAY: &str = "move it away: nobody reads it";

/// Whoever asks what is needed for ever is told everything but what was purged.
const FOR_EVER: Duration = Duration::MAX;

/// Packages were taken under the limits of their time.
const LIMITS: Limits = Limits { package_bytes: u64::MAX, ..Limits::HELM };

/// Reads every object and compares it with its name and with the state.
pub(super) async fn verify(
    store: &Store,
    state: &State,
    verified: &mut Verified,
) -> Result<(), Fault> {
    let mut objects = Objects { store, verified, sound: HashMap::new(), wide: BTreeMap::new() };
    let needed = state.needed(now().max(state.time()), FOR_EVER);
    for family in [Family::Objects, Family::WideObjects] {
        objects.read_all(family, &needed).await?;
    }
    for path in state.oci_paths() {
        let repository = state.repository(&path);
        for entry in repository.available() {
            objects.version(&path, &repository, entry).await?;
        }
        for (name, manifest) in state.manifests(&path) {
            objects.manifest((&path, &name), &manifest, &repository).await?;
        }
    }
    Ok(())
}

struct Objects<'a> {
    store: &'a Store,
    verified: &'a mut Verified,
    /// Sizes of the objects with a SHA-256 that have the digest they are named by.
    sound: HashMap<[u8; 32], u64>,
    /// The same for other digests, which are rare.
    wide: BTreeMap<Digest, u64>,
}

impl Objects<'_> {
    async fn read_all(&mut self, family: Family, needed: &Needed) -> Result<(), Fault> {
        let mut after = String::new();
        loop {
            let page = self.store.page(family, &after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after.clone_from(&last.path);
            for listed in page {
                let digest = match listed.key {
                    Some(Key::Object(digest)) => Digest::from(digest),
                    Some(Key::WideObject(digest)) => Digest::Sha512(digest),
                    _ => {
                        let what = "it is none of the registry's files";
                        self.verified.tell(listed.path, what, MOVE_AWAY);
                        continue;
                    }
                };
                self.read(digest, listed.path).await?;
                self.verified.garbage += u64::from(!needed.has(&digest));
            }
        }
    }

    async fn read(&mut self, digest: Digest, path: String) -> Result<(), Fault> {
        // The collector of garbage may have taken it meanwhile.
        let Some(reader) = self.store.open_unchecked(digest).await? else { return Ok(()) };
        match hashed(&reader, digest).await {
            Ok((found, size)) if found == digest => {
                self.verified.objects += 1;
                self.verified.bytes += size;
                self.remember(digest, size);
            }
            Ok((found, size)) => {
                let what = format!("its {size} bytes have the digest {found}");
                self.verified.tell(path, what, RESTORE);
            }
            Err(error) => {
                let what = format!("it cannot be read: {error}");
                self.verified.tell(path, what, RESTORE);
            }
        }
        Ok(())
    }

    fn remember(&mut self, digest: Digest, size: u64) {
        match digest {
            Digest::Sha256(digest) => drop(self.sound.insert(*digest.as_bytes(), size)),
            Digest::Sha512(_) => drop(self.wide.insert(digest, size)),
        }
    }

    fn size(&self, digest: &Digest) -> Option<u64> {
        match digest {
            Digest::Sha256(digest) => self.sound.get(digest.as_bytes()).copied(),
            Digest::Sha512(_) => self.wide.get(digest).copied(),
        }
    }

    /// True when an object is there, whole and of this size; else it is told.
    fn is_sound(&mut self, digest: Digest, size: u64, of: &str) -> bool {
        let found = self.size(&digest);
        let what = match found {
            Some(found) if found == size => return true,
            Some(found) => format!("{digest} has {found} bytes, and the journal says {size}"),
            None => format!("{digest} is not in the storage, or damaged"),
        };
        self.verified.tell(
            of,
            what,
            "restore the object from a backup or a mirror, or publish the same bytes again",
        );
        false
    }

    async fn version(
        &mut self,
        path: &str,
        repository: &Repository,
        entry: &Entry,
    ) -> Result<(), Fault> {
        self.verified.versions += 1;
        let place = named(path, &entry.file_name());
        let package = Digest::from(entry.package.sha256);
        if self.is_sound(package, entry.package.size, &place) {
            self.package(repository, entry, &place).await?;
        }
        let Some(signature) = entry.provenance() else { return Ok(()) };
        let place = format!("{place}.prov");
        let digest = Digest::from(signature.sha256);
        if !self.is_sound(digest, signature.size, &place) {
            return Ok(());
        }
        let bytes = self.bytes(digest).await?;
        let judged = provenance::parse(&bytes)
            .and_then(|vouched| vouched.agrees(&entry.file_name(), entry.package.sha256));
        if let Err(refusal) = judged {
            let fix = "it cannot have been taken so: report this, and purge the version";
            self.verified.tell(place, refusal.what, fix);
        }
        Ok(())
    }

    /// Unpacks a package and compares it with what was recorded when it was published.
    async fn package(
        &mut self,
        repository: &Repository,
        entry: &Entry,
        place: &str,
    ) -> Result<(), Fault> {
        let digest = Digest::from(entry.package.sha256);
        let Some(reader) = self.store.open_blob(digest).await? else { return Ok(()) };
        let size = reader.size();
        let spool = Spool::Stored(reader);
        let received = Received { spool, sha256: entry.package.sha256, size, file_name: None };
        let stopped = |_| Fault::Stopped { part: "inspection of packages" };
        let inspected =
            tokio::task::spawn_blocking(move || inspection::inspect(&received, &LIMITS));
        let inspected = match inspected.await.map_err(stopped)? {
            Ok(inspected) => inspected,
            Err(error) => {
                let what = format!("the package would be refused today: {error}");
                let fix = "publish a corrected version, then yank or purge this one";
                self.verified.tell(place, what, fix);
                return Ok(());
            }
        };
        let recorded = repository.chart_json(entry);
        let same = inspected.name == *entry.chart
            && inspected.version == *entry.version
            && inspected.content == entry.content
            && recorded.is_some_and(|text| *text == *inspected.chart_json().as_bytes());
        if !same {
            let what = "the journal records another Chart.yaml or content than the package has";
            let fix = "report this, and publish a new version";
            self.verified.tell(place, what, fix);
        }
        Ok(())
    }

    async fn manifest(
        &mut self,
        (path, name): (&str, &str),
        manifest: &StoredManifest,
        repository: &Repository,
    ) -> Result<(), Fault> {
        let place = format!("{}@{}", named(path, name), manifest.digest);
        let entry = manifest.chart.as_ref().and_then(|version| repository.find_any(name, version));
        // What wraps a version that was taken away is not shown, and may be gone.
        if manifest.chart.is_some() && !entry.is_some_and(Entry::available) {
            return Ok(());
        }
        if !self.is_sound(manifest.digest, manifest.size, &place) {
            return Ok(());
        }
        for blob in &manifest.blobs {
            self.is_sound(blob.digest, blob.size, &place);
        }
        let bytes = self.bytes(manifest.digest).await?;
        if let Err(refusal) = document::parse(&bytes, Some(&manifest.media_type)) {
            let fix = "it cannot have been taken so: report this, and delete the manifest";
            self.verified.tell(place, refusal.what, fix);
        }
        Ok(())
    }

    async fn bytes(&self, digest: Digest) -> Result<bytes::Bytes, Fault> {
        let lost = || Fault::LostPackage { file: "object".to_owned(), digest: digest.to_string() };
        let reader = self.store.open_blob(digest).await?.ok_or_else(lost)?;
        reader.read_all().await.map_err(|error| Fault::io("read an object", error))
    }
}

fn named(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") }
}
