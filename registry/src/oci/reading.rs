//! Finding what a caller asks for by an OCI name: in what is stored, at an upstream, or in a member of
//! a virtual repository.

use std::collections::BTreeSet;
use std::sync::Arc;

use chart_registry_catalog::{Entry, Layers, Named, Shelf, StoredManifest, version_of};
use chart_registry_store::{Digest, RepositoryPath, is_oci_component};

use super::{Name, Reference, Source};
use crate::access::{Identity, Permission};
use crate::merged::Holders;
use crate::refusal::PublishError;
use crate::registry::Registry;
use crate::sight::{ROUNDS, Reader};
use crate::upstream::oci::Brought;

/// A manifest that was found.
#[derive(Debug)]
pub(crate) struct FoundManifest {
    pub(crate) named: Named,
    /// Where it stands; nothing when an upstream has it and no member does.
    pub(crate) shelf: Option<Shelf>,
    /// The version of the chart that it wraps, if any.
    pub(crate) entry: Option<Entry>,
    /// Why it may be old.
    pub(crate) stale: Option<String>,
}

/// Which tags of a member a virtual repository shows.
type Members = Option<(Layers, Vec<(usize, String)>)>;

impl Registry {
    /// The manifest that a reference names; `None` when nobody has it.
    pub(crate) async fn find_manifest(
        &self,
        reader: Reader<'_>,
        name: &Name,
        reference: &Reference,
    ) -> Result<Option<FoundManifest>, PublishError> {
        for round in 0..ROUNDS {
            if round > 0 && !self.looked_anew().await? {
                break;
            }
            for holder in self.manifest_holders(reader, (name, reference)) {
                if let Some(found) = self.manifest_of(&holder, reference).await? {
                    return Ok(Some(found));
                }
            }
        }
        Ok(None)
    }

    fn manifest_holders(
        &self,
        reader: Reader<'_>,
        (name, reference): (&Name, &Reference),
    ) -> Vec<Name> {
        let Some(it) = self.virtuals().at(&name.path) else { return vec![name.clone()] };
        match it.manifest_holders((self, reader.identity), (name, reference)) {
            Holders::AnyOf(paths) => {
                paths.into_iter().map(|path| Name { path, last: name.last.clone() }).collect()
            }
            Holders::Nobody => Vec::new(),
        }
    }

    async fn manifest_of(
        &self,
        name: &Name,
        reference: &Reference,
    ) -> Result<Option<FoundManifest>, PublishError> {
        let brought = match self.proxies().at(&name.path) {
            Some(proxy) => Box::pin(self.bring_manifest(proxy, name, reference)).await?,
            None => Brought::default(),
        };
        let stale = brought.stale;
        // What the upstream has now goes before what is stored.
        if let Some(pending) = brought.pending {
            return Ok(Some(FoundManifest {
                named: Named::Stored(pending),
                shelf: None,
                entry: None,
                stale,
            }));
        }
        let found = self.state().shelf(&name.path, &name.last);
        let named = match reference {
            Reference::Tag(tag) => found.tagged(tag),
            Reference::Digest(digest) => found.manifest(digest),
        };
        Ok(named.map(|named| {
            let entry = named.chart().and_then(|version| found.version(version)).cloned();
            FoundManifest { named, shelf: Some(found), entry, stale }
        }))
    }

    /// A blob that somebody has under a name; `None` when nobody has it.
    pub(crate) async fn find_blob(
        &self,
        reader: Reader<'_>,
        name: &Name,
        digest: Digest,
    ) -> Result<Option<Source>, PublishError> {
        // A digest is what the caller was told by a manifest, whichever member that came from.
        let reference = Reference::Digest(digest);
        for holder in self.manifest_holders(reader, (name, &reference)) {
            if let Some(source) = self.named_blob(&holder, digest) {
                return Ok(Some(source));
            }
        }
        for holder in self.manifest_holders(reader, (name, &reference)) {
            if let Some(proxy) = self.proxies().at(&holder.path) {
                Box::pin(self.bring_blob(proxy, &holder, (digest, None))).await?;
            }
            if let Some(source) = Box::pin(self.blob(&holder, digest)).await? {
                return Ok(Some(source));
            }
        }
        Ok(None)
    }

    /// The tags of a name in the order of their bytes, and why they may be old; `None` when there is
    /// nothing.
    pub(crate) async fn tags(
        &self,
        reader: Reader<'_>,
        name: &Name,
    ) -> Result<Option<(Vec<String>, Option<String>)>, PublishError> {
        for round in 0..ROUNDS {
            if round > 0 && !self.looked_anew().await? {
                break;
            }
            let members = self.members(reader, &name.last);
            let holders = match &members {
                Some((_, holders)) => holders.clone(),
                None => vec![(0, name.path.clone())],
            };
            let (mut all, mut stale, mut any) = (BTreeSet::new(), None, false);
            for (number, path) in holders {
                let holder = Name { path, last: name.last.clone() };
                let Some((tags, old)) = self.tags_of(&holder).await? else { continue };
                any = true;
                stale = stale.or(old);
                let shown = |tag: &String| shows(&members, (&name.last, tag), number);
                all.extend(tags.into_iter().filter(shown));
            }
            if any {
                return Ok(Some((all.into_iter().collect(), stale)));
            }
        }
        Ok(None)
    }

    fn members(&self, reader: Reader<'_>, last: &str) -> Members {
        let it = self.virtuals().at(reader.path.as_str())?;
        let (layers, mut members) = it.members((self, reader.identity));
        let giving = layers.giving(last);
        members.retain(|(number, _)| giving.contains(number));
        Some((layers, members))
    }

    /// The tags of what is stored under a name, and of what an upstream has besides.
    async fn tags_of(
        &self,
        name: &Name,
    ) -> Result<Option<(Vec<String>, Option<String>)>, PublishError> {
        let Some(proxy) = self.proxies().at(&name.path) else {
            let stored = self.state().shelf(&name.path, &name.last);
            return Ok((!stored.is_empty()).then(|| (stored.tags(), None)));
        };
        proxy.freshen(self).await?;
        let (theirs, stale) = self.upstream_tags(proxy, name).await?;
        let snapshot = self.state();
        let ours = match proxy.repository() {
            Some(shown) => snapshot.shelf_of(&name.path, shown, &name.last),
            None => snapshot.shelf(&name.path, &name.last),
        };
        // What was taken away or yanked here is not shown, whatever the upstream has.
        let decided = |tag: &str| version_of(tag).is_some_and(|version| ours.ever_had(&version));
        let more = theirs.iter().filter(|tag| !decided(tag)).cloned();
        let tags: BTreeSet<String> = ours.tags().into_iter().chain(more).collect();
        let there = !tags.is_empty() || !ours.is_empty();
        Ok(there.then(|| (tags.into_iter().collect(), stale.or_else(|| proxy.failure()))))
    }

    /// The manifests that are about another one, and why that may not be all of them.
    pub(crate) async fn referrers(
        &self,
        reader: Reader<'_>,
        name: &Name,
        subject: Digest,
    ) -> Result<(Vec<Arc<StoredManifest>>, Option<String>), PublishError> {
        let reference = Reference::Digest(subject);
        let (mut found, mut stale) = (Vec::new(), None);
        for holder in self.manifest_holders(reader, (name, &reference)) {
            if let Some(proxy) = self.proxies().at(&holder.path) {
                stale = stale.or(self.bring_referrers(proxy, &holder, subject).await?);
            }
            let has = |shelf: &Shelf| !shelf.referrers(subject).is_empty();
            let stored = self.shelf_with(&holder, has).await?;
            found.extend(stored.referrers(subject));
        }
        found.sort_by_key(|manifest| manifest.digest);
        found.dedup_by_key(|manifest| manifest.digest);
        Ok((found, stale))
    }

    /// At most `count` names behind `after` that a caller may read, and whether there are more.
    pub(crate) fn oci_names(
        &self,
        identity: &Identity,
        after: &str,
        count: usize,
    ) -> (Vec<String>, bool) {
        let state = self.state();
        let (path, last) = after.rsplit_once('/').unwrap_or(("", after));
        let mut paths = state.oci_paths();
        paths.extend(self.virtuals().paths().map(|path| Arc::from(path.as_str())));
        let mut names = Vec::new();
        let first: Arc<str> = Arc::from(path);
        for here in paths.range(first..) {
            let Ok(readable) = RepositoryPath::parse(here) else { continue };
            if !identity.may(Permission::Read, &readable) {
                continue;
            }
            let from = if **here == *path { last } else { "" };
            let wanted = count.saturating_sub(names.len()).saturating_add(2);
            let found = self.names_at((&readable, identity), from, wanted);
            let behind = found.into_iter().filter(|name| name != from && is_oci_component(name));
            let whole = |last| Name { path: here.to_string(), last }.text();
            names.extend(behind.map(whole));
            if names.len() > count {
                break;
            }
        }
        let more = names.len() > count;
        names.truncate(count);
        (names, more)
    }

    /// Names of what is stored at a path, or in the members that a caller sees there.
    fn names_at(
        &self,
        (path, identity): (&RepositoryPath, &Identity),
        from: &str,
        wanted: usize,
    ) -> Vec<String> {
        let state = self.state();
        let Some(it) = self.virtuals().at(path.as_str()) else {
            return state.oci_names(path.as_str(), from, wanted);
        };
        let (layers, members) = it.members((self, identity));
        let mut names = Vec::new();
        for (number, member) in members {
            let of_member = state.oci_names(&member, from, wanted);
            names.extend(of_member.into_iter().filter(|it| layers.giving(it).contains(&number)));
        }
        names.sort_unstable();
        names.dedup();
        names.truncate(wanted);
        names
    }
}

/// Whether a tag of a member is shown: one that is a version is, where the member decides about it.
fn shows(members: &Members, (name, tag): (&str, &str), number: usize) -> bool {
    let Some((layers, _)) = members else { return true };
    let decided = version_of(tag).and_then(|version| layers.decided(name, &version));
    decided.is_none_or(|(by, entry)| by == number && entry.is_some_and(Entry::visible))
}
