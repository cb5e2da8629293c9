//! From bytes to a snapshot. The digest holds already; what does not fit is refused nevertheless.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use chart_format::constraint::parse_version;
use chart_format::digest::Sha256;
use chart_registry_store::{BlobRef, Digest, Head, PackageRef, Timestamp};

use super::{CheckpointError, DELETED, FORMAT, MAGIC, PROGRAM, REPLACED, RETURNED};
use crate::entry::{Entry, Seldom, Signature};
use crate::fate::{Fate, Turn, What};
use crate::oci::{Artifacts, Identity, StoredManifest};
use crate::ordered::Ordered;
use crate::policy::Policy;
use crate::repository::Repository;
use crate::state::State;
use crate::tree::{Branch, Deflated, Leaf, Line, Recorded, Tree, glue_between};

type Outcome<T> = Result<T, CheckpointError>;

/// The snapshot in a file whose digest was cut off.
pub(super) fn state(content: &[u8]) -> Outcome<State> {
    let mut reader = Reader(content);
    if reader.bytes(MAGIC.len())? != MAGIC {
        return Err(damaged("it does not begin as a checkpoint"));
    }
    if reader.number()? != u64::from(FORMAT) || reader.text()? != PROGRAM {
        return Err(CheckpointError::OtherProgram);
    }
    let head = Head { seq: reader.number()?, hash: reader.digest()? };
    let time = reader.time()?;
    let repositories = reader.list(|reader| {
        let path = Arc::from(reader.text()?);
        Ok((path, Arc::new(reader.repository()?)))
    })?;
    let policies = reader.list(|reader| {
        let prefix = Arc::from(reader.text()?);
        let policy = Policy::parse(reader.text()?).map_err(|_| damaged("a policy is none"))?;
        Ok((prefix, Arc::new(policy)))
    })?;
    let repositories: BTreeMap<_, _> = repositories.into_iter().collect();
    let artifacts = reader.list(|reader| reader.artifacts(&repositories))?;
    let tokens = reader.list(|reader| {
        let id = Arc::from(reader.text()?);
        let token = serde_json::from_str(reader.text()?).map_err(|_| damaged("a token is none"))?;
        Ok((id, Arc::new(token)))
    })?;
    let quarantine = reader.list(|reader| {
        let place = (Arc::from(reader.text()?), reader.digest()?);
        let what = serde_json::from_str(reader.text()?);
        Ok((place, Arc::new(what.map_err(|_| damaged("a package in quarantine is none"))?)))
    })?;
    if !reader.0.is_empty() {
        return Err(damaged("something follows its end"));
    }
    let repositories = Ordered::from_sorted(repositories.into_iter().collect());
    let state = State::restored(head, time, repositories, policies.into_iter().collect());
    let state = state.with_artifacts(Ordered::from_sorted(artifacts));
    let state = state.with_quarantine(Ordered::from_sorted(quarantine));
    Ok(state.with_tokens(Ordered::from_sorted(tokens)))
}

fn damaged(reason: &'static str) -> CheckpointError {
    CheckpointError::Damaged { reason }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn bytes(&mut self, count: usize) -> Outcome<&'a [u8]> {
        let (bytes, rest) =
            self.0.split_at_checked(count).ok_or_else(|| damaged("it ends too early"))?;
        self.0 = rest;
        Ok(bytes)
    }

    fn array<const N: usize>(&mut self) -> Outcome<[u8; N]> {
        self.bytes(N)?.try_into().map_err(|_| damaged("it ends too early"))
    }

    fn number(&mut self) -> Outcome<u64> {
        self.array().map(u64::from_le_bytes)
    }

    fn time(&mut self) -> Outcome<Timestamp> {
        let milliseconds = self.array().map(i64::from_le_bytes)?;
        Ok(Timestamp::from_milliseconds(milliseconds))
    }

    fn digest(&mut self) -> Outcome<Sha256> {
        self.array().map(Sha256::from_bytes)
    }

    fn count(&mut self) -> Outcome<usize> {
        usize::try_from(self.number()?).map_err(|_| damaged("a count is too large"))
    }

    fn text(&mut self) -> Outcome<&'a str> {
        let count = self.count()?;
        std::str::from_utf8(self.bytes(count)?).map_err(|_| damaged("a name is no text"))
    }

    /// A count and so many items. Nothing is reserved: the count is not yet believed.
    fn list<T>(&mut self, mut item: impl FnMut(&mut Self) -> Outcome<T>) -> Outcome<Vec<T>> {
        let count = self.number()?;
        (0..count).map(|_| item(self)).collect()
    }

    fn repository(&mut self) -> Outcome<Repository> {
        let changed = self.time()?;
        let branches = self.list(|reader| {
            let leaves = reader.list(|reader| reader.leaf().map(Arc::new))?;
            Ok(Arc::new(Branch::new(leaves)))
        })?;
        Ok(Repository::restored(Tree::new(branches), changed))
    }

    fn leaf(&mut self) -> Outcome<Leaf> {
        let deflated = self.deflated()?;
        let text = deflated.inflate().ok_or_else(|| damaged("a leaf does not inflate"))?;
        let pack = Arc::new(self.deflated()?);
        let lines = self.lines(&text, &pack)?;
        let leaf = Leaf::restored(lines, deflated);
        if *leaf.text() != text {
            return Err(damaged("a leaf has other text"));
        }
        Ok(leaf)
    }

    fn deflated(&mut self) -> Outcome<Deflated> {
        let length = self.number()?;
        let crc = u32::try_from(self.number()?).map_err(|_| damaged("a checksum is too large"))?;
        let count = self.count()?;
        Ok(Deflated { bytes: Bytes::copy_from_slice(self.bytes(count)?), crc, length })
    }

    /// The versions of a leaf with their parts of its text and of its pack.
    fn lines(&mut self, text: &Bytes, pack: &Arc<Deflated>) -> Outcome<Vec<Line<'static>>> {
        let (mut chart, mut visible): (Option<Arc<str>>, Option<Arc<str>>) = (None, None);
        let (mut end, mut packed) = (0_usize, 0_u64);
        self.list(|reader| {
            let name = reader.text()?;
            let same = chart.take().filter(|_| name.is_empty());
            let name = same.unwrap_or_else(|| Arc::from(name));
            chart = Some(Arc::clone(&name));
            let entry = Cow::Owned(reader.entry(Arc::clone(&name))?);
            let (length, tail, apart) = (reader.count()?, reader.count()?, reader.count()?);
            let recorded = Recorded::packed(pack, packed, apart).filter(|_| apart > 0);
            packed = packed.saturating_add(apart as u64);
            let chart = match recorded {
                None if apart > 0 => return Err(damaged("a Chart.yaml ends behind its pack")),
                recorded => Cow::Owned(recorded.unwrap_or(Recorded::Shown)),
            };
            if length == 0 {
                return Ok(Line { entry, shown: None, tail: 0, chart });
            }
            let glue = visible.as_ref().map_or(0, |before| glue_between(before, &name).len());
            let start = end.saturating_add(glue);
            end = start.saturating_add(length);
            visible = Some(name);
            if end > text.len() || tail > length {
                return Err(damaged("a line ends behind its leaf"));
            }
            Ok(Line { entry, shown: Some(text.slice(start..end)), tail, chart })
        })
    }

    fn entry(&mut self, chart: Arc<str>) -> Outcome<Entry> {
        let version = self.text()?;
        let precedence = parse_version(version).map_err(|_| damaged("a version is none"))?;
        let version = Arc::from(version);
        let package = self.package()?;
        let content = self.digest()?;
        let provenance = self.list(Self::package)?.pop();
        let (config, manifest) = (self.digest()?, self.digest()?);
        let signed = self.list(Self::digest)?.pop();
        let signature = provenance.map(|provenance| Signature { provenance, manifest: signed });
        let network = Some(self.text()?).filter(|name| !name.is_empty()).map(Arc::from);
        let created = self.time()?;
        let born = self.number()?;
        let fate = self.fate()?;
        let oci = Identity { config, manifest };
        let seldom = Seldom { signature, network }.kept();
        Ok(Entry { chart, version, package, content, oci, created, born, fate, precedence, seldom })
    }

    fn fate(&mut self) -> Outcome<Fate> {
        let turns = self.list(|reader| {
            let (seq, time) = (reader.number()?, reader.time()?);
            let by = reader.text()?.to_owned();
            let what = match reader.text()? {
                DELETED => What::Deleted,
                RETURNED => What::Returned,
                REPLACED => What::Replaced,
                json => What::Changed(
                    serde_json::from_str(json).map_err(|_| damaged("a change is none"))?,
                ),
            };
            Ok(Turn { seq, time, by, what })
        })?;
        Ok(Fate::restored(turns))
    }

    fn artifacts(
        &mut self,
        repositories: &BTreeMap<Arc<str>, Arc<Repository>>,
    ) -> Outcome<(Arc<str>, Arc<Artifacts>)> {
        let path: Arc<str> = Arc::from(self.text()?);
        let manifests = self.list(|reader| {
            let name = Arc::from(reader.text()?);
            Ok((name, reader.manifest()?))
        })?;
        let tags = self.list(|reader| {
            let (name, tag) = (reader.text()?, reader.text()?);
            Ok(((Arc::from(name), Arc::from(tag)), reader.any_digest()?))
        })?;
        let leaves = repositories.get(&path).into_iter().flat_map(|it| it.tree().leaves_from(""));
        let versions = leaves.flat_map(|leaf| leaf.entries());
        Ok((path, Arc::new(Artifacts::restored(manifests, tags, versions))))
    }

    fn manifest(&mut self) -> Outcome<StoredManifest> {
        Ok(StoredManifest {
            digest: self.any_digest()?,
            size: self.number()?,
            media_type: self.text()?.to_owned(),
            artifact_type: self.list(Self::text)?.pop().map(str::to_owned),
            subject: self.list(Self::any_digest)?.pop(),
            blobs: self.list(|reader| {
                Ok(BlobRef { digest: reader.any_digest()?, size: reader.number()? })
            })?,
            chart: self.list(Self::text)?.pop().map(str::to_owned),
        })
    }

    fn any_digest(&mut self) -> Outcome<Digest> {
        Digest::parse(self.text()?).map_err(|_| damaged("a digest is none"))
    }

    fn package(&mut self) -> Outcome<PackageRef> {
        Ok(PackageRef { sha256: self.digest()?, size: self.number()? })
    }
}
