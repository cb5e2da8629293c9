//! Following the journal in a bucket, and packing it: each with as few requests as it can be done.
//!
//! Nothing is listed while a registry runs, except when 256 more commits are full. One who follows
//! asks for the next commit, and for two, four and eight at a time while there are more. Where a
//! segment exists it is the truth, and single commits go an hour after they were packed: one who has
//! not seen the end of the journal for minutes asks for the segment first. All others need not: what
//! was not there at the last look cannot be packed and gone at the next one.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::sync::{MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream};
use object_store::path::Path;

use super::{Bucket, Listing};
use crate::commit::{Head, SealedCommit};
use crate::error::StoreError;
use crate::key::Key;
use crate::segment::{Compacted, SEGMENT_COMMITS, SEGMENTS, Segment, chained};

/// Most single commits that are asked for at the same time.
const AHEAD: u64 = 8;

/// Most segments that are asked for at the same time.
const SEGMENTS_AHEAD: usize = 4;

/// Whoever saw the end of the journal longer ago asks for segments first.
const FRESH: Duration = Duration::from_mins(10);

/// A segment is older than this, by the bucket's clock, before its single commits go.
const SETTLED_AGE: Duration = Duration::from_hours(1);

/// Single commits that are removed at the same time.
const REMOVALS_AT_ONCE: usize = 8;

/// Names of single commits that one round of packing looks at.
const LEFTOVERS: usize = 1_000;

impl Bucket {
    /// The bytes of at most `count` journal entries from number `first` on, up to the first gap.
    pub(crate) async fn commits_from(
        &self,
        first: u64,
        count: u64,
    ) -> Result<Vec<Bytes>, StoreError> {
        if first <= self.packed.load(Ordering::Relaxed) || !self.is_fresh() {
            let packed = self.packed_from(first, count).await?;
            if !packed.is_empty() {
                return Ok(packed);
            }
        }
        let commits = self.singles(first, count).await?;
        self.last.fetch_max(first + commits.len() as u64 - 1, Ordering::Relaxed);
        if (commits.len() as u64) < count {
            *self.seen() = Some(SystemTime::now());
        }
        Ok(commits)
    }

    /// True when the end of the journal was seen a short time ago, by a clock that also goes on while
    /// the machine sleeps.
    fn is_fresh(&self) -> bool {
        self.seen().is_some_and(|seen| seen.elapsed().is_ok_and(|since| since < FRESH))
    }

    fn seen(&self) -> MutexGuard<'_, Option<SystemTime>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The entry under this number, wherever it stands.
    pub(crate) async fn commit(&self, seq: u64) -> Result<Option<Bytes>, StoreError> {
        if let Some(packed) = self.commit_above(seq).await? {
            return Ok(Some(packed));
        }
        match self.read(&Key::Commit(seq)).await? {
            Some(bytes) => Ok(Some(bytes)),
            None => Ok(self.packed_from(seq, 1).await?.into_iter().next()),
        }
    }

    /// The entry of a segment that stands above a single commit with this number.
    pub(crate) async fn commit_above(&self, seq: u64) -> Result<Option<Bytes>, StoreError> {
        if self.is_fresh() && seq > self.packed.load(Ordering::Relaxed) {
            return Ok(None);
        }
        Ok(self.packed_from(seq, 1).await?.into_iter().next())
    }

    /// The number of the last journal entry, when there is one after `head`.
    pub(crate) async fn last_commit(&self, head: u64) -> Result<u64, StoreError> {
        let before = Segment::of(head.max(1)).before();
        let after = before.map(Segment::file_name);
        let listed =
            self.list(Listing { after: after.as_deref(), ..Listing::of(SEGMENTS) }).await?;
        let packed = listed.iter().filter_map(|it| Segment::parse(&it.name)).map(Segment::last);
        let packed = packed.max().unwrap_or(0);
        // Single commits stay for an hour, which may be many: only those behind count.
        let after = Key::Commit(head.max(packed)).to_string();
        let after = after.trim_start_matches("journal/");
        let singles = Listing { after: Some(after), flat: true, ..Listing::of("journal") };
        let listed = self.list(singles).await?;
        let single = listed.iter().filter_map(|it| Key::parse_commit(&it.name)).max().unwrap_or(0);
        self.packed.fetch_max(packed, Ordering::Relaxed);
        self.last.fetch_max(single, Ordering::Relaxed);
        Ok(head.max(single).max(packed))
    }

    async fn singles(&self, first: u64, count: u64) -> Result<Vec<Bytes>, StoreError> {
        let known = self.last.load(Ordering::Relaxed);
        let (mut commits, mut ahead) = (Vec::new(), 1);
        while (commits.len() as u64) < count {
            let next = first + commits.len() as u64;
            let wanted = if next <= known { known - next + 1 } else { ahead };
            let wanted = wanted.min(AHEAD).min(count - commits.len() as u64);
            let found: Vec<_> = stream::iter(next..next + wanted)
                .map(|seq| async move { self.read(&Key::Commit(seq)).await })
                .buffered(usize::try_from(AHEAD).unwrap_or(1))
                .try_collect()
                .await?;
            let there = found.into_iter().map_while(|bytes: Option<Bytes>| bytes);
            commits.extend(there);
            if (commits.len() as u64) < next - first + wanted {
                break;
            }
            ahead = (ahead * 2).min(AHEAD);
        }
        Ok(commits)
    }

    async fn packed_from(&self, first: u64, count: u64) -> Result<Vec<Bytes>, StoreError> {
        let packed = self.packed.load(Ordering::Relaxed).max(Segment::of(first).last());
        let last = first.saturating_add(count).saturating_sub(1).min(packed);
        let segments: Vec<_> = Segment::of(first).up_to(Segment::of(last)).collect();
        let mut files = stream::iter(segments)
            .map(|segment| async move { Ok((segment, self.segment(segment).await?)) })
            .buffered(SEGMENTS_AHEAD);
        let mut commits = Vec::new();
        while let Some((segment, found)) = files.try_next().await? {
            let Some(found) = found else { break };
            self.packed.fetch_max(segment.last(), Ordering::Relaxed);
            let skipped = usize::try_from(first.saturating_sub(segment.first())).unwrap_or(0);
            commits.extend(found.into_iter().skip(skipped));
        }
        commits.truncate(usize::try_from(count).unwrap_or(usize::MAX));
        Ok(commits)
    }

    async fn segment(&self, segment: Segment) -> Result<Option<Vec<Bytes>>, StoreError> {
        let file = self.read(&Key::Segment(segment)).await?;
        file.map(|file| segment.unpack(&file)).transpose()
    }

    /// Makes every segment whose commits are all at or below number `upto`, and removes single
    /// commits whose segment is older than an hour.
    pub(crate) async fn compact(&self, upto: u64) -> Result<Compacted, StoreError> {
        let mut compacted = Compacted::default();
        let Some(newest) = Segment::of(upto + 1).before() else { return Ok(compacted) };
        let (mut missing, mut before) = (Vec::new(), Some(newest));
        // The newest is nearly always the only one that can be missing.
        while let Some(segment) = before {
            if self.size(&self.segment_path(segment)).await?.is_some() {
                break;
            }
            missing.push(segment);
            before = segment.before();
        }
        let mut head = match before {
            Some(segment) if !missing.is_empty() => self.head_after(segment).await?,
            Some(_) | None => Head::EMPTY,
        };
        for segment in missing.into_iter().rev() {
            head = self.pack(segment, head).await?;
            compacted.segments += 1;
        }
        compacted.removed = self.remove_leftovers(newest).await?;
        Ok(compacted)
    }

    fn segment_path(&self, segment: Segment) -> Path {
        self.path_of(&Key::Segment(segment))
    }

    async fn head_after(&self, segment: Segment) -> Result<Head, StoreError> {
        let commits = self.segment(segment).await?.unwrap_or_default();
        let last = commits.last().ok_or_else(|| segment.damaged("it is gone"))?;
        Ok(SealedCommit::parse(segment.last(), last.clone())?.head())
    }

    async fn pack(&self, segment: Segment, before: Head) -> Result<Head, StoreError> {
        let mut commits = Vec::new();
        while (commits.len() as u64) < SEGMENT_COMMITS {
            let next = segment.first() + commits.len() as u64;
            let found = self.singles(next, SEGMENT_COMMITS - commits.len() as u64).await?;
            if found.is_empty() {
                return Err(StoreError::MissingCommit { seq: next, last: segment.last() });
            }
            commits.extend(found);
        }
        let head = chained(&commits, before)?;
        self.put_new(&Key::Segment(segment), segment.pack(&commits)?).await?;
        self.packed.fetch_max(segment.last(), Ordering::Relaxed);
        Ok(head)
    }

    /// Removes single commits that stand in a readable segment older than an hour.
    async fn remove_leftovers(&self, newest: Segment) -> Result<u64, StoreError> {
        // It was made just now, so that its age tells the time by the bucket's clock.
        let Some(now) = self.written(&self.segment_path(newest)).await? else { return Ok(0) };
        let mut of_segments: BTreeMap<Segment, Vec<u64>> = BTreeMap::new();
        let oldest = Listing { count: LEFTOVERS, flat: true, ..Listing::of("journal") };
        for named in self.list(oldest).await? {
            if let Some(seq) = Key::parse_commit(&named.name) {
                of_segments.entry(Segment::of(seq)).or_default().push(seq);
            }
        }
        let mut removed = 0;
        for (segment, seqs) in of_segments {
            let written = self.written(&self.segment_path(segment)).await?;
            // They are packed in order: what comes after one that is young is younger.
            if written.is_none_or(|written| written.before(now) <= SETTLED_AGE) {
                break;
            }
            // What cannot be read is no reason to remove what it was made of.
            self.segment(segment).await?;
            removed += seqs.len() as u64;
            stream::iter(seqs)
                .map(|seq| async move { self.remove(&Key::Commit(seq)).await })
                .buffer_unordered(REMOVALS_AT_ONCE)
                .try_collect::<()>()
                .await?;
        }
        Ok(removed)
    }
}
