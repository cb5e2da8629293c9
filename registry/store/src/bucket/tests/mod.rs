mod ages;

use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use chart_format::digest::Sha256;

use crate::commit::{Commit, Head, READER, SealedCommit};
use crate::digest::{Algorithm, Digest};
use crate::directory::Spool;
use crate::error::StoreError;
use crate::journal::{Appended, Journal};
use crate::key::{Key, UploadId};
use crate::listing::Family;
use crate::object::ObjectReader;
use crate::segment::SEGMENT_COMMITS;
use crate::simulation::{Faults, SimulatedBucket};
use crate::store::{PutOutcome, Store};
use crate::timestamp::Timestamp;

fn commit_after(head: Head, nonce: &str) -> SealedCommit {
    Commit {
        seq: head.seq + 1,
        prev: head.hash,
        time: Timestamp::default(),
        writer: "test".to_owned(),
        nonce: nonce.to_owned(),
        min_reader: READER,
        events: Vec::new(),
    }
    .seal()
    .unwrap()
}

async fn store_on(bucket: &SimulatedBucket) -> Store {
    Store::on_client(Arc::new(bucket.clone())).await.unwrap()
}

async fn nonces(journal: &Journal) -> Vec<String> {
    let mut nonces = Vec::new();
    let read = |commit: &SealedCommit| {
        nonces.push(commit.commit().nonce.clone());
        Ok::<(), StoreError>(())
    };
    journal.replay(Head::EMPTY, read).await.unwrap();
    nonces
}

/// A journal of so many commits, and its head.
async fn filled(bucket: &SimulatedBucket, commits: u64) -> (Journal, Head) {
    let journal = Journal::new(store_on(bucket).await);
    let mut head = journal.replay(Head::EMPTY, |_| Ok::<(), StoreError>(())).await.unwrap();
    for number in 0..commits {
        let commit = commit_after(head, &number.to_string());
        assert!(matches!(journal.append(&commit).await.unwrap(), Appended::Ours));
        head = commit.head();
    }
    (journal, head)
}

#[tokio::test]
async fn a_second_writer_gets_the_entry_that_was_first() {
    let bucket = SimulatedBucket::new(Faults::None);
    let (one, two) = (Journal::new(store_on(&bucket).await), Journal::new(store_on(&bucket).await));
    let first = commit_after(Head::EMPTY, "one");
    assert!(matches!(one.append(&first).await.unwrap(), Appended::Ours));
    let Appended::Theirs(theirs) = two.append(&commit_after(Head::EMPTY, "two")).await.unwrap()
    else {
        panic!("two commits under one number");
    };
    assert_eq!(theirs.bytes(), first.bytes());
    let next = commit_after(theirs.head(), "two");
    assert!(matches!(two.append(&next).await.unwrap(), Appended::Ours));
    assert_eq!(nonces(&one).await, ["one", "two"]);
}

#[tokio::test(start_paused = true)]
async fn ten_thousand_lost_answers_write_each_commit_exactly_once() {
    let bucket = SimulatedBucket::new(Faults::None);
    let (_, head) = filled(&bucket, 0).await;
    assert_eq!(head, Head::EMPTY);
    let (journal, _) = filled(&bucket.with(Faults::LostAnswers), 10_000).await;
    let expected: Vec<_> = (0..10_000).map(|number| number.to_string()).collect();
    assert_eq!(nonces(&journal).await, expected);
}

#[tokio::test(start_paused = true)]
async fn two_writers_whose_answers_get_lost_have_one_winner_for_each_number() {
    let bucket = SimulatedBucket::new(Faults::None);
    filled(&bucket, 0).await;
    let write = async |name: &str| {
        let journal = Journal::new(store_on(&bucket.with(Faults::LostAnswers)).await);
        let (mut head, mut ours) = (Head::EMPTY, Vec::new());
        while ours.len() < 200 {
            let commit = commit_after(head, &format!("{name}{}", ours.len()));
            match journal.append(&commit).await.unwrap() {
                Appended::Ours => {
                    ours.push(commit.commit().nonce.clone());
                    head = commit.head();
                }
                Appended::Theirs(theirs) => head = theirs.head(),
            }
            tokio::task::yield_now().await;
        }
        ours
    };
    let (one, two) = tokio::join!(write("a"), write("b"));
    let written = nonces(&Journal::new(store_on(&bucket).await)).await;
    let of = |name: &str| written.iter().filter(|it| it.starts_with(name)).cloned().collect();
    let (of_one, of_two): (Vec<_>, Vec<_>) = (of("a"), of("b"));
    assert_eq!((of_one, of_two, written.len()), (one, two, 400));
}

#[tokio::test]
async fn who_follows_asks_once_a_look_and_lists_nothing() {
    let bucket = SimulatedBucket::new(Faults::None);
    let (journal, head) = filled(&bucket, 3).await;
    let client = bucket.with(Faults::None);
    let follower = Journal::new(store_on(&client).await);
    let seen = follower.replay(Head::EMPTY, |_| Ok::<(), StoreError>(())).await.unwrap();
    assert_eq!(seen, head);
    let before = client.requests();
    for _ in 0..50 {
        assert!(follower.after(head).await.unwrap().is_empty());
    }
    let after = client.requests();
    assert_eq!((after.gets - before.gets, after.all() - before.all()), (50, 50));
    let next = commit_after(head, "next");
    journal.append(&next).await.unwrap();
    assert_eq!(follower.after(head).await.unwrap()[0].head(), next.head());
}

#[tokio::test]
async fn a_commit_is_one_write() {
    let bucket = SimulatedBucket::new(Faults::None);
    let (_, head) = filled(&bucket, 2).await;
    let client = bucket.with(Faults::None);
    let journal = Journal::new(store_on(&client).await);
    journal.replay(Head::EMPTY, |_| Ok::<(), StoreError>(())).await.unwrap();
    let before = client.requests();
    journal.append(&commit_after(head, "next")).await.unwrap();
    let after = client.requests();
    assert_eq!((after.puts - before.puts, after.all() - before.all()), (1, 1));
}

fn age_segments(bucket: &SimulatedBucket, segments: u64) {
    for index in 0..segments {
        let segment = crate::Segment::of(index * SEGMENT_COMMITS + 1);
        bucket.make_older(&Key::Segment(segment).to_string(), Duration::from_hours(2));
    }
}

async fn singles(bucket: &SimulatedBucket) -> Vec<u64> {
    let names = bucket.names().await;
    let names = names.iter().filter_map(|name| name.strip_prefix("journal/"));
    names.filter_map(Key::parse_commit).collect()
}

#[tokio::test]
async fn segments_replace_single_commits_an_hour_later_and_say_the_same() {
    let bucket = SimulatedBucket::new(Faults::None);
    let (journal, head) = filled(&bucket, 10).await;
    let before = nonces(&journal).await;
    let packed = journal.compact(head.seq).await.unwrap();
    assert_eq!((packed.segments, packed.removed), (2, 0));
    assert_eq!(journal.compact(head.seq).await.unwrap().segments, 0, "they are there");
    age_segments(&bucket, 1);
    assert_eq!(journal.compact(head.seq).await.unwrap().removed, SEGMENT_COMMITS);
    assert_eq!(singles(&bucket).await, [5, 6, 7, 8, 9, 10]);
    let other = Journal::new(store_on(&bucket).await);
    assert_eq!(nonces(&other).await, before);
    assert!(other.holds(head).await.unwrap());
    let first = other.after(Head::EMPTY).await.unwrap();
    assert!(other.holds(first[1].head()).await.unwrap(), "it stands in the segment only");
}

#[tokio::test]
async fn a_writer_that_slept_for_hours_hears_what_was_written() {
    let bucket = SimulatedBucket::new(Faults::None);
    let (journal, head) = filled(&bucket, 9).await;
    journal.compact(head.seq).await.unwrap();
    age_segments(&bucket, 1);
    assert_eq!(journal.compact(head.seq).await.unwrap().removed, SEGMENT_COMMITS);
    // It has read nothing yet: to it the first number is free.
    let slept = Journal::new(store_on(&bucket).await);
    let commit = commit_after(Head::EMPTY, "late");
    let Appended::Theirs(theirs) = slept.append(&commit).await.unwrap() else {
        panic!("a number was written twice");
    };
    assert_eq!(theirs.commit().nonce, "0");
    assert!(singles(&bucket).await.contains(&1), "its entry stays, and means nothing");
    assert_eq!(nonces(&Journal::new(store_on(&bucket).await)).await[0], "0");
}

#[tokio::test]
async fn a_gap_and_a_cut_segment_are_errors() {
    let bucket = SimulatedBucket::new(Faults::None);
    let (journal, head) = filled(&bucket, 6).await;
    let store = store_on(&bucket).await;
    store.remove(Key::Commit(5)).await.unwrap();
    let read = |_: &SealedCommit| Ok::<(), StoreError>(());
    let error = Journal::new(store_on(&bucket).await).replay(Head::EMPTY, read).await.unwrap_err();
    assert!(matches!(error, StoreError::MissingCommit { seq: 5, last: 6 }), "{error}");
    let error = journal.compact(8).await.unwrap_err();
    assert!(matches!(error, StoreError::MissingCommit { seq: 5, .. }), "{error}");
    let segment = Key::Segment(crate::Segment::of(1));
    journal.compact(head.seq).await.unwrap();
    store.remove(segment).await.unwrap();
    store.put_new(segment, Bytes::from_static(b"\x1f\x8b")).await.unwrap();
    let error = Journal::new(store_on(&bucket).await).replay(Head::EMPTY, read).await.unwrap_err();
    assert!(matches!(error, StoreError::DamagedSegment { .. }), "{error}");
}

fn blob(size: usize) -> Bytes {
    (0..size).map(|at| u8::try_from(at % 251).unwrap()).collect()
}

#[tokio::test(start_paused = true)]
async fn objects_of_every_size_come_back_as_they_went() {
    let bucket = SimulatedBucket::new(Faults::None);
    store_on(&bucket).await;
    let store = store_on(&bucket.with(Faults::LostAnswers)).await;
    for size in [0, 1, 1 << 20, (1 << 20) + 1, 8 << 20, (8 << 20) + 1, 33 << 20] {
        let bytes = blob(size);
        let digest = Sha256::of(&bytes);
        let (tmp, mut file) = store.make_tmp().await.unwrap();
        std::io::Write::write_all(&mut file, &bytes).unwrap();
        for spool in [Spool::Memory(bytes.clone()), Spool::Tmp(Arc::clone(&tmp))] {
            store.put_object(digest, spool).await.unwrap();
            let reader = store.open_object(digest).await.unwrap().unwrap();
            assert_eq!(reader.size(), size as u64);
            assert_eq!(reader.read_all().await.unwrap(), bytes, "{size}");
            store.remove(Key::Object(digest)).await.unwrap();
        }
        assert_eq!(store.open_object(digest).await.unwrap().is_some(), size == 0);
    }
}

#[tokio::test]
async fn a_large_object_is_read_in_pieces_from_any_place() {
    let bucket = SimulatedBucket::new(Faults::None);
    let client = bucket.with(Faults::None);
    let store = store_on(&client).await;
    let bytes = blob((3 << 20) + 5);
    let digest = Sha256::of(&bytes);
    store.put_object(digest, Spool::Memory(bytes.clone())).await.unwrap();
    let before = client.requests().gets;
    let reader = store.open_object(digest).await.unwrap().unwrap();
    assert!(matches!(reader, ObjectReader::Remote(_)));
    let piece = reader.piece((2 << 20) + 7).await.unwrap();
    assert_eq!(piece, bytes.slice((2 << 20) + 7..(3 << 20) + 5));
    assert_eq!(client.requests().gets - before, 2);
    let read = tokio::task::spawn_blocking(move || {
        let mut all = Vec::new();
        reader.to_read().read_to_end(&mut all).map(|_| all)
    });
    assert_eq!(read.await.unwrap().unwrap(), bytes);
}

#[tokio::test]
async fn an_upload_goes_on_at_another_process_and_becomes_a_blob() {
    let bucket = SimulatedBucket::new(Faults::None);
    let (one, two) = (store_on(&bucket).await, store_on(&bucket).await);
    let (id, bytes) = (UploadId(7), blob(9 << 20));
    one.begin_upload(id, Bytes::from_static(b"{}")).await.unwrap();
    let spool = Spool::Memory(bytes.clone());
    let created = Some(PutOutcome::Created);
    assert_eq!(two.put_part(id, 0, spool.clone()).await.unwrap(), created);
    assert_eq!(one.put_part(id, 0, spool.clone()).await.unwrap(), Some(PutOutcome::Exists));
    let small = Spool::Memory(Bytes::from_static(b"end"));
    let offset = bytes.len() as u64;
    assert_eq!(one.put_part(id, offset, small).await.unwrap(), created);
    let parts = two.upload_parts(id).await.unwrap();
    assert_eq!(parts.iter().map(|part| part.size).collect::<Vec<_>>(), [offset, 3]);
    let digest = Digest::of(Algorithm::Sha512, &bytes);
    two.put_blob(digest, Spool::Part(id, 0)).await.unwrap();
    let stored = one.open_blob(digest).await.unwrap().unwrap();
    assert_eq!(stored.read_all().await.unwrap(), bytes);
    let other = Digest::of(Algorithm::Sha512, b"other");
    two.put_blob(other, Spool::Part(id, 0)).await.unwrap_err();
    assert!(one.open_blob(other).await.unwrap().is_none(), "nothing is stored under it");
    assert_eq!(one.open_uploads().await.unwrap(), 1);
    two.end_upload(id).await.unwrap();
    assert_eq!(one.put_part(id, 0, spool).await.unwrap(), None);
    assert_eq!(one.open_uploads().await.unwrap(), 0);
}

#[tokio::test]
async fn a_bucket_that_creates_what_exists_is_refused() {
    let bucket = SimulatedBucket::new(Faults::Unconditional);
    let opened = Store::on_client(Arc::new(bucket.clone())).await;
    let error = opened.err().unwrap();
    assert!(matches!(error, StoreError::Unconditional), "{error}");
    assert_eq!(bucket.names().await, ["FORMAT"], "the probe is gone");
}

#[tokio::test]
async fn a_bucket_that_holds_something_else_is_refused() {
    use object_store::{ObjectStore, PutOptions, path::Path};
    let bucket = SimulatedBucket::new(Faults::None);
    let put = async |name: &str, text: &'static str| {
        let text = Bytes::from_static(text.as_bytes());
        bucket.put_opts(&Path::from(name), text.into(), PutOptions::default()).await.unwrap();
    };
    put("photos/1", "me").await;
    let error = Store::on_client(Arc::new(bucket.clone())).await.err().unwrap();
    assert!(matches!(error, StoreError::NotAStore { .. }), "{error}");
    put("FORMAT", r#"{"format":999}"#).await;
    let error = Store::on_client(Arc::new(bucket.clone())).await.err().unwrap();
    assert!(matches!(error, StoreError::NewerFormat { found: 999, .. }), "{error}");
}

#[tokio::test]
async fn a_bucket_that_lists_from_the_beginning_each_time_is_told_and_not_read_for_ever() {
    let bucket = SimulatedBucket::new(Faults::Forgetful);
    let store = store_on(&bucket).await;
    for number in 0..5_u8 {
        let bytes = Bytes::from(vec![number]);
        store.put_object(Sha256::of(&bytes), Spool::Memory(bytes)).await.unwrap();
    }
    let first = store.page(Family::Objects, "", 3).await.unwrap();
    assert_eq!(first.len(), 3);
    let error = store.page(Family::Objects, &first[2].path, 3).await.unwrap_err();
    assert!(error.to_string().contains("begin a listing"), "{error}");
    // The end of the journal is found all the same.
    let (journal, head) = filled(&bucket, 6).await;
    assert_eq!(journal.replay(Head::EMPTY, |_| Ok::<_, StoreError>(())).await.unwrap(), head);
}
