//! Runs of commits in one file each, so that a start opens hundreds of files and not hundreds of
//! thousands.
//!
//! A segment holds its commits byte for byte, one line each, as one gzip member. Which commits it
//! holds follows from its number, and what they say from the journal, so whoever makes it first, it
//! says the same. Where a segment exists, it is the truth and its single commits are leftovers: they
//! are removed an hour later, when no reader is about to open one any more. Segments stay for ever.

use std::io::{Read, Write};

use bytes::Bytes;
use flate2::Compression;
use flate2::bufread::GzDecoder;
use flate2::write::GzEncoder;

use crate::commit::{Head, MAX_COMMIT_BYTES, SealedCommit};
use crate::directory::Directory;
use crate::error::StoreError;
use crate::key::Key;

/// Commits in a segment. The unit tests have small ones, so that few commits make several.
pub const SEGMENT_COMMITS: u64 = if cfg!(test) { 4 } else { 256 };

/// One run of [`SEGMENT_COMMITS`] commits, by its place: the first holds the commits from 1 on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Segment(u64);

/// What a round of `compact` did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Compacted {
    /// Segments made, by this process or just now by another one.
    pub segments: u64,
    /// Single commits removed.
    pub removed: u64,
}

impl Segment {
    /// The segment that holds or will hold the commit with this number; numbers count from 1.
    pub fn of(seq: u64) -> Self {
        Self(seq.saturating_sub(1) / SEGMENT_COMMITS)
    }

    /// The number of its first commit.
    pub fn first(self) -> u64 {
        self.0 * SEGMENT_COMMITS + 1
    }

    /// The number of its last commit.
    pub fn last(self) -> u64 {
        (self.0 + 1) * SEGMENT_COMMITS
    }

    /// The segment with this file name; `None` for names that are not those of segments.
    pub fn parse(name: &str) -> Option<Self> {
        let (first, _) = name.split_once('-')?;
        let segment = Self::of(Key::parse_commit(first)?);
        (name == segment.file_name()).then_some(segment)
    }

    /// The segment before this one.
    pub(crate) fn before(self) -> Option<Self> {
        self.0.checked_sub(1).map(Self)
    }

    /// The segments from this one to `last`.
    pub(crate) fn up_to(self, last: Self) -> impl Iterator<Item = Self> {
        (self.0..=last.0).map(Self)
    }

    pub(crate) fn file_name(self) -> String {
        format!("{:016}-{:016}.jsonl.gz", self.first(), self.last())
    }

    pub(crate) fn damaged(self, reason: impl Into<String>) -> StoreError {
        StoreError::DamagedSegment { path: Key::Segment(self).to_string(), reason: reason.into() }
    }

    /// The segment's file with these commits.
    pub(crate) fn pack(self, commits: &[Bytes]) -> Result<Bytes, StoreError> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        let written = commits.iter().try_for_each(|commit| encoder.write_all(commit));
        let bytes = written.and_then(|()| encoder.finish());
        bytes.map(Bytes::from).map_err(|error| self.damaged(error.to_string()))
    }

    /// The commits in the segment's file, in order.
    pub(crate) fn unpack(self, file: &[u8]) -> Result<Vec<Bytes>, StoreError> {
        let limit = SEGMENT_COMMITS * MAX_COMMIT_BYTES as u64;
        let mut text = Vec::new();
        let decoder = GzDecoder::new(file);
        decoder.take(limit).read_to_end(&mut text).map_err(|e| self.damaged(e.to_string()))?;
        let text = Bytes::from(text);
        let mut commits = Vec::new();
        let mut start = 0;
        for end in text.iter().enumerate().filter(|(_, byte)| **byte == b'\n') {
            commits.push(text.slice(start..=end.0));
            start = end.0 + 1;
        }
        if commits.len() as u64 != SEGMENT_COMMITS || start != text.len() {
            return Err(self.damaged(format!("it holds {} whole commits", commits.len())));
        }
        Ok(commits)
    }

    /// The commits of the segment; `None` when there is no such segment yet.
    pub(crate) fn read(self, directory: &Directory) -> Result<Option<Vec<Bytes>>, StoreError> {
        directory.read(&Key::Segment(self))?.map(|file| self.unpack(&file)).transpose()
    }
}

/// At most `count` commits from number `first` on, up to the first gap; fewer at a segment's end.
///
/// A segment comes before single commits: a writer that slept while others went on may have put a
/// commit of its own where theirs was removed.
pub(crate) fn commits_from(
    directory: &Directory,
    first: u64,
    count: u64,
) -> Result<Vec<Bytes>, StoreError> {
    let segment = Segment::of(first);
    if let Some(commits) = from_segment(directory, first, count)? {
        return Ok(commits);
    }
    let last = segment.last().min(first.saturating_add(count).saturating_sub(1));
    let singles = (first..=last).map(|seq| directory.read(&Key::Commit(seq)).transpose());
    let commits: Vec<Bytes> = singles.map_while(|entry| entry).collect::<Result<_, _>>()?;
    if commits.is_empty() {
        // Another process may have made the segment and removed the single commits meanwhile.
        return Ok(from_segment(directory, first, count)?.unwrap_or_default());
    }
    Ok(commits)
}

fn from_segment(
    directory: &Directory,
    first: u64,
    count: u64,
) -> Result<Option<Vec<Bytes>>, StoreError> {
    let segment = Segment::of(first);
    let within = |at: u64| usize::try_from(at).unwrap_or(usize::MAX);
    let (skipped, count) = (within(first.saturating_sub(segment.first())), within(count));
    let commits = segment.read(directory)?;
    Ok(commits.map(|commits| commits.into_iter().skip(skipped).take(count).collect()))
}

/// The commit with this number, when its segment exists.
pub(crate) fn packed_commit(directory: &Directory, seq: u64) -> Result<Option<Bytes>, StoreError> {
    Ok(from_segment(directory, seq, 1)?.and_then(|commits| commits.into_iter().next()))
}

/// The number of the last commit that the directory names, single or in a segment.
pub(crate) fn last_commit(directory: &Directory) -> Result<u64, StoreError> {
    let single = directory.list("journal")?.iter().filter_map(|name| Key::parse_commit(name)).max();
    let segments = segments(directory)?;
    let packed = segments.last().map(|segment| segment.last());
    Ok(single.max(packed).unwrap_or(0))
}

fn segments(directory: &Directory) -> Result<Vec<Segment>, StoreError> {
    let names = directory.list(SEGMENTS)?;
    let mut segments: Vec<_> = names.iter().filter_map(|name| Segment::parse(name)).collect();
    segments.sort_unstable();
    Ok(segments)
}

/// The directory of segments.
pub(crate) const SEGMENTS: &str = "journal/seg";

/// Makes every segment whose commits are all at or below number `upto`, and removes single commits
/// whose segment is older than an hour.
pub(crate) fn compact(directory: &Directory, upto: u64) -> Result<Compacted, StoreError> {
    let segments = make_segments(directory, upto)?;
    Ok(Compacted { segments, removed: remove_leftovers(directory)? })
}

/// Makes every segment whose commits are all at or below number `upto`; their number.
pub(crate) fn make_segments(directory: &Directory, upto: u64) -> Result<u64, StoreError> {
    let (mut missing, mut before) = (Vec::new(), Segment::of(upto.saturating_add(1)).before());
    let mut head = Head::EMPTY;
    // The newest is nearly always the only one that can be missing: no list of all is needed.
    while let Some(segment) = before {
        if let Some(commits) = segment.read(directory)? {
            head = head_after(segment, &commits)?;
            break;
        }
        missing.push(segment);
        before = segment.before();
    }
    let made = missing.len() as u64;
    for segment in missing.into_iter().rev() {
        head = make(directory, segment, head)?;
    }
    Ok(made)
}

fn head_after(segment: Segment, commits: &[Bytes]) -> Result<Head, StoreError> {
    let last = commits.last().ok_or_else(|| segment.damaged("it is empty"))?;
    Ok(SealedCommit::parse(segment.last(), last.clone())?.head())
}

/// Makes one segment out of single commits that follow `before`, and returns the head after it.
fn make(directory: &Directory, segment: Segment, before: Head) -> Result<Head, StoreError> {
    let commits = commits_from(directory, segment.first(), SEGMENT_COMMITS)?;
    if commits.len() as u64 != SEGMENT_COMMITS {
        let seq = segment.first() + commits.len() as u64;
        return Err(StoreError::MissingCommit { seq, last: segment.last() });
    }
    let head = chained(&commits, before)?;
    directory.put_new(&Key::Segment(segment), &segment.pack(&commits)?)?;
    Ok(head)
}

/// The head after commits that follow each other and `head`.
pub(crate) fn chained(commits: &[Bytes], mut head: Head) -> Result<Head, StoreError> {
    for bytes in commits {
        let commit = SealedCommit::parse(head.seq + 1, bytes.clone())?;
        commit.follows(head)?;
        head = commit.head();
    }
    Ok(head)
}

/// Removes single commits that stand in a readable, durable segment older than an hour.
fn remove_leftovers(directory: &Directory) -> Result<u64, StoreError> {
    let mut removed = 0;
    let mut readable = None;
    let settled: Vec<_> =
        directory.settled(SEGMENTS)?.iter().filter_map(|name| Segment::parse(name)).collect();
    if settled.is_empty() {
        return Ok(0);
    }
    for seq in directory.list("journal")?.iter().filter_map(|name| Key::parse_commit(name)) {
        let segment = Segment::of(seq);
        if settled.binary_search(&segment).is_err() {
            continue;
        }
        if readable != Some(segment) {
            segment.read(directory)?;
            readable = Some(segment);
        }
        directory.remove(&Key::Commit(seq))?;
        removed += 1;
    }
    Ok(removed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_segment_is_named_by_its_first_and_last_commit() {
        let segment = Segment::of(5);
        assert_eq!((segment.first(), segment.last()), (5, 8));
        assert_eq!((Segment::of(4).first(), Segment::of(8).last()), (1, 8));
        let name = segment.file_name();
        assert_eq!(name, "0000000000000005-0000000000000008.jsonl.gz");
        assert_eq!(Segment::parse(&name), Some(segment));
        for name in ["0000000000000005-0000000000000009.jsonl.gz", "0000000000000005", "x-y"] {
            assert_eq!(Segment::parse(name), None, "{name}");
        }
    }

    #[test]
    fn refuses_a_file_that_is_cut_flipped_or_holds_another_number_of_commits() {
        let segment = Segment::of(1);
        let lines: Vec<_> = (0..4).map(|line| Bytes::from(format!("line {line}\n"))).collect();
        let file = segment.pack(&lines).unwrap();
        assert_eq!(segment.unpack(&file).unwrap(), lines);
        for length in 0..file.len() {
            let error = segment.unpack(&file[..length]).unwrap_err();
            assert!(matches!(error, StoreError::DamagedSegment { .. }), "{length}: {error}");
        }
        // The ten bytes of the header are beside the content, but for magic and method.
        for at in 10..file.len() {
            let mut flipped = file.to_vec();
            flipped[at] ^= 1;
            assert!(segment.unpack(&flipped).is_err(), "{at}");
        }
        for lines in [&lines[..3], &[&lines[..], &lines[..1]].concat()] {
            assert!(segment.unpack(&segment.pack(lines).unwrap()).is_err(), "{}", lines.len());
        }
    }
}
